"""The work of a plan: every open case in bulk, one a transaction, and back again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from service.errors import NotAllowed
from service.records.batch_runs import stop_batch
from service.records.context import BatchWork
from service.release.bundle import Bundle
from service.store.installation import ledger_entries
from service.store.work import batches, jobs
from service.workshop.migrations import plans
from service.workshop.migrations.migration_runs import (
    ANEW,
    BUSY,
    MOVED,
    PUT_BACK,
    REFUSED,
    RUN,
    STAYED,
    WORK,
    moved_cases,
    start_run,
    start_try,
    start_undo,
)
from service.workshop.migrations.plans import Choice, make_plan
from service.workshop.migrations.standing import standing_cases
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import SMALL
from tests.workshop.migrations.conftest import Moving, approved
from tests.workshop.migrations.processes import CALL, THREE, TWO, WITHOUT_A


class Killed(BaseException):
    """The process ends in the middle of a case."""


def planned(
    moving: Moving, new: Bundle = THREE, old: Bundle = TWO, number: int = 3
) -> tuple[str, list[str]]:
    """Some cases on an old release, and a plan to the new one."""
    moving.published(old)
    found = sorted(moving.start().case_id for _ in range(number))
    moving.published(new)
    return moving.perform(make_plan), found


def outcome(moving: Moving, batch_id: str) -> dict[str, str]:
    """Case to what became of it."""
    with moving.database.transaction(write=False) as tx:
        return {case.case_id: case.verdict for case in batches.of_batch(tx, batch_id)}


def releases_of(moving: Moving, found: list[str]) -> set[str]:
    return {moving.case(case).release_id for case in found}


def test_a_plan_moves_every_case_and_puts_it_back(moving: Moving) -> None:
    plan_id, found = planned(moving)
    (old,) = releases_of(moving, found)
    approved(moving, plan_id)
    run = moving.perform(partial(start_run, plan_id=plan_id))
    moving.work()
    assert outcome(moving, run) == dict.fromkeys(found, MOVED)
    assert releases_of(moving, found) != {old}
    assert moving.faults() == []
    undo = moving.perform(partial(start_undo, plan_id=plan_id))
    moving.work()
    assert outcome(moving, undo) == dict.fromkeys(found, PUT_BACK)
    assert releases_of(moving, found) == {old}
    assert moving.faults() == []
    with moving.database.transaction(write=False) as tx:
        assert moved_cases(tx, plan_id) == []
        told = ledger_entries.latest(
            tx, f"release/{SMALL}", kinds=["migration_started", "migration_ended"], limit=9
        )
    assert len(told) == 3


def test_a_trial_changes_nothing_and_tells_the_same(moving: Moving) -> None:
    plan_id, found = planned(moving, WITHOUT_A)
    before = [moving.case(case).rev for case in found]
    tried = moving.perform(partial(start_try, plan_id=plan_id))
    moving.work()
    assert outcome(moving, tried) == dict.fromkeys(found, REFUSED)
    with moving.database.transaction(write=False) as tx:
        (told, *_) = batches.of_batch(tx, tried)
    assert [problem["code"] for problem in told.detail["problems"]] == ["gone"]
    assert [moving.case(case).rev for case in found] == before


def test_rows_that_stay_and_rows_that_cannot_are_left(moving: Moving) -> None:
    plan_id, found = planned(moving, WITHOUT_A)
    moving.do(found[0], "a", small.ANSWERS)
    approved(moving, plan_id)
    run = moving.perform(partial(start_run, plan_id=plan_id))
    moving.work()
    assert outcome(moving, run) == {found[0]: MOVED, found[1]: STAYED, found[2]: STAYED}


def test_a_case_that_went_on_is_planned_anew_and_comes_last(moving: Moving) -> None:
    plan_id, found = planned(moving)
    approved(moving, plan_id)
    moving.do(found[0], "a", small.ANSWERS)
    run = moving.perform(partial(start_run, plan_id=plan_id))
    with moving.database.transaction(write=False) as tx:
        assert [case.case_id for case in batches.of_batch(tx, run)][-1] == found[0]
    moving.work()
    assert outcome(moving, run) == {found[0]: ANEW, found[1]: MOVED, found[2]: MOVED}
    assert moving.faults() == []


def test_chosen_cases_go_on_elsewhere(moving: Moving) -> None:
    plan_id, found = planned(moving, WITHOUT_A)
    key = standing_of(moving, found[0])
    moving.perform(
        partial(plans.choose, plan_id=plan_id, rev=1, choices={key: Choice(to={"a": "c"})})
    )
    approved(moving, plan_id)
    moving.perform(partial(start_run, plan_id=plan_id))
    moving.work()
    assert {task.element for case in found for task in moving.tasks(case)} == {"c"}
    assert moving.faults() == []


def standing_of(moving: Moving, case_id: str) -> str:
    release, services = moving.case(case_id).release_id, moving.program.services
    with moving.database.transaction(write=False) as tx:
        found = [*standing_cases(tx, services, SMALL, [release])]
    return next(one.key for one in found if one.case.id == case_id)


def test_a_case_with_a_call_under_way_is_left_for_the_next_run(moving: Moving) -> None:
    other = small.one(d.job("j", "letters.count") + small.person("b"), "s>j j>b b>e")
    plan_id, (case,) = planned(moving, other, small.one(CALL, "s>j j>b b>e"), 1)
    with moving.database.transaction() as tx:
        jobs.lease(tx, now=moving.clock.now(), who="w9", seconds=600)
    approved(moving, plan_id)
    run = moving.perform(partial(start_run, plan_id=plan_id))
    moving.work()
    assert outcome(moving, run) == {case: BUSY}
    assert moving.faults() == []


def test_a_run_stops_between_two_cases(moving: Moving) -> None:
    plan_id, found = planned(moving)
    approved(moving, plan_id)
    run = moving.perform(partial(start_run, plan_id=plan_id))
    moving.perform(partial(stop_batch, batch_id=run, kinds=WORK))
    moving.work()
    assert set(outcome(moving, run).values()) == {""}
    assert len(releases_of(moving, found)) == 1
    assert moving.case(found[0]).rev == 1


def test_one_work_of_a_plan_at_a_time(moving: Moving) -> None:
    plan_id, _ = planned(moving)
    moving.perform(partial(start_try, plan_id=plan_id))
    with pytest.raises(NotAllowed) as refused:
        moving.perform(partial(start_try, plan_id=plan_id))
    assert refused.value.facts["why"] == "under_way"
    moving.work()
    with pytest.raises(NotAllowed):
        moving.perform(partial(start_undo, plan_id=plan_id))


def test_a_run_ends_when_another_release_is_current(moving: Moving) -> None:
    plan_id, found = planned(moving)
    approved(moving, plan_id)
    run = moving.perform(partial(start_run, plan_id=plan_id))
    moving.published(WITHOUT_A)
    moving.work()
    with moving.database.transaction(write=False) as tx:
        row = batches.get(tx, run)
    assert row is not None
    assert (row.state, row.detail["reason"]) == (batches.STOPPED, "other_current")
    assert moving.case(found[0]).rev == 1


def test_only_the_owner_runs_stops_and_puts_back(moving: Moving) -> None:
    plan_id, _ = planned(moving)
    for command in (
        partial(start_try, plan_id=plan_id),
        partial(start_run, plan_id=plan_id),
        partial(start_undo, plan_id=plan_id),
        partial(stop_batch, batch_id="x", kinds=WORK),
    ):
        for who in ("nils", "sara"):
            with pytest.raises(NotAllowed):
                moving.perform(command, who)


def test_a_worker_that_dies_in_a_case_leaves_it_whole(moving: Moving) -> None:
    plan_id, found = planned(moving)
    approved(moving, plan_id)
    run, real = moving.perform(partial(start_run, plan_id=plan_id)), WORK[RUN]
    killed = list[str]()

    def dies(*about: object) -> object:
        done = real.handle(*about)  # type: ignore[arg-type]  # as the worker calls it
        if about[3] == found[1] and not killed:
            killed.append(found[1])
            raise Killed
        return done

    services = moving.program.services
    work = BatchWork(dies, real.finish, act=real.act, writes=True)  # type: ignore[arg-type]  # gives what the other does
    moving.program = replace(
        moving.program, services=replace(services, batches={**services.batches, RUN: work})
    )
    with pytest.raises(Killed):
        moving.work()
    assert outcome(moving, run) == {found[0]: MOVED, found[1]: "", found[2]: ""}
    assert moving.case(found[1]).rev == 1
    assert moving.faults() == []
    moving.later(hours=2)
    moving.work()
    assert outcome(moving, run) == dict.fromkeys(found, MOVED)
    assert moving.faults() == []
