"""Messages to a case: who may send which, and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.casework.cases import given_answers
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.casework.commands.button_consequences import LETTER
from service.casework.commands.button_preview import preview_message
from service.casework.commands.case_message import (
    message_catchers,
    message_stimulus,
    require_place,
    send_message,
)
from service.casework.commands.submitted_answers import EarlierAnswers, check_answers
from service.errors import NotAllowed, NotFound, TrestegError
from service.store.casefile import cases
from service.store.installation import offices
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


LEAVES = {"localAskedAlone": ["true"], "localWhy": ["SHE_WISHES"], "saidOn": ["2026-03-02"]}


def test_a_message_can_take_a_role_from_its_office(story: Story) -> None:
    program, now = story.world.program, story.world.clock.now()
    sara, sofia = story.world.loaded_viewer("sara"), story.world.loaded_viewer("iva")
    given: dict[str, Any] = {"case_id": story.case, "name": "change_local_office"}
    with program.database.transaction() as tx:
        send_message(tx, program.services, sara, now, answers=LEAVES, **given)
    with program.database.transaction(write=False) as tx:
        case = loaded(story, tx)
        assert "IomLocal" not in case.parties
        assert not message_catchers(case, "change_local_office", sofia)
        answers = given_answers.load_answers(tx, case.keys, story.case)
    assert given_answers.newest(answers)["leftOffice"].value == sofia.office
    with pytest.raises(NotFound), program.database.transaction() as tx:
        send_message(tx, program.services, sofia, now, answers=LEAVES, **given)


def test_a_preview_names_the_office_that_hears_that_it_has_ended(story: Story) -> None:
    program, now = story.world.program, story.world.clock.now()
    sara = story.world.loaded_viewer("sara")
    with program.database.transaction(write=False) as tx:
        case = loaded(story, tx)
        place = require_place(case, "change_local_office", sara)
        earlier = EarlierAnswers(case, None, everything=True)
        about = (place.element, earlier, LEAVES, now)
        checked = check_answers(tx, program.services, sara, case.release, *about)
        stimulus = message_stimulus("change_local_office", checked.routing, None)
        shown = preview_message(tx, program.services, sara, case, stimulus, checked, now)
        names = offices.names(tx)
    letters = [one.office for one in shown if one.kind == LETTER]
    assert names[story.world.loaded_viewer("iva").office] in letters
