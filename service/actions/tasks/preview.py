"""What a button will do in this very case: the turn is played on a copy of the state, told in
sentences, and thrown away.

No handler is called and nothing is written. Sending does exactly what was said, if nobody moves the
case meanwhile. Behind a handler's answer, which nobody knows beforehand, stands only what usually
follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.actions.cases.turn import LoadedCase
from service.actions.commands import case_commands
from service.actions.context import Services
from service.actions.releases.labels import element_name
from service.actions.releases.prepared import PreparedRelease
from service.actions.tasks import explanation
from service.engine import (
    Advance,
    Answer,
    Complete,
    Definition,
    Element,
    Message,
    Open,
    Start,
    Stimulus,
    guarded,
)
from service.errors import DueFirst, EngineStopped, TrestegError
from service.forms import CheckedAnswers, Form
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import jobs, tasks
from service.text import say

SECONDS = 0.3
"""Longest that a preview may take; sending is never held up by it."""
HANDLERS_MOST = 6
"""Handlers in a row that a preview looks behind."""
TASK, GONE, CALL, LETTER, TIMER, END = "task", "gone", "call", "letter", "timer", "end"
STAYS, UNKNOWN, UNFINISHED, LATE, STOPS, DEPENDS = (
    "stays",
    "unknown",
    "unfinished",
    "late",
    "stops",
    "depends",
)


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that will happen.

    `usual`: it stands behind a handler's answer, and only usually happens.
    """

    kind: str
    element: Element | None = None
    office: str = ""
    due: datetime | None = None
    role: str = ""
    usual: bool = False


@dataclass(frozen=True)
class PreviewedCase:
    """The case (or the one that would begin) on which a turn is played."""

    services: Services
    release: PreparedRelease
    definition: Definition
    state: bytes
    rev: int
    parties: Mapping[str, str]
    names: Mapping[str, str]
    """Office to its name."""
    before: Collection[str]
    """Ids of the work that waits already."""
    waiting: Sequence[tasks.Task]
    """The other tasks that wait already: the turn may take them away."""
    viewer: Viewer
    """Who acts: no letter goes to her office."""
    now: datetime


def preview_task(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    loaded: LoadedCase,
    task: tasks.Task,
    checked: CheckedAnswers,
    now: datetime,
) -> tuple[Consequence, ...]:
    """What sending a task's answers would bring."""
    form = loaded.release.forms.get(loaded.definition.elements[task.element].form)
    if form is not None and is_unfinished(form, checked):
        return (Consequence(UNFINISHED),)
    bound, calendars = case_commands.rebind_parties(tx, services, loaded, checked.answers)
    scene = _scene(tx, services, viewer, loaded, bound, now)
    others = [t for t in scene.waiting if t.id != task.id]
    return _play(replace(scene, waiting=others), Complete(task.id, checked.routing, calendars))


def preview_message(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    loaded: LoadedCase,
    name: str,
    checked: CheckedAnswers,
    now: datetime,
) -> tuple[Consequence, ...]:
    """What sending this message would bring."""
    return _play(_scene(tx, services, viewer, loaded, {}, now), Message(name, checked.routing))


def preview_start(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    release: PreparedRelease,
    element: str,
    checked: CheckedAnswers,
    now: datetime,
) -> tuple[Consequence, ...]:
    """What beginning a case would bring."""
    definition = next(d for d in release.definitions.values() if element in d.starts)
    form = release.forms.get(definition.elements[element].form)
    if form is not None and is_unfinished(form, checked):
        return (Consequence(UNFINISHED),)
    bound, calendars = case_commands.first_parties(
        tx, services, definition.process, viewer.office, checked.answers
    )
    names = offices.names(tx)
    scene = PreviewedCase(services, release, definition, b"", 0, bound, names, (), (), viewer, now)
    return _play(
        scene,
        Start(checked.routing, element if element != definition.plain_start else None, calendars),
    )


