"""A turn moves a case by one stimulus and writes all that follows, or nothing."""

from __future__ import annotations

import pytest

from service.casework.cases.loaded_case import Submission
from service.casework.cases.turn import turn
from service.engine import Complete
from service.errors import CaseEnded, CaseMoved, TaskClosed
from service.records.context import Actor
from service.store.casefile import parties
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import tasks
from tests.casework.cases.conftest import BOARD, Load
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World

SARA = Actor("p_sara", OFFICE)


def test_a_turn_moves_the_case_and_opens_the_next_task(
    desk: World, case_id: str, tx: Tx, load: Load
) -> None:
    (open_task,) = tasks.of_case(tx, case_id)
    stimulus = Complete(open_task.id, {"answer": "YES"}, None)
    result = turn(tx, desk.program.services, load(tx), stimulus, Submission(SARA, NOON, "a"))
    assert (result.rev, result.ended, [t.element for t in result.opened]) == (2, False, ["b"])
    assert [t.element for t in tasks.of_case(tx, case_id)] == ["b"]
    assert (load(tx).case.rev, load(tx).variables["answer"]) == (2, "YES")


def test_nothing_moves_an_ended_case(desk: World, case_id: str, load: Load) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    desk.do(case_id, "b")
    services, submission = desk.program.services, Submission(SARA, NOON)
    with desk.database.transaction() as tx, pytest.raises(CaseEnded):
        turn(tx, services, load(tx), Complete("x", {}), submission)


def test_a_task_that_does_not_wait_names_no_turn(desk: World, tx: Tx, load: Load) -> None:
    with pytest.raises(TaskClosed):
        turn(tx, desk.program.services, load(tx), Complete("x", {}, None), Submission(SARA, NOON))


def test_who_loaded_an_older_state_is_refused(desk: World, case_id: str, load: Load) -> None:
    with desk.database.transaction(write=False) as tx:
        old, task = load(tx), tasks.of_case(tx, case_id)[0]
    desk.do(case_id, "a", {"answer": ["YES"]})
    stimulus = Complete(task.id, {"answer": "NO"}, None)
    with desk.database.transaction() as tx, pytest.raises(CaseMoved):
        turn(tx, desk.program.services, old, stimulus, Submission(SARA, NOON, "a"))


def test_a_role_that_changes_hands_takes_its_tasks_along(
    desk: World, case_id: str, tx: Tx, load: Load
) -> None:
    offices.add(tx, BOARD)
    (task,) = tasks.of_case(tx, case_id)
    submission = Submission(SARA, NOON, "a", parties={ROLE: BOARD.id})
    result = turn(
        tx, desk.program.services, load(tx), Complete(task.id, {"answer": "NO"}, None), submission
    )
    assert parties.of_case(tx, case_id) == {ROLE: BOARD.id}
    assert [t.office_id for t in result.opened] == [BOARD.id]
