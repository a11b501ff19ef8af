"""The tab with the money of a case."""

from __future__ import annotations

from service.actions.pages.money_tab import money
from tests.actions.pages.views import view
from tests.support.world import World


def test_a_case_without_amounts_shows_none(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        content = money(view(tx, desk, case))
    assert (content.values["lines"], content.values["sums"]) == ([], [])
    assert content.classes == {"C0"}
