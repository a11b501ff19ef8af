"""View model of a trial's page: what is open now, the form that is filled in, the diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.access import Matrix, Viewer
from service.engine import Element, Open
from service.errors import FieldFault, NotFound
from service.forms import DrawnSection, Form, Raw, draw, fill_in
from service.records.context import Services
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.store.transaction import Tx
from service.text import say
from service.workshop.forms.readers import seen_by
from service.workshop.trial.coverage import end_name
from service.workshop.trial.draft_trial import DraftTrial
from service.workshop.trial.scenarios import end_of
from service.workshop.trial.setting import load_setting, trial_of


@dataclass(frozen=True, slots=True)
class SeeAs:
    """Whose sight of a form is shown: a role, in a stage."""

    matrix: Matrix
    role: str
    stage: str


def count_questions(form: Form) -> int:
    """Outermost questions of a form; texts between them are none."""
    return sum(field.kind != "paragraph" for field in form.fields)


def unseen_steps(release: PreparedRelease, see_as: SeeAs) -> frozenset[str]:
    """Steps with a form of whose answers a role sees none in a stage, and which are not its own."""
    elements = {id_: e for d in release.definitions.values() for id_, e in d.elements.items()}
    found = set()
    for id_, element in elements.items():
        form = release.forms.get(element.form)
        if form is None or see_as.role in element.roles:
            continue
        if not count_questions(seen_by(form, see_as.matrix, see_as.role, see_as.stage)):
            found.add(id_)
    return frozenset(found)


TASK, JOB, TIMER = "task", "job", "timer"


@dataclass(frozen=True, slots=True)
class OpenLine:
    """Open work of a trial: `id` of the work, `note` of who does it or what the handler says."""

    id: str
    element: str
    name: str
    note: str
    due: datetime | None
    fields: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Of an automatic step: what it may answer, as name, kind of value and allowed values."""
    errors: tuple[str, ...] = ()
    samples: tuple[tuple[str, str], ...] = ()
    """Of an automatic step: the answers that its handler declares for trials, as id and name."""


@dataclass(frozen=True, slots=True)
class TrialForm:
    """The form that is filled in, or a step without one."""

    title: str
    sections: tuple[DrawnSection, ...]
    faults: tuple[FieldFault, ...]
    buttons: tuple[tuple[str, str, str], ...]
    """Name, value and label of each."""
    asked: int = 0
    seen: int = 0
    """How many outermost questions there are, and how many the chosen role sees once they are
    answered."""


@dataclass(frozen=True, slots=True)
class TrialPage:
    """A trial as its page shows it."""

    starts: tuple[tuple[str, str], ...]
    tasks: tuple[OpenLine, ...]
    jobs: tuple[OpenLine, ...]
    timers: tuple[OpenLine, ...]
    messages: tuple[tuple[str, str], ...]
    ended: str
    """Name of the end; empty while something waits."""
    course: tuple[tuple[datetime, str, str], ...]
    """Moment, what was done and the step, the newest first."""
    taken: int
    ways: int
    left_out: tuple[str, ...]
    """Ways out of steps that were passed, which were not taken."""


def new_trial(
    tx: Tx, services: Services, viewer: Viewer, release: PreparedRelease
) -> Callable[[datetime], DraftTrial]:
    """Make trials of a draft that begin at a moment; they ask the database for nothing."""
    setting = load_setting(tx, services, release, lang=viewer.lang, zone=viewer.zone)
    return lambda at: trial_of(release, setting, services.topics, at)


def trial_page(trial: DraftTrial, services: Services, lang: str) -> TrialPage:
    """What the page shows of a trial."""
    lines = _TrialLines(trial, services, lang)
    return TrialPage(
        starts=() if trial.definition is not None else lines.starts(),
        tasks=lines.of(TASK),
        jobs=lines.of(JOB),
        timers=lines.of(TIMER),
        messages=tuple((one.what, lines.message(one.what)) for one in trial.messages()),
        ended=lines.ended(),
        course=lines.course(),
        taken=len(lines.taken),
        ways=len(trial.definition.flows) if trial.definition is not None else 0,
        left_out=lines.left_out(),
    )


