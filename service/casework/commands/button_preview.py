"""The preview of a button: its turn is played on a copy of the state, and thrown away.

No handler is called and nothing is written. Sending does exactly what was said, if nobody moves the
case meanwhile. What follows a handler's answer, which nobody knows beforehand, is only what usually
happens.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import Viewer
from service.binding import Declaration
from service.casework.cases.loaded_case import LoadedCase
from service.casework.cases.turn import MovedCase
from service.casework.commands import party_binding
from service.casework.commands.button_consequences import (
    CALL,
    DEPENDS,
    END,
    GONE,
    LATE,
    LETTER,
    STAYS,
    STOPS,
    TASK,
    TIMER,
    UNFINISHED,
    UNKNOWN,
    WRONG,
    Consequence,
)
from service.engine import (
    Advance,
    Answer,
    Complete,
    Definition,
    Due,
    Element,
    Expression,
    FeelError,
    Message,
    Open,
    Start,
    Stimulus,
    guarded,
)
from service.errors import DueFirst, EndNotConfirmed, EngineStopped, TrestegError
from service.forms import CheckedAnswers, Form
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.release.programme.party_rules import holders_after, parting_letters
from service.store.at_hand import Read, Reader
from service.store.installation import offices
from service.store.work import jobs, tasks

NOT_ANSWERED = "form.required"
"""Fault of a question that has no answer."""
HANDLERS_MOST = 6
"""Handlers in a row whose usual answer a preview follows."""


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
    reader: Reader,
    services: Services,
    viewer: Viewer,
    loaded: LoadedCase,
    task: tasks.Task,
    checked: CheckedAnswers,
    now: datetime,
) -> tuple[Consequence, ...]:
    """The consequences of sending a task's answers."""
    form = loaded.release.forms.get(loaded.definition.elements[task.element].form)
    if form is not None and (left := unfinished(form, checked, viewer.lang)):
        return (left,)
    bound, calendars = party_binding.rebind_parties(services, loaded, checked.answers)
    scene = load_scene(reader, services, viewer, loaded, bound, now)
    others = [t for t in scene.waiting if t.id != task.id]
    done = Complete(task.id, checked.routing, calendars)
    return (*_parting(scene, loaded, checked), *play(replace(scene, waiting=others), done))


def preview_message(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    loaded: LoadedCase,
    stimulus: Message,
    checked: CheckedAnswers,
    now: datetime,
) -> tuple[Consequence, ...]:
    """The consequences of sending a message with these answers."""
    bound, calendars = party_binding.rebind_parties(services, loaded, checked.answers)
    scene = load_scene(reader, services, viewer, loaded, bound, now)
    parting = _parting(scene, loaded, checked)
    return (*parting, *play(scene, replace(stimulus, calendars=calendars)))


def _parting(
    scene: PreviewedCase, loaded: LoadedCase, checked: CheckedAnswers
) -> Iterable[Consequence]:
    """Letters to other offices that lose their role by these answers."""
    rules = scene.services.configuration(loaded.release).parties
    letters = parting_letters(rules, loaded.parties, scene.parties, checked.answers)
    for role in letters:
        if (office := loaded.parties[role]) != scene.viewer.office:
            yield Consequence(LETTER, None, scene.names.get(office, ""), role=role)


def preview_start(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    release: PreparedRelease,
    element: str,
    checked: CheckedAnswers,
    now: datetime,
) -> tuple[Consequence, ...]:
    """The consequences of starting a case."""
    definition = next(d for d in release.definitions.values() if element in d.starts)
    form = release.forms.get(definition.elements[element].form)
    if form is not None and (left := unfinished(form, checked, viewer.lang)):
        return (left,)
    bound, calendars = party_binding.first_parties(
        reader, services, release, definition.process, viewer.office, checked.answers
    )
    names = offices.names(reader)
    scene = PreviewedCase(services, release, definition, b"", 0, bound, names, (), (), viewer, now)
    return play(
        scene,
        Start(checked.routing, element if element != definition.plain_start else None, calendars),
    )


def unfinished(form: Form, checked: CheckedAnswers, lang: str) -> Consequence | None:
    """The first answer that steers the diagram and is missing or wrong, by its question; None when
    all are right.
    """
    faults = {f.path.partition(".")[0]: f.key for f in checked.faults}
    missing = form.always - set(checked.routing)
    field = next((f for f in form.fields if f.routing and f.key in {*faults, *missing}), None)
    if field is None:
        return None
    wrong = field.key in faults and faults[field.key] != NOT_ANSWERED and not field.is_worked_out
    asked = "" if field.is_worked_out or field.buttons else form.label(field, lang)
    return Consequence(WRONG if wrong and asked else UNFINISHED, question=asked)


