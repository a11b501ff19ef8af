"""Threads that write to one SQLite file go in one after the other, in the order they came."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from service.errors import Busy
from service.store.database import Database
from service.store.drivers.writer_queue import NestedWriting, WriterQueue
from service.store.installation import rate_limits
from service.store.transaction import Tx
from tests.store.sample_rows import NOON

LONG = 60_000
"""Milliseconds that no test waits."""


@pytest.fixture
def file(empty_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite file for which a thread waits as long as it takes."""
    shutil.copyfile(empty_sqlite, tmp_path / "queue.db")
    database = Database(f"sqlite:///{tmp_path / 'queue.db'}", patience=LONG)
    yield database
    database.close()


def count(tx: Tx) -> int:
    hour = timedelta(hours=1)
    return rate_limits.hit(tx, b"key", now=NOON, window=NOON - hour).count


def wait_for(queue: WriterQueue, many: int) -> None:
    """Wait until so many threads stand in a queue."""
    moment = threading.Event()
    while len(queue._waiting) < many:
        moment.wait(0.001)


def test_turns_are_given_in_the_order_of_coming() -> None:
    queue, order = WriterQueue("the file", LONG), list[int]()

    def write(nth: int) -> None:
        with queue.turn() as turn:
            turn.wait()
            order.append(nth)

    with ThreadPoolExecutor(8) as pool, queue.turn() as turn:
        turn.wait()
        for nth in range(8):
            pool.submit(write, nth)
            wait_for(queue, nth + 1)
    assert order == list(range(8))


def test_many_threads_all_write_and_none_is_left_out(file: Database) -> None:
    def write(_nth: int) -> int:
        with file.transaction() as tx:
            return count(tx)

    with ThreadPoolExecutor(12) as pool:
        counted = sorted(pool.map(write, range(240)))
    assert counted == list(range(1, 241))


def test_nobody_who_queues_looks_whether_the_file_is_free(file: Database) -> None:
    begun: list[str] = []

    def write(_nth: int) -> None:
        with file.transaction() as tx:
            count(tx)

    with (
        file.listening(lambda text, _values, _many: begun.append(text)),
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(write, range(40)))
    assert begun.count("BEGIN IMMEDIATE") == 40


def test_whose_turn_does_not_come_in_time_is_told_busy() -> None:
    queue = WriterQueue("the file", 20)
    with ThreadPoolExecutor(1) as pool, queue.turn() as turn:
        turn.wait()
        hasty = pool.submit(lambda: queue.turn().wait())
        with pytest.raises(Busy, match="the file did not answer in time; nothing was saved"):
            hasty.result()
    with queue.turn() as turn:  # and it stands in nobody's way
        turn.wait()


def test_a_thread_that_fails_gives_its_turn_to_the_next(file: Database) -> None:
    with (  # noqa: PT012 - the whole block is what fails
        pytest.raises(ZeroDivisionError),
        file.transaction() as tx,
    ):
        count(tx)
        raise ZeroDivisionError
    with file.transaction() as tx:
        assert count(tx) == 1


def test_writing_within_writing_is_refused_at_once(file: Database) -> None:
    with file.transaction() as tx:
        with pytest.raises(NestedWriting), file.transaction():
            pass
        assert count(tx) == 1
    with file.transaction() as tx:
        assert count(tx) == 2


def test_reading_within_writing_waits_for_nobody(file: Database) -> None:
    with file.transaction() as tx:
        count(tx)
        with file.transaction(write=False) as reading:
            assert rate_limits.get(reading, b"key") is None


def test_the_last_moment_of_patience_loses_no_turn() -> None:
    queue, done = WriterQueue("the file", 1), list[str]()

    def write() -> None:
        try:
            with queue.turn() as turn:
                turn.wait()
                threading.Event().wait(0.001)
                done.append("wrote")
        except Busy:
            done.append("gave up")

    threads = [threading.Thread(target=write) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 200
    assert "wrote" in done
    with queue.turn() as turn:
        turn.wait()
