"""Letters of a turn: those of handlers, and one notice to each other office that got a task."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.binding import Letter
from service.casework.cases.loaded_case import Submission
from service.casework.cases.turn_letters import add_letters
from service.errors import HandlerFailed
from service.records.context import WORKER
from service.store.changes import Changes
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import letters
from service.store.work.tasks import Task
from service.store.writing import write as write_changes
from tests.casework.cases.conftest import Load
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World

HOLDERS = {ROLE: OFFICE}


def write(
    tx: Tx,
    desk: World,
    load: Load,
    sent: list[Letter],
    opened: list[Task] | None = None,
    *,
    seen: bool = True,
) -> list[letters.Letter]:
    """What a handler sends in a turn of the worker, as it stands in the outbox."""
    submission = Submission(WORKER, NOON, letters=sent)
    loaded, services, changes = load(tx), desk.program.services, Changes.of(tx)
    if not seen:
        loaded = replace(loaded, moved=(loaded.work, ()))
    add_letters(changes, services, loaded, loaded.case, opened or [], HOLDERS, submission)
    write_changes(tx, changes)
    return letters.of_case(tx, loaded.case.id)


def test_a_handler_writes_to_the_office_of_a_role(desk: World, tx: Tx, load: Load) -> None:
    (letter,) = write(tx, desk, load, [Letter(ROLE, "task_opened")])
    assert (letter.office_id, letter.template, letter.state) == (OFFICE, "task_opened", "waiting")
    assert letter.language == "sv"


def test_a_letter_waits_for_the_consent_that_it_rests_on(desk: World, tx: Tx, load: Load) -> None:
    (letter,) = write(tx, desk, load, [Letter(ROLE, "task_opened", "REFER")])
    assert (letter.needs_consent, letter.state) == ("REFER", "held")


def test_a_role_without_an_office_fails_the_handler(desk: World, tx: Tx, load: Load) -> None:
    with pytest.raises(HandlerFailed, match="no office holds that role in this case"):
        write(tx, desk, load, [Letter("Nobody", "task_opened")])


def test_an_office_without_address_fails_the_handler(desk: World, tx: Tx, load: Load) -> None:
    office = offices.get(tx, OFFICE)
    assert office is not None
    offices.save(tx, replace(office, address=None))
    with pytest.raises(HandlerFailed, match="has no address"):
        write(tx, desk, load, [Letter(ROLE, "task_opened")])


@pytest.mark.parametrize(("seen", "moment"), [(True, "opened_later"), (False, "opened_first")])
def test_another_office_is_noticed_once(
    desk: World, case_id: str, tx: Tx, load: Load, *, seen: bool, moment: str
) -> None:
    (task,) = desk.tasks(case_id)
    (letter,) = write(tx, desk, load, [], [task, replace(task, key="second")], seen=seen)
    assert letter.template == getattr(
        desk.program.services.programme.configuration.reminders, moment
    )


def test_an_office_that_a_handler_writes_to_is_not_noticed(
    desk: World, case_id: str, tx: Tx, load: Load
) -> None:
    opened = desk.tasks(case_id)
    (letter,) = write(tx, desk, load, [Letter(ROLE, "decided")], opened)
    assert letter.template == "decided"


def test_an_office_that_acts_gets_no_notice_of_its_own_task(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    assert desk.letters(case_id) == []
