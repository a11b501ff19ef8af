"""How connections to each kind of database are made, and what the database must be set to."""

from __future__ import annotations

import logging
import random
import re
import sqlite3
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from sqlalchemy import URL, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from service.errors import BadSettings, Busy

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection, Engine

    from service.store.watched_connection import WatchedConnection

# its warnings repeat what the server says of a row, values too
logging.getLogger("psycopg").setLevel(logging.ERROR)

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "2",
    "foreign_keys": "1",
    "secure_delete": "1",
    "trusted_schema": "0",
    "temp_store": "2",
}
"""Name to the answer that SQLite gives when it is set as it must be."""

PAGE_BYTES = 8_192
"""Size of a page of a new SQLite file. Each commit writes the pages that it touched whole: with
pages of 16 kB it cost a third more of the processor. A row of a table without rowids that is longer
than a quarter of a page takes further pages for itself, so smaller ones take more room: of 4 kB two
parts in a hundred, of 8 kB one."""

CACHE_KIB = 1_024
"""Memory that each connection to a SQLite file takes for pages at most; what is not there, the
system has in its own cache. A process has up to 24 connections."""

LOOK_AGAIN = 0.0002
"""Seconds on average between two looks whether SQLite's one writer has ended.

SQLite's own waits grow to a tenth of a second each: while a worker drains its queue a person
missed one gap after the other. A look costs some ten microseconds.
"""

CONNECTIONS = 12
"""Pool size of a process: a connection for each thread that answers requests, and for the worker's
threads. Further connections are opened and closed each time, which costs a server process on
PostgreSQL, and setting the pragmas on SQLite."""
BEGIN, BEGIN_WRITING = "BEGIN", "BEGIN IMMEDIATE"
"""How a transaction on SQLite begins that reads, and one that writes."""
POSTGRES_WRITES = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
POSTGRES_READS = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""How one on PostgreSQL begins: a reader sees one moment, as it always does on SQLite."""
COMMIT_LOOK = 0.02
"""Seconds between two looks whether somebody has committed to a SQLite file; each costs some ten
microseconds."""
CONNECT_SECONDS = 3
"""How long a connection to PostgreSQL may take to be made, and how long a thread waits for one of
the pool's."""
SILENT_SERVER = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 8_000,
}
"""What libpq and the kernel do about a server that has gone without a word, unless the address of
the database says otherwise. Source: libpq, "Parameter Key Words"."""
SEVERAL_HOSTS = re.compile(r"(?P<start>[^/]+//(?:[^@/]*@)?)(?P<hosts>[^/?]*,[^/?]*)(?P<rest>.*)")
"""An address with several hosts, as libpq writes them."""
POSTGRES_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")
POSTGRES_OLDEST = 150_000


def address(text: str) -> URL:
    """The address of a database, with our driver.

    Raises:
        BadSettings: it is none, or one of another kind of database.
    """
    try:
        url = make_url(_with_hosts_apart(text))
    except (ArgumentError, ValueError) as e:  # the latter of a port
        raise BadSettings(
            "the database address is none: it must be such as "
            "sqlite:///var/tresteg.db or postgresql://user@host/name"
        ) from e
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise BadSettings(
            f"the database address must begin with sqlite: or postgresql:, not {url.drivername}:"
        )
    return url


def _with_hosts_apart(text: str) -> str:
    """An address with several hosts as SQLAlchemy reads it: it knows only the last port of
    `host:port,host:port`.
    """
    found = SEVERAL_HOSTS.fullmatch(text)
    if found is None or not text.startswith("postgresql"):
        return text
    path, _, query = found["rest"].partition("?")
    hosts = "&".join(f"host={quote(host, safe='')}" for host in found["hosts"].split(","))
    return f"{found['start']}{path}?{hosts}{'&' * bool(query)}{query}"


def pool(url: URL, patience: int, longest: int = 60_000) -> Engine:
    """A pool of connections.

    Args:
        patience: milliseconds that a statement waits for another transaction.
        longest: milliseconds that a statement may take on PostgreSQL; 0 for as long as it needs.
    """
    sqlite = url.drivername == "sqlite"
    return _sqlite(url, patience) if sqlite else _postgres(url, patience, longest)


