"""The overview of a case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.casework.pages.case_status import load_case_status
from service.casework.pages.overview_tab import (
    may_withdraw,
    overview,
    require_withdrawable,
    withdrawal_lines,
)
from service.errors import NotFound
from service.store.transaction import Tx
from service.text import say
from tests.casework.pages.views import view
from tests.support.world import World


def shown(tx: Tx, desk: World, case: str) -> dict[str, Any]:
    """The overview as its template reads it."""
    at = view(tx, desk, case)
    status = load_case_status(tx, at.services, at.viewer, at.case, at.now)
    return dict(overview(tx, at, status).values)


def test_it_says_what_waits_and_what_comes_next(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        values = shown(tx, desk, case)
    assert [task.name for task in values["tasks"]] == ["A"]
    assert values["next"] == ("B",)
    assert len(values["standing"]) == 2
    assert values["reopen"] is False


def test_an_ended_case_may_be_continued_by_a_new_one(desk: World, case: str) -> None:
    desk.do(case, "a")
    desk.do(case, "b", {"answer": ["YES"]})
    with desk.database.transaction(write=False) as tx:
        values = shown(tx, desk, case)
    assert (values["tasks"], values["next"], values["reopen"]) == ((), (), True)
    (sentence,) = values["standing"]
    end = say("case.stands_ended", "sv", end="", date="2026-03-02").rpartition(" ")[2]
    assert end in sentence


def test_without_a_live_consent_there_is_nothing_to_take_back(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        at = view(tx, desk, case)
        for seen in (at, replace(at, case=replace(at.case, status="ended"))):
            assert not may_withdraw(seen)
            assert withdrawal_lines(seen) == ()
            with pytest.raises(NotFound):
                require_withdrawable(seen)