def is_unfinished(form: Form, checked: CheckedAnswers) -> bool:
    """Whether an answer that steers the diagram is still missing or wrong: then nobody can say
    where it leads.
    """
    wrong = {f.path.partition(".")[0] for f in checked.faults}
    steering = {f.key for f in form.fields if f.routing}
    return bool(wrong & steering) or bool(form.always - set(checked.routing))


def _scene(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    loaded: LoadedCase,
    bound: Mapping[str, str],
    now: datetime,
) -> PreviewedCase:
    names = offices.names(tx)
    waiting = tasks.of_case(tx, loaded.case.id)
    before = {t.id for t in waiting} | {j.work_id for j in jobs.of_case(tx, loaded.case.id)}
    everyone = {**loaded.parties, **bound}
    return PreviewedCase(
        services,
        loaded.release,
        loaded.definition,
        loaded.state,
        loaded.case.rev,
        everyone,
        names,
        before,
        waiting,
        viewer,
        now,
    )


def _play(scene: PreviewedCase, stimulus: Stimulus) -> tuple[Consequence, ...]:
    try:
        outcome = _turn(scene, stimulus)
        left = {o.id for o in outcome.open}
        gone = [
            Consequence(
                GONE,
                scene.definition.elements.get(t.element),
                scene.names.get(t.office_id or "", ""),
            )
            for t in scene.waiting
            if t.id not in left
        ]
        return tuple(gone) + tuple(_told(scene, outcome, usual=False)) or (Consequence(STAYS),)
    except DueFirst:
        return (Consequence(LATE),)
    except EngineStopped as e:
        return (
            Consequence(
                STOPS if e.kind != "time" else UNKNOWN, scene.definition.elements.get(e.element)
            ),
        )
    except TrestegError:
        return (Consequence(UNKNOWN),)


def _turn(scene: PreviewedCase, stimulus: Stimulus) -> Advance:
    return guarded(
        scene.definition,
        scene.state,
        stimulus,
        now=scene.now,
        seed=str(scene.rev + 1),
        seconds=SECONDS,
    )


def _told(
    scene: PreviewedCase, outcome: Advance, *, usual: bool, behind: int = 0
) -> Iterable[Consequence]:
    """New work in the order in which it waits: people, handlers and what stands behind them,
    timers; or the end of the case.
    """
    new = [
        o
        for o in outcome.open
        if o.id not in scene.before and o.element in scene.definition.elements
    ]
    for waits in new:
        element = scene.definition.elements[waits.element]
        if waits.kind == "task":
            role = element.roles[0] if element.roles else ""
            yield Consequence(TASK, element, _office(scene, role), waits.due, role, usual=usual)
            yield from _letter(scene, role, usual=usual)
        elif waits.kind == "timer" and element.kind == "intermediateCatchEvent":
            yield Consequence(TIMER, element, due=waits.due, usual=usual)
    for waits in [o for o in new if o.kind == "job"][: 1 if behind < HANDLERS_MOST else 0]:
        yield from _called(scene, outcome, waits, usual=usual, behind=behind)
    if outcome.finished:
        end = outcome.inner_end or (outcome.ends[-1] if outcome.ends else "")
        yield Consequence(END, scene.definition.elements.get(end), usual=usual)


def _called(
    scene: PreviewedCase, outcome: Advance, waits: Open, *, usual: bool, behind: int
) -> Iterable[Consequence]:
    """A handler that will be called: the letters it may send by its declaration, and what follows
    when it answers as usual.
    """
    element = scene.definition.elements[waits.element]
    declared = scene.services.topics.get(waits.what)
    yield Consequence(CALL, element, usual=usual)
    if declared is None:
        return
    for role in dict.fromkeys(role for role, _ in declared.letters):
        yield from _letter(scene, role, usual=usual)
    later = replace(
        scene,
        state=outcome.state,
        rev=scene.rev + 1,
        before={*scene.before, *(o.id for o in outcome.open)},
    )
    try:
        after = _turn(later, Answer(waits.id, {}))
    except TrestegError:
        return
    if _hangs_on(scene.definition, after, frozenset(declared.answers)):
        yield Consequence(DEPENDS, element, usual=usual)
        return
    yield from _told(
        later, after, usual=usual or bool(declared.answers or declared.errors), behind=behind + 1
    )


