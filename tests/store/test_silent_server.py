"""PostgreSQL goes without a word: nobody waits for it without an end, and then all is well."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy import make_url, text

from service.errors import BadSettings, Busy
from service.store import connections, watched_connection
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.installation import offices
from service.store.row_scope import as_system
from service.store.transaction import Tx
from tests.support.emptied import EmptiedDatabases
from tests.support.stalling_proxy import StallingProxy, stalling_proxy
from tests.support.waiting import LONGEST
from tests.support.world import World

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _looks_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits looks soon whether the server is there; how long one look takes is real."""
    monkeypatch.setattr(watched_connection, "SILENCE", 0.2)


@pytest.fixture
def direct_url(postgres_databases: EmptiedDatabases) -> Iterator[str]:
    """The address of a database of its own."""
    name = postgres_databases.take()
    yield postgres_databases.named(name)
    postgres_databases.give_back(name)


@pytest.fixture
def proxy(direct_url: str) -> Iterator[StallingProxy]:
    """What stands between program and server, and can stop to forward."""
    folder = str(make_url(direct_url).query["host"])
    with stalling_proxy(f"{folder}/.s.PGSQL.5432") as found:
        yield found


@pytest.fixture
def database_url(direct_url: str, proxy: StallingProxy) -> str:
    """The same database, through the proxy."""
    url = make_url(direct_url).set(host="127.0.0.1", port=proxy.port, query={})
    return url.render_as_string(hide_password=False)


def beside(work: Callable[[], Any]) -> Future[Any]:
    """Work in a thread that nobody waits for when the test ends."""
    found: Future[Any] = Future()

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as fault:  # noqa: BLE001 - raised where it is waited for
            found.set_exception(fault)

    threading.Thread(target=run, daemon=True).start()
    return found


def look(database: Database) -> int:
    with database.transaction(write=False) as tx:
        return len(offices.everyone(tx))


def write(database: Database) -> None:
    with database.transaction() as tx:
        offices.everyone(tx)


def test_every_road_ends_when_the_server_is_silent(database_url: str, proxy: StallingProxy) -> None:
    with_nothing_kept, database = (Database(database_url).within(WHOLE) for _ in range(2))
    look(database)
    assert database.wrong() == []
    proxy.stall()
    waiting = [beside(lambda: look(database)), beside(lambda: look(with_nothing_kept))]
    waiting += [beside(lambda: write(database)), beside(database.wrong)]
    for one in waiting:
        with pytest.raises(Busy):
            one.result(LONGEST)
    proxy.go_on()
    assert look(database) == look(with_nothing_kept) == 0
    assert database.wrong() == []
    database.close()
    with_nothing_kept.close()


def test_a_transaction_in_the_middle_ends(database_url: str, proxy: StallingProxy) -> None:
    database = Database(database_url).within(WHOLE)

    def middle(then: Callable[[Tx], object]) -> None:
        with database.transaction() as tx:
            offices.everyone(tx)
            proxy.stall()
            then(tx)

    def breaks(_tx: Tx) -> None:
        raise LookupError("a fault of ours, while the server is silent")

    with pytest.raises(Busy):
        beside(lambda: middle(offices.everyone)).result(LONGEST)
    proxy.go_on()
    with pytest.raises(LookupError):
        beside(lambda: middle(breaks)).result(LONGEST)
    proxy.go_on()
    assert look(database) == 0
    database.close()


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """The server and all its processes stand still."""
    with psycopg.connect(url) as conn:
        (folder,) = conn.execute("SHOW data_directory").fetchone() or ("",)
    first = (Path(folder) / "postmaster.pid").read_text("utf-8").splitlines()[0]
    server = psutil.Process(int(first))
    family = [server]
    try:
        server.send_signal(signal.SIGSTOP)  # it starts no more processes: the list is whole
        family += server.children(recursive=True)
        for one in family[1:]:
            with suppress(psutil.NoSuchProcess):  # the one that served our question is leaving
                one.send_signal(signal.SIGSTOP)
        yield
    finally:
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGCONT)


def test_a_server_that_stands_still_is_not_waited_for(direct_url: str) -> None:
    database = Database(direct_url).within(WHOLE)
    look(database)
    with stopped(direct_url), pytest.raises(Busy):
        beside(lambda: look(database)).result(LONGEST)
    assert look(database) == 0
    database.close()


