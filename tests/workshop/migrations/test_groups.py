"""The rows of a plan: what becomes of cases with the same tokens, and which change decides it."""

from __future__ import annotations

from functools import partial

from service.release.bundle import Bundle
from service.workshop.migrations import plans
from service.workshop.migrations.groups import (
    CANNOT,
    ELSEWHERE,
    SAME,
    STAYS,
    PlanRow,
    count_places,
    load_rows,
)
from service.workshop.migrations.plans import Choice, make_plan, stored_plan
from tests.support import diagrams as d
from tests.support import small
from tests.workshop.migrations.conftest import Moving
from tests.workshop.migrations.processes import THREE, TWO, WITHOUT_A


def rows(moving: Moving, plan_id: str) -> list[PlanRow]:
    with moving.database.transaction(write=False) as tx:
        plan = stored_plan(tx, plan_id)
        now = moving.clock.now()
        return load_rows(tx, moving.program.services, plan, lang="en", now=now)


def planned(moving: Moving, new: Bundle, old: Bundle = TWO) -> str:
    """Three cases on the old release, one of them a step ahead; a plan to the new one."""
    moving.published(old)
    for ahead in (False, False, True):
        case = moving.start().case_id
        if ahead:
            moving.do(case, "a", small.ANSWERS)
    moving.published(new)
    return moving.perform(make_plan)


def test_what_is_there_too_moves_in_place(moving: Moving) -> None:
    found = rows(moving, planned(moving, THREE))
    assert [(row.places, row.becomes, len(row.cases)) for row in found] == [
        (("a",), SAME, 2),
        (("b",), SAME, 1),
    ]
    assert not any(row.text_only for row in found)


def test_a_removed_step_names_its_change_and_where_to_go(moving: Moving) -> None:
    plan_id = planned(moving, WITHOUT_A)
    blocked, fine = rows(moving, plan_id)
    assert (blocked.places, blocked.becomes, fine.becomes) == (("a",), CANNOT, SAME)
    assert [problem.code for problem in blocked.problems] == ["gone"]
    assert [(change.kind, change.element) for change in blocked.changes] == [("route", "a")]
    assert blocked.targets == {"a": ("c", "b")}
    moving.perform(
        partial(plans.choose, plan_id=plan_id, rev=1, choices={blocked.key: Choice(to={"a": "c"})})
    )
    chosen, _ = rows(moving, plan_id)
    assert (chosen.becomes, chosen.problems, chosen.targets) == (ELSEWHERE, (), blocked.targets)
    moving.perform(
        partial(plans.choose, plan_id=plan_id, rev=2, choices={blocked.key: Choice(stays=True)})
    )
    assert {row.becomes for row in rows(moving, plan_id)} == {STAYS, SAME}


def test_words_alone_never_block(moving: Moving) -> None:
    renamed = small.one(
        small.person("a", "ask", name="Other words") + small.person("b"), "s>a a>b b>e"
    )
    found = rows(moving, planned(moving, renamed))
    assert {(row.becomes, row.text_only) for row in found} == {(SAME, True)}


def test_a_change_of_the_step_itself_is_named(moving: Moving) -> None:
    other = small.one(small.person("a") + small.person("b"), "s>a a>b b>e")
    found = {row.places: row for row in rows(moving, planned(moving, other))}
    assert [change.kind for change in found[("a",)].changes] == ["form"]
    assert found[("b",)].changes == ()


def test_a_join_that_would_wait_names_the_ways_to_it(moving: Moving) -> None:
    both = d.both("fork") + small.person("a", "ask") + small.person("b") + d.both("join")
    old = small.one(both, "s>fork fork>a fork>b a>join b>join join>e")
    more = both + small.person("c")
    new = small.one(more, "s>fork fork>a fork>b fork>c a>join b>join c>join join>e")
    found = {row.places: row for row in rows(moving, planned(moving, new, old))}
    row = next(row for places, row in found.items() if "join" in places)
    assert row.becomes == CANNOT
    assert [problem.code for problem in row.problems] == ["waits"]
    assert "c" in {change.element for change in row.changes}


def test_cases_are_counted_on_both_diagrams(moving: Moving) -> None:
    plan_id = planned(moving, WITHOUT_A)
    found = rows(moving, plan_id)
    assert count_places(found) == {"a": 2, "b": 1}
    assert count_places(found, moved=True) == {"b": 1}
    moving.perform(
        partial(plans.choose, plan_id=plan_id, rev=1, choices={found[0].key: Choice(to={"a": "c"})})
    )
    assert count_places(rows(moving, plan_id), moved=True) == {"b": 1, "c": 2}
