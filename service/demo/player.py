"""Plays scenarios: people act through the same verbs as at their screens, the clock is set for each
act, handlers and timers run in between.

Several stories are played as one: the clock goes forwards only, so that every stream of the ledger
is in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.actions.casefile import documents
from service.actions.casefile.case_view import load_case_view
from service.actions.cases import protection
from service.actions.cases.turn import TurnResult
from service.actions.commands import case_commands
from service.actions.operations import reminders
from service.actions.people import accounts
from service.actions.referrals import send
from service.actions.referrals.options import ReferralChoice
from service.actions.tasks import claims
from service.application import unit_of_work
from service.application.container import Tresteg
from service.demo.scenarios import Scenario, ScenarioStep, merge, moments, read_usual, resolve
from service.engine import Calendar, read_calendars
from service.errors import InvalidAnswers, TrestegError
from service.forms import Form, flatten
from service.store.casefile import cases as case_rows
from service.store.transaction import Tx
from service.store.work import jobs, tasks
from service.worker.loop import Worker

FILE = "@file"
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n"
PAPER += b"trailer<</Root 1 0 R>>\n%%EOF\n"
"""A paper with nothing on it, for invented people."""
QUIET_ROUNDS = 500
"""Rounds of the worker after which something is wrong: a loop that never waits."""
REMIND_EVERY = timedelta(hours=12)
"""How often reminders are looked for while months pass in a minute."""


class SettableClock(Protocol):
    """A clock that can be set."""

    def now(self) -> datetime:
        """The moment."""
        ...

    def steady(self) -> float:
        """As a clock's."""
        ...

    def set(self, moment: datetime) -> None:
        """Put the hands on another moment."""
        ...


class ScenarioFailed(Exception):
    """The scenario does not go the way it says; the text names scenario, step and what was open
    instead.
    """


@dataclass(frozen=True, slots=True)
class Interlude:
    """Something between the steps that is no step of a case: a release is published, a worker comes
    to an office.
    """

    at: datetime
    act: Callable[[], object]