@dataclass(frozen=True)
class _TrialLines:
    """Parts of a trial in a reader's language."""

    trial: DraftTrial
    services: Services
    lang: str

    def starts(self) -> tuple[tuple[str, str], ...]:
        """Every start of every process that can begin by itself, the programme's own first."""
        own, found = self.services.programme.process, []
        definitions = self.trial.release.definitions
        called = {e.calls for one in definitions.values() for e in one.elements.values()}
        for process, definition in definitions.items():
            if process in called:
                continue
            found += [
                (process != own, element_name(definition.elements[start], self.lang), start)
                for start in definition.starts
            ]
        return tuple((start, name) for _, name, start in sorted(found))

    def of(self, kind: str) -> tuple[OpenLine, ...]:
        return tuple(self._line(work) for work in self.trial.open if work.kind == kind)

    def _line(self, work: Open) -> OpenLine:
        element = self.trial.running().elements[work.element]
        fields: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
        errors: tuple[str, ...] = ()
        samples: tuple[tuple[str, str], ...] = ()
        note = ", ".join(self.trial.release.role_name(role, self.lang) for role in element.roles)
        if work.kind == JOB:
            declared = self.services.topics.get(element.topic)
            note = declared.summary if declared is not None else element.topic
            errors = declared.errors if declared is not None else ()
            samples = tuple(
                (one.id, one.sv if self.lang == "sv" else one.en)
                for one in self.trial.samples(work)
            )
            fields = tuple(
                (name, type_.kind, type_.values)
                for name, type_ in self.trial.answer_types(work).items()
            )
        name = element_name(element, self.lang)
        return OpenLine(work.id, work.element, name, note, work.due, fields, tuple(errors), samples)

    def message(self, name: str) -> str:
        word = self.trial.release.vocabulary.word("message", name, self.lang)
        definition = self.trial.running()
        return word or element_name(definition.elements[definition.messages[name][0]], self.lang)

    def ended(self) -> str:
        end = end_of(self.trial)
        element = self.trial.running().elements.get(end) if end else None
        return element_name(element, self.lang) if element is not None else end

    def course(self) -> tuple[tuple[datetime, str, str], ...]:
        return tuple(
            (
                step.at,
                say(f"trial.did_{step.kind}", self.lang),
                element_name(self.trial.running().elements[step.element], self.lang),
            )
            for step in reversed(self.trial.course)
        )

    @property
    def taken(self) -> set[str]:
        definition = self.trial.definition
        return set(definition.flows) & set(self.trial.done) if definition is not None else set()

    def left_out(self) -> tuple[str, ...]:
        definition = self.trial.definition
        if definition is None:
            return ()
        return tuple(
            f"{self._end(flow.source)} → {self._end(flow.target)}"
            for flow in definition.flows.values()
            if flow.source in self.trial.done and flow.id not in self.trial.done
        )

    def _end(self, id_: str) -> str:
        return end_name(self.trial.running().elements[id_], self.lang)


def trial_form(
    trial: DraftTrial,
    viewer: Viewer,
    pick: str,
    typed: Raw | None,
    faults: Iterable[FieldFault] = (),
    see_as: SeeAs | None = None,
) -> TrialForm:
    """The form of what was picked: `start:<element>`, `task:<work>`, `message:<name>`.

    Args:
        see_as: shows those questions alone whose answers a role sees, and no button.
    Raises:
        NotFound: it is not open.
    """
    element = picked_element(trial, pick)
    form, lang = trial.form(element), viewer.lang
    title = element_name(element, lang)
    faults = tuple(faults)
    send = ("do", "send", say("trial.send", lang))
    if form is None:
        return TrialForm(title, (), faults, (send,))
    context = trial.form_context()
    values = typed if typed is not None else fill_in(form, trial.earlier, context)
    button = form.button
    buttons: Sequence[tuple[str, str, str]] = (send,)
    if button is not None and button.options:
        buttons = [(button.key, o.value, form.say(o.label, lang)) for o in button.options]
    shown = form if see_as is None else seen_by(form, see_as.matrix, see_as.role, see_as.stage)
    drawn = draw(shown, values, lang=lang, faults=faults, context=context)
    asked = count_questions(form)
    seen = count_questions(shown)
    return TrialForm(title, drawn, faults, () if see_as else tuple(buttons), asked, seen)


def picked_element(trial: DraftTrial, pick: str) -> Element:
    """The step of what was picked.

    Raises:
        NotFound: it is not open.
    """
    kind, _, id_ = pick.partition(":")
    if kind == "start" and trial.definition is None:
        for definition in trial.release.definitions.values():
            if id_ in definition.starts:
                return definition.elements[id_]
    elif kind == TASK:
        return trial.running().elements[trial.work(id_, TASK).element]
    elif kind == "message":
        for work in trial.messages():
            if work.what == id_:
                return trial.running().elements[work.element]
    raise NotFound
