"""The inbox as data: what a filter asks the store for, and who gets which rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.access import Viewer
from service.casework.tasks import inbox_list
from service.casework.tasks.inbox_list import Filter, TaskRow, WaitingRow
from service.store.keyset import ListPage, PageRequest
from service.store.read_models.inbox import InboxFilter
from service.store.work import tasks
from tests.support import by_hand
from tests.support.directory import BOARD
from tests.support.inbox import load_list, sizes
from tests.support.world import NOON, World
from tests.web.program import Program

SUNDAY = datetime(2026, 3, 29, 20, 30, tzinfo=UTC)
"""The day on which clocks go forward: 22:30 in Stockholm, 23:30 in Helsinki."""


def viewer_in(zone: str) -> Viewer:
    """Somebody who reads days in a zone."""
    return Viewer("p", "o", frozenset(), zone=zone)


def asked(filter_: Filter, zone: str, now: datetime = SUNDAY) -> tuple[str, str]:
    """From when and until when a filter asks, in UTC."""
    found = inbox_list.wanted(filter_, viewer_in(zone), now)
    return tuple(
        f"{at:%m-%d %H:%M}" if at is not None else "" for at in (found.after, found.before)
    )  # type: ignore[return-value]  # two of two


@pytest.mark.parametrize(
    ("filter_", "zone", "after", "before"),
    [
        (Filter(), "Europe/Stockholm", "", ""),
        (Filter(due="late"), "Europe/Stockholm", "", "03-29 20:30"),
        (Filter(due="today"), "Europe/Stockholm", "03-28 23:00", "03-29 22:00"),
        (Filter(due="today"), "Europe/Helsinki", "03-28 22:00", "03-29 21:00"),
        (Filter(due="week"), "Europe/Stockholm", "", "03-29 22:00"),
        (Filter(box="week"), "Europe/Helsinki", "", "03-29 21:00"),
        (Filter(box="week", due="late"), "Europe/Stockholm", "", "03-29 20:30"),
    ],
)
def test_days_of_a_filter_begin_and_end_in_the_readers_zone(
    filter_: Filter, zone: str, after: str, before: str
) -> None:
    assert asked(filter_, zone) == (after, before)


def test_a_filter_asks_for_its_box_stage_sender_and_order() -> None:
    found = inbox_list.wanted(Filter("mine", "2", "", "o", "new"), viewer_in("UTC"), NOON)
    assert found == InboxFilter("mine", "2", "o", None, None, "new")
    assert Filter("mine", sort="new").narrows is False
    assert all(one.narrows for one in (Filter(stage="1"), Filter(due="late"), Filter(sender="o")))


def listed(
    world: World, name: str, step: PageRequest | None = None, limit: int = 50
) -> tuple[ListPage[TaskRow], ListPage[WaitingRow], dict[str, int]]:
    """One person's tasks, what waits elsewhere, and the sizes of her boxes."""
    services, viewer = world.program.services, world.loaded_viewer(name)
    own = load_list(world, viewer, step=step, limit=limit)
    away = load_list(world, viewer, Filter("waiting"), step, limit)
    return (
        inbox_list.task_page(own, services, viewer),
        inbox_list.waiting_page(away, services, viewer),
        sizes(own),
    )


def test_a_task_is_listed_for_its_office_and_role_alone(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    own, away, sizes = listed(shipped_world, "stina")
    (row,) = own.rows
    assert (row.id, row.ref, row.case) == (moved.opened[0].key, moved.ref, moved.case_id)
    assert (row.sender, row.is_new, row.mine, row.claimed_by) == ("Sara, Social", True, False, "")
    assert (away.rows, sizes["office"], sizes["mine"], sizes["waiting"]) == ((), 1, 0, 0)
    for name in ("omar", "maja", "greta"):
        own, away, sizes = listed(shipped_world, name)
        assert (own.rows, away.rows, {*sizes.values()}) == ((), (), {0})


def test_a_task_of_a_role_that_was_taken_away_is_not_listed(shipped_world: World) -> None:
    shipped_world.start_case()
    viewer = shipped_world.loaded_viewer("sara")
    other = Viewer(viewer.person, viewer.office, frozenset({"CaseApprover"}))
    loaded = load_list(shipped_world, other)
    page = inbox_list.task_page(loaded, shipped_world.program.services, other)
    assert page.rows == ()


def test_what_waits_at_another_office_tells_where_and_since_when(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    with shipped_world.program.database.transaction() as tx:
        by_hand.hand_to(tx, moved.case_id, moved.opened[0].role, BOARD)
    own, away, sizes = listed(shipped_world, "sara")
    (row,) = away.rows
    assert (row.ref, row.at, row.since, row.usual) == (moved.ref, "Board", NOON, "")
    assert (own.rows, sizes["office"], sizes["waiting"]) == ((), 0, 1)


def test_pages_go_on_from_a_row(shipped_world: World) -> None:
    for _ in range(3):
        shipped_world.start_case()
    first, _, sizes = listed(shipped_world, "sara", limit=2)
    second, _, _ = listed(shipped_world, "sara", PageRequest(first.next), limit=2)
    assert (len(first.rows), len(second.rows), sizes["office"]) == (2, 1, 3)
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}
    assert second.next == ""


def test_a_row_is_new_until_its_case_was_read_or_it_was_claimed(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    key = moved.opened[0].key
    Program(shipped_world, "stina").get(f"/v1/tasks/{key}")
    assert [row.is_new for row in listed(shipped_world, "stina")[0].rows] == [False]
    assert [row.is_new for row in listed(shipped_world, "sara")[0].rows] == [True]
    with shipped_world.program.database.transaction() as tx:
        tasks.claim(tx, key, "p_sara", NOON)
    (row,) = listed(shipped_world, "sara")[0].rows
    assert (row.is_new, row.mine, row.claimed_by) == (False, True, "Sara")
    (row,) = listed(shipped_world, "stina")[0].rows
    assert (row.mine, row.claimed_by) == (False, "Sara")


def test_the_page_and_the_interface_list_the_same_tasks(shipped_world: World) -> None:
    keys = {shipped_world.start_case().opened[0].key for _ in range(3)}
    told = Program(shipped_world, "sara").get("/v1/tasks")["items"]
    own, _, _ = listed(shipped_world, "sara")
    assert [one["id"] for one in told] == [row.id for row in own.rows]
    assert {one["id"] for one in told} == keys