def _hangs_on(definition: Definition, outcome: Advance, names: frozenset[str]) -> bool:
    """Whether a gateway or a rule that a turn passed reads one of these names."""
    for step in outcome.steps:
        element = definition.elements.get(step.element)
        if element is None or step.what not in ("took", "decided"):
            continue
        if (
            element.decision in definition.decisions
            and definition.decisions[element.decision].reads & names
        ):
            return True
        ways = [
            definition.flows[id_].condition for id_ in element.outgoing if id_ in definition.flows
        ]
        if element.kind.endswith("Gateway") and any(
            explanation.reads(way, definition.types) & names for way in ways
        ):
            return True
    return False


def _letter(scene: PreviewedCase, role: str, *, usual: bool) -> Iterable[Consequence]:
    """A letter to the office of a role, if another than the one that acts holds it."""
    if scene.parties.get(role) not in (None, scene.viewer.office):
        yield Consequence(LETTER, None, _office(scene, role), role=role, usual=usual)


def _office(scene: PreviewedCase, role: str) -> str:
    return scene.names.get(scene.parties.get(role, "")) or scene.release.role_name(
        role, scene.viewer.lang
    )


def consequence_texts(found: Sequence[Consequence], viewer: Viewer) -> list[str]:
    """The same in words: what happens, what Tresteg does, what only usually follows, and in one
    sentence who gets a letter.
    """
    sure = [one for one in found if not one.usual and one.kind not in (LETTER, CALL, DEPENDS)]
    calls = [one for one in found if not one.usual and one.kind == CALL]
    later = [
        one
        for one in found
        if one.kind == DEPENDS or (one.usual and one.kind not in (LETTER, CALL))
    ]
    told = [_sentence(one, viewer) for one in (*sure, *calls, *later)]
    letters = list(dict.fromkeys(one.office for one in found if one.kind == LETTER))
    if letters:
        told.append(say("task.letter_goes", viewer.lang, who=_and(letters, viewer.lang)))
    return list(dict.fromkeys(told))


def _sentence(one: Consequence, viewer: Viewer) -> str:
    name = element_name(one.element, viewer.lang) if one.element is not None else ""
    date = (
        one.due.astimezone(ZoneInfo(viewer.zone)).date().isoformat() if one.due is not None else ""
    )
    if one.kind == TASK:
        key = "task.gets_usually" if one.usual else "task.gets" if date else "task.gets_soon"
        return say(key, viewer.lang, office=one.office, task=name, date=date)
    if one.kind == GONE:
        return say("task.gone", viewer.lang, office=one.office, task=name)
    if one.kind == TIMER:
        return say("task.timer" if date else "task.timer_open", viewer.lang, date=date, task=name)
    if one.kind == END:
        return say(
            "task.case_ends_usually" if one.usual else "task.case_ends", viewer.lang, end=name
        )
    keys = {
        CALL: "task.does",
        STAYS: "task.gets_none",
        UNKNOWN: "task.preview_later",
        UNFINISHED: "task.preview_unfinished",
        LATE: "task.preview_late",
        STOPS: "task.preview_stops",
        DEPENDS: "task.depends",
    }
    return say(keys[one.kind], viewer.lang, task=name)


def _and(names: Sequence[str], lang: str) -> str:
    if len(names) < 2:  # "and" stands between two
        return "".join(names)
    return f"{', '.join(names[:-1])} {say('word.and', lang)} {names[-1]}"