def test_what_takes_long_is_waited_for(direct_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_connection, "SILENCE", 0.02)
    looked = list[bool]()
    is_there = watched_connection.WatchedConnection._is_there

    def watched(self: watched_connection.WatchedConnection) -> bool:
        looked.append(is_there(self))
        return looked[-1]

    monkeypatch.setattr(watched_connection.WatchedConnection, "_is_there", watched)
    database = Database(direct_url)
    slow = "SELECT 7 FROM pg_sleep(0.3)"
    with database.engine.connect() as conn:
        assert conn.execute(as_system("schema", text(slow))).scalar_one() == 7
    assert looked
    assert all(looked)
    database.close()


def test_a_statement_beyond_every_limit_is_given_up(
    direct_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_connection, "SILENCE", 0.02)
    monkeypatch.setattr(watched_connection, "BEYOND", 0.0)
    given = dict(make_url(direct_url).translate_connect_args(username="user", database="dbname"))
    given["host"] = make_url(direct_url).query["host"]
    with (
        watched_connection.connect(given, 0.1) as conn,
        pytest.raises(watched_connection.ServerSilent),
    ):
        conn.execute("SELECT pg_sleep(60)")


def test_a_listener_hears_nothing_of_a_silence_and_ends(
    database_url: str, proxy: StallingProxy
) -> None:
    database = Database(database_url)
    listening = database.listen("news", timeout=0.1)
    assert next(listening) == ""
    assert list(listening) == []
    proxy.stall()
    with pytest.raises(Busy):
        beside(lambda: next(database.listen("news", timeout=0.1))).result(LONGEST)
    database.close()


def test_pages_and_readyz_answer_and_then_all_is_well(world: World, proxy: StallingProxy) -> None:
    browser = world.browser("sara")
    assert browser.get("/inbox").status_code == 200
    why = {"worker"} | set(browser.get("/readyz").get_json()["why"])
    proxy.stall()
    ready = beside(lambda: world.app.test_client().get("/readyz")).result(LONGEST)
    assert ready.status_code == 503
    assert ready.get_json()["why"] == ["database"]
    page = beside(lambda: browser.get("/inbox")).result(LONGEST)
    assert page.status_code == 503
    proxy.go_on()
    assert browser.get("/inbox").status_code == 200
    assert set(world.app.test_client().get("/readyz").get_json()["why"]) <= why


def options_of(url: str) -> dict[str, Any]:
    """What a connection to an address is made with."""
    made = connections.address(url)
    _, given = made.get_dialect()().create_connect_args(made)
    return connections._arguments(given, "-c lock_timeout=5000")


def test_what_the_address_says_goes_before_what_we_say() -> None:
    plain = options_of("postgresql://u@h/db")
    assert plain["connect_timeout"] == connections.CONNECT_SECONDS
    assert plain["tcp_user_timeout"] == 8_000
    assert plain["options"] == "-c lock_timeout=5000"
    own = options_of(
        "postgresql://u@h/db?connect_timeout=20&keepalives=0&options=-c%20lock_timeout%3D1"
    )
    assert own["connect_timeout"] == "20"
    assert own["keepalives"] == "0"
    assert own["options"].endswith("-c lock_timeout=1"), "the last one holds"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://u@h1:1,h2:2/db", "h1,h2", "1,2"),
        ("postgresql://u@h1,h2/db?target_session_attrs=read-write", "h1,h2", None),
        ("postgresql+psycopg://u:p@h1:1,h2:2/db", "h1,h2", "1,2"),
        ("postgresql://h1:1,h2:2/db", "h1,h2", "1,2"),
    ],
)
def test_an_address_may_name_several_hosts(url: str, host: str, port: str | None) -> None:
    given = options_of(url)
    assert (given["host"], given["dbname"]) == (host, "db")
    assert (given.get("port") or None) in {port, ","}
    assert given.get("target_session_attrs", "read-write") == "read-write"


def test_the_host_that_answers_is_found(direct_url: str, proxy: StallingProxy) -> None:
    made, database = make_url(direct_url), "127.0.0.1:1,127.0.0.1:{}/{}"
    there = database.format(proxy.port, made.database)
    found = Database(f"postgresql://{made.username}@{there}").within(WHOLE)
    assert look(found) == 0
    found.close()


@pytest.mark.parametrize("url", ["postgresql://u@h:port/db", "postgresql://u@h:1:2/db"])
def test_an_address_that_is_none_gets_a_sentence(url: str) -> None:
    with pytest.raises(BadSettings, match="the database address is none"):
        Database(url)
