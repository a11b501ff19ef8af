"""The case list: how a case stands for the office that looks."""

from __future__ import annotations

import pytest

from service.casework.pages.case_list import (
    ACTIVE,
    DONE,
    SORTS,
    CaseListPage,
    case_list_page,
    load_case_list,
)
from service.store.keyset import PageRequest
from tests.support.world import World


def page(desk: World, *, state: str = "", sort: str = "due") -> CaseListPage:
    services, viewer, now = desk.program.services, desk.viewer(), desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        found = load_case_list(tx, services, viewer, now, PageRequest(), state=state, sort=sort)
    return case_list_page(services, viewer, now, found)


def test_a_case_that_waits_for_the_viewer_is_active(desk: World, case: str) -> None:
    found = page(desk)
    (row,) = found.rows
    assert (row.id, row.state, row.waits_for, found.total) == (case, ACTIVE, "A, Social", 1)
    assert (row.alerts, row.shielded) == (0, False)


def test_an_ended_case_is_done_and_waits_for_nobody(desk: World, case: str) -> None:
    desk.do(case, "a")
    desk.do(case, "b", {"answer": ["YES"]})
    (row,) = page(desk, state=DONE).rows
    assert (row.state, row.waits_for, row.due) == (DONE, "", None)
    assert page(desk, state=ACTIVE).rows == ()


@pytest.mark.parametrize("sort", [*SORTS, "no such order"])
def test_every_order_shows_every_case(desk: World, case: str, sort: str) -> None:
    other = desk.start(element="Start_PersonIdentified").case_id
    assert {row.id for row in page(desk, sort=sort).rows} == {case, other}
