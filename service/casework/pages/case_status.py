"""Status of a case in words: who has it, what it waits for, how it ended, which steps follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import Viewer
from service.casework.casefile.diagram_state import frames_around
from service.casework.commands.four_eyes import blocking_step
from service.engine import Definition, Element, Flow
from service.people import accounts
from service.records.context import Services
from service.release.labels import element_name, localized_name
from service.store.at_hand import Reader
from service.store.casefile import cases, facts
from service.store.installation import offices
from service.store.work import jobs, tasks
from service.text import say

CATCHES = frozenset({"intermediateCatchEvent", "receiveTask"})
"""Kinds of elements at which a case itself waits; every other timer is the deadline of a step."""
WORK = frozenset({"userTask", "callActivity", "subProcess"})
"""Kinds of steps of which a page says that they open."""
STEPS = frozenset({"userTask", "serviceTask", "callActivity", "subProcess", "endEvent"})
"""Kinds of elements that count as a next step."""


@dataclass(frozen=True, slots=True)
class NextTask:
    """A task that waits for somebody, as the status of its case tells it to one viewer."""

    key: str
    name: str
    due: datetime | None
    own: bool
    """Whether the viewer can do it now: it is her role's in her office, no colleague has claimed
    it, and no rule asks for another person."""
    ours: bool
    """Whether it waits for her office in one of her roles."""
    claimed: bool
    """Whether somebody has claimed it."""
    text: str
    """One sentence: who has it, and until when."""


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """Where a case is: its tasks, sentences about what else it waits for, and how it ended, or "".

    The viewer's own tasks come first, of these what she has claimed, then what is due first.
    """

    tasks: tuple[NextTask, ...]
    waits: tuple[str, ...]
    ended: str

    @property
    def own(self) -> NextTask | None:
        """The task that the viewer should do next; None when none waits for her."""
        return next((task for task in self.tasks if task.own), None)

    def sentences(self, lang: str) -> tuple[str, ...]:
        """All of it, one sentence after the other."""
        if self.ended:
            return (self.ended,)
        holders = tuple(task.text for task in self.tasks)
        return holders + self.waits if holders else (say("case.stands_itself", lang), *self.waits)


@dataclass(frozen=True, slots=True)
class _Scene:
    """The viewer, the diagram and the names that the sentences are made of."""

    viewer: Viewer
    now: datetime
    definition: Definition
    roles: Mapping[str, str]
    """Role to its name."""
    places: Mapping[str, str]
    names: Mapping[str, str]

    def name(self, element: str) -> str:
        found = self.definition.elements.get(element)
        return element_name(found, self.viewer.lang) if found is not None else element

    def say(self, key: str, **values: object) -> str:
        return say(key, self.viewer.lang, **values)


def load_case_status(
    reader: Reader, services: Services, viewer: Viewer, case: cases.CaseSummary, now: datetime
) -> CaseStatus:
    """Load the status of a case that the viewer may see."""
    release = services.release(reader, case.release_id)
    waiting = tasks.of_case(reader, case.id)
    claimers = {task.claimed_by for task in waiting if task.claimed_by}
    scene = _Scene(
        viewer,
        now,
        release.definitions[case.process],
        {task.role: release.role_name(task.role, viewer.lang) for task in waiting},
        offices.names(reader),
        accounts.names(reader, services, claimers),
    )
    by_key = {task.key: task for task in waiting}

    def order(one: NextTask) -> tuple[bool, bool, bool, datetime, str]:
        unclaimed = one.own and by_key[one.key].claimed_by is None
        return not one.own, unclaimed, one.due is None, one.due or now, one.key

    found = sorted((_task(reader, scene, task) for task in waiting), key=order)
    found = found[:1] + [
        replace(one, text=_also(scene, by_key[one.key], own=one.own)) for one in found[1:]
    ]
    return CaseStatus(tuple(found), tuple(_waits(reader, scene, case)), _ended(scene, case))


def _task(reader: Reader, scene: _Scene, task: tasks.Task) -> NextTask:
    viewer = scene.viewer
    ours = task.office_id == viewer.office and task.role in viewer.lane_roles
    free = task.claimed_by in (None, viewer.person)
    element = scene.definition.elements.get(task.element)
    blocked = element is not None and blocking_step(reader, task.case_id, element, viewer)
    own = ours and free and not blocked
    return NextTask(
        key=task.key,
        name=scene.name(task.element),
        due=task.due,
        own=own,
        ours=ours,
        claimed=task.claimed_by is not None,
        text=_who_has(scene, task, own=own, second=bool(ours and free and blocked)),
    )


def _who_has(scene: _Scene, task: tasks.Task, *, own: bool, second: bool) -> str:
    """Sentence: who has a task and until when.

    Args:
        second: whether another person of the viewer's office must do it.
    """
    name = scene.name(task.element)
    office = scene.places.get(task.office_id or "", "")
    holder = scene.names.get(task.claimed_by or "", "")
    if own:
        text = scene.say("standing.yours" if holder else "standing.ours", task=name)
    elif task.office_id == scene.viewer.office and holder:
        text = scene.say("standing.colleague", who=holder, task=name)
    elif second:
        text = scene.say("standing.second", task=name)
    else:
        who = office or scene.roles.get(task.role, "") or scene.say("word.somebody")
        text = scene.say("standing.office", who=who, task=name)
    return _with_date(scene, task, text)


def _also(scene: _Scene, task: tasks.Task, *, own: bool) -> str:
    """Sentence: who has a further task, besides the one that was named first."""
    office = scene.places.get(task.office_id or "", "") or scene.roles.get(task.role, "")
    person = scene.names.get(task.claimed_by or "", "")
    named = task.office_id == scene.viewer.office and person
    you = scene.say("standing.you" if person else "standing.your_office")
    who = you if own else person if named else office
    text = scene.say("standing.also", who=who, task=scene.name(task.element))
    return _with_date(scene, task, text)


def _with_date(scene: _Scene, task: tasks.Task, text: str) -> str:
    """A sentence about a task, with the date by which it should be done."""
    if task.due is None:
        return scene.say("standing.no_date", text=text)
    key = "standing.late" if task.due <= scene.now else "standing.until"
    return scene.say(key, text=text, date=scene.viewer.deadline(task.due, scene.now))


def _waits(reader: Reader, scene: _Scene, case: cases.CaseSummary) -> Iterable[str]:
    """Sentences: what the case waits for besides people. Moments, messages, calls that run or
    stopped.
    """
    last = facts.of_case(reader, case.id, after=case.rev - 1)
    waits = {(job.element, job.nth): job for job in jobs.of_case(reader, case.id)}
    for kind, id_, nth in last[-1].turn.open if last else ():
        element = scene.definition.elements.get(id_)
        job = waits.get((id_, nth))
        if element is None or kind in ("task", "join"):
            continue
        if kind == "job":
            stopped = job is not None and job.state == "stopped"
            yield scene.say(
                "standing.stopped" if stopped else "standing.runs", what=scene.name(id_)
            )
        elif element.kind in CATCHES:
            yield _moment(scene, id_, job.due if job is not None and kind == "timer" else None)


def _moment(scene: _Scene, element: str, due: datetime | None) -> str:
    """Sentence: the case waits at an event, and what opens then where one step alone follows."""
    if due is None:
        return scene.say("standing.waits", what=scene.name(element))
    if due <= scene.now:
        return scene.say("standing.passed", what=scene.name(element))
    opens = list(next_steps(scene.definition, element, scene.viewer.lang))
    date = scene.viewer.deadline(due, scene.now)
    if len(opens) == 1 and scene.definition.elements[opens[0]].kind in WORK:
        return scene.say("standing.opens", what=scene.name(opens[0]), date=date)
    return scene.say("standing.waits_until", what=scene.name(element), date=date)


def _ended(scene: _Scene, case: cases.CaseSummary) -> str:
    if case.status != "ended":
        return ""
    end, date = scene.name(case.inner_end or case.end), case.closed_at or case.moved_at
    return scene.say("case.stands_ended", end=end, date=scene.viewer.day(date))


def next_steps(definition: Definition, element: str, lang: str) -> dict[str, str]:
    """The named steps that follow an element, to the name of the first flow on the way to each that
    has one, after the question of its gateway; "" where none has.

    Gateways, events and the rules before a step are passed; so is the end of a frame or a call that
    has no name: the case goes on behind it.
    """
    elements, frames = definition.elements, frames_around(definition)
    steps: dict[str, str] = {}
    ways, passed = [(element, "")], set[str]()
    while ways:
        at, label = ways.pop(0)
        if at in passed:
            continue
        passed.add(at)
        for id_ in elements[at].outgoing if at in elements else ():
            flow = definition.flows.get(id_)
            target = elements.get(flow.target) if flow is not None else None
            if flow is None or target is None:
                continue
            words = label or _answer(elements[at], flow, lang)
            if _is_step(target):
                steps.setdefault(target.id, words)
            else:
                ways.append((_behind(target, frames), words))
    return steps


def _answer(element: Element, flow: Flow, lang: str) -> str:
    """The name of a flow, after the question that its gateway asks."""
    answer = localized_name(flow.names, lang)
    question = localized_name(element.names, lang) if element.kind.endswith("Gateway") else ""
    return f"{question} {answer}" if question and answer else answer


def _is_step(element: Element) -> bool:
    """Whether an element is a step that people know by a name."""
    return element.kind in STEPS and bool(element.names.get("sv"))


def _behind(element: Element, frames: Mapping[str, str]) -> str:
    """Where the way goes on from an element that is no step."""
    return frames.get(element.id, "") if element.kind == "endEvent" else element.id
