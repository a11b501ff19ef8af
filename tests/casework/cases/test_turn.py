"""A turn moves a case by one stimulus and decides all that follows, or nothing."""

from __future__ import annotations

import pytest

from service.casework.cases.loaded_case import LoadedCase, Submission, load_case
from service.casework.cases.turn import TurnResult, turn
from service.engine import Complete, Stimulus
from service.errors import CaseEnded, CaseMoved, TaskClosed
from service.records.context import Actor
from service.store.at_hand import NotLoaded
from service.store.casefile import parties
from service.store.changes import Changes
from service.store.installation import offices
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.work import tasks
from service.store.writing import write
from tests.casework.cases.conftest import BOARD, Load
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World

SARA = Actor("p_sara", OFFICE)


def move(
    tx: Tx, desk: World, loaded: LoadedCase, stimulus: Stimulus, submission: Submission
) -> TurnResult:
    """Decide a turn, and write it."""
    changes = Changes.of(tx)
    moved = turn(desk.program.services, loaded, stimulus, submission, changes)
    write(tx, changes)
    return moved.result


def test_a_turn_moves_the_case_and_opens_the_next_task(
    desk: World, case_id: str, tx: Tx, load: Load
) -> None:
    (open_task,) = tasks.of_case(tx, case_id)
    stimulus = Complete(open_task.id, {"answer": "YES"}, None)
    result = move(tx, desk, load(tx), stimulus, Submission(SARA, NOON, "a"))
    assert (result.rev, result.ended, [t.element for t in result.opened]) == (2, False, ["b"])
    assert [t.element for t in tasks.of_case(tx, case_id)] == ["b"]
    assert (load(tx).case.rev, load(tx).variables["answer"]) == (2, "YES")


def test_a_turn_decides_from_what_was_loaded_alone(desk: World, case_id: str, tx: Tx) -> None:
    found = turn_rows.read_of_case(tx, case_id)
    assert found is not None
    rows, at_hand = found
    loaded, changes = load_case(at_hand, desk.program.services, rows), Changes.of(tx)
    (waits,) = loaded.work.genuine
    statements: list[str] = []
    with desk.database.listening(lambda text, _values, _many: statements.append(text)):
        stimulus = Complete(waits.id, {"answer": "YES"}, None)
        moved = turn(desk.program.services, loaded, stimulus, Submission(SARA, NOON, "a"), changes)
    assert statements == []
    assert [task.element for task in moved.after.work.genuine] == ["b"]
    with pytest.raises(NotLoaded, match="document"):
        len(loaded.documents)


def test_nothing_moves_an_ended_case(desk: World, case_id: str, load: Load) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    desk.do(case_id, "b")
    with desk.database.transaction() as tx, pytest.raises(CaseEnded):
        move(tx, desk, load(tx), Complete("x", {}), Submission(SARA, NOON))


def test_a_task_that_does_not_wait_names_no_turn(desk: World, tx: Tx, load: Load) -> None:
    with pytest.raises(TaskClosed):
        move(tx, desk, load(tx), Complete("x", {}, None), Submission(SARA, NOON))


def test_who_loaded_an_older_state_is_refused(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        found = turn_rows.read_of_case(tx, case_id)
        assert found is not None
        old = load_case(found[1], desk.program.services, found[0])
        task = tasks.of_case(tx, case_id)[0]
    desk.do(case_id, "a", {"answer": ["YES"]})
    stimulus = Complete(task.id, {"answer": "NO"}, None)
    with pytest.raises(CaseMoved), desk.database.transaction() as tx:
        move(tx, desk, old, stimulus, Submission(SARA, NOON, "a"))


def test_a_role_that_changes_hands_takes_its_tasks_along(
    desk: World, case_id: str, tx: Tx, load: Load
) -> None:
    offices.add(tx, BOARD)
    (task,) = tasks.of_case(tx, case_id)
    submission = Submission(SARA, NOON, "a", parties={ROLE: BOARD.id})
    result = move(tx, desk, load(tx), Complete(task.id, {"answer": "NO"}, None), submission)
    assert parties.of_case(tx, case_id) == {ROLE: BOARD.id}
    assert [t.office_id for t in result.opened] == [BOARD.id]
