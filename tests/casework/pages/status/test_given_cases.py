"""A case is given with its open tasks, and its new officer is told until she opens it."""

from __future__ import annotations

from functools import partial

from service.casework.casefile import read_log
from service.casework.pages.given_cases import GivenCase, give_case_with_tasks, given_cases
from tests.support.world import World


def give(desk: World, case: str, *, tasks_too: bool) -> int:
    with desk.database.transaction() as tx:
        command = partial(
            give_case_with_tasks, case_id=case, to_person="p_stina", tasks_too=tasks_too
        )
        return command(tx, desk.program.services, desk.viewer(), desk.clock.now())


def told(desk: World, who: str) -> tuple[GivenCase, ...]:
    with desk.database.transaction(write=False) as tx:
        return given_cases(tx, desk.program.services, desk.viewer(who), desk.clock.now())


def test_open_tasks_go_with_a_case_that_is_given(desk: World, case: str) -> None:
    assert give(desk, case, tasks_too=True) == 1
    assert [task.claimed_by for task in desk.tasks(case)] == ["p_stina"]


def test_tasks_stay_where_nobody_asked_for_them(desk: World, case: str) -> None:
    assert give(desk, case, tasks_too=False) == 0
    assert [task.claimed_by for task in desk.tasks(case)] == [None]


def test_she_is_told_until_she_opens_the_case(desk: World, case: str) -> None:
    give(desk, case, tasks_too=True)
    (line,) = told(desk, "stina")
    assert (line.id, line.by) == (case, "Sara")
    assert told(desk, "sara") == ()
    with desk.database.transaction() as tx:
        read_log.record_read(
            tx,
            by=desk.viewer("stina"),
            now=desk.clock.now(),
            case_id=case,
            purpose="case",
            classes={"C0"},
        )
    assert told(desk, "stina") == ()
