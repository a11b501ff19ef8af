"""A small installation that answers: offices, people, the shipped process, a clock with hands, and
browsers.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.actions.cases.turn import TurnResult
from service.actions.commands import case_commands
from service.actions.context import Actor
from service.actions.people import accounts
from service.actions.publishing.publish import publish_bundle
from service.actions.releases.bundle import Bundle
from service.actions.releases.prepared import PreparedRelease, PreparedReleases, prepare
from service.actions.releases.step_durations import StepDurations
from service.app import assemble
from service.application import unit_of_work
from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.clock import SetClock
from service.demo.scenarios import resolve
from service.forms import flatten
from service.sandbox.handlers import declared
from service.security.keyring import Keyring, make_keyring
from service.security.passwords import Passwords
from service.security.vault import Vault
from service.settings import Settings
from service.store.database import Database
from service.store.installation import installation_settings as kept_settings
from service.store.installation import offices
from service.store.transaction import Tx
from tests.support.apps import application

START = "Start_PersonIdentified"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SEED = Actor("seed")
PASSWORD = "correct horse battery staple"
BOARD, HELSINKI = "lansstyrelsen-stockholm", "iom-helsinki"
"""As the shipped configuration names the office that approves, and IOM's."""
OFFICES = (
    ("social", "Social", "SOCIALTJANST", "Europe/Stockholm"),
    (BOARD, "Board", "MYNDIGHET", "Europe/Stockholm"),
    (HELSINKI, "Helsinki", "IOM_MISSION", "Europe/Helsinki"),
)
PEOPLE = (
    ("sara", "social", ("ReferringPartner",)),
    ("stina", "social", ("ReferringPartner",)),
    ("omar", BOARD, ("CaseApprover",)),
    ("maja", BOARD, ("owner",)),
    ("greta", BOARD, ("auditor",)),
)
ONCE = re.compile(r'name="_once" value="([0-9A-Z]{26})"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@cache
def bundle() -> Bundle:
    return shipped_bundle(Settings())


@cache
def usual() -> dict[str, Any]:
    """Form to what people usually answer."""
    found: dict[str, Any] = json.loads(
        (Path(Settings().workflows_dir) / "scenarios" / "answers.json").read_text(encoding="utf-8")
    )
    return found


def shown(answer: TestResponse) -> TestResponse:
    """A page with white space as a browser shows it: one space where its template breaks a line
    before an indent.
    """
    if answer.mimetype == "text/html":
        answer.set_data(re.sub(r"\n +", " ", answer.get_data(as_text=True)))
    return answer


@dataclass
class Browser:
    """One person's browser: keeps cookies, and sends the hidden fields of the page it is on."""

    client: FlaskClient
    page: TestResponse | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    def get(self, path: str, **more: Any) -> TestResponse:
        answer = shown(self.client.get(path, **more))
        if answer.mimetype == "text/html":
            self.page = answer
        return answer

    def hidden(self) -> dict[str, str]:
        """The token and the key of the first form on the page."""
        assert self.page is not None
        once, token = ONCE.search(self.page.text), TOKEN.search(self.page.text)
        return {"_once": once[1] if once else "", "csrf_token": token[1] if token else ""}

    def post(self, path: str, data: Mapping[str, object], **more: Any) -> TestResponse:
        answer = shown(
            self.client.post(path, data={**self.hidden(), **data}, headers=self.headers, **more)
        )
        if answer.mimetype == "text/html" and answer.status_code != 303:
            self.page = answer
        return answer

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", {"user": name, "password": password})


@dataclass
class Town:
    """The installation, and what a test does to it."""

    program: Tresteg
    clock: SetClock
    app: Flask
    woken: list[str]

    def browser(self, name: str = "") -> Browser:
        """A browser; signed in when a person is named."""
        made = Browser(self.app.test_client())
        if name:
            assert made.sign_in(name).status_code == 303
        return made

    def move(self, verb: Callable[[Tx], TurnResult]) -> TurnResult:
        return unit_of_work.run(
            self.program.database, self.program.services, verb, now=self.clock.now()
        )

    def person(self, name: str) -> accounts.SignedInPerson:
        with self.program.database.transaction(write=False) as tx:
            found = accounts.person(tx, self.program.services, f"p_{name}")
        assert found is not None
        return found

    def start_case(self, by: str = "sara", **answers: str) -> TurnResult:
        """A new case; its first task waits for the office of `by`."""
        who = self.person(by)
        now = self.clock.now()
        given = flatten(
            resolve({**usual()["start_case"], **answers}, now, ZoneInfo(who.office.zone))
        )
        return self.move(
            lambda tx: case_commands.start_case(
                tx,
                self.program.services,
                by=who.viewer,
                element=START,
                answers=given,
                now=now,
            )
        )


@cache
def shipped_release() -> PreparedRelease:
    """The shipped files, linted and built once a session: they are the same for every test."""
    return prepare(bundle(), declared(), process="return_case")


@pytest.fixture(scope="session")
def quick() -> Passwords:
    """Hashes that take no time."""
    return Passwords(memory=64, rounds=1)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        database_url=database_url, secret_key=secrets.token_urlsafe(16), base_url="http://localhost"
    )


@cache
def _first(settings: Settings, *, demo: bool) -> Tresteg:
    """What is the same for every database and keyring: the configuration that was read."""
    return assemble(settings, keyring=make_keyring(demo=demo))


def assembled(
    settings: Settings, clock: SetClock, keyring: Keyring, passwords: Passwords
) -> Tresteg:
    """As `assemble`, which reads the configuration only once for all tests of a process."""
    first = _first(replace(settings, database_url="sqlite://", secret_key=""), demo=keyring.demo)
    services = replace(
        first.services,
        vault=Vault(keyring),
        prepared=PreparedReleases(first.services.topics),
        usual=StepDurations(),
    )
    database = Database(settings.database_url)
    return replace(
        first,
        settings=settings,
        database=database,
        services=services,
        clock=clock,
        passwords=passwords,
    )


@pytest.fixture
def program(
    settings: Settings, clock: SetClock, keyring: Keyring, quick: Passwords
) -> Iterator[Tresteg]:
    """Offices and people, no release."""
    made = assembled(settings, clock, keyring, quick)
    with made.database.transaction() as tx:
        for id_, name, kind, zone in OFFICES:
            accounts.add_office(
                tx,
                made.services,
                office=offices.Office(id_, name, kind, [], [], "sweden", zone, "sv"),
                address="",
                by=SEED,
                now=NOON,
            )
        password = quick.hash(PASSWORD)
        for name, office, roles in PEOPLE:
            who = {"id_": f"p_{name}", "sign_in": name, "name": name.title(), "office": office}
            accounts.add_person(
                tx,
                made.services,
                **who,
                roles=roles,
                password=password,
                language="en",
                by=SEED,
                now=NOON,
            )
        kept_settings.put(tx, "demo.people", '{"sara": "p_sara", "omar": "p_omar"}')
    yield made
    made.database.close()


@pytest.fixture
def town(program: Tresteg, clock: SetClock) -> Town:
    """The installation at its address."""
    woken: list[str] = []
    app = application(program, lambda: woken.append("worker"))
    app.testing = False
    if not {"tasks", "cases"} <= set(app.blueprints):
        app.url_build_error_handlers.append(lambda _error, endpoint, _values: f"/later/{endpoint}")
    return Town(program, clock, app, woken)


@pytest.fixture
def working(town: Town) -> Town:
    """The installation with the shipped process in force."""
    with town.program.database.transaction() as tx:
        publish_bundle(tx, town.program.services, by=SEED, now=NOON, prepared=shipped_release())
    return town