@dataclass
class Player:
    """Plays scenarios on a program whose clock has hands."""

    program: Tresteg
    clock: SettableClock
    people: Mapping[str, str]
    """First name in small letters to person id."""
    usual: Mapping[str, Mapping[str, Any]]
    """Form to its usual answers."""
    calendars: Mapping[str, Calendar]
    worker: Worker = field(init=False)
    reminded: datetime | None = None

    def __post_init__(self) -> None:
        self.worker = Worker(
            self.program.database, self.program.services, self.clock, self.program.mail
        )

    def close(self) -> None:
        """End the handlers' process."""
        self.worker.handlers.close()

    def play(self, scenario: Scenario, until: datetime) -> str:
        """Play a whole story that ends at `until`; gives the case's id.

        Raises:
            Told: a step finds another state than the story tells.
        """
        return self.play_all((scenario,), until)[scenario.name]

    def play_all(
        self, scenarios: Iterable[Scenario], until: datetime, interludes: Iterable[Interlude] = ()
    ) -> dict[str, str]:
        """Play several stories that end at `until`, all in one course of time; gives name to case
        id.

        Raises:
            Told: a step finds another state than its story tells.
        """
        stories = list(scenarios)
        plan: list[tuple[datetime, int, int]] = []
        for number, scenario in enumerate(stories):
            plan += [
                (at, number, step)
                for step, at in enumerate(
                    moments(scenario, until, self.calendars[scenario.calendar])
                )
            ]
        between = sorted(interludes, key=lambda one: one.at)
        cases_of: dict[str, str] = {}
        first = min([*(at for at, *_ in plan), *(one.at for one in between)], default=until)
        self.clock.set(first)
        for at, number, step in sorted(plan):
            while between and between[0].at <= at:
                self._between(between.pop(0))
            self.pass_time(at)
            scenario = stories[number]
            cases_of[scenario.name] = self.step(
                scenario, step, cases_of.get(scenario.name, ""), until
            )
        for one in between:
            self._between(one)
        if self.clock.now() < until:
            self.pass_time(until)
        for scenario in stories:
            self._expect(scenario, cases_of[scenario.name])
        return cases_of

    def _between(self, one: Interlude) -> None:
        self.pass_time(one.at)
        one.act()

    def step(self, scenario: Scenario, number: int, case_id: str, until: datetime) -> str:
        """One act at this moment; gives the case's id."""
        step = scenario.steps[number]
        try:
            case_id = self.act(step, case_id, ref=scenario.ref, until=until)
        except InvalidAnswers as e:
            faults = "; ".join(f"{f.path}: {f.key} {dict(f.facts)}" for f in e.faults)
            raise ScenarioFailed(
                f"{scenario.name}, step {number + 1} ({step.task or step.start or step.message}): {faults}"
            ) from e
        except TrestegError as e:
            raise ScenarioFailed(
                f"{scenario.name}, step {number + 1} ({step.task or step.start or step.message}): {type(e).__name__} {e}"
            ) from e
        except ScenarioFailed as e:
            raise ScenarioFailed(f"{scenario.name}, step {number + 1}: {e}") from e
        self.settle()
        return case_id

    def act(
        self, step: ScenarioStep, case_id: str, *, ref: str = "", until: datetime | None = None
    ) -> str:
        """What one person does, now; gives the case's id."""
        if step.start:
            return self._start(step, ref, until)
        if step.task:
            self._task(step, case_id, until)
        elif step.message:
            self._message(step, case_id, until)
        elif step.mark:
            self._mark(step, case_id)
        elif step.refer:
            self._refer(step, case_id)
        return case_id

    def pass_time(self, until: datetime) -> None:
        """Let time pass: each timer fires at its own moment, with the handlers it leads to.

        A moment that is over already changes nothing.
        """
        self.settle()
        while True:
            with self.program.database.transaction(write=False) as tx:
                moment = self.worker.next_moment(tx)
            if moment is None or moment > until:
                break
            self.clock.set(max(moment, self.clock.now()))
            self.settle()
        self.clock.set(max(until, self.clock.now()))
        self.settle()

    def settle(self) -> None:
        """Let the worker do everything that is due now."""
        now = self.clock.now()
        if self.reminded is None or now - self.reminded >= REMIND_EVERY or now < self.reminded:
            self.reminded = now
            with self.program.database.transaction() as tx:
                reminders.queue_reminders(tx, self.program.services, now=now)
        for _ in range(QUIET_ROUNDS):
            with self.program.database.transaction(write=False) as tx:
                moment = self.worker.next_moment(tx)
            if moment is None or moment > now:
                return
            self.worker.timers_and_calls()
            self.worker.post()
        raise ScenarioFailed("the worker never comes to rest")

    def signed_in(self, name: str) -> tuple[accounts.SignedInPerson, datetime]:
        """A person of the story, and the moment at which she acts.

        Raises:
            Told: there is nobody of that name.
        """
        with self.program.database.transaction(write=False) as tx:
            person = accounts.person(tx, self.program.services, self.people.get(name, ""))
        if person is None:
            raise ScenarioFailed(f"there is nobody called {name}")
        return person, self.clock.now()

    def answers(
        self,
        form: str,
        own: Mapping[str, Any],
        viewer: Viewer,
        now: datetime,
        until: datetime | None = None,
    ) -> dict[str, list[str]]:
        """What a person types: the usual answers of the form, changed as the story tells."""
        return flatten(
            resolve(merge(self.usual.get(form, {}), own), now, ZoneInfo(viewer.zone), until)
        )

    def _start(self, step: ScenarioStep, ref: str, until: datetime | None) -> str:
        person, now = self.signed_in(step.by)
        with self.program.database.transaction(write=False) as tx:
            release = self.program.services.current(tx)
            before = case_rows.find(tx, step.previous) if step.previous else None
            if step.previous and before is None:
                raise ScenarioFailed(f"there is no case {step.previous} to continue")
        given = {"ref": ref, "previous": before.id if before is not None else ""}
        form = next(
            d.elements[step.start].form
            for d in release.definitions.values()
            if step.start in d.starts
        )
        answers = self.answers(form, step.answers, person.viewer, now, until)
        services = self.program.services
        moved = self.move(
            lambda tx: case_commands.start_case(
                tx,
                services,
                by=person.viewer,
                element=step.start,
                answers=answers,
                now=now,
                **given,
            )
        )
        return moved.case_id

    def _task(self, step: ScenarioStep, case_id: str, until: datetime | None) -> None:
        person, now = self.signed_in(step.by)
        with self.program.database.transaction() as tx:
            open_now = tasks.of_case(tx, case_id)
            waiting = next((t for t in open_now if t.element == step.task), None)
            if waiting is None:
                raise ScenarioFailed(
                    f"{step.task} is not open; open are: {', '.join(t.element for t in open_now) or 'none'}"
                )
            claims.claim(tx, by=person.viewer, task_key=waiting.key, now=now)
            case = case_rows.get(tx, case_id)
            release = self.program.services.release(tx, case.release_id if case else "")
        if step.only_claim:
            return
        element = release.definitions[case.process if case else ""].elements[step.task]
        answers = self.answers(element.form, step.answers, person.viewer, now, until)
        answers = self.attach(
            answers, case_id, waiting.key, release.forms.get(element.form), person
        )
        self.move(
            lambda tx: case_commands.complete_task(
                tx,
                self.program.services,
                by=person.viewer,
                task_key=waiting.key,
                answers=answers,
                now=now,
            )
        )

    def move(self, verb: Callable[[Tx], TurnResult]) -> TurnResult:
        """Move a case as a door does, now."""
        return unit_of_work.run(
            self.program.database, self.program.services, verb, now=self.clock.now()
        )

    def attach(
        self,
        answers: dict[str, list[str]],
        case_id: str,
        task_key: str,
        form: Form | None,
        person: accounts.SignedInPerson,
    ) -> dict[str, list[str]]:
        """Answers in which `@file` has become the id of a small invented paper."""
        wanted = [path for path, texts in answers.items() if FILE in texts]
        if not wanted or form is None:
            return answers
        classes = {f.key: f.data_class for f in form.fields}
        with self.program.database.transaction() as tx:
            for path in wanted:
                answers[path] = [
                    documents.attach(
                        tx,
                        self.program.services,
                        by=person.viewer,
                        case_id=case_id,
                        task_key=task_key,
                        field=path,
                        klass=classes.get(path.partition(".")[0], "C3"),
                        clean=documents.CheckedFile("pahittad.pdf", "pdf", PAPER),
                        now=self.clock.now(),
                    )
                ]
        return answers

    def _message(self, step: ScenarioStep, case_id: str, until: datetime | None) -> None:
        person, now = self.signed_in(step.by)
        with self.program.database.transaction(write=False) as tx:
            case = case_rows.get(tx, case_id)
            definition = self.program.services.release(
                tx, case.release_id if case else ""
            ).definitions[case.process if case else ""]
        form = definition.elements[definition.messages[step.message][0]].form
        answers = self.answers(form, step.answers, person.viewer, now, until)
        services = self.program.services
        self.move(
            lambda tx: case_commands.send_message(
                tx,
                services,
                by=person.viewer,
                case_id=case_id,
                name=step.message,
                answers=answers,
                now=now,
            )
        )

    def _mark(self, step: ScenarioStep, case_id: str) -> None:
        person, now = self.signed_in(step.by)
        with self.program.database.transaction() as tx:
            protection.set_marking(
                tx,
                self.program.services,
                by=person.viewer,
                case_id=case_id,
                marking=step.mark,
                reason=step.why,
                now=now,
            )

    def _refer(self, step: ScenarioStep, case_id: str) -> None:
        person, now = self.signed_in(step.by)
        with self.program.database.transaction() as tx:
            at = load_case_view(tx, self.program.services, person.viewer, case_id, now)
            send.send_referral(tx, at, ReferralChoice(step.to, step.refer), rev=at.case.rev)

    def _expect(self, scenario: Scenario, case_id: str) -> None:
        with self.program.database.transaction(write=False) as tx:
            case = case_rows.get(tx, case_id)
            found = tasks.of_case(tx, case_id)
            waits = {job.element for job in jobs.of_case(tx, case_id)}
        stands = sorted(t.element for t in found)
        late = sorted(t.element for t in found if t.due is not None and t.due <= self.clock.now())
        ends = {case.end, case.inner_end} if case else set()
        if sorted(scenario.open) != stands:
            raise ScenarioFailed(
                f"{scenario.name}: open are {stands}, expected {sorted(scenario.open)}; ended at {sorted(ends)}"
            )
        if sorted(scenario.late) != late:
            raise ScenarioFailed(
                f"{scenario.name}: overdue are {late}, expected {sorted(scenario.late)}"
            )
        if not set(scenario.waits) <= waits:
            raise ScenarioFailed(
                f"{scenario.name}: it waits for {sorted(waits)}, expected {sorted(scenario.waits)}"
            )
        if scenario.end and scenario.end not in ends:
            raise ScenarioFailed(
                f"{scenario.name}: ended at {sorted(ends)}, expected {scenario.end}"
            )


def make_player(program: Tresteg, clock: SettableClock, people: Mapping[str, str]) -> Player:
    """Somebody who plays scenarios on this program with a clock that can be set; calendars and
    usual answers are those of the workflows folder.
    """
    folder = Path(program.settings.workflows_dir)
    calendars = read_calendars(
        {path.name: path.read_bytes() for path in sorted((folder / "calendars").glob("*.json"))}
    )
    return Player(
        program, clock, people, read_usual(folder / "scenarios" / "answers.json"), calendars
    )
