"""No task is due after what it is for: every task of every scenario, after each turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from service.casework.history import replay
from service.engine import Definition, Open
from service.engine.types import Variables
from service.store.casefile import cases
from tests.support.played_cases import Played

pytestmark = pytest.mark.slow
JOURNEY = frozenset({"home_journey", "risk_management", "health_check"})
"""Processes whose tasks are there for the journey."""
AT_DEPARTURE = frozenset({"Task_BookTickets", "Task_ConfirmDeparture", "Task_DidSheFly"})
"""The task that books the journey anew, and those about the departure itself."""
AT_ARRIVAL = frozenset({"Task_ConfirmArrival", "Task_ConfirmArrivalHelsinki"})
FOLLOW_UPS = frozenset({"Task_FollowUp", "Task_FollowUpHelsinki"})


def moment(values: Variables, name: str) -> datetime | None:
    """A moment among the routing values; None when nothing set it."""
    text = values.get(name)
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def too_late(task: Open, definition: Definition, values: Variables) -> Iterator[str]:
    """Why a task is due after what it is for."""
    due = task.due
    if due is None:
        return
    element = definition.elements[task.element]
    departure, arrival = moment(values, "departureAt"), moment(values, "arrivalEta")
    before = values.get("ticketsBooked") is True and element.process in JOURNEY
    again = moment(values, "arrivalCheckBy")
    arrival = again or arrival  # asked again after an answer that settled nothing
    if task.element in AT_ARRIVAL and arrival is not None and due > arrival:
        yield f"{task.element} is due {due}, the arrival is {arrival}"
    elif task.element in AT_DEPARTURE | AT_ARRIVAL:
        return
    elif before and departure is not None and due > departure:
        yield f"{task.element} is due {due}, the departure is {departure}"
    closes = moment(values, "followUpClosesAt")
    if task.element in FOLLOW_UPS and closes is not None and due > closes:
        yield f"{task.element} is due {due}, its window closes {closes}"


def test_no_task_is_due_after_what_it_is_for(played: Played) -> None:
    found: set[str] = set()
    seen: set[str] = set()
    with played.program.database.transaction(write=False) as tx:
        for case in cases.listed(tx, process="return_case"):
            release = played.program.services.release(tx, case.release_id)
            definition = release.definitions[case.process]
            for turned in replay.replay_turns(tx, played.program.services, case.id):
                outcome = turned.outcome
                for task in (one for one in outcome.open if one.kind == "task"):
                    seen.add(task.element)
                    found |= {
                        f"{case.ref}: {why}"
                        for why in too_late(task, definition, outcome.variables)
                    }
    assert sorted(found) == []
    assert seen >= {"Task_BriefReturnee", "Task_SecondReview", "Task_AssignEscort"} | FOLLOW_UPS
