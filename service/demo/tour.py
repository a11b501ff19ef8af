"""The guided tour of the demo: one fresh case through all three steps, on five people's screens.

The pages ask `DemoTour(program).play(step, case)` for the task of a step, "" for a new case, and
get (first name, case id, task key). The five tasks are refer (Sara), decide (Omar), apply (Sara),
plan (Aino) and follow up (Iva). The task is claimed for its person and filled in as her unsent
answers; the visitor presses the button that sends them. What lies between two stops is played by
the invented people. A task that the visitor left open is sent as it was prefilled, and a visitor
who answers otherwise only makes the way longer.

From the plan to the follow-up the demo's clock is moved: to the final check, the departure, the
arrival, and on to the first follow-up. The move is kept in the setting `demo.clock` at once, so
that every process reads the same time.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.access import Viewer
from service.application.container import Tresteg
from service.casework.tasks import claims, unsent_answers
from service.clock import SetClock, ShiftedClock
from service.demo import seed, state
from service.demo.player import Player, make_player
from service.demo.steps import ScenarioFailed
from service.errors import (
    Busy,
    CaseMoved,
    FourEyes,
    InvalidAnswers,
    NotFound,
    TaskClosed,
    TaskTaken,
)
from service.store.casefile import cases
from service.store.database import Database
from service.store.installation import installation_values, people
from service.store.transaction import Tx
from service.store.work import jobs, tasks
from service.workshop.trial.scenario_file import ScenarioStep

ACTS_MOST = 80
"""Acts and waits between two stops after which the case has lost its way."""
PATIENCE, PAUSES = 0.05, 100
"""Seconds between looks, and their number, while another worker has a job of the case in hand."""


@dataclass
class DemoClock:
    """The demo's clock as one that can be set; each move is kept, so that all processes follow."""

    clock: ShiftedClock
    database: Database

    def now(self) -> datetime:
        """The moment by the demo's clock."""
        return self.clock.now()

    def steady(self) -> float:
        """As the demo's clock."""
        return self.clock.steady()

    def set(self, moment: datetime) -> None:
        """Move the clock forwards; a demo's time never goes back."""
        ahead = moment - self.clock.now()
        if ahead <= timedelta():
            return
        with self.database.transaction() as tx:
            state.pass_time(tx, ahead + timedelta(seconds=1))
            self.clock.shift = state.shift_of(installation_values.get(tx, state.CLOCK))


