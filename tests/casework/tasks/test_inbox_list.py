"""Lists of the inbox: whose tasks they have, and the moments that a filter stands for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.access import Viewer
from service.casework.tasks import claims, inbox_list
from service.casework.tasks.inbox_list import Filter, TaskRow
from tests.support.inbox import load_list, sizes
from tests.support.world import World

VIEWER = Viewer("p", "o", frozenset(), zone="Europe/Stockholm")
LATE_EVENING = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)


def rows(desk: World, asked: Filter, viewer: Viewer) -> list[TaskRow]:
    loaded = load_list(desk, viewer, asked, limit=10)
    page = inbox_list.task_page(loaded, desk.program.services, viewer)
    return list(page.rows)


def test_a_list_has_the_tasks_of_ones_own_office(desk: World, case: str) -> None:
    (row,) = rows(desk, Filter(), desk.viewer())
    assert (row.case, row.mine, row.is_new) == (case, False, True)
    assert rows(desk, Filter(), replace(desk.viewer(), office="other")) == []


def test_a_claimed_task_is_in_the_list_of_its_person(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        claims.claim(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            task_key=desk.key(case, "a"),
        )
    assert [row.mine for row in rows(desk, Filter("mine"), desk.viewer())] == [True]
    assert rows(desk, Filter("mine"), desk.viewer("stina")) == []
    assert rows(desk, Filter("unclaimed"), desk.viewer()) == []
    counts = sizes(load_list(desk, desk.viewer()))
    assert (counts["mine"], counts["office"], counts["unclaimed"]) == (1, 1, 0)


@pytest.mark.usefixtures("case")
def test_what_counts_in_hours_stands_above_what_is_late(desk: World) -> None:
    (late,) = rows(desk, Filter(), desk.viewer())
    assert not late.in_hours
    alarm = replace(late, id="alarm", in_hours=True)
    assert inbox_list.hours_first([late, alarm]) == (alarm, late)


def test_today_is_a_day_in_the_viewers_zone() -> None:
    wanted = inbox_list.wanted(Filter(due="today"), VIEWER, LATE_EVENING)
    assert wanted.after == datetime(2026, 3, 3, 23, tzinfo=UTC)
    assert wanted.before == datetime(2026, 3, 4, 23, tzinfo=UTC)


def test_a_week_ends_on_its_sunday() -> None:
    wanted = inbox_list.wanted(Filter(due="week"), VIEWER, LATE_EVENING)
    assert wanted.before == datetime(2026, 3, 8, 23, tzinfo=UTC)
