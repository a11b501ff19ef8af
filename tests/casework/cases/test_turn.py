"""A turn moves a case by one stimulus and decides all that follows, or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.casework.cases.loaded_case import LoadedCase, Submission, load_case
from service.casework.cases.turn import TurnResult, turn
from service.engine import Complete, Stimulus
from service.errors import CaseEnded, CaseMoved, TaskClosed
from service.records.context import Actor, Services
from service.release.programme.grant_rules import read_grants
from service.release.programme.party_rules import PartyRule
from service.store.at_hand import NotLoaded
from service.store.casefile import cases, grants, parties
from service.store.changes import Changes
from service.store.installation import offices
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.work import tasks
from service.store.writing import write
from tests.casework.cases.conftest import BOARD, Load
from tests.support.changed_configuration import with_configuration
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World

SARA = Actor("p_sara", OFFICE)


def move(
    tx: Tx,
    desk: World,
    loaded: LoadedCase,
    stimulus: Stimulus,
    submission: Submission,
    services: Services | None = None,
) -> TurnResult:
    """Decide a turn, and write it."""
    changes = Changes.of(tx)
    moved = turn(services or desk.program.services, loaded, stimulus, submission, changes)
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


ENDS_ROLE = (PartyRule(ROLE, "answer", "nobody"),)
"""As if an answer took the role from its office."""
OPEN = """
[[grant]]
rule = "G1"
element = "s"
moment = "start"
role = "ReferringPartner"
classes = ["C0"]
ground = "NODVANDIGT_10_2"
"""
OPENED_MEANWHILE = OPEN.replace('"s"', '"b"').replace('"start"', '"entered"').replace("G1", "G6")
UNTIL_B = 'until = { element = "b", moment = "left" }\n'
LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("rules", "taken_over"),
    [
        (OPEN, ["G1"]),
        (OPEN + UNTIL_B, []),
        (OPEN + OPENED_MEANWHILE, ["G1", "G6"]),
        (OPEN + OPENED_MEANWHILE + UNTIL_B, ["G1"]),
    ],
    ids=["open", "ended-since", "opened-since", "opened-and-ended-since"],
)
def test_a_role_that_nobody_holds_opens_nothing_until_somebody_does(
    desk: World, case_id: str, tx: Tx, load: Load, rules: str, taken_over: list[str]
) -> None:
    offices.add(tx, BOARD)
    made = read_grants(rules, ("1", "2", "3"))
    services = with_configuration(desk.program.services, parties=ENDS_ROLE, grants=made)
    (task,) = tasks.of_case(tx, case_id)
    tasks.claim(tx, task.key, "p_sara", NOON)
    lost = Submission(SARA, NOON, "a", parties={ROLE: ""})
    move(tx, desk, load(tx), Complete(task.id, {"answer": "YES"}, None), lost, services)
    (waits,) = tasks.of_case(tx, case_id)
    assert (parties.of_case(tx, case_id), waits.element, waits.office_id) == ({}, "b", None)
    assert not [row for row in grants.of_case(tx, case_id) if row.live(NOON)]
    assert cases.visible(tx, office=OFFICE, roles=[ROLE], now=NOON) == []
    found = Submission(SARA, LATER, "b", parties={ROLE: BOARD.id})
    move(tx, desk, load(tx), Complete(waits.id, {}, None), found, services)
    live = [row for row in grants.of_case(tx, case_id) if row.live(LATER)]
    assert sorted(row.rule for row in live) == taken_over
    assert {row.office_id for row in live} <= {BOARD.id}
    assert not [row for row in grants.of_case(tx, case_id) if row.waits]
