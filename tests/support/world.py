"""The one builder of installations for tests: offices, people, a release, a clock with hands.

Everything is real but the handlers, which are functions of the test, and the time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from flask import Flask

from service.access import Viewer
from service.application import unit_of_work
from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.audit import verify
from service.binding import Answer, Declaration
from service.casework.cases.turn import TurnResult
from service.casework.commands.case_start import start_case
from service.casework.commands.task_completion import complete_task
from service.clock import SetClock
from service.forms import flatten
from service.mail import MailServer
from service.people import accounts
from service.records.context import Actor
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.casefile import cases, facts
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.installation import people
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters, tasks
from service.worker.loop import Worker
from service.workshop.publish import prepare_bundle, publish_bundle
from service.workshop.trial.scenario_times import resolve
from tests.support.audits import state_matter
from tests.support.browser import Browser
from tests.support.directory import ONE_OFFICE, Directory, add_directory
from tests.support.local_handlers import TOPICS, Functions, LocalHandlers
from tests.support.programs import WokenOnly, make_application, make_program

NOON: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SEED: Final = Actor("seed")
START: Final = "Start_PersonIdentified"
"""The start event of the shipped process."""
SMALL: Final = "p"
"""Id of the process that the small diagrams draw."""
SECONDS: Final = 60.0
"""Longest wall time of a turn: a busy machine fails no test."""
Answers: TypeAlias = Mapping[str, Sequence[str]]


@dataclass
class World:
    """An installation, and what its people do."""

    program: Tresteg
    clock: SetClock
    functions: Functions = field(default_factory=dict)
    directory: Directory = ONE_OFFICE
    lang: str = "sv"
    woken: list[str] = field(default_factory=list)
    """How often the site has woken the worker."""

    @property
    def database(self) -> Database:
        return self.program.database

    @cached_property
    def app(self) -> Flask:
        """The site."""
        app = make_application(self.program, WokenOnly(lambda: self.woken.append("worker")))
        app.testing = False
        return app

    def browser(self, name: str = "") -> Browser:
        """A browser; signed in when a person is named, and an auditor has stated the matter."""
        browser = Browser(self.app.test_client())
        if name:
            assert browser.sign_in(name).status_code == 303
            state_matter(self.program, self.loaded_viewer(name), self.clock.now())
        return browser

    def again(self) -> World:
        """The same installation from another process: a database and a clock of its own."""
        database = Database(self.program.settings.database_url).within(WHOLE)
        program = replace(self.program, database=database)
        return replace(self, program=program, clock=SetClock(self.clock.now()))

    def publish(self, bundle: Bundle) -> None:
        """Publish files as a release."""
        services, now = self.program.services, self.clock.now()
        prepared = prepare_bundle(services, bundle)
        with self.database.transaction() as tx:
            publish_bundle(tx, services, by=SEED, now=now, prepared=prepared)

    def worker(self, name: str = "w1", mail: MailServer | None = None) -> Worker:
        """A worker whose handlers are those of the test."""
        return Worker(
            self.database,
            self.program.services,
            self.clock,
            mail or self.program.mail,
            name=name,
            handlers=LocalHandlers(self.functions),
        )

    def person(self, name: str) -> people.Person:
        """The row of a person."""
        with self.database.transaction(write=False) as tx:
            found = people.get(tx, f"p_{name}")
        assert found is not None
        return found.person

    def loaded_viewer(self, name: str) -> Viewer:
        """The rights of a person as the product loads them; she need not be of the directory."""
        with self.database.transaction(write=False) as tx:
            found = accounts.load_viewer(tx, f"p_{name}")
        assert found is not None
        return found

    def viewer(self, name: str = "sara") -> Viewer:
        """The rights of a person of the directory."""
        plan = next(plan for plan in self.directory.people if plan.name == name)
        zone = next(office.zone for office in self.directory.offices if office.id == plan.office)
        return Viewer(f"p_{name}", plan.office, frozenset(plan.roles), self.lang, zone)

    def move(self, command: Callable[[Tx], TurnResult]) -> TurnResult:
        """Run a command."""
        return unit_of_work.run(self.database, self.program.services, command, now=self.clock.now())

    def start(
        self, answers: Answers | None = None, *, by: str = "sara", element: str = "s", ref: str = ""
    ) -> TurnResult:
        """Begin a case."""
        return self._start(self.viewer(by), element, _texts(answers), ref)

    def start_case(self, by: str = "sara", **answers: str) -> TurnResult:
        """Begin a case of the shipped process with the usual answers, and these."""
        viewer, form = self.loaded_viewer(by), {**usual()["start_case"], **answers}
        typed = resolve(form, self.clock.now(), ZoneInfo(viewer.zone))
        return self._start(viewer, START, flatten(typed))

    def _start(
        self,
        by: Viewer,
        element: str,
        answers: dict[str, list[str]],
        ref: str = "",
    ) -> TurnResult:
        now = self.clock.now()

        def start(tx: Tx) -> TurnResult:
            what: dict[str, Any] = {"element": element, "answers": answers, "ref": ref}
            return start_case(tx, self.program.services, by=by, now=now, **what)

        return self.move(start)

    def complete(self, key: str, answers: Answers | None = None, *, by: str = "sara") -> TurnResult:
        """Finish a task."""
        viewer, texts, now = self.viewer(by), _texts(answers), self.clock.now()

        def complete(tx: Tx) -> TurnResult:
            return complete_task(
                tx,
                self.program.services,
                by=viewer,
                task_key=key,
                answers=texts,
                now=now,
                end_confirmed=True,
            )

        return self.move(complete)

    def do(
        self, case_id: str, element: str, answers: Answers | None = None, *, by: str = "sara"
    ) -> TurnResult:
        """Finish the open task of an element."""
        return self.complete(self.key(case_id, element), answers, by=by)

    def key(self, case_id: str, element: str) -> str:
        """The key of an open task."""
        return next(task.key for task in self.tasks(case_id) if task.element == element)

    def tasks(self, case_id: str) -> list[tasks.Task]:
        with self.database.transaction(write=False) as tx:
            return tasks.of_case(tx, case_id)

    def jobs(self, case_id: str) -> list[jobs.Job]:
        with self.database.transaction(write=False) as tx:
            return jobs.of_case(tx, case_id)

    def facts(self, case_id: str) -> list[facts.Fact]:
        with self.database.transaction(write=False) as tx:
            return facts.of_case(tx, case_id)

    def letters(self, case_id: str) -> list[letters.Letter]:
        with self.database.transaction(write=False) as tx:
            return letters.of_case(tx, case_id)

    def incidents(self, case_id: str) -> list[incidents.Incident]:
        """The open ones."""
        with self.database.transaction(write=False) as tx:
            return [i for i in incidents.of_case(tx, case_id) if i.closed_at is None]

    def case(self, case_id: str) -> cases.CaseSummary:
        with self.database.transaction(write=False) as tx:
            case = cases.get(tx, case_id)
        assert case is not None
        return case

    def verified(self) -> verify.VerifyReport:
        """The report of `tresteg verify`."""
        with self.database.transaction(write=False) as tx:
            return verify.verify_all(tx, self.program.services, now=self.clock.now())

    def faults(self) -> list[str]:
        """The sentences of the report."""
        return [str(fault) for fault in self.verified().faults]

    def later(self, **time: float) -> datetime:
        """Let time pass; nobody works in it."""
        self.clock.set(self.clock.now() + timedelta(**time))
        return self.clock.now()


def open_world(
    database: str | Settings,
    keyring: Keyring,
    bundle: Bundle | None = None,
    *,
    directory: Directory = ONE_OFFICE,
    topics: Mapping[str, Declaration] | None = TOPICS,
    functions: Functions | None = None,
    clock: SetClock | None = None,
    mail_url: str = "print:",
) -> World:
    """An installation with its offices and people, and a release in force if one is given.

    Args:
        database: the address of a database with all tables, or settings that hold it.
        topics: contracts of the handlers; None for those of the product.
        functions: topic to what answers its calls; an empty answer if none are given.
    """
    settings = database
    if isinstance(settings, str):
        settings = Settings(database_url=settings, mail_url=mail_url)
    clock = clock or SetClock(NOON)
    program = make_program(settings, keyring, clock, topics=topics)
    program = replace(program, services=replace(program.services, seconds=SECONDS))
    if functions is None:
        functions = {topic: lambda _: Answer() for topic in program.services.topics}
    world = World(program, clock, functions, directory)
    with program.database.transaction() as tx:
        add_directory(tx, program.services, directory, by=SEED, now=clock.now())
    if bundle is not None:
        world.publish(bundle)
    return world


def small_process(world: World) -> World:
    """The world with the process of the small diagrams as the installation's own."""
    services = world.program.services
    programme = replace(services.programme, process=SMALL)
    world.program = replace(world.program, services=replace(services, programme=programme))
    return world


def settle(worker: Worker, most: int = 200) -> int:
    """Let a worker do all that is due now; gives the pieces of work."""
    done = 0
    for _ in range(most):
        worked = worker.step()
        done += worked
        if not worked:
            return done
    raise AssertionError("it never settles")


@cache
def shipped() -> Bundle:
    """The files of the two folders."""
    return shipped_bundle(Settings())


@cache
def usual() -> dict[str, Any]:
    """Form to what people usually answer."""
    path = Path(Settings().workflows_dir) / "scenarios" / "answers.json"
    answers: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return answers


def _texts(answers: Answers | None) -> dict[str, list[str]]:
    return {key: list(texts) for key, texts in (answers or {}).items()}
