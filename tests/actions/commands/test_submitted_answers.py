"""Answers of a command: earlier ones are opened once, and only those that something asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.actions.commands.party_binding import may_rebind
from tests.web.conftest import Town
from tests.web.story import ROAD, Story


@pytest.fixture
def story(working: Town) -> Iterator[Story]:
    made = Story(working)
    yield made
    made.close()


def test_a_completion_reads_the_stored_answers_at_most_once(story: Story) -> None:
    database, services = story.town.program.database, story.town.program.services
    release, rebinding = story.release(), list[str]()
    elements = release.definitions[story.brief().process].elements
    for name, element in ROAD:
        if may_rebind(services, release.forms.get(elements[element].form)):
            rebinding.append(element)
        said: list[str] = []
        with database.listening(lambda statement, _values, _many, to=said: to.append(statement)):
            story.do(name, element)
        reads = [text for text in said if text.startswith("SELECT") and "FROM answers" in text]
        assert len(reads) <= 1, element
    assert rebinding, "some step of the way gives a role to an office"
