"""Bars to a journey: one person brings an authority's paper, another confirms it before departure.

Those about a child are confirmed by its social services as well.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.conftest import Begin
from tests.support.step_by_step import StepByStep

pytestmark = pytest.mark.slow
PAPER: dict[str, Any] = {"authority": "Provmyndigheten (demo)", "cleared": True, "paper": "@file"}


def cleared(story: StepByStep, before: str, *kinds: str) -> None:
    """Play until the bars are cleared, and on to the last tasks before departure."""
    story.until(before)
    assert story.open() == {"Task_ClearHolds"}
    rows = [{**PAPER, "kind": kind} for kind in kinds]
    story.does("aino", "Task_ClearHolds", holdRows=rows)


def test_each_paper_is_confirmed_by_another_person(begin: Begin) -> None:
    story = begin("hold-cleared")
    story.until("Task_GoNoGo")
    yes, no = ([{"hold": 1, "confirmed": said}] for said in (True, False))
    assert "FourEyes" in story.refused("aino", "Task_GoNoGo", holdChecks=yes)
    assert "form.check" in story.refused("eero", "Task_GoNoGo")
    assert "form.check" in story.refused("eero", "Task_GoNoGo", holdChecks=no)
    story.does("eero", "Task_GoNoGo", holdChecks=yes)
    assert story.open() == {"Task_ConfirmDeparture"}


def test_papers_about_a_child_are_confirmed_by_its_office(begin: Begin) -> None:
    story = begin("walk", {"Task_AssessNeeds": {"knownObstacles": ["CUSTODY_DISPUTE"]}})
    cleared(story, "Task_FitToTravel", "CUSTODY_DISPUTE")
    story.until("Task_ReassessChild")
    assert story.sees("berit", "holdRows", "iom-helsinki")
    assert not story.sees("berit", "needs", "iom-helsinki")
    assert not story.sees("iva", "holdRows", "iom-helsinki")
    assert "childHoldsConfirmed" in story.refused("berit", "Task_ReassessChild")
    said = story.refused("berit", "Task_ReassessChild", childHoldsConfirmed=False)
    assert "childReassessed: form.check" in said
    story.does("berit", "Task_ReassessChild", childHoldsConfirmed=True)
    story.until("Task_GoNoGo")
    both = [{"hold": 1, "confirmed": True}]
    story.does("eero", "Task_GoNoGo", holdChecks=both)
    assert "Task_ConfirmDeparture" in story.open()
