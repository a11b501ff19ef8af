"""One transaction: everything or nothing, and a lost race has one name."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from sqlalchemy import text

from service.errors import Busy, CaseMoved
from service.security.records import LedgerEntry
from service.store.at_hand import AtHand
from service.store.casefile import cases
from service.store.database import Database
from service.store.installation import idempotency, installation_values, ledger_entries, offices
from service.store.row_scope import as_system
from service.store.transaction import Tx
from tests.store.sample_rows import SampleRows
from tests.support.waiting import LONGEST, join

REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError)
"""What the drivers call a row that the tables do not take."""


def test_leaving_commits_and_then_calls_the_hooks(database: Database) -> None:
    called: list[str] = []

    def hook() -> None:
        with database.transaction(write=False) as tx:
            called.append(installation_values.get(tx, "colour"))

    with database.transaction() as tx:
        installation_values.put(tx, "colour", "blue")
        tx.after_commit(hook)
        tx.after_commit(hook)
        assert called == []
    assert called == ["blue"]


def test_an_exception_rolls_back_and_calls_no_hook(database: Database) -> None:
    called: list[str] = []
    with (  # noqa: PT012 - the whole block is what fails
        pytest.raises(RuntimeError, match="no"),
        database.transaction() as tx,
    ):
        installation_values.put(tx, "colour", "blue")
        tx.after_commit(lambda: called.append("hook"))
        raise RuntimeError("no")
    with database.transaction(write=False) as tx:
        assert installation_values.get(tx, "colour", "none") == "none"
    assert called == []


def test_who_saves_an_older_case_hears_that_it_moved(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
    with database.transaction() as tx:
        cases.save(
            tx, replace(samples.case("c000"), rev=2, stage="2"), sums=samples.sums(tx, "c000")
        )
        sums = samples.sums(tx, "c000")
    with pytest.raises(CaseMoved), database.transaction() as tx:
        cases.save(tx, replace(samples.case("c000"), rev=2, stage="3"), sums=sums)
    with database.transaction(write=False) as tx:
        found = cases.get(tx, "c000")
        assert found is not None
        assert (found.rev, found.stage) == (2, "2")


def test_of_many_who_move_one_case_at_once_one_wins(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        sums = samples.sums(tx, "c000")
    together, outcomes = threading.Barrier(6, timeout=LONGEST), []

    def move(stage: str) -> None:
        together.wait()
        try:
            with database.transaction() as tx:
                cases.save(tx, replace(samples.case("c000"), rev=2, stage=stage), sums=sums)
        except CaseMoved:
            outcomes.append("moved")
        else:
            outcomes.append(stage)

    threads = [threading.Thread(target=move, args=(f"s{nth}",)) for nth in range(6)]
    for thread in threads:
        thread.start()
    join(*threads)
    assert sorted(outcomes)[:5] == ["moved"] * 5
    with database.transaction(write=False) as tx:
        found = cases.get(tx, "c000")
        assert found is not None
        assert found.stage in outcomes


def test_two_lines_with_one_number_are_a_lost_race(database: Database, samples: SampleRows) -> None:
    line = LedgerEntry("system", 1, "00" * 16, "sign_in", samples.noon, "p", "o", "{}")
    with database.transaction() as tx:
        ledger_entries.add(tx, line)
    with pytest.raises(CaseMoved), database.transaction() as tx:
        ledger_entries.add(tx, line)


def test_readers_at_once_do_not_take_each_others_number(
    database: Database, samples: SampleRows
) -> None:
    def look(_n: int) -> None:
        with database.transaction() as tx:
            seq, _ = ledger_entries.end(tx, "reads/c")
            entry = LedgerEntry("reads/c", seq + 1, "00", "read", samples.noon, "", "", "{}")
            ledger_entries.add(tx, entry)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(40)))  # none is refused
    with database.transaction(write=False) as tx:
        assert ledger_entries.end(tx, "reads/c")[0] == 40


def test_an_office_twice_is_a_mistake_and_no_race(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx)
    with pytest.raises(REFUSED), database.transaction() as tx:
        offices.add(
            tx, offices.Office("north", "North", "NGO", [], [], "se", "Europe/Stockholm", "sv")
        )


def test_a_row_that_points_to_nothing_is_refused(database: Database, samples: SampleRows) -> None:
    with pytest.raises(REFUSED), database.transaction() as tx:
        cases.add(tx, samples.case("c000"))


def test_a_database_that_does_not_answer_in_time_is_busy(
    database: Database, database_url: str
) -> None:
    hasty = Database(database_url, patience=20)
    hasty.row_mac = database.row_mac
    with database.transaction() as first:
        installation_values.put(first, "colour", "blue")
        if database.postgres:
            first.run(as_system("schema", text("LOCK TABLE setting IN ACCESS EXCLUSIVE MODE")))
        with pytest.raises(Busy), hasty.transaction() as second:
            installation_values.put(second, "colour", "red")
    with hasty.transaction() as third:
        assert installation_values.get(third, "colour") == "blue"
    hasty.close()


def test_a_writer_that_waits_looks_again_and_again(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.postgres:
        return  # it queues those who wait
    hasty, naps = Database(database_url, patience=200), list[float]()

    def nap(_least: float, most: float) -> float:
        naps.append(most)
        return most / 2

    monkeypatch.setattr("service.store.connections.random.uniform", nap)
    with database.transaction() as first:
        installation_values.put(first, "colour", "blue")
        with pytest.raises(Busy), hasty.transaction():
            pass
    assert len(naps) > 10
    with hasty.transaction(write=False) as tx:
        assert tx.conn.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 200
    hasty.close()


def test_a_database_that_cannot_be_reached_is_busy() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Busy), away.transaction():
        pass


def test_readers_see_one_moment_and_do_not_wait_for_a_writer(database: Database) -> None:
    with database.transaction() as writer:
        installation_values.put(writer, "colour", "blue")
        with database.transaction(write=False) as reader:
            assert installation_values.get(reader, "colour", "none") == "none"


def test_what_is_committed_meanwhile_is_not_read(database: Database) -> None:
    with database.transaction(write=False) as reader:
        assert installation_values.get(reader, "colour", "none") == "none"
        with database.transaction() as writer:
            installation_values.put(writer, "colour", "blue")
        assert installation_values.get(reader, "colour", "none") == "none"


def read_of(tx: Tx, *request: str) -> tuple[AtHand, idempotency.Request]:
    """What was read for a request, and the request."""
    asked = idempotency.Request(*request)
    return idempotency.read(tx, asked), asked


def test_moments_come_back_in_utc_to_the_microsecond(
    database: Database, samples: SampleRows
) -> None:
    stockholm = timezone(timedelta(hours=1))
    local = samples.noon.astimezone(stockholm)
    with database.transaction() as tx:
        idempotency.add(
            tx, idempotency.IdempotentAnswer("k", "p", "r", "00" * 16, 303, "/inbox", local)
        )
        found = idempotency.find(*read_of(tx, "k", "p", "r", "00" * 16))
    assert found is not None
    assert found.at == samples.noon
    assert found.at.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"), database.transaction() as tx:
        idempotency.add(
            tx,
            idempotency.IdempotentAnswer(
                "k",
                "p",
                "r",
                "00" * 16,
                303,
                "/inbox",
                datetime(2026, 1, 1),  # noqa: DTZ001 - that is the fault
            ),
        )


def test_a_transaction_is_one_beginning_and_one_commit(
    database: Database, statements: list[str]
) -> None:
    with database.transaction() as tx:
        installation_values.put(tx, "colour", "blue")
    begun = [s for s in statements if s.startswith("BEGIN")]
    assert begun == ([] if database.postgres else ["BEGIN IMMEDIATE"])
    assert len(statements) - len(begun) == 2


def test_a_listener_hears_of_a_commit_and_of_nothing_else(database: Database) -> None:
    heard = database.listen("jobs", timeout=5)
    assert next(heard) == ""
    if not database.postgres:
        with pytest.raises(RuntimeError), database.transaction() as tx:  # noqa: PT012 - the whole block is what fails
            installation_values.put(tx, "colour", "blue")
            raise RuntimeError
        assert list(database.listen("jobs", timeout=0.1)) == [""]
        with database.transaction() as tx:
            installation_values.put(tx, "colour", "blue")
        assert next(heard) == ""
        heard.close()
        return
    with pytest.raises(RuntimeError), database.transaction() as tx:  # noqa: PT012 - the whole block is what fails
        tx.notify("jobs", "rolled back")
        raise RuntimeError
    with database.transaction() as tx:
        tx.notify("jobs", "due")
    assert next(heard) == "due"
    heard.close()
