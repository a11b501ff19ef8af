"""Answers of a command: earlier ones are opened once, and only those that something asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from service.casework.commands.party_binding import may_rebind
from tests.support.world import World
from tests.web.story import ROAD, Story

READS = re.compile(r"SELECT .*FROM answers", re.DOTALL)


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_a_completion_reads_the_stored_answers_at_most_once(story: Story) -> None:
    services, release = story.world.program.services, story.release()
    elements, rebinding = release.definitions[story.brief().process].elements, list[str]()
    statements: list[str] = []

    def keep(statement: str, _values: object, _many: bool) -> None:  # noqa: FBT001  # a listener
        statements.append(statement)

    for name, element in ROAD:
        if may_rebind(services.configuration(release), release.forms.get(elements[element].form)):
            rebinding.append(element)
        statements.clear()
        with story.world.program.database.listening(keep):
            story.do(name, element)
        reads = [text for text in statements if READS.match(text)]
        assert len(reads) <= 1, element
    assert rebinding, "some step of the way gives a role to an office"
