"""The money of a case."""

from __future__ import annotations

from service.casework.pages.case_money import money
from tests.casework.pages.views import view
from tests.support.world import World


def test_a_case_without_amounts_shows_none(desk: World, case_id: str) -> None:
    with desk.database.transaction(write=False) as tx:
        content = money(view(tx, desk, case_id))
    assert (content.lines, content.sums) == ((), ())
    assert content.classes == {"C0"}
