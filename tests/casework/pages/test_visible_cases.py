"""The cases that a viewer may see: those of her office, and of nobody else's."""

from __future__ import annotations

from dataclasses import replace

from service.access import Viewer
from service.casework.pages.visible_cases import load_visible_cases
from tests.support.directory import OFFICE, ROLE
from tests.support.world import World


def seen(desk: World, viewer: Viewer) -> list[str]:
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        return [row.case.id for row in load_visible_cases(tx, services, viewer, now)]


def test_an_office_sees_its_own_cases(desk: World, case: str) -> None:
    assert seen(desk, desk.viewer()) == [case]
    assert seen(desk, replace(desk.viewer(), office="other")) == []


def test_a_case_comes_with_its_parties_and_tasks(desk: World, case: str) -> None:
    services, viewer, now = desk.program.services, desk.viewer(), desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        (row,) = load_visible_cases(tx, services, viewer, now)
    assert row.case.id == case
    assert row.parties[ROLE] == OFFICE
    assert [task.element for task in row.waiting] == ["a"]
