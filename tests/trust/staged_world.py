"""An installation with one case in each stage, full of canaries, and everybody who might look.

Every role is there, in the office that has it and in another.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from service import logs
from service.application.container import Tresteg
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.people import accounts, programs, sessions
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.casefile import cases, documents, referrals
from service.store.work import tasks
from service.web.api.v1 import OPERATIONS
from service.workshop.trial.scenario_file import ScenarioStep
from tests.support.audits import state_matter
from tests.support.directory import OfficePlan, add_office
from tests.support.programs import make_application, make_program
from tests.support.shipped import publish_shipped
from tests.support.world import NOON, SEED
from tests.trust.canaries import WALK, Canary, CanaryPlayer

STOPS = {
    "1": "Task_DecideReferral",
    "2": "Task_ArrangeArrival",
    "m": "Task_BookTickets",
    "3": "Task_AdaptPlan",
}
"""Stage to the step before which its case stands still; another case ended at once.

`m` is a case of stage 2 in which IOM medical is asked whether she is fit to travel.
"""
ASKED = ("condition", "pregnancy", "medication", "mobility", "disability", "mentalDistress")
HEALTH = {"healthConcern": "YES", "health": {**dict.fromkeys(ASKED, "NO"), "mobility": "YES"}}
ANSWERS = {"m": {"Task_AssessNeeds": HEALTH}}
"""What is answered otherwise than usual in the case of a stage, by task."""
ELSEWHERE = {
    "CaseApprover": "MYNDIGHET",
    "RegionalCoordinator": "SOCIALTJANST",
    "IomHelsinki": "IOM_MISSION",
    "IomMedical": "IOM_MISSION",
    "ChildServices": "SOCIALTJANST",
}
"""Roles that the demo's directory has in one office alone, and the kind of the other office that
this installation adds."""
EVERY = tuple(one.name for one in OPERATIONS)
PROGRAMS = {
    "export": ("sara", "ReferringPartner", EVERY),
    "journal": ("aino", "IomHelsinki", EVERY),
    "calendar": ("iva", "IomLocal", ("list_tasks", "get_task")),
}
"""Service account to somebody of its office, its role, and the operations of its token."""
LIMITS = sessions.SessionLimits(timedelta(days=400), timedelta(days=400))


@dataclass
class StagedWorld:
    """The installation, its cases by stage, what was typed, and its people by name."""

    program: Tresteg
    app: Flask
    cases: Mapping[str, str]
    canaries: Mapping[str, Canary]
    people: Mapping[str, str]
    tokens: Mapping[str, str]
    """Tokens of the programs, by name."""
    log: str
    """What was logged at DEBUG, by us and by every library, while the cases were played."""

    def client(self, name: str, app: Flask | None = None) -> FlaskClient:
        """A browser, signed in when a person is named; or a program with its token.

        Args:
            app: another application of the same installation.
        """
        client = (app or self.app).test_client()
        if name in self.tokens:
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.tokens[name]}"
            return client
        if name:
            with self.program.database.transaction() as tx:
                viewer = accounts.load_viewer(tx, self.people[name])
                assert viewer is not None
                token = sessions.begin_session(
                    tx, by=viewer, way="card", limits=LIMITS, now=self.program.clock.now()
                )
            state_matter(self.program, viewer, self.program.clock.now())
            client.set_cookie("tresteg_demo", token, domain="localhost")
        return client

    def office(self, name: str) -> str:
        """The office of a person; empty for a stranger."""
        with self.program.database.transaction(write=False) as tx:
            viewer = accounts.load_viewer(tx, self.people.get(name, ""))
        return viewer.office if viewer is not None else ""

    def reference(self, stage: str) -> str:
        """The pseudonym of the case of a stage."""
        with self.program.database.transaction(write=False) as tx:
            return cases.refs(tx, [self.cases[stage]])[self.cases[stage]]

    def things(self, stage: str) -> dict[str, list[str]]:
        """What addresses can name of the case of a stage."""
        case = self.cases[stage]
        with self.program.database.transaction(write=False) as tx:
            return {
                "case": [case],
                "task": [t.key for t in tasks.of_case(tx, case)],
                "document": [d.id for d in documents.of_case(tx, case)],
                "referral": [r.id for r in referrals.of_case(tx, case)],
            }


@contextmanager
def logged() -> Iterator[StringIO]:
    """Catch everything that is logged, at its most talkative."""
    heard = StringIO()
    handler = logging.StreamHandler(heard)
    loggers = [logging.getLogger(), logging.getLogger("sqlalchemy")]
    before = [logger.level for logger in loggers]
    logs.begin("debug")
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    with redirect_stderr(heard):
        try:
            yield heard
        finally:
            loggers[0].removeHandler(handler)
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
            logs.begin("info")


@contextmanager
def staged_world(folder: Path, empty: Path, keyring: Keyring) -> Iterator[StagedWorld]:
    """Build the installation in a file of its own."""
    with logged() as log:
        program, people, cases, canaries = _built(folder / "staged.db", empty, keyring)
    app = make_application(program)
    app.testing = False
    by_word = {canary.word: canary for canary in canaries}
    ids, tokens = _add_programs(program, people)
    everybody = {**people, **ids}
    yield StagedWorld(program, app, cases, by_word, everybody, tokens, log.getvalue())
    program.database.close()


def _built(
    path: Path, empty: Path, keyring: Keyring
) -> tuple[Tresteg, dict[str, str], dict[str, str], list[Canary]]:
    """The program, its people, its cases by stage, and what was typed."""
    path.write_bytes(empty.read_bytes())
    clock = SetClock(NOON)
    settings = Settings(database_url=f"sqlite:///{path}", base_url="http://localhost")
    program = make_program(settings, keyring, clock)
    people = {**seed.seed_directory(program, NOON), **_others(program)}
    publish_shipped(program, NOON)
    like = make_player(program, clock, people)
    player = CanaryPlayer(program, clock, people, like.usual, like.calendars)
    cases = {stage: _play(player, clock, stage) for stage in STOPS} | {"x": _ended(player)}
    player.settle()
    player.close()
    return program, people, cases, player.canaries


def _play(player: CanaryPlayer, clock: SetClock, stage: str) -> str:
    case, stop, answers = "", STOPS[stage], ANSWERS.get(stage, {})
    for who, what, after in WALK:
        if what == stop:
            break
        if after:
            player.pass_time(clock.now() + timedelta(hours=after))
        case = player.act(
            ScenarioStep(by=who, task=what, answers=answers.get(what, {}))
            if case
            else ScenarioStep(by=who, start=what),
            case,
        )
        player.settle()
    return case


def _ended(player: CanaryPlayer) -> str:
    case = player.act(ScenarioStep(by="sara", start="Start_PersonIdentified"), "")
    player.act(
        ScenarioStep(
            by="sara",
            task="Task_OfferReturnInformation",
            answers={"interestInReturn": "NO", "supportInSweden": False},
        ),
        case,
    )
    player.settle()
    return case


def _add_programs(
    program: Tresteg, people: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Add the service accounts; gives their ids and their tokens, by name."""
    made = {}
    with program.database.transaction() as tx:
        for name, (colleague, role, operations) in PROGRAMS.items():
            viewer = accounts.load_viewer(tx, people[colleague])
            assert viewer is not None
            made[name] = programs.add_program(
                tx,
                program.services,
                by=SEED,
                now=program.clock.now(),
                name=name,
                office=viewer.office,
                roles=(role,),
                operations=operations,
                known=EVERY,
                days=300,
                language="sv",
            )
    ids = {name: one.id for name, one in made.items()}
    return ids, {name: one.token for name, one in made.items()}


def _others(program: Tresteg) -> dict[str, str]:
    """Add somebody elsewhere for every role of one office alone: `<role>-elsewhere` to person."""
    found = {}
    with program.database.transaction() as tx:
        for role, kind in ELSEWHERE.items():
            office, name = f"elsewhere-{role.lower()}", f"{role}-elsewhere"
            plan = OfficePlan(office, office, kind, address=f"{office}@example.invalid")
            add_office(tx, program.services, plan, by=SEED, now=NOON)
            found[name] = accounts.new_person_id(NOON)
            who = {"id_": found[name], "sign_in": f"{name}@demo", "name": name, "office": office}
            accounts.add_person(
                tx,
                program.services,
                **who,
                roles=[role],
                password=None,
                language="sv",
                by=SEED,
                now=NOON,
            )
    return found
