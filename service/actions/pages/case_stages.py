"""The stepper of a case's page: the stages of the programme, and how far the case has come."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.actions.casefile import diagram_state
from service.actions.casefile.case_view import CaseView
from service.actions.releases.labels import element_name
from service.actions.tasks.stage_names import stage_frame, without_number
from service.engine import STAGES, Element

LEAFLET = re.compile(r"[A-ZÅÄÖ][A-ZÅÄÖ ]{3,}(?= –|$)")
"""The keyword of the programme's leaflet that a step's label begins with, in capitals."""
DONE, CURRENT, NOT_YET = "done", "current", "not_yet"
GOING_ON = {
    diagram_state.ACTIVE,
    diagram_state.OVERDUE,
    diagram_state.WAITING,
    diagram_state.INCIDENT,
}
"""States of an element at which the case is now."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the stepper, with its keywords of the leaflet and their states."""

    n: str
    title: str
    state: str
    date: datetime | None
    """When the case last left it."""
    here: str
    """The step that waits in it; "" when it is not the current one."""
    words: tuple[tuple[str, str], ...]


def case_stages(view: CaseView) -> Iterable[Stage]:
    """The stages that the case's release draws, in order."""
    for number in STAGES:
        frame = stage_frame(view.visibility.definition, number)
        if frame is not None:
            yield _stage(view, number, frame)


def _stage(view: CaseView, number: str, frame: Element) -> Stage:
    steps = [
        (fact.at, what)
        for fact in view.history
        for what, element, *_ in fact.steps
        if element == frame.id
    ]
    left = [at for at, what in steps if what == "left"]
    entered = any(what == "entered" for _, what in steps)
    current = view.case.status == "open" and number == (view.case.stage or "1")
    waiting = [task for task in view.waiting if current and task.stage == number]
    return Stage(
        n=number,
        title=without_number(element_name(frame, view.lang)),
        state=CURRENT if current else DONE if entered else NOT_YET,
        date=left[-1] if left else None,
        here=view.name(waiting[0].element) if waiting else "",
        words=tuple(_keywords(view, frame)),
    )


def _keywords(view: CaseView, frame: Element) -> Iterable[tuple[str, str]]:
    """(keyword of the leaflet, state) in a stage, in the order of the diagram.

    Several steps may have the same one.
    """
    steps: dict[str, list[Element]] = {}
    for element in view.visibility.definition.elements.values():
        match = LEAFLET.match(element.names.get("sv", ""))
        if match is not None and element.scope == frame.id:
            steps.setdefault(match[0].strip(), []).append(element)
    for keyword, elements in steps.items():
        states = {view.states.get(element.id, "") for element in elements}
        state = CURRENT if states & GOING_ON else NOT_YET
        if state == NOT_YET and diagram_state.DONE in states:
            state = DONE
        name = elements[0].names.get(view.lang, "") if view.lang != "sv" else ""
        yield name.partition(":")[0].strip() or keyword.capitalize(), state