def load_scene(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    loaded: LoadedCase,
    bound: Mapping[str, str],
    now: datetime,
) -> PreviewedCase:
    """Load the case on which a turn is played.

    Args:
        bound: roles that get another office by that turn.
    """
    names = offices.names(reader)
    waiting = tasks.of_case(reader, loaded.case.id)
    before = {t.id for t in waiting} | {j.work_id for j in jobs.of_case(reader, loaded.case.id)}
    everyone = holders_after(loaded.parties, bound)
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


def play(scene: PreviewedCase, stimulus: Stimulus) -> tuple[Consequence, ...]:
    """Play a turn, and say what it would bring."""
    elements = scene.definition.elements
    try:
        outcome = play_turn(scene, stimulus)
        new = tuple(new_work(scene, outcome, usual=False))
    except DueFirst:
        return (Consequence(LATE),)
    except EngineStopped as e:
        kind = STOPS if e.kind != "time" else UNKNOWN
        return (Consequence(kind, elements.get(e.element)),)
    except TrestegError:
        return (Consequence(UNKNOWN),)
    return (*_gone(scene, outcome), *new) or (Consequence(STAYS),)


def _gone(scene: PreviewedCase, outcome: Advance) -> Iterable[Consequence]:
    """Tasks that the turn takes away."""
    left = {waits.id for waits in outcome.open}
    for task in scene.waiting:
        if task.id not in left:
            element = scene.definition.elements.get(task.element)
            yield Consequence(GONE, element, scene.names.get(task.office_id or "", ""))


def reads_of_end_check() -> list[Read]:
    """What `require_end_confirmed` reads."""
    return [(offices.DIRECTORY, {})]


def require_end_confirmed(
    services: Services,
    loaded: LoadedCase,
    moved: MovedCase,
    viewer: Viewer,
    now: datetime,
    task: tasks.Task | None = None,
) -> None:
    """Refuse a turn that is decided and not written, when the case ends with it, at once or after
    what the product does by itself: who sends a form is asked first.

    What follows by itself is played as long as a turn may take: on a busy machine nobody ends a
    case without being asked.

    Args:
        loaded: the case before the turn.
        task: the one that the turn completes.
    Raises:
        EndNotConfirmed: with the consequences of the turn.
    """
    outcome, before = moved.result.outcome, loaded.work
    scene = PreviewedCase(
        services=replace(services, preview_seconds=services.seconds),
        release=loaded.release,
        definition=loaded.definition,
        state=loaded.state,
        rev=loaded.case.rev,
        parties=moved.after.parties,
        names=offices.names(loaded.at_hand),
        before={*before.tasks, *before.jobs},
        waiting=[one for one in before.genuine if task is None or one.id != task.id],
        viewer=viewer,
        now=now,
    )
    new = tuple(new_work(scene, outcome, usual=False))
    if any(one.kind == END for one in new):
        raise EndNotConfirmed((*_gone(scene, outcome), *new))


def play_turn(scene: PreviewedCase, stimulus: Stimulus) -> Advance:
    """Play a turn on a copy of the state.

    Raises: as `guarded`.
    """
    return guarded(
        scene.definition,
        scene.state,
        stimulus,
        now=scene.now,
        seed=str(scene.rev + 1),
        seconds=scene.services.preview_seconds,
    )


def new_work(
    scene: PreviewedCase, outcome: Advance, *, usual: bool, behind: int = 0
) -> Iterable[Consequence]:
    """New work in the order in which it waits: people, timers, handlers; or the end of the case.

    Args:
        behind: how many handlers have been followed already.
    """
    elements = scene.definition.elements
    new = [o for o in outcome.open if o.id not in scene.before and o.element in elements]
    for waits in new:
        element = elements[waits.element]
        if waits.kind == "task":
            role = element.roles[0] if element.roles else ""
            yield Consequence(TASK, element, _office(scene, role), waits.due, role, usual=usual)
            yield from _letter(scene, role, usual=usual)
        elif waits.kind == "timer" and element.kind == "intermediateCatchEvent":
            if waits.due is not None and waits.due <= scene.now:
                yield from _passed(scene, outcome, waits, usual=usual, behind=behind)
            else:
                yield Consequence(TIMER, element, due=waits.due, usual=usual)
    calls = [waits for waits in new if waits.kind == "job"]
    if calls and behind < HANDLERS_MOST:
        yield from _call(scene, outcome, calls[0], usual=usual, behind=behind)
    if outcome.finished:
        end = outcome.inner_end or (outcome.ends[-1] if outcome.ends else "")
        yield Consequence(END, elements.get(end), usual=usual)


