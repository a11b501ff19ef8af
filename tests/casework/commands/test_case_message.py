"""Messages to a case: who may send which, and when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.casework.cases.loaded_case import LoadedCase, load_case
from service.casework.commands.case_message import message_catchers, send_message
from service.errors import NotAllowed, NotFound, TrestegError
from service.store.casefile import cases
from service.store.transaction import Tx
from tests.support.world import World
from tests.web.story import Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_SignApplication")
    yield made
    made.close()


def loaded(story: Story, tx: Tx) -> LoadedCase:
    rows = cases.load(tx, story.case)
    assert rows is not None
    return load_case(tx, story.world.program.services, rows)


def test_a_message_is_for_the_office_with_a_role_of_its_event(story: Story) -> None:
    with story.world.program.database.transaction(write=False) as tx:
        case = loaded(story, tx)
        able = {
            name: bool(message_catchers(case, "withdraw", story.world.loaded_viewer(name)))
            for name in ("sara", "greta")
        }
    assert able == {"sara": True, "greta": False}


@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [("sara", "nothing_of_the_kind", NotFound), ("sara", "hold_journey", NotAllowed)],
)
def test_what_the_case_does_not_take_is_refused(
    story: Story, name: str, message: str, kind: type[TrestegError]
) -> None:
    program, viewer = story.world.program, story.world.loaded_viewer(name)
    now = story.world.clock.now()
    with pytest.raises(kind), program.database.transaction() as tx:
        send_message(
            tx, program.services, viewer, now, case_id=story.case, name=message, answers={}
        )
    assert "message" not in {fact.kind for fact in story.facts()}


def test_a_case_that_is_not_there_for_her_takes_no_message(story: Story) -> None:
    program, stranger = story.world.program, story.world.loaded_viewer("iva")
    now = story.world.clock.now()
    with pytest.raises(NotFound), program.database.transaction() as tx:
        send_message(
            tx, program.services, stranger, now, case_id=story.case, name="withdraw", answers={}
        )
