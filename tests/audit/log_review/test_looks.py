"""Which looks of a month stand out: by limits of the installation, never by what an answer says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.audit.log_review.looks import FoundLook
from service.release.programme.log_review_rules import LogReviewRules
from tests.support.directory import HELSINKI
from tests.support.log_reviews import (
    LIMITS,
    WORKING,
    add_person,
    found,
    look,
    look_without_task,
    search,
)
from tests.support.world import World


def of(world: World, who: str, limits: LogReviewRules = LIMITS) -> list[FoundLook]:
    """The lines of one person."""
    lines = found(world, limits=limits).looks
    return [one for one in lines if one.person == f"p_{who}"]


def test_a_look_by_an_office_with_a_part_does_not_stand_out(shipped_world: World) -> None:
    case = shipped_world.start_case()
    look(shipped_world, "sara", case.case_id)
    assert found(shipped_world).looks == ()


def test_looks_of_one_person_at_one_case_are_one_line(shipped_world: World) -> None:
    case = shipped_world.start_case()
    look_without_task(shipped_world, "sara", case.case_id)
    look(shipped_world, "sara", case.case_id, at=WORKING + timedelta(hours=1))
    (line,) = of(shipped_world, "sara")
    assert (line.why, line.times, line.case) == (("no_task",), 1, case.case_id)
    assert (line.first, line.last) == (WORKING, WORKING + timedelta(hours=1))


def test_an_office_without_a_part_stands_out_but_not_by_duty(shipped_world: World) -> None:
    case = shipped_world.start_case()
    add_person(shipped_world, "ove", "owner", HELSINKI)
    look(shipped_world, "ove", case.case_id)
    look(shipped_world, "greta", case.case_id, purpose="audit")
    assert [one.why for one in of(shipped_world, "ove")] == [("other_office",)]
    assert of(shipped_world, "greta") == []


@pytest.mark.parametrize(
    ("hours", "weekends", "why"),
    [
        (0, False, []),
        (9, False, []),  # 19.30 in Stockholm is within the limit
        (10, False, [("hours",)]),
        (4 * 24, False, [("hours",)]),
        (4 * 24, True, []),
    ],
)
def test_looks_outside_working_hours_stand_out(
    shipped_world: World, *, hours: int, weekends: bool, why: list[tuple[str, ...]]
) -> None:
    case = shipped_world.start_case()
    at = WORKING - timedelta(minutes=30) + timedelta(hours=hours)
    look(shipped_world, "sara", case.case_id, at=at)
    assert [one.why for one in of(shipped_world, "sara", replace(LIMITS, weekends=weekends))] == why


def test_many_cases_in_one_day_are_a_line_of_the_day(shipped_world: World) -> None:
    cases = [shipped_world.start_case().case_id for _ in range(3)]
    for case_id in cases:
        look(shipped_world, "sara", case_id)
    (line,) = of(shipped_world, "sara", replace(LIMITS, cases_a_day=2))
    assert (line.why, line.case, line.cases) == (("many",), "", 3)
    assert of(shipped_world, "sara", replace(LIMITS, cases_a_day=3)) == []


def test_searches_without_opening_anything_stand_out(shipped_world: World) -> None:
    search(shipped_world, "sara", times=3)
    (line,) = of(shipped_world, "sara", replace(LIMITS, searches_a_day=2))
    assert (line.why, line.times, line.cases) == (("searches",), 3, 0)
    look(shipped_world, "sara", shipped_world.start_case().case_id)
    assert of(shipped_world, "sara", replace(LIMITS, searches_a_day=2)) == []


def test_a_protected_identity_stands_out(shipped_world: World) -> None:
    case = shipped_world.start_case(protectedIdentity="SEKRETESSMARKERING")
    look_without_task(shipped_world, "sara", case.case_id)
    (line,) = of(shipped_world, "sara")
    assert line.why == ("protected", "no_task")


def test_a_sample_is_drawn_by_lot_and_always_the_same(shipped_world: World) -> None:
    for _ in range(5):
        look(shipped_world, "sara", shipped_world.start_case().case_id)
    drawn = found(shipped_world, limits=replace(LIMITS, sample=2)).looks
    assert [one.why for one in drawn] == [("sample",)] * 2
    assert found(shipped_world, limits=replace(LIMITS, sample=2)).looks == drawn


def test_what_is_left_out_is_counted(shipped_world: World) -> None:
    for _ in range(3):
        look_without_task(shipped_world, "sara", shipped_world.start_case().case_id)
    month = found(shipped_world, limits=replace(LIMITS, most=2))
    office = shipped_world.loaded_viewer("sara").office
    assert (len(month.looks), month.left_out) == (2, 1)
    assert month.offices[office] == (3, 3)


def test_a_look_for_a_review_is_none_of_the_next(shipped_world: World) -> None:
    case = shipped_world.start_case()
    look(shipped_world, "greta", case.case_id, purpose="log_review")
    assert found(shipped_world).offices.get(shipped_world.loaded_viewer("greta").office) is None


def test_another_month_is_not_read(shipped_world: World) -> None:
    case = shipped_world.start_case()
    look_without_task(shipped_world, "sara", case.case_id)
    assert found(shipped_world, month="2026-04").looks == ()
