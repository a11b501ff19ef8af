"""What a plan does in one case, and what it leaves alone."""

from __future__ import annotations

from typing import Any

from service.records.context import Actor
from service.store.work import batches
from service.store.work.batches import Batch, CaseOutcome
from service.workshop.migrations.migration_runs import (
    ANEW,
    MOVED,
    PUT_BACK,
    REFUSED,
    STAYED,
    move_one,
    try_case,
    undo_one,
)
from service.workshop.migrations.plans import Choice
from service.workshop.migrations.standing import standing_cases
from tests.support import small
from tests.support.world import SMALL
from tests.workshop.migrations.conftest import Moving
from tests.workshop.migrations.processes import THREE, TWO, WITHOUT_A


def standing(moving: Moving, case_id: str) -> str:
    with moving.database.transaction(write=False) as tx:
        release = moving.case(case_id).release_id
        found = [*standing_cases(tx, moving.program.services, SMALL, [release])]
    return next(one.key for one in found if one.case.id == case_id)


def tried(moving: Moving, target: str, case_id: str, choices: dict[str, Choice]) -> CaseOutcome:
    with moving.database.transaction(write=False) as tx:
        services, now = moving.program.services, moving.clock.now()
        return try_case(tx, services, target, choices, case_id, now)


def worked(moving: Moving, target: str, case_id: str, choices: dict[str, Choice]) -> CaseOutcome:
    """Move a case as a plan does."""
    now = moving.clock.now()
    rows = {key: choice.stored() for key, choice in choices.items()}
    detail: dict[str, Any] = {"target": target, "rows": rows, "office": ""}
    row = Batch("b", "migration", "plan", detail, batches.RUNNING, 1, "p_maja", now)
    with moving.database.transaction() as tx:
        return move_one(tx, moving.program.services, row, case_id, now)


def test_a_trial_tells_what_would_become_of_a_case(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    key = standing(moving, case)
    new = moving.published(WITHOUT_A)
    assert tried(moving, new, case, {}).verdict == REFUSED
    assert tried(moving, new, case, {key: Choice(stays=True)}).verdict == STAYED
    assert tried(moving, new, case, {key: Choice(to={"a": "c"})}).verdict == MOVED
    assert moving.case(case).rev == 1


def test_only_an_approved_row_moves(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    key = standing(moving, case)
    new = moving.published(THREE)
    assert worked(moving, new, case, {}).verdict == ANEW
    assert worked(moving, new, case, {key: Choice(stays=True)}).verdict == STAYED
    assert worked(moving, new, case, {key: Choice()}).verdict == MOVED
    assert worked(moving, new, case, {key: Choice()}).verdict == STAYED
    assert moving.facts(case)[-1].stimulus["plan"] == "plan"
    assert moving.facts(case)[-1].actor == "p_maja"


def test_a_case_that_ended_meanwhile_is_left(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    new = moving.published(THREE)
    moving.do(case, "a", small.ANSWERS)
    moving.do(case, "b")
    assert tried(moving, new, case, {}).verdict == STAYED
    assert worked(moving, new, case, {}).verdict == STAYED


def test_only_the_plan_that_moved_a_case_puts_it_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.migrate(case, moving.published(THREE), plan="mine")

    def undone(plan: str) -> CaseOutcome:
        now = moving.clock.now()
        row = Batch("b", "u", plan, {"office": ""}, batches.RUNNING, 1, "p_maja", now)
        with moving.database.transaction() as tx:
            return undo_one(tx, moving.program.services, row, case, now)

    other = undone("another")
    assert (other.verdict, other.detail["why"]) == (REFUSED, "no_move")
    moving.begin_undo("mine", Actor("p_maja"))
    assert undone("mine").verdict == PUT_BACK
    assert moving.faults() == []
