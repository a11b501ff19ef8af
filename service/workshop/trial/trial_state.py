"""State of a trial: what waits, what its forms may read, what was visited."""

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
    Definition,
    Element,
    Open,
    Type,
    Variables,
    decide,
    waiting_messages,
)
from service.errors import NotFound
from service.forms import Ask, Form, FormContext, Json
from service.release.names_read import OPEN_ALERTS
from service.release.prepared import PreparedRelease
from service.workshop.trial.acts import Act

DONE_SAMPLE: Final = Sample("done", "Klart", "Done")
STATES: Final = {"task": ACTIVE, "job": WAITING, "timer": WAITING, "join": WAITING}
Context = Callable[[datetime], FormContext]
"""What every form may know at a moment, without a case."""


@dataclass(frozen=True, slots=True)
class TrialStep:
    """One line of the course of a trial."""

    at: datetime
    kind: str
    element: str


@dataclass
class TrialState:
    """Where a trial stands, and what its forms know."""

    release: PreparedRelease
    context: Context
    now: datetime
    topics: Mapping[str, Declaration] = field(default_factory=dict)
    """What handlers declare, by topic; none is called."""
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
    """What an automatic step answers by itself; None for one that waits for a person's word."""
    watch: Callable[[], None] = lambda: None
    """Called before each turn; raises where the trial has taken too long."""
    played: list[tuple[Act, str]] = field(default_factory=list)
    """Every act with the element that it was about; empty for a wait."""

    @property
    def open(self) -> tuple[Open, ...]:
        """What waits now."""
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
        """What can take a message now, each name once."""
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
        """What a form may know now."""
        base = self.context(self.now)
        return replace(
            base,
            rule=self._rules(base.zone),
            earlier=self.earlier,
            routing={**self.variables, OPEN_ALERTS: self._alerts()},
            before=self.before,
            consents=self.consents,
        )

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
