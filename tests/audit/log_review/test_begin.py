"""The beginning of a review: once for each month, none missed, none before there was anything."""

from __future__ import annotations

from datetime import UTC, datetime

from service.audit.log_review import review_process
from service.audit.log_review.review import JUDGE
from service.audit.log_review.review_commands import begin_review
from tests.support.log_reviews import APRIL, MARCH, begin, found, look_without_task, review
from tests.support.world import World


def months(world: World) -> list[str]:
    with world.database.transaction(write=False) as tx:
        return review_process.months(tx)


def test_a_month_is_begun_once(shipped_world: World) -> None:
    case = shipped_world.start_case()
    look_without_task(shipped_world, "sara", case.case_id)
    assert begin(shipped_world) == MARCH
    assert begin(shipped_world) == ""
    with shipped_world.database.transaction() as tx:
        chosen, services = found(shipped_world), shipped_world.program.services
        assert not begin_review(tx, services, chosen, now=APRIL)
    made = review(shipped_world)
    assert [look.case for look in made.looks if "no_task" in look.why] == [case.case_id]
    assert made.task is not None
    assert made.task.element == JUDGE
    assert made.task.due == datetime(2026, 4, 15, 6, 0, tzinfo=UTC)


def test_a_month_in_which_there_was_nothing_is_reviewed_too(shipped_world: World) -> None:
    assert begin(shipped_world) == MARCH
    assert review(shipped_world).looks == ()


def test_no_month_before_the_installation_is_reviewed(shipped_world: World) -> None:
    assert begin(shipped_world, at=datetime(2026, 3, 20, tzinfo=UTC)) == ""


def test_the_month_is_over_in_the_installations_zone(shipped_world: World) -> None:
    assert begin(shipped_world, at=datetime(2026, 3, 31, 21, 59, tzinfo=UTC)) == ""
    assert begin(shipped_world, at=datetime(2026, 3, 31, 22, 0, tzinfo=UTC)) == MARCH


def test_months_that_a_worker_missed_are_begun_later(shipped_world: World) -> None:
    begin(shipped_world)
    late = datetime(2026, 7, 10, tzinfo=UTC)
    while begin(shipped_world, at=late):
        pass
    assert months(shipped_world) == ["2026-03", "2026-04", "2026-05", "2026-06"]


def test_a_clock_that_went_back_begins_nothing(shipped_world: World) -> None:
    begin(shipped_world, at=datetime(2026, 5, 2, tzinfo=UTC))
    assert months(shipped_world) == ["2026-04"]
    assert begin(shipped_world, at=APRIL) == ""


def test_a_review_keeps_the_limits_that_it_began_with(shipped_world: World) -> None:
    begin(shipped_world)
    assert review(shipped_world).limits["cases_a_day"] == 25
