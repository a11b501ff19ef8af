"""A scenario of the shipped release that a test plays step by step, with answers of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from service.casework.cases import given_answers
from service.casework.cases.case_visibility import load_unexplained_visibility
from service.casework.cases.loaded_case import load_case
from service.casework.tasks import claims
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.demo.scenarios import read_scenario
from service.demo.steps import ScenarioFailed
from service.forms import Json
from service.operations.start_checks import prepare_database
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.casefile import cases
from service.store.work import tasks
from service.workshop.trial.scenario_file import ScenarioStep
from service.workshop.trial.scenario_times import ago
from tests.support.played_cases import SCENARIOS, UNTIL
from tests.support.programs import make_program
from tests.support.shipped import publish_shipped


class StepByStep:
    """One case of a scenario, played on as far as a test wants.

    Args:
        answers: element to what differs from the answers of the scenario; null takes one out.
    """

    def __init__(
        self, url: str, keyring: Keyring, name: str, answers: Mapping[str, Mapping[str, Any]]
    ) -> None:
        clock = SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS))
        self.program = make_program(Settings(database_url=url), keyring, clock)
        prepare_database(self.program)
        people = seed.seed_directory(self.program, clock.now())
        publish_shipped(self.program, clock.now())
        self.player = make_player(self.program, clock, people)
        self.scenario = read_scenario(SCENARIOS / f"{name}.scenario.json")
        self.moment = UNTIL - ago(self.scenario.begins)
        self.answers, self.left, self.case = answers, list(self.scenario.steps), ""

    def until(self, task: str) -> None:
        """Play on until this step of the scenario is the next."""
        while self.left and self.left[0].task != task:
            step = self.left.pop(0)
            own = self.answers.get(step.task or step.start, {})
            self.moment += ago(step.after or "PT0M")
            self._play(replace(step, answers={**step.answers, **own}))
        assert self.left, f"{task} is no step of {self.scenario.name}"

    def does(self, by: str, task: str, **answers: object) -> None:
        """Do a step that the scenario has not, or has otherwise, now.

        Raises:
            ScenarioFailed: it is refused; the text names the faults.
        """
        if self.left and self.left[0].task == task:
            first = self.left[0]
            self.moment += ago(first.after or "PT0M")
            self.left[0] = replace(first, after="PT0M")
        self._play(ScenarioStep(by=by, task=task, answers=answers))
        if self.left and self.left[0].task == task:
            self.left.pop(0)

    def says(self, by: str, message: str, **answers: object) -> None:
        """Send a message of the case that the scenario has not, now."""
        self._play(ScenarioStep(by=by, message=message, answers=answers))

    def refused(self, by: str, task: str, **answers: object) -> str:
        """Why a step is refused, whose task is then free again; empty when it is not."""
        try:
            self.does(by, task, **answers)
        except ScenarioFailed as e:
            self._free(by, task)
            return str(e)
        return ""

    def takes(self, by: str, task: str) -> None:
        """Claim an open task."""
        viewer, now = self.player.signed_in(by)
        with self.program.database.transaction() as tx:
            (key,) = (r.key for r in tasks.of_case(tx, self.case) if r.element == task)
            claims.claim(tx, self.program.services, viewer, now, task_key=key)

    def _free(self, by: str, task: str) -> None:
        viewer, now = self.player.signed_in(by)
        with self.program.database.transaction() as tx:
            for row in tasks.of_case(tx, self.case):
                if row.element == task and row.claimed_by == viewer.person:
                    claims.release_task(
                        tx, self.program.services, by=viewer, task_key=row.key, now=now
                    )

    def refused_start(self) -> str:
        """Why the case cannot begin; empty when it can."""
        try:
            self.until(self.left[1].task)
        except ScenarioFailed as e:
            return str(e)
        return ""

    def variable(self, name: str) -> Any:
        """A routing value of the case."""
        with self.program.database.transaction(write=False) as tx:
            rows = cases.load(tx, self.case)
            assert rows is not None
            return load_case(tx, self.program.services, rows).variables[name]

    def open(self) -> set[str]:
        """The tasks that are open."""
        with self.program.database.transaction(write=False) as tx:
            return {task.element for task in tasks.of_case(tx, self.case)}

    def answer(self, key: str) -> Json:
        """The newest answer to a question."""
        with self.program.database.transaction(write=False) as tx:
            keys = self.program.services.case_keys(tx, self.case)
            every = given_answers.load_answers(tx, keys, self.case)
        value: Json = given_answers.newest(every)[key].value
        return value

    def sees(self, who: str, key: str, office: str) -> bool:
        """Whether a person may see the answer to a question that an office gave."""
        viewer, now = self.player.signed_in(who)
        with self.program.database.transaction(write=False) as tx:
            case = cases.get(tx, self.case)
            assert case is not None
            services = self.program.services
            return load_unexplained_visibility(tx, services, viewer, case, now).sees_field(
                key, office
            )

    def close(self) -> None:
        """End the worker's handlers and the database."""
        self.player.close()
        self.program.database.close()

    def _play(self, step: ScenarioStep) -> None:
        self.player.pass_time(self.moment)
        story = replace(self.scenario, steps=(step,))
        self.case = self.player.step(story, 0, self.case, UNTIL)
