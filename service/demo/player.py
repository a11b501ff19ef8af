"""The player of scenarios: people act through the same commands as at their screens.

The clock is set for each step; handlers and timers run in between. Several stories are played as
one: the clock goes forwards only, so that every stream of the ledger is in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from service.actions.operations import reminders
from service.actions.publishing.trial.scenario_file import (
    CaseStanding,
    Scenario,
    ScenarioStep,
    unmet,
)
from service.actions.publishing.trial.scenario_times import moments
from service.application.container import Tresteg
from service.demo.scenarios import read_usual
from service.demo.steps import ScenarioFailed, SettableClock, StepRunner
from service.engine import Calendar, read_calendars
from service.errors import InvalidAnswers, TrestegError
from service.store.casefile import cases as case_rows
from service.store.work import jobs, tasks
from service.worker.loop import Worker

QUIET_ROUNDS = 500
"""Rounds of the worker after which something is wrong: a loop that never waits."""
REMIND_EVERY = timedelta(hours=12)
"""How often reminders are looked for while months pass in a minute."""
Progress = Callable[[int, int], object]
"""Hears how many steps are done, of how many."""


@dataclass(frozen=True, slots=True)
class Interlude:
    """An event between the steps of the cases, such as that a release is published."""

    at: datetime
    act: Callable[[], object]


@dataclass
class Player(StepRunner):
    """Plays scenarios on a program whose clock can be set."""

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
            ScenarioFailed: a step finds another state than the story says.
        """
        return self.play_all((scenario,), until)[scenario.name]

    def play_all(  # long: one course of time, with all that happens in it
        self,
        scenarios: Iterable[Scenario],
        until: datetime,
        interludes: Iterable[Interlude] = (),
        progress: Progress = lambda _done, _steps: None,
    ) -> dict[str, str]:
        """Play several stories that end at `until`, all in one course of time.

        Gives name to case id. `progress` hears after each step how many are done, of how many.

        Raises:
            ScenarioFailed: a step finds another state than its story says.
        """
        stories = list(scenarios)
        plan: list[tuple[datetime, int, int]] = []
        for number, scenario in enumerate(stories):
            days = moments(scenario, until, self.calendars[scenario.calendar])
            plan += [(at, number, step) for step, at in enumerate(days)]
        between = sorted(interludes, key=lambda interlude: interlude.at)
        cases_of: dict[str, str] = {}
        first = min(
            [*(at for at, *_ in plan), *(interlude.at for interlude in between)], default=until
        )
        self.clock.set(first)
        for done, (at, number, step) in enumerate(sorted(plan), 1):
            while between and between[0].at <= at:
                self._between(between.pop(0))
            self.pass_time(at)
            scenario = stories[number]
            cases_of[scenario.name] = self.step(
                scenario, step, cases_of.get(scenario.name, ""), until
            )
            progress(done, len(plan))
        for interlude in between:
            self._between(interlude)
        if self.clock.now() < until:
            self.pass_time(until)
        for scenario in stories:
            self._expect(scenario, cases_of[scenario.name])
        return cases_of

    def _between(self, interlude: Interlude) -> None:
        self.pass_time(interlude.at)
        interlude.act()

    def step(self, scenario: Scenario, number: int, case_id: str, until: datetime) -> str:
        """Do one step at this moment; gives the case's id."""
        step = scenario.steps[number]
        if (step.where or step.unless) and not self._is_drawn(step, case_id):
            return case_id
        if step.doing in ("answer", "fail"):
            return case_id  # the handler answers itself
        place = f"{scenario.name}, step {number + 1}"
        element = step.target
        try:
            case_id = self.act(step, case_id, ref=scenario.ref, until=until)
        except InvalidAnswers as e:
            faults = "; ".join(f"{f.path}: {f.key} {dict(f.facts)}" for f in e.faults)
            raise ScenarioFailed(f"{place} ({element}): {faults}") from e
        except TrestegError as e:
            raise ScenarioFailed(f"{place} ({element}): {type(e).__name__} {e}") from e
        except ScenarioFailed as e:
            raise ScenarioFailed(f"{place}: {e}") from e
        self.settle()
        return case_id

    def _is_drawn(self, step: ScenarioStep, case_id: str) -> bool:
        """Does the release of the case draw it the way that the step is meant for?"""
        with self.program.database.transaction(write=False) as tx:
            case = case_rows.get(tx, case_id)
            assert case is not None  # noqa: S101 - its story has begun
            release = self.program.services.release(tx, case.release_id)
        drawn = {id_ for one in release.definitions.values() for id_ in one.elements}
        return (not step.where or step.where in drawn) and step.unless not in drawn

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
            self.worker.send_letters()
        raise ScenarioFailed("the worker never comes to rest")

    def _expect(self, scenario: Scenario, case_id: str) -> None:
        with self.program.database.transaction(write=False) as tx:
            case = case_rows.get(tx, case_id)
            found = tasks.of_case(tx, case_id)
            waits = {job.element for job in jobs.of_case(tx, case_id)}
        now = self.clock.now()
        stands = CaseStanding(
            open=tuple(sorted(t.element for t in found)),
            late=tuple(sorted(t.element for t in found if t.due is not None and t.due <= now)),
            waits=frozenset(waits),
            ends=frozenset({case.end, case.inner_end} if case else ()) - {""},
        )
        missed = unmet(scenario, stands)
        if missed is not None:
            raise ScenarioFailed(
                f"{scenario.name}: {missed.what}: expected {missed.wanted}, found {missed.found}; "
                f"open are {stands.open}, ended at {sorted(stands.ends)}"
            )


def make_player(program: Tresteg, clock: SettableClock, people: Mapping[str, str]) -> Player:
    """Make a player for a program with a clock that can be set.

    Calendars and usual answers are those of the workflows folder.
    """
    folder = Path(program.settings.workflows_dir)
    calendars = read_calendars(
        {path.name: path.read_bytes() for path in sorted((folder / "calendars").glob("*.json"))}
    )
    return Player(
        program, clock, people, read_usual(folder / "scenarios" / "answers.json"), calendars
    )