class DemoTour:
    """Plays a case on to the task of a step; one tour at a time.

    Where it begins and stops, `demo.toml` says.
    """

    def __init__(self, program: Tresteg) -> None:
        config = seed.read_demo_config(program.settings)["walk"]
        self.program = program
        self.starter, self.start = config["starter"], config["start"]
        self.stops = tuple(config["stops"])
        self._player: Player | None = None
        self._lock = threading.Lock()

    def play(self, step: int, case_id: str = "") -> tuple[str, str, str]:
        """The task of a step, 1 to 5: first name of its person, case id, task key.

        Raises:
            NotFound: there is no such step, the case has ended or cannot get there, or the clock
                cannot be moved.
        """
        if not 1 <= step <= len(self.stops):
            raise NotFound
        with self._lock:
            player = self._ready()
            case_id = case_id or player.act(ScenarioStep(by=self.starter, start=self.start), "")
            task = self._play_on(player, case_id, self.stops[step - 1])
            return self._prefill(player, task), case_id, task.key

    def _ready(self) -> Player:
        """A player for the people of now: a reset makes new ones."""
        with self.program.database.transaction(write=False) as tx:
            known = state.people(tx)
        clock = self.program.clock
        if not isinstance(clock, ShiftedClock | SetClock):
            raise NotFound
        if self._player is None:
            if isinstance(clock, ShiftedClock):
                kept = DemoClock(clock, self.program.database)
                self._player = make_player(self.program, kept, known)
            else:
                self._player = make_player(self.program, clock, known)
        self._player.people = known
        return self._player

    def _play_on(self, player: Player, case_id: str, target: str) -> tasks.Task:
        played: set[str] = set()
        for _ in range(ACTS_MOST):
            waiting = self._waiting(player, case_id)
            found = next((t for t in waiting if t.element == target and target not in played), None)
            if found is not None:
                return found
            todo = next((t for t in waiting if t.element not in played), None)
            if todo is None:
                played.clear()
                self._wait(player, case_id)
            else:
                played.add(todo.element)
                self._do(player, todo)
        raise NotFound

    def _waiting(self, player: Player, case_id: str) -> list[tasks.Task]:
        """Open tasks of the case once no worker has a job of it, the oldest first.

        Raises:
            NotFound: the case is gone or has ended.
        """
        for _ in range(PAUSES):
            player.settle()
            with self.program.database.transaction(write=False) as tx:
                case = cases.get(tx, case_id)
                waiting = tasks.of_case(tx, case_id)
                busy = any(
                    job.state == "leased" or job.kind == "call" for job in jobs.of_case(tx, case_id)
                )
            if case is None or case.status == "ended":
                raise NotFound
            if not busy:
                return sorted(waiting, key=lambda t: t.key)
            player.worker.woken.wait(PATIENCE)
        raise Busy

    def _wait(self, player: Player, case_id: str) -> None:
        """Let the demo's time pass until something of this case is due."""
        with self.program.database.transaction(write=False) as tx:
            moments = [
                job.not_before for job in jobs.of_case(tx, case_id) if job.not_before is not None
            ]
        if not moments:
            raise NotFound
        player.pass_time(min(moments))

    def _do(self, player: Player, task: tasks.Task) -> None:
        """Complete a task as somebody of its office.

        One that is too early waits until shortly before it is due.
        """
        try:
            self._send(player, task)
        except InvalidAnswers:
            if task.due is None:
                raise
            player.pass_time(task.due - timedelta(hours=1))
            self._send(player, task)

    def _send(self, player: Player, task: tasks.Task) -> None:
        for name in self._who(player, task):
            try:
                player.act(ScenarioStep(by=name, task=task.element), task.case_id)
            except FourEyes:
                self._put_back(player, name, task)
            except (TaskClosed, CaseMoved, ScenarioFailed):
                return
            except TaskTaken:
                continue
            else:
                return
        raise NotFound

    def _who(self, player: Player, task: tasks.Task) -> list[str]:
        """First names of those who may do a task; who has claimed it comes first."""
        names = {id_: name for name, id_ in player.people.items()}
        with self.program.database.transaction(write=False) as tx:
            able = [
                known.person.id for known in people.with_role(tx, task.office_id or "", task.role)
            ]
        order = list(player.people)
        return sorted(
            (names[id_] for id_ in able if id_ in names),
            key=lambda name: (player.people[name] != task.claimed_by, order.index(name)),
        )

    def _put_back(self, player: Player, name: str, task: tasks.Task) -> None:
        viewer, now = player.signed_in(name)
        with self.program.database.transaction() as tx:
            services = self.program.services
            claims.release_task(tx, services, by=viewer, task_key=task.key, now=now)

    def _prefill(self, player: Player, task: tasks.Task) -> str:
        """Claim the task for its person and keep the usual answers as hers; gives her name."""
        for name in self._who(player, task):
            viewer, now = player.signed_in(name)
            with self.program.database.transaction() as tx:
                if task.claimed_by not in (None, viewer.person):
                    continue
                claims.claim(tx, self.program.services, viewer, now, task_key=task.key)
                self._keep(tx, player, task, viewer, now)
            return name
        raise NotFound

    def _keep(
        self,
        tx: Tx,
        player: Player,
        task: tasks.Task,
        viewer: Viewer,
        now: datetime,
    ) -> None:
        """Keep the usual answers of the task's form as unsent; what she has typed already stays."""
        services = self.program.services
        before = unsent_answers.load_unsent(tx, services, viewer, task.key)
        case = cases.get(tx, task.case_id)
        if before.raw or case is None:
            return
        definition = services.release(tx, case.release_id).definitions[case.process]
        answers = player.answers(definition.elements[task.element].form, {}, viewer, now)
        place = unsent_answers.AnsweredStep(task.element, task.nth)
        unsent_answers.save_unsent(
            tx,
            services,
            by=viewer,
            key=task.key,
            case_id=task.case_id,
            raw=answers,
            base={},
            rev=before.rev,
            now=now,
            step=place,
        )