def _passed(
    scene: PreviewedCase, outcome: Advance, waits: Open, *, usual: bool, behind: int
) -> Iterable[Consequence]:
    """What follows a moment that has passed already: the case does not wait for it."""
    element = scene.definition.elements[waits.element]
    before = {*scene.before, *(o.id for o in outcome.open)}
    later = replace(scene, state=outcome.state, rev=scene.rev + 1, before=before)
    try:
        after = play_turn(later, Due(waits.id)) if behind < HANDLERS_MOST else None
    except TrestegError:
        after = None
    if after is None:
        yield Consequence(TIMER, element, usual=usual)
    else:
        yield from new_work(later, after, usual=usual, behind=behind + 1)


def _call(
    scene: PreviewedCase, outcome: Advance, waits: Open, *, usual: bool, behind: int
) -> Iterable[Consequence]:
    """A handler that will be called.

    The letters that it may send by its declaration, and what follows when it answers as usual.
    """
    element = scene.definition.elements[waits.element]
    declared = scene.services.topics.get(waits.what)
    yield Consequence(CALL, element, usual=usual)
    if declared is None:
        return
    for role in dict.fromkeys(role for role, _ in declared.letters):
        yield from _letter(scene, role, usual=usual)
    yield from _requests(scene, declared, usual=usual)
    before = {*scene.before, *(o.id for o in outcome.open)}
    later = replace(scene, state=outcome.state, rev=scene.rev + 1, before=before)
    try:
        after = play_turn(later, Answer(waits.id, {}))
    except TrestegError:
        return
    if _depends_on(scene.definition, after, frozenset(declared.answers)):
        yield Consequence(DEPENDS, element, usual=usual)
        return
    unsure = usual or bool(declared.answers or declared.errors)
    yield from new_work(later, after, usual=unsure, behind=behind + 1)


def _depends_on(definition: Definition, outcome: Advance, names: frozenset[str]) -> bool:
    """Whether a gateway or a rule that a turn passed reads one of these names."""
    passed = [step.element for step in outcome.steps if step.what in ("took", "decided")]
    return any(
        element_reads(definition, definition.elements[id_]) & names
        for id_ in passed
        if id_ in definition.elements
    )


def names_read(condition: str, names: Mapping[str, object]) -> frozenset[str]:
    """The routing names that a flow's condition reads; all of them when it cannot be parsed."""
    text = condition.removeprefix("=").strip()
    try:
        return Expression(text, list(names)).reads if text else frozenset()
    except FeelError:
        return frozenset(names)


def element_reads(definition: Definition, element: Element) -> frozenset[str]:
    """The routing names that a rule, or the conditions after a gateway, read."""
    decision = definition.decisions.get(element.decision)
    if decision is not None:
        return frozenset(decision.reads)
    if not element.kind.endswith("Gateway"):
        return frozenset()
    flows = [definition.flows[id_] for id_ in element.outgoing if id_ in definition.flows]
    read = (names_read(flow.condition, definition.types) for flow in flows)
    return frozenset().union(*read)


def _letter(scene: PreviewedCase, role: str, *, usual: bool) -> Iterable[Consequence]:
    """A letter to the office of a role, if another than the one that acts holds it."""
    if scene.parties.get(role) not in (None, scene.viewer.office):
        yield Consequence(LETTER, None, _office(scene, role), role=role, usual=usual)


def _requests(scene: PreviewedCase, declared: Declaration, *, usual: bool) -> Iterable[Consequence]:
    """Letters to the providers that a handler may ask, each by its channel."""
    known = scene.services.programme.channels
    for channel in dict.fromkeys(channel for channel, _ in declared.channels):
        if channel in known:
            yield Consequence(LETTER, None, known[channel].name(scene.viewer.lang), usual=usual)


def _office(scene: PreviewedCase, role: str) -> str:
    return scene.names.get(scene.parties.get(role, "")) or scene.release.role_name(
        role, scene.viewer.lang
    )
