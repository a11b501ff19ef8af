"""The mark of a page says for whom it was drawn, and in which language; nobody makes one up."""

from __future__ import annotations

import pytest

from service.people.page_mark import language_of_mark, page_mark, person_of_mark
from tests.support.world import World


def test_a_mark_says_for_whom_a_page_was_drawn(world: World) -> None:
    services = world.program.services
    mark = page_mark(services, person="p_sara", lang="sv")
    assert person_of_mark(services, mark) == "p_sara"
    assert language_of_mark(mark) == "sv"


@pytest.mark.parametrize("mark", ["", "sv", "sv.p_sara", "sv.p_sara.", "sv.p_sara.0000", "å.å.å"])
def test_what_is_no_mark_names_nobody(world: World, mark: str) -> None:
    services = world.program.services
    assert person_of_mark(services, mark) == ""
    other = page_mark(services, person="p_omar", lang="sv").replace("p_omar", "p_sara")
    assert person_of_mark(services, other) == ""
    assert language_of_mark("xx.p_sara.0000") == ""
