"""One commit writes what several threads wait to write to one SQLite file."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from service.errors import Busy, TaskClosed
from service.store.database import Database
from service.store.drivers import write_groups
from service.store.drivers.kept_connections import TransactionConnection
from service.store.drivers.write_groups import WriteGroup
from service.store.installation import rate_limits
from service.store.transaction import Tx
from tests.store.sample_rows import NOON
from tests.support.full_disk import no_room

LONG = 60_000
"""Milliseconds that no test waits."""
HOUR = timedelta(hours=1)


@pytest.fixture
def file(empty_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A SQLite file; a group takes pieces however long a test takes."""
    monkeypatch.setattr(write_groups, "LONGEST", LONG)
    shutil.copyfile(empty_sqlite, tmp_path / "groups.db")
    database = Database(f"sqlite:///{tmp_path / 'groups.db'}", patience=LONG)
    yield database
    database.close()


@pytest.fixture
def commits(file: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who commits to the file, by the name of the thread."""
    made, commit = list[str](), TransactionConnection.commit

    def committing(connection: TransactionConnection) -> None:
        if connection.driver.in_transaction and connection._engine is file.engine:
            made.append(threading.current_thread().name)
        commit(connection)

    monkeypatch.setattr(TransactionConnection, "commit", committing)
    return made


def count(tx: Tx, key: str) -> None:
    rate_limits.hit(tx, key.encode(), now=NOON, window=NOON - HOUR)


def saved(file: Database, keys: str) -> str:
    """Which of these keys are counted."""
    with file.transaction(write=False) as tx:
        return "".join(key for key in keys if rate_limits.get(tx, key.encode()) is not None)


def side_by_side(
    file: Database,
    *pieces: Callable[[Tx], object],
    grouped: bool = True,
    ended: Callable[[Future[None]], object] = id,
    disk: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> list[Future[None]]:
    """Run pieces of work of as many threads, each of which has come before the first is done.

    Args:
        ended: called by the thread of a piece that has ended.
        disk: what becomes of the disk when all have come, until they have ended.
    """
    first_is_in, all_wait = threading.Event(), threading.Event()

    def run(piece: Callable[[Tx], object], *, first: bool) -> None:
        with file.transaction(grouped=grouped) as tx:
            if first:
                first_is_in.set()
                all_wait.wait()
            piece(tx)

    with ExitStack() as after, ThreadPoolExecutor(len(pieces)) as pool:
        done = [pool.submit(run, pieces[0], first=True)]
        done[0].add_done_callback(ended)
        first_is_in.wait()
        for n, piece in enumerate(pieces[1:], 1):
            done.append(pool.submit(run, piece, first=False))
            done[-1].add_done_callback(ended)
            while len(file._writers._waiting) < n:
                threading.Event().wait(0.001)
        after.enter_context(disk())
        all_wait.set()
    return done


def counting(key: str) -> Callable[[Tx], object]:
    return lambda tx: count(tx, key)


def failing(key: str) -> Callable[[Tx], object]:
    def piece(tx: Tx) -> None:
        count(tx, key)
        raise ZeroDivisionError

    return piece


def test_one_commit_writes_what_several_threads_did(file: Database, commits: list[str]) -> None:
    for done in side_by_side(file, *map(counting, "abcd")):
        done.result()
    assert len(commits) == 1
    assert saved(file, "abcd") == "abcd"


def test_nobody_goes_on_before_the_commit_of_the_last(file: Database, commits: list[str]) -> None:
    went_on: list[tuple[str, int]] = []

    def piece(key: str) -> Callable[[Tx], object]:
        def work(tx: Tx) -> None:
            count(tx, key)
            tx.after_commit(lambda: went_on.append((key, len(commits))))

        return work

    for done in side_by_side(file, *map(piece, "abc")):
        done.result()
    assert sorted(went_on) == [("a", 1), ("b", 1), ("c", 1)]


def test_a_group_takes_only_so_many_pieces(file: Database, commits: list[str]) -> None:
    keys = "abcdefghijklm"
    for done in side_by_side(file, *map(counting, keys)):
        done.result()
    assert len(commits) == -(-len(keys) // write_groups.MOST)
    assert saved(file, keys) == keys


def test_a_group_ends_when_it_has_taken_its_time(
    file: Database, commits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_groups, "LONGEST", 0.0)
    for done in side_by_side(file, *map(counting, "abc")):
        done.result()
    assert len(commits) == 3


def test_who_takes_no_open_transaction_commits_alone(file: Database, commits: list[str]) -> None:
    for done in side_by_side(file, *map(counting, "abc"), grouped=False):
        done.result()
    assert len(commits) == 3
    assert saved(file, "abc") == "abc"


@pytest.mark.parametrize("at", range(4))
def test_a_piece_that_fails_is_undone_alone(file: Database, at: int) -> None:
    keys = "abcd"
    pieces = [failing(key) if n == at else counting(key) for n, key in enumerate(keys)]
    done = side_by_side(file, *pieces)
    faults = [one.exception() for one in done]
    assert [type(fault) for fault in faults if fault is not None] == [ZeroDivisionError]
    assert faults[at] is not None
    assert saved(file, keys) == keys.replace(keys[at], "")
    with file.transaction() as tx:  # and it stands in nobody's way
        count(tx, "e")


def test_a_commit_that_fails_saves_nothing_of_any_piece(
    file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: TransactionConnection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(TransactionConnection, "commit", fail)
        done = side_by_side(file, *map(counting, "abc"))
    faults = [one.exception() for one in done]
    assert None not in faults
    assert sum(isinstance(fault, Busy) for fault in faults) >= 2, "they may try again"
    assert saved(file, "abc") == ""
    with file.transaction() as tx:
        count(tx, "d")
    assert saved(file, "d") == "d"


def refusing(key: str) -> Callable[[Tx], object]:
    """A piece that refuses because of what another one did, which is not on the disk yet."""

    def piece(tx: Tx) -> None:
        if rate_limits.get(tx, key.encode()) is not None:
            raise TaskClosed

    return piece


def looking(key: str) -> Callable[[Tx], object]:
    return lambda tx: rate_limits.get(tx, key.encode())


@pytest.mark.parametrize("others", [[0], [1], [2], [0, 0], [1, 0], [2, 1, 0], [0, 1, 2, 0]])
def test_nobody_is_told_of_what_a_lost_group_did(file: Database, others: list[int]) -> None:
    """Of pieces that refuse, raise or only look, too: what they saw was nothing."""
    kinds = refusing, failing, looking
    pieces = [counting("a"), *(kinds[n]("a") for n in others)]
    done = side_by_side(file, *pieces, disk=no_room)
    assert [type(one.exception()) for one in done] == [Busy] * len(done)
    assert saved(file, "a") == ""
    with file.transaction(grouped=True) as tx:  # and it stands in nobody's way
        count(tx, "b")
    assert saved(file, "b") == "b"


def test_who_refuses_waits_for_the_commit_of_what_it_saw(
    file: Database, commits: list[str]
) -> None:
    heard = list[int]()

    def listen(done: Future[None]) -> None:
        if isinstance(done.exception(), TaskClosed):
            heard.append(len(commits))

    done = side_by_side(
        file, counting("a"), refusing("a"), refusing("a"), counting("b"), ended=listen
    )
    assert [one.exception() is None for one in done] == [True, False, False, True]
    assert heard == [1, 1]


def test_what_was_raised_before_anybody_else_came_is_told(file: Database) -> None:
    first, second = side_by_side(file, failing("a"), counting("b"), disk=no_room)
    assert isinstance(first.exception(), ZeroDivisionError), "it saw only what was on the disk"
    assert isinstance(second.exception(), Busy)


def test_a_thread_that_is_told_to_end_ends(file: Database) -> None:
    """What is no answer is never taken for a fault of the database."""

    def ends(tx: Tx) -> None:
        count(tx, "b")
        raise SystemExit

    first, second = side_by_side(file, counting("a"), ends, disk=no_room)
    assert isinstance(first.exception(), Busy)
    assert isinstance(second.exception(), SystemExit)


def test_what_sqlite_undoes_by_itself_is_told_to_all(file: Database) -> None:
    def undo_all(tx: Tx) -> None:
        count(tx, "b")
        tx._connection.driver.execute("ROLLBACK")
        raise ZeroDivisionError

    first, second = side_by_side(file, counting("a"), undo_all)
    assert isinstance(first.exception(), Busy)
    assert isinstance(second.exception(), Busy)
    assert saved(file, "ab") == ""


@pytest.mark.parametrize("alone", [True, False])
def test_what_sqlite_undid_unnoticed_is_not_told_as_done(file: Database, *, alone: bool) -> None:
    def undo_all(tx: Tx) -> None:
        count(tx, "b")
        tx._connection.driver.execute("ROLLBACK")

    pieces = [undo_all] if alone else [counting("a"), undo_all]
    assert [type(one.exception()) for one in side_by_side(file, *pieces)] == [Busy] * len(pieces)
    assert saved(file, "ab") == ""


def test_a_piece_that_cannot_begin_stands_in_nobodys_way(
    file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_group: WriteGroup) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(WriteGroup, "begin_piece", fail)
        first, second = side_by_side(file, counting("a"), counting("b"))
    assert isinstance(first.exception(), Busy)
    assert second.exception() is not None
    with file.transaction(grouped=True) as tx:
        count(tx, "c")
    assert saved(file, "abc") == "c"


def test_a_piece_sees_what_those_before_it_did(file: Database) -> None:
    seen: list[bool] = []

    def look(tx: Tx) -> None:
        seen.append(rate_limits.get(tx, b"a") is not None)

    for done in side_by_side(file, counting("a"), look):
        done.result()
    assert seen == [True]


def test_what_somebody_has_heard_of_is_there_after_a_kill(file: Database) -> None:
    """Threads of a process that is killed at any moment have told only what was on the disk."""
    heard, tells = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        write_until_killed(file, tells)
    os.close(tells)
    told = b""
    while told.count(b"\n") < 400:
        told += os.read(heard, 65_536)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while piece := os.read(heard, 65_536):
        told += piece
    os.close(heard)
    keys = told.split(b"\n")[:-1]
    assert len(keys) >= 400
    with file.transaction(write=False) as tx:
        assert [key for key in keys if rate_limits.get(tx, key) is None] == []


def write_until_killed(file: Database, tells: int) -> NoReturn:
    """Count keys in eight threads, and tell each one when its transaction has ended."""

    def write(thread: int) -> None:
        for n in itertools.count():
            key = f"{thread}-{n}"
            with file.transaction(grouped=True) as tx:
                count(tx, key)
            os.write(tells, f"{key}\n".encode())

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    threads[0].join()
    os._exit(1)
