"""The tab with the plan."""

from __future__ import annotations

from service.casework.pages.plan_tab import plan
from tests.casework.pages.views import view
from tests.support.world import World


def test_a_case_without_plan_shows_none(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        content = plan(view(tx, desk, case))
    assert dict(content.values) == {"plan": None, "hidden": False, "over": False}
    assert content.classes == {"C0"}
