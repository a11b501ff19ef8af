"""Scenarios of a draft: run in memory, one after the other, each to the state it must come to.

A scenario is a file `scenarios/<name>.scenario.json` of the draft, and of the releases made of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from service.engine import Calendar, Open, read_calendars
from service.errors import EngineStopped, InvalidAnswers, TrestegError
from service.forms import flatten
from service.forms.checking import PERSONAL_NUMBER
from service.release.bundle import SCENARIO, SCENARIOS, plain_name
from service.workshop.trial.acts import (
    ANSWER,
    COMPLETE,
    CORRECT,
    FAIL,
    MESSAGE,
    START,
    WAIT,
    Act,
    TrialActs,
)
from service.workshop.trial.draft_trial import DraftTrial
from service.workshop.trial.scenario_file import (
    NEXT,
    BadScenario,
    CaseStanding,
    Scenario,
    ScenarioStep,
    read_scenario,
    unmet,
)
from service.workshop.trial.scenario_results import ScenarioFailure, ScenarioResult
from service.workshop.trial.scenario_times import ago, moments, resolve, with_moment

LONGEST: Final = 60
"""Characters of a scenario's name."""
STORIES_END: Final = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
"""When a scenario ends that names no moment: always the same, a Wednesday, so that it always goes
the same way."""
NOT_PLAIN = re.compile(r"[^a-z0-9]+")
KINDS: Final = {
    START: "start",
    COMPLETE: "task",
    MESSAGE: "message",
    ANSWER: "answer",
    FAIL: "fail",
    CORRECT: "correct",
    WAIT: "wait",
}
"""Kind of an act of a trial to what a step of a scenario calls it."""
_ROUND, _SLOW = "trial.goes_round", "trial.too_slow"
_STOPS: Final = {"steps": _ROUND, "tasks": _ROUND, "time": _SLOW, "fuel": _SLOW}
"""Kinds of stops of the engine that a sentence of their own tells."""
WORKS: Final = {"task": "task", "answer": "job", "fail": "job"}
"""Doings that are about open work, and what kind that is."""
NOT_TRIED: Final = ("correct", "mark", "refer")
"""What only somebody signed in can do, in a case that is there."""


def saved_trial(trial: DraftTrial, name: str, begins: datetime) -> Scenario:
    """A trial as a scenario that must come to where it stands now."""
    steps = tuple(_step_of(act, element) for act, element in trial.played)
    stands = standing(trial)
    return Scenario(
        name,
        "",
        begins.isoformat(),
        steps,
        open=stands.open,
        late=stands.late,
        waits=tuple(sorted(work.element for work in trial.open if work.kind == "job")),
        end=end_of(trial),
        by_hand=True,
    )


def _step_of(act: Act, element: str) -> ScenarioStep:
    aim: dict[str, Any] = {KINDS[act.kind]: element or act.target}
    answers = dict(act.answers)
    return ScenarioStep(**aim, answers=answers, code=act.code, sample=act.sample, values=act.values)


def end_of(trial: DraftTrial) -> str:
    """Id of the end event that a trial came to; empty while something waits."""
    outcome = trial.outcome
    if outcome is None or not outcome.finished:
        return ""
    return outcome.inner_end or (outcome.ends[-1] if outcome.ends else "")


def standing(trial: DraftTrial) -> CaseStanding:
    """Where a trial stands."""
    outcome = trial.outcome
    ended = outcome is not None and outcome.finished
    ends = {outcome.inner_end, *outcome.ends[-1:]} if outcome is not None and ended else set()
    return CaseStanding(
        open=tuple(sorted(work.element for work in trial.open if work.kind == "task")),
        late=tuple(sorted(trial.late())),
        waits=frozenset(work.element for work in trial.open if work.kind in ("job", "timer")),
        ends=frozenset(end for end in ends if end),
    )