def _sqlite(url: URL, patience: int) -> Engine:
    """An engine for SQLite: writers queue at BEGIN, readers see one moment."""
    of_file: dict[str, Any] = {
        "pool_size": CONNECTIONS,
        "max_overflow": CONNECTIONS,
        "pool_use_lifo": True,
        "pool_reset_on_return": None,  # whoever begins a transaction ends it
    }
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": patience / 1000},
        **(of_file if url.database not in (None, "", ":memory:") else {}),
    )

    @event.listens_for(engine, "connect")
    def promise(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")  # heard before the first table alone
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")  # a number above 0 counts pages

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        options = conn.get_execution_options()
        driver = _driver(conn)
        if options.get("tresteg_write"):
            begin_writing(driver, patience)
        elif "tresteg_later" not in options:
            driver.execute(BEGIN)

    return engine


def forgo_durability(connection: sqlite3.Connection, _record: object) -> None:
    """Commit on a new connection without waiting for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


def _driver(conn: Connection) -> sqlite3.Connection:
    """The connection as SQLite's own driver has it: SQLAlchemy takes longer for a word that begins
    or ends a transaction than the database itself.
    """
    return cast("sqlite3.Connection", conn.connection.driver_connection)


def begin_writing(driver: sqlite3.Connection, patience: int) -> None:
    """Become SQLite's one writer: look again and again, evenly, until it is free.

    Args:
        patience: milliseconds after which the last look is left to fail.
    """
    last = time.monotonic() + patience / 1000
    with _looking_once(driver, patience):
        while time.monotonic() < last:
            if _became_writer(driver):
                return
            time.sleep(random.uniform(0, 2 * LOOK_AGAIN))  # noqa: S311 - nobody gains from a guess
        driver.execute(BEGIN_WRITING)


@contextmanager
def _looking_once(driver: sqlite3.Connection, patience: int) -> Iterator[None]:
    """SQLite itself does not wait meanwhile."""
    driver.execute("PRAGMA busy_timeout=0")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}")


def _became_writer(driver: sqlite3.Connection) -> bool:
    try:
        driver.execute(BEGIN_WRITING)
    except sqlite3.OperationalError as fault:
        if not fault.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        return False
    return True


def _postgres(url: URL, patience: int, longest: int) -> Engine:
    """An engine for PostgreSQL, with limits so that nothing hangs.

    A connection is not asked whether it still lives before it is used, and none is reset behind a
    transaction that has ended: either would be a round trip of each transaction. A transaction
    whose connection was lost begins on another one, see `PostgresTransaction`.
    """
    limits = {
        "timezone": "UTC",
        "lock_timeout": patience,
        "statement_timeout": longest,
        "idle_in_transaction_session_timeout": 120_000,
    }
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    engine = create_engine(
        url,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",  # the driver must not begin transactions on its own
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        pool_timeout=CONNECT_SECONDS,
        pool_use_lifo=True,
        use_native_hstore=False,  # else each new connection asks whether there is such a type
    )

    @event.listens_for(engine, "do_connect")
    def connect(
        _dialect: object, _record: object, _args: object, given: dict[str, Any]
    ) -> WatchedConnection:
        from service.store import watched_connection  # noqa: PLC0415 - loads the driver

        of_sqlalchemy = {"context": given.pop("context", None)}
        seconds = longest / 1000 if longest else None
        return watched_connection.connect(_arguments(given, options), seconds, **of_sqlalchemy)

    @event.listens_for(engine, "connect")
    def keep(connection: psycopg.Connection[object], _record: object) -> None:
        # who prepares is `Pipeline`; psycopg would throw its statements away when it ends with its
        # own, after a rollback
        connection.prepare_threshold = None

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        options = conn.get_execution_options()
        if "tresteg_later" not in options:
            conn.exec_driver_sql(
                options.get("tresteg_begin", "BEGIN ISOLATION LEVEL READ COMMITTED")
            )

    return engine


def _arguments(given: Mapping[str, Any], options: str = "") -> dict[str, Any]:
    """What a connection to PostgreSQL is made with, as libpq names it.

    Args:
        given: what the address says; it goes before what we say.
        options: settings of the session.
    """
    said = f"{options} {given.get('options', '')}".strip()
    return {**SILENT_SERVER, **given, **({"options": said} if said else {})}


def wrong_settings(conn: Connection) -> Iterator[str]:
    """Sentences about settings that break a promise."""
    if conn.dialect.name == "postgresql":
        version = int(conn.exec_driver_sql("SHOW server_version_num").scalar_one())
        if version < POSTGRES_OLDEST:
            yield f"PostgreSQL must be 15 or newer, this is {version // 10_000}"
        for name in POSTGRES_SETTINGS:
            if conn.exec_driver_sql(f"SHOW {name}").scalar_one() == "off":
                yield f"PostgreSQL must have {name} on"
        return
    for name, value in PRAGMAS.items():
        found = str(conn.exec_driver_sql(f"PRAGMA {name}").scalar_one())
        if found != value:
            yield (
                f"SQLite must have {name} = {value}, it says {found}; "
                "is the file on a network share?"
            )


def notifications(url: URL, channel: str, timeout: float, where: str) -> Generator[str]:
    """What PostgreSQL sends on a channel, heard on a connection of its own.

    Gives "" once it listens, then every payload; ends after `timeout` seconds without one.

    Args:
        where: the database as a sentence names it.
    Raises:
        Busy: the connection was lost.
    """
    import psycopg  # noqa: PLC0415 - its driver is loaded where PostgreSQL is used
    from psycopg import sql  # noqa: PLC0415 - as above

    from service.store import watched_connection  # noqa: PLC0415 - as above

    _, given = url.get_dialect()().create_connect_args(url)
    address = _arguments({name: text for name, text in given.items() if name != "context"})
    try:
        with watched_connection.connect(address, None, autocommit=True) as conn:
            conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            yield ""
            while notification := next(conn.notifies(timeout=timeout, stop_after=1), None):
                yield notification.payload
    except psycopg.OperationalError as fault:
        raise Busy(f"{where} did not answer in time", driver=type(fault).__name__) from fault


def commits(file: str, timeout: float) -> Generator[str]:
    """Gives "" at once, and then after others have committed to a SQLite file.

    SQLite notifies nobody, so this looks at the number that each commit changes; it reads no row
    and takes no lock that a writer waits for. Ends after `timeout` seconds without a commit.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as conn:
        version = _data_version(conn)
        last = time.monotonic() + timeout
        yield ""
        while time.monotonic() < last:
            time.sleep(COMMIT_LOOK)
            found = _data_version(conn)
            if found != version:
                version, last = found, time.monotonic() + timeout
                yield ""


def _data_version(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA data_version").fetchone()[0])
