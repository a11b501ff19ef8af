"""A trial of a draft: acts done one after the other in memory, with the open work, the values that
forms may read, and the elements that were visited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from service.binding import Declaration, Sample
from service.casework.casefile.diagram_state import ACTIVE, WAITING, DiagramMarks, DiagramState
from service.engine import (
    Advance,
    Answer,
    Complete,
    Correct,
    Definition,
    Due,
    Element,
    Fail,
    Message,
    Open,
    Start,
    Stimulus,
    Type,
    Variables,
    decide,
    guarded,
    waiting_messages,
)
from service.errors import EngineStopped, InvalidAnswers, NotFound
from service.forms import Ask, CheckedAnswers, Form, FormContext, Json, check
from service.release.names_read import OPEN_ALERTS
from service.release.prepared import PreparedRelease
from service.workshop.trial.acts import ANSWER, COMPLETE, CORRECT, FAIL, MESSAGE, START, WAIT, Act
from service.workshop.trial.job_answers import refuse_personal_numbers, sample_values, typed_values
from service.workshop.trial.scenario_file import LENGTH
from service.workshop.trial.scenario_times import ago

DONE_SAMPLE: Final = Sample("done", "Klart", "Done")
STATES: Final = {"task": ACTIVE, "job": WAITING, "timer": WAITING, "join": WAITING}
NEXT: Final = "next"
LENGTHS: Final = ("PT1H", "P1D")
"""How far a person can move the clock at once."""
MOST_TIMERS: Final = 1_000
"""Timers that one wait may fire."""
MOST_CALLS: Final = 200
"""Automatic steps that may answer by themselves without time passing."""
Context = Callable[[datetime], FormContext]
"""Moment to the values that every form may read then, without a case."""


@dataclass(frozen=True, slots=True)
class TrialStep:
    """One line of the course of a trial."""

    at: datetime
    kind: str
    element: str


@dataclass
class DraftTrial:
    """A trial as far as its acts have led it: what is open, what was answered and visited.

    After an act that was refused throw it away, and do the others again.
    """

    release: PreparedRelease
    context: Context
    now: datetime
    topics: Mapping[str, Declaration] = field(default_factory=dict)
    """Topic to the declaration of its handler; no handler is called."""
    definition: Definition | None = None
    outcome: Advance | None = None
    rev: int = 0
    variables: Variables = field(default_factory=dict)
    earlier: dict[str, Json] = field(default_factory=dict)
    before: dict[str, list[Json]] = field(default_factory=dict)
    consents: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    course: list[TrialStep] = field(default_factory=list)
    automatic: Callable[[Open], Act | None] = lambda _: None
    """Open automatic step to the act that answers it by itself; None where a person must say."""
    watch: Callable[[], None] = lambda: None
    """Called before each turn; raises where the trial has taken too long."""
    played: list[tuple[Act, str]] = field(default_factory=list)
    """Every act with the element that it was about; empty for a wait."""

    def play(self, act: Act) -> None:
        """Do one act.

        Raises:
            InvalidAnswers: field by field.   NotFound: what it is about is not there.
            EngineStopped, BadVariables, and what else the engine refuses.
        """
        self.played.append((act, self._element_of(act)))
        match act.kind:
            case "start":
                self._start(act)
            case "complete":
                element = self.running().elements[self.work(act.target, "task").element]
                checked = self._checked(element, act)
                self._turn(Complete(act.target, checked.routing), COMPLETE, element.id)
                self._keep(checked)
            case "message":
                self._message(act)
            case "answer" | "fail":
                self._answer(act)
            case "correct":
                values = self._known_values(act.values or {}, self.running())
                self._turn(Correct(act.target, values), CORRECT, act.target)
            case _:
                self._wait(act.target)
        self._fire(self.now)

    def pass_time(self, until: datetime) -> None:
        """Let time pass until a moment; one that is over already changes nothing."""
        self._fire(until)
        self.now = max(self.now, until)

    @property
    def open(self) -> tuple[Open, ...]:
        """Open work that waits now."""
        return self.outcome.open if self.outcome is not None else ()

    @property
    def ended(self) -> bool:
        """Whether the trial has come to an end."""
        return self.outcome is not None and self.outcome.finished

    def running(self) -> Definition:
        """The process that runs.

        Raises:
            NotFound: none was started.
        """
        if self.definition is None:
            raise NotFound
        return self.definition

    def messages(self) -> tuple[Open, ...]:
        """Open work that can take a message now, each name once."""
        if self.outcome is None or self.ended:
            return ()
        found = waiting_messages(self.running(), self.outcome.state)
        return tuple({work.what: work for work in found}.values())

    def work(self, id_: str, kind: str) -> Open:
        """One piece of the open work.

        Raises:
            NotFound: it is not open.
        """
        found = next((work for work in self.open if (work.id, work.kind) == (id_, kind)), None)
        if found is None:
            raise NotFound
        return found

    def form(self, element: Element) -> Form | None:
        """The form of a step, without questions for files: nothing is kept that could hold one."""
        form = self.release.forms.get(element.form)
        if form is None:
            return None
        return form.without({one.key for one in form.fields if one.kind == "file"})

    def form_context(self) -> FormContext:
        """Values that a form may read now."""
        base = self.context(self.now)
        return replace(
            base,
            rule=self._rules(base.zone),
            earlier=self.earlier,
            routing={**self.variables, OPEN_ALERTS: self._alerts()},
            before=self.before,
            consents=self.consents,
        )

    def answer_types(self, job: Open) -> dict[str, Type]:
        """What an automatic step may answer: name to type."""
        definition = self.running()
        declared = self.release.routing_names
        topic = definition.elements[job.element].topic
        return {
            name: definition.types[name]
            for name in (self.topics[topic].answers if topic in self.topics else ())
            if name in definition.types and name in declared
        }

    def samples(self, job: Open) -> tuple[Sample, ...]:
        """Invented answers of an automatic step: the samples that its handler declares; where the
        handler answers nothing, that it is done.
        """
        declared = self.topics.get(self.running().elements[job.element].topic)
        if declared is None:
            return ()
        return declared.samples or (() if declared.answers else (DONE_SAMPLE,))

    def diagram(self) -> DiagramState:
        """The diagram as the page of a case shows it.

        Raises:
            NotFound: nothing was started.
        """
        waits = Counter(
            (work.element, STATES[work.kind]) for work in self.open if work.kind in STATES
        )
        tokens = tuple((element, state, n) for (element, state), n in sorted(waits.items()))
        marks = {
            0: DiagramMarks((), (), self.release.id),
            self.rev: DiagramMarks(tokens, tuple(sorted(self.done.items())), self.release.id),
        }
        return DiagramState(
            self.running(), self.release, marks, frozenset(self.late()), releases=(self.release,)
        )

    def late(self) -> tuple[str, ...]:
        """Open tasks that are overdue."""
        tasks = (work for work in self.open if work.kind == "task" and work.due is not None)
        return tuple(work.element for work in tasks if work.due and work.due <= self.now)

    def _rules(self, zone: ZoneInfo) -> Ask:
        """Evaluates a rule of the draft for a row of a list."""
        definition = self.definition or next(iter(self.release.definitions.values()))
        decisions = definition.decisions

        def ask(rule: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
            value = decide(decisions, rule, dict(inputs), now=self.now, zone=zone).value
            return value if isinstance(value, dict) else {rule: value}

        return ask

    def _alerts(self) -> int:
        """Number of open tasks in event sub-processes, as forms of a case read it."""
        if self.definition is None:
            return 0
        elements = self.definition.elements
        frames = (e for e in elements.values() if e.kind == "subProcess")
        of_events = {frame.id for frame in frames if not frame.incoming and not frame.outgoing}
        tasks = (work.element for work in self.open if work.kind == "task")
        return sum(elements[element].scope in of_events for element in tasks)

    def _answer(self, act: Act) -> None:
        """Answer an automatic step, with values or with an error."""
        job = self.work(act.target, "job")
        error = act.code if act.kind == FAIL else self._error(job, act)
        if error:
            self._turn(Fail(job.id, error), FAIL, job.element)
        else:
            self._turn(Answer(job.id, self._values(job, act)), ANSWER, job.element)

    def _values(self, job: Open, act: Act) -> Variables:
        """What an automatic step answers: a sample of its handler, or what was typed.

        Raises:
            NotFound: the handler declares no such sample.   InvalidAnswers: as `typed_values`.
        """
        types = self.answer_types(job)
        zone = self.context(self.now).zone
        if act.values is not None:
            return self._known_values(act.values, self.running())
        if not act.sample:
            return typed_values(types, act.answers, zone)
        sample = next((one for one in self.samples(job) if one.id == act.sample), None)
        if sample is None:
            raise NotFound
        return sample_values(types, sample, self.now, zone)

    def _go_by_itself(self) -> None:
        """Let automatic steps answer that need nobody's word.

        Raises:
            EngineStopped: they lead to each other for ever.
        """
        element = ""
        for _ in range(MOST_CALLS):
            acts = (self.automatic(work) for work in self.open if work.kind == "job")
            act = next((one for one in acts if one is not None), None)
            if act is None:
                return
            element = self.work(act.target, "job").element
            self._answer(act)
        raise EngineStopped("steps", element)

    def _element_of(self, act: Act) -> str:
        if act.kind in (COMPLETE, ANSWER, FAIL):
            return self.work(act.target, "task" if act.kind == COMPLETE else "job").element
        return "" if act.kind == WAIT else act.target

    def _error(self, job: Open, act: Act) -> str:
        return next((one.error for one in self.samples(job) if one.id == act.sample), "")

    def _start(self, act: Act) -> None:
        definition = next(
            (d for d in self.release.definitions.values() if act.target in d.starts), None
        )
        if definition is None or self.definition is not None:
            raise NotFound
        checked = self._checked(definition.elements[act.target], act)
        plain = act.target == definition.plain_start
        self.definition = definition
        self._turn(Start(checked.routing, None if plain else act.target), START, act.target)
        self._keep(checked)

    def _message(self, act: Act) -> None:
        work = next((one for one in self.messages() if one.what == act.target), None)
        if work is None:
            raise NotFound
        element = self.running().elements[work.element]
        checked = self._checked(element, act)
        message = Message(act.target, checked.routing, work.element, id=work.id)
        self._turn(message, MESSAGE, element.id)
        self._keep(checked)

    def _wait(self, length: str) -> None:
        """Let time pass; each timer fires at its own moment.

        Raises:
            NotFound: it is no length of time.
        """
        if length != NEXT and LENGTH.fullmatch(length) is None:
            raise NotFound
        due = self.outcome.next_due if self.outcome is not None else None
        if length == NEXT:
            until = max(due, self.now) if due is not None else self.now
        else:
            until = self.now + ago(length)
        self.pass_time(until)

    def _fire(self, until: datetime) -> None:
        """Fire every timer that is due by a moment, the earliest first.

        Raises:
            EngineStopped: they are more than any case has.
        """
        first: Open | None = None
        for _ in range(MOST_TIMERS):
            self._go_by_itself()
            timers = [(w.due, w) for w in self.open if w.kind == "timer" and w.due is not None]
            due, first = min(timers, key=lambda timer: timer[0], default=(until, None))
            if first is None or due > until:
                return
            self.now = max(self.now, due)
            self._turn(Due(first.id), WAIT, first.element)
        raise EngineStopped("steps", first.element if first is not None else "")

    def _known_values(self, values: Mapping[str, Json], definition: Definition) -> Variables:
        """The values of a case whose names the draft has."""
        return {name: value for name, value in values.items() if name in definition.types}

    def _checked(self, element: Element, act: Act) -> CheckedAnswers:
        """The answers of a step.

        Raises:
            InvalidAnswers: field by field; also for what looks like a personal number.
        """
        typed = act.answers
        if act.values is not None:
            home = self.release.definitions.get(element.process) or self.running()
            known = self._known_values(act.values, home)
            return CheckedAnswers(dict(known), dict(known), ())
        refuse_personal_numbers(typed)
        form = self.form(element)
        if form is None:
            return CheckedAnswers({}, {}, ())
        checked = check(form, typed, self.form_context())
        if checked.faults:
            raise InvalidAnswers(checked.faults)
        return checked

    def _keep(self, checked: CheckedAnswers) -> None:
        self.earlier |= checked.answers
        for key, value in checked.answers.items():
            self.before.setdefault(key, []).append(value)
        self.consents |= checked.consents

    def _turn(self, stimulus: Stimulus, kind: str, element: str) -> None:
        self.watch()
        self.rev += 1
        state = self.outcome.state if self.outcome is not None else b""
        outcome = guarded(self.running(), state, stimulus, now=self.now, seed=str(self.rev))
        self.outcome, self.variables = outcome, outcome.variables
        self.done.update(step.element for step in outcome.steps if step.what == "left")
        taken = (step for step in outcome.steps if step.what == "took" and step.detail)
        self.done.update(str(step.detail[0]) for step in taken)
        self.course.append(TrialStep(self.now, kind, element))