def file_name(name: str) -> str:
    """Name of the file of a scenario in a bundle; empty when nothing of the name can be kept."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = NOT_PLAIN.sub("-", plain).strip("-")
    return f"{SCENARIOS}{slug}{SCENARIO}" if slug else ""


def name_fault(name: str, taken: Collection[str] = ()) -> str:
    """Text key of what is wrong with the name of a scenario; empty when nothing is.

    Args:
        taken: files of the draft.
    """
    if file_name(name) in taken:
        return "trial.name_taken"
    if not file_name(name) or len(name) > LONGEST:
        return "trial.bad_name"
    return "trial.personal_number" if PERSONAL_NUMBER.search(name) else ""


def scenario_title(file: str, content: bytes) -> str:
    """The name of a scenario, also of one that cannot be read."""
    try:
        return read_scenario(content, plain_name(file)).name
    except BadScenario:
        return plain_name(file)


Begin = Callable[[datetime], DraftTrial]
"""Makes a trial of the draft that begins at a moment."""


def run_file(file: str, content: bytes, begin: Begin) -> ScenarioResult:
    """Run one scenario file on a trial of its own."""
    try:
        scenario = read_scenario(content, plain_name(file))
    except BadScenario as e:
        failure = ScenarioFailure(e.key, e.step, facts=e.facts)
        return ScenarioResult(file, plain_name(file), failure)
    return run_scenario(scenario, begin, file)


def run_scenario(scenario: Scenario, begin: Begin, file: str = "") -> ScenarioResult:
    """Run one scenario; it passes when every step can be done and it comes where it must."""
    until = STORIES_END if scenario.begun_at is None else None
    begins = scenario.begun_at or STORIES_END - ago(scenario.begins)
    run = _ScenarioRun(scenario, begin(begins), until)
    failure = run.failure()
    waiting = (work.element for work in run.trial.open)
    return ScenarioResult(file, scenario.name, failure, frozenset((*run.trial.done, *waiting)))


def stop_failure(e: EngineStopped, step: int = 0, element: str = "") -> ScenarioFailure:
    """Failure of a scenario in which the engine stopped, with the element where it did."""
    key = _STOPS.get(e.kind, "trial.stands_still")
    return ScenarioFailure(key, step, element, found=(e.element,) if e.element else ())


def scenario_acts(scenario: Scenario, begin: Begin) -> TrialActs:
    """Acts of a scenario, as far as it can be played, for a trial that a person goes on with. The
    trial begins at the moment that the scenario names.
    """
    begins = scenario.begun_at or STORIES_END
    run = _ScenarioRun(scenario, begin(begins), until=None)
    failed = run.failure()
    acts = [act for act, _ in run.trial.played]
    return TrialActs(begins, tuple(acts[:-1] if failed is not None and failed.step else acts))


@dataclass
class _ScenarioRun:
    scenario: Scenario
    trial: DraftTrial
    until: datetime | None
    """When the story ends; None when it ends with its last step."""
    number: int = 0

    def failure(self) -> ScenarioFailure | None:
        """Do every step; gives what went otherwise than it must."""
        trial, scenario = self.trial, self.scenario
        if not scenario.by_hand:
            trial.automatic = self._automatic
        try:
            planned = self._planned()
            for number, step in enumerate(scenario.steps, 1):
                self.number = number
                if planned:
                    trial.pass_time(planned[number - 1])
                if (failed := self._step(step, planned=bool(planned))) is not None:
                    return failed
            if self.until is not None:
                trial.pass_time(self.until)
        except TrestegError as e:
            failed_step = scenario.steps[self.number - 1] if self.number else None
            return self._refused(failed_step, e)
        return self._missed()

    def _missed(self) -> ScenarioFailure | None:
        """What is otherwise at the end than it must be."""
        stands = standing(self.trial)
        missed = unmet(self.scenario, stands)
        if missed is None:
            return None
        if missed.what == "end" and not missed.found:
            return ScenarioFailure("trial.no_end", wanted=missed.wanted, found=stands.open)
        return ScenarioFailure(f"trial.other_{missed.what}", 0, "", missed.wanted, missed.found)

    def _planned(self) -> tuple[datetime, ...]:
        """The moment of each step, where a step of the story names one."""
        if self.until is None or not any(step.at for step in self.scenario.steps):
            return ()
        return moments(self.scenario, self.until, self._calendar())

    def _calendar(self) -> Calendar:
        release = self.trial.release
        drawn = read_calendars(release.bundle.under("workflows/calendars", ".json"))
        usual = next(iter(release.definitions.values())).calendar
        return drawn.get(self.scenario.calendar, usual)

    def _step(self, step: ScenarioStep, *, planned: bool) -> ScenarioFailure | None:
        trial, doing, target = self.trial, step.doing, step.target
        if not self._is_drawn(step):
            return None
        length = step.after or step.wait.replace(NEXT, "")
        if length and not planned:
            trial.play(Act(WAIT, length))
        if doing == "wait":
            if target == NEXT:
                trial.play(Act(WAIT, NEXT))
            return None
        if doing in NOT_TRIED and step.values is None:
            return ScenarioFailure("trial.not_tried", self.number, facts={"doing": doing})
        aim = self._aim(step)
        if aim is None:
            return self._not_open(target)
        if not step.only_claim:
            kind = next(kind for kind, name in KINDS.items() if name == doing)
            typed = self._typed(step)
            values = step.values and with_moment(step.values, trial.now)
            trial.play(Act(kind, aim, typed, step.code, step.sample, values))
        return None

    def _aim(self, step: ScenarioStep) -> str | None:
        """Target of a step: the id of the open work that it does, else the name that it gives; None
        when that work is not open.
        """
        if step.doing not in WORKS:
            return step.target
        wanted = (WORKS[step.doing], step.target)
        return next((w.id for w in self.trial.open if (w.kind, w.element) == wanted), None)

    def _is_drawn(self, step: ScenarioStep) -> bool:
        """Whether the draft has the step's `where` and not its `unless`; else it is passed over."""
        drawn = {id_ for one in self.trial.release.definitions.values() for id_ in one.elements}
        return (not step.where or step.where in drawn) and step.unless not in drawn

    def _typed(self, step: ScenarioStep) -> dict[str, list[str]]:
        """The answers of a step as a browser would send them."""
        now, zone = self.trial.now, self.trial.context(self.trial.now).zone
        return flatten(resolve(dict(step.answers), now, zone, self.until))

    def _automatic(self, work: Open) -> Act | None:
        """What an automatic step answers by itself: nothing where a step of the file does."""
        own = {step.answer or step.fail for step in self.scenario.steps[max(self.number - 1, 0) :]}
        samples = self.trial.samples(work)
        if work.element in own or not samples:
            return None
        return Act(ANSWER, work.id, sample=samples[0].id)

    def _not_open(self, target: str) -> ScenarioFailure:
        stands = standing(self.trial)
        waiting = (*stands.open, *(w.element for w in self.trial.open if w.kind == "job"))
        found = waiting or tuple(stands.ends)
        return ScenarioFailure("trial.not_open", self.number, target, (target,), found)

    def _refused(self, step: ScenarioStep | None, e: TrestegError) -> ScenarioFailure:
        target = step.target if step is not None else ""
        if isinstance(e, InvalidAnswers):
            faults = tuple((fault.path, fault.key, fault.facts) for fault in e.faults)
            return ScenarioFailure("error.answers_invalid.text", self.number, target, faults=faults)
        if isinstance(e, EngineStopped):
            return stop_failure(e, self.number, target)
        if e.code == "not_found":
            return self._not_open(target)
        return ScenarioFailure(f"error.{e.code}.text", self.number, target, facts={"why": str(e)})
