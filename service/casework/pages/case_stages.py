"""The band of a case's page: the stages of the programme and how far the case has come, and what it
waits for now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from service.casework.casefile import diagram_state
from service.casework.casefile.case_view import CaseView
from service.casework.cases import progress
from service.casework.cases.progress import stage_frame, stage_name
from service.engine import Definition, Element
from service.release.labels import KEYWORD
from service.release.programme.vocabulary import stage_number

DONE, CURRENT, NOT_YET = "done", "current", "not_yet"
GOING_ON = {
    diagram_state.ACTIVE,
    diagram_state.OVERDUE,
    diagram_state.WAITING,
    diagram_state.INCIDENT,
}
"""States of an element at which the case is now."""


@dataclass(frozen=True, slots=True)
class CaseNow:
    """What the case waits for now: a task, with whom, until when; or why nobody has one."""

    text: str
    """Name of the task; a sentence where nobody has anything to do."""
    task: str = ""
    """Key of the task, for who may do it."""
    office: str = ""
    person: str = ""
    """Who has claimed the task."""
    due: datetime | None = None
    more: int = 0
    """How many other tasks are open."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the stepper, with its keywords of the leaflet and their states."""

    n: str
    title: str
    state: str
    date: datetime | None
    """When the case last left it."""
    words: tuple[tuple[str, str], ...]


def case_stages(view: CaseView) -> Iterable[Stage]:
    """The stages that the case's process has, in the order of its release."""
    drawn = progress.stages(view.visibility.definition)
    for stage in view.visibility.definition.stages:
        if stage in drawn.values():
            yield _stage(view, stage, {id_ for id_, around in drawn.items() if around == stage})


def _stage(view: CaseView, stage: str, inside: Collection[str]) -> Stage:
    """One stage.

    Args:
        inside: the elements of the stage, its frame among them when it is drawn as one.
    """
    definition = view.visibility.definition
    frame = stage_frame(definition, stage)
    marks = {frame.id} if frame is not None else inside
    steps = [
        (fact.at, what)
        for fact in view.history
        for what, element, *_ in fact.steps
        if element in marks
    ]
    left = [at for at, what in steps if what == "left"]
    entered = any(what == "entered" for _, what in steps)
    here = view.case.stage or next(iter(definition.stages))
    current = view.case.status == "open" and stage == here
    return Stage(
        n=stage_number(definition.stages, stage),
        title=stage_name(view.services, view.visibility.release, definition, stage, view.lang),
        state=CURRENT if current else DONE if entered else NOT_YET,
        date=left[-1] if left else None,
        words=tuple(_keywords(view, inside, frame)),
    )


@lru_cache(maxsize=64)
def _named_steps(definition: Definition) -> tuple[tuple[str, Element], ...]:
    """Keywords of the leaflet with the elements that are called so, in the order of the diagram."""
    found = ((KEYWORD.match(one.names.get("sv", "")), one) for one in definition.elements.values())
    return tuple((match[0].strip(), one) for match, one in found if match is not None)


def _keywords(
    view: CaseView, inside: Collection[str], frame: Element | None
) -> Iterable[tuple[str, str]]:
    """(keyword of the leaflet, state) in a stage, in the order of the diagram.

    Several steps may have the same one: it stands where the last of them does, as feedback, which
    goes on until the final report, stands after the follow-up.
    """
    steps: dict[str, list[Element]] = {}
    for word, element in _named_steps(view.visibility.definition):
        if element.id in inside if frame is None else element.scope == frame.id:
            steps[word] = [*steps.pop(word, []), element]
    for keyword, elements in steps.items():
        states = {view.states.get(element.id, "") for element in elements}
        state = CURRENT if states & GOING_ON else NOT_YET
        if state == NOT_YET and diagram_state.DONE in states:
            state = DONE
        name = elements[0].names.get(view.lang, "") if view.lang != "sv" else ""
        yield name.partition(":")[0].strip() or keyword.capitalize(), state


def case_now(at: CaseView, own: str, idle: str) -> CaseNow:
    """What the case waits for now: the viewer's own task, else the one that is due first.

    Args:
        own: key of the task that the viewer should do next, "" when none waits for her.
        idle: what the case waits for while nobody has a task, as a sentence.
    """
    if at.case.status == "ended":
        return CaseNow(at.say("task.case_ends", end=at.name(at.case.inner_end or at.case.end)))
    if not at.waiting:
        return CaseNow(idle)
    task = min(at.waiting, key=lambda t: (t.key != own, t.due is None, t.due or t.opened_at, t.key))
    return CaseNow(
        text=at.name(task.element),
        task=task.key if at.mine(task) else "",
        office=at.places.get(task.office_id or "", ""),
        person=at.names.get(task.claimed_by or "", ""),
        due=task.due,
        more=len(at.waiting) - 1,
    )
