"""A part of the background that fails is seen everywhere: `/readyz`, `/metrics`, `tresteg doctor`,
`tresteg incident list`, the log; and it ends by itself.
"""

from __future__ import annotations

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from structlog import DropEvent
from structlog.testing import capture_logs

from service import logs
from service.binding import Answer, Letter
from service.casework import clock_guard, restored_copy
from service.casework.incidents import retry_incident
from service.clock import SetClock, to_milliseconds
from service.errors import Busy
from service.operations import background, health, housekeeping, sequencer
from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.checkpoint_folder import NEWEST, CheckpointFolder
from service.security.keyring import Keyring
from service.store.installation import checkpoints, heartbeats, installation_values, ledger_entries
from service.store.row_mapping import values
from service.store.work import batches, incidents
from service.store.work import jobs as job_rows
from service.store.work.batches import Batch
from service.worker import letters, loop, part_failures
from service.worker.loop import Worker
from tests.support.directory import ROLE
from tests.support.smtp import smtp_server
from tests.support.terminal import tresteg
from tests.support.waiting import join, until
from tests.support.world import World, open_world
from tests.worker.test_letters import Postbox
from tests.worker.world import CALLS

OPERATOR = Actor("cli")
WHAT = "a value that nobody may read"
Mended = Callable[[], object]


def broken(*_: object, **_given: object) -> NoReturn:
    raise IndexError(WHAT)


class Running(SetClock):
    """The machine's clock, by which commands look at heartbeats; a test may set it ahead."""

    ahead = timedelta()

    def now(self) -> datetime:
        return to_milliseconds(datetime.now(UTC) + self.ahead)

    def steady(self) -> float:
        return time.monotonic() + self.ahead.total_seconds()

    def set(self, moment: datetime) -> None:
        self.ahead += moment - self.now()


@dataclass
class Seen:
    """What each place says of the background."""

    status: int
    ready: dict[str, Any]
    failures: dict[str, int]
    """Part to the figure in `/metrics`, of those that are not 0."""
    doctor: str
    doctor_ended: int
    listed: str
    rows: list[incidents.Incident]


@dataclass
class Place:
    """An installation whose worker runs by itself, quickly."""

    desk: World
    worker: Worker
    patch: pytest.MonkeyPatch
    folder: Path

    def seen(self) -> Seen:
        """Look at all places, as another process that shares nothing but the database."""
        site = self.desk.again()
        client = site.app.test_client()
        ready, numbers = client.get("/readyz"), client.get("/metrics")
        site.database.close()
        doctor, listed = tresteg("doctor"), tresteg("incident", "list")
        assert listed.exit_code == 0, listed.output
        figures = {
            sample.labels["part"]: int(sample.value)
            for family in text_string_to_metric_families(numbers.text)
            for sample in family.samples
            if sample.name == "tresteg_background_failures"
        }
        assert figures.keys() == background.PARTS.keys()
        return Seen(
            ready.status_code,
            ready.get_json(),
            {part: n for part, n in figures.items() if n},
            doctor.stdout,
            doctor.exit_code,
            listed.stdout,
            self.rows(),
        )

    def rows(self) -> list[incidents.Incident]:
        with self.desk.database.transaction(write=False) as tx:
            return incidents.open_of_installation(tx, background.KIND)

    def entries(self, kind: str) -> int:
        with self.desk.database.transaction(write=False) as tx:
            return sum(e.kind == kind for e in ledger_entries.of_stream(tx, "system"))

    def break_at(self, owner: object, name: str) -> Mended:
        whole = getattr(owner, name)
        self.patch.setattr(owner, name, broken)
        return partial(self.patch.setattr, owner, name, whole)


@pytest.fixture
def place(
    database_url: str, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """A worker that looks again at once."""
    monkeypatch.setattr(loop, "POLL", timedelta(milliseconds=10))
    monkeypatch.setattr(loop, "REMIND", timedelta())
    monkeypatch.setattr(part_failures, "QUIET", timedelta())
    monkeypatch.setattr(letters, "MAIL_PAUSE", timedelta())
    monkeypatch.setattr(sequencer, "EVERY", 0.0)
    monkeypatch.setattr(logs, "begin", lambda _: None)  # else a command takes the captured log away
    monkeypatch.setenv("TRESTEG_DATABASE_URL", database_url)
    monkeypatch.setenv("TRESTEG_KEYS", b64encode(keyring.document().encode()).decode())
    functions = {
        "letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),)),
        "letters.count": lambda _: Answer(),
    }
    desk = open_world(
        database_url, keyring, CALLS, functions=functions, clock=Running(datetime.now(UTC))
    )
    yield Place(desk, desk.worker(), monkeypatch, tmp_path)
    desk.database.close()


@contextmanager
def running(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        join(thread)


@contextmanager
def own_lines() -> Iterator[list[MutableMapping[str, Any]]]:
    """Lines of the log, but for those of threads that were there before: the site of other tests in
    this process has a worker too, which meets the same breaks.
    """
    others = set(threading.enumerate()) - {threading.current_thread()}

    def drop(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Any:
        if threading.current_thread() in others:
            raise DropEvent
        return event

    with capture_logs([drop]) as logged:
        yield logged


def rounds(place: Place) -> Mended:
    return place.break_at(job_rows, "next_moment")


def jobs(place: Place) -> Mended:
    place.desk.start()
    return place.break_at(loop, "run_due")


def reminders(place: Place) -> Mended:
    return place.break_at(housekeeping, "sweep_expired")


def log_review(place: Place) -> Mended:
    return place.break_at(loop, "begin_due_reviews")


def dry_runs(place: Place) -> Mended:
    mend = place.break_at(loop, "run_portion")
    case, now = place.desk.start().case_id, place.desk.clock.now()
    kind, detail = batches.VERIFY, {"office": "o"}
    row = Batch("b", kind, kind, detail, batches.RUNNING, 1, "p_sara", now)
    with place.desk.database.transaction() as tx:
        batches.add(tx, row, [case])
        body: dict[str, ledger_lines.Canonical] = {"batch": row.id, "cases": 1}
        append_entry(tx, "office/o", "verify_begun", by=Actor(row.by), now=now, body=body)
    return mend


def folder_is_gone(place: Place) -> Mended:
    kept = place.folder / "none"
    place.worker.sequencer.folder = CheckpointFolder(kept)
    return kept.mkdir


def checkpoint_ahead(place: Place) -> Mended:
    kept = place.folder / "kept"
    kept.mkdir()
    made = sequencer.Sequencer(
        place.desk.database, place.desk.program.services, place.desk.clock, CheckpointFolder(kept)
    )
    made.run()
    whole = (kept / NEWEST).read_text("utf-8")
    first, size, *rest = whole.split("\n")
    (kept / NEWEST).write_text("\n".join([first, str(int(size) + 99), *rest]), "utf-8")
    place.worker.sequencer.folder = CheckpointFolder(kept)
    return partial((kept / NEWEST).write_text, whole, "utf-8")


def letters_fail(place: Place) -> Mended:
    return place.break_at(loop, "send_review_letters")


def calls(place: Place) -> Mended:
    mend = place.break_at(loop, "run_leased")
    for _ in range(3):
        place.desk.start()

    def again() -> None:
        """One more call: of those that were leased, the leases end in a minute."""
        mend()
        place.desk.start()
        place.worker.wake()

    return again


def listener(place: Place) -> Mended:
    place.worker.is_alone = True
    return place.break_at(place.worker.database, "listen")


def thread_ends(place: Place) -> Mended:
    whole = place.worker._send
    place.patch.setattr(place.worker, "_send", lambda: None)
    return partial(place.patch.setattr, place.worker, "_send", whole)


BROKEN: dict[str, tuple[str, Callable[[Place], Mended], str]] = {
    "a round": (background.ROUNDS, rounds, "IndexError in service.worker.loop:_look:"),
    "jobs": (background.JOBS, jobs, "IndexError in service.worker"),
    "reminders": (background.REMINDERS, reminders, "IndexError in service.worker.loop:_remind:"),
    "the log review": (background.LOG_REVIEW, log_review, "IndexError in service.worker"),
    "batches": (background.BATCHES, dry_runs, "IndexError in service.worker"),
    "no folder": (background.SEQUENCER, folder_is_gone, "checkpoint_not_kept: FileNotFoundError"),
    "ahead": (background.SEQUENCER, checkpoint_ahead, "checkpoint_ahead"),
    "letters": (background.LETTERS, letters_fail, "IndexError in service.worker.loop:_letters:"),
    "calls": (background.CALLS, calls, "IndexError in service.worker"),
    "the listener": (background.LISTENER, listener, "IndexError in service.worker.loop:_hear:"),
    "a thread": (background.THREADS, thread_ends, "letters"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_part_that_fails_is_seen_everywhere_and_ends_by_itself(place: Place, name: str) -> None:
    part, breaks, error = BROKEN[name]
    worker, about = place.worker, background.PARTS[part]
    with own_lines() as logged:
        mend = breaks(place)
        with running(worker):
            until(place.rows, "the incident")
            seen = place.seen()
            count = worker.failures.parts[part].failures
            mend()
            until(lambda: not place.rows(), "its end")
            until(lambda: not worker.failures.parts, "that nothing is kept")
            until(lambda: place.seen().failures == {}, "that no part fails")
            over = place.seen()
    assert seen.ready["failing"] == [part]
    assert seen.ready["why"] == ([part] if about.unready else [])
    assert seen.status == (503 if about.unready else 200)
    assert list(seen.failures) == [part]
    assert seen.failures[part] >= background.FAILURES
    (row,) = seen.rows
    assert (row.case_id, row.element) == (None, part)
    assert row.error.startswith(error)
    for said in (seen.doctor, seen.listed):
        assert about.lack("en") in said
        assert about.remedy("en") in said
        assert row.error in said
    assert seen.doctor_ended == (1 if about.unready else 0)
    assert row.id in seen.listed
    assert place.entries("part_failing") == place.entries("part_over") == 1
    once = [line for line in logged if line["event"] == "part_failing"]
    assert [(line["part"], line["error"]) for line in once] == [(part, row.error)]
    assert [line["part"] for line in logged if line["event"] == "part_recovered"] == [part]
    assert WHAT not in str((logged, seen))
    lines = [line for line in logged if line.get("part") == part and "tries" in line]
    assert len(lines) <= 6 + len(str(count)), "the log counts"
    assert (over.status, over.doctor_ended, over.listed) == (200, 0, "")
    assert "failing" not in over.ready
    assert place.desk.faults() == []


def test_an_entry_that_is_missing_is_seen(place: Place) -> None:
    """The others get their places."""
    with place.desk.database.transaction() as tx:
        for _ in range(3):
            append_entry(tx, "office/x", "sign_in", by=OPERATOR, now=place.desk.clock.now())
    delete_waiting(place.desk, "office/x", 2)
    with running(place.worker):
        until(place.rows, "the incident")
        seen = place.seen()
    assert seen.ready["why"] == [background.SEQUENCER]
    assert seen.rows[0].error == "entry_missing: office/x"


def test_an_entry_that_somebody_put_in_is_seen_and_not_signed(place: Place) -> None:
    with place.desk.database.transaction() as tx:
        end = ledger_entries.end(tx, "office/x")
        forged = ledger_lines.write("office/x", end, kind="sign_in", at=place.desk.clock.now())
        tx.later(ledger_entries.ADD_STREAM, {"name": "office/x"})
        tx.later(ledger_entries.ADD, values(forged))
    with running(place.worker):
        until(place.rows, "the incident")
        seen = place.seen()
    assert seen.ready["why"] == [background.SEQUENCER]
    assert seen.rows[0].error == "entry_forged: office/x 1"
    found = "office/x line 1: I10: expected an entry that this installation wrote, found one"
    assert [f"{fault}" for fault in place.desk.faults()] == [f"{found} without its MAC"]


def delete_waiting(desk: World, stream: str, seq: int) -> None:
    """Take an entry away from those that wait for their places."""
    with desk.database.engine.begin() as conn:
        number = conn.execution_options(tresteg_scope="schema").execute(
            text("SELECT number FROM stream WHERE name = :name"), {"name": stream}
        )
        conn.execute(
            text("DELETE FROM log_waiting WHERE stream = :number AND seq = :seq"),
            {"number": number.scalar_one(), "seq": seq},
        )


def test_a_mail_server_that_is_away_sends_nobody_away(place: Place) -> None:
    with smtp_server(Postbox()) as up:
        place.worker.mail = replace(up, port=1)
        case = place.desk.start().case_id
        with running(place.worker):
            until(place.rows, "the incident")
            seen = place.seen()
            place.worker.mail = up
            until(lambda: not place.rows(), "its end")
            over = place.seen()
    assert (seen.status, seen.ready["failing"], seen.ready["why"]) == (200, ["mail"], [])
    assert seen.failures[background.MAIL] >= background.FAILURES
    assert seen.rows[0].error.startswith("the mail server could not be used")
    assert background.PARTS[background.MAIL].remedy("en") in seen.doctor
    assert background.PARTS[background.MAIL].remedy("en") in seen.listed
    assert "failing" not in over.ready
    assert [letter.state for letter in place.desk.letters(case)] == ["sent"]


@pytest.mark.parametrize("why", [clock_guard.CLOCK, clock_guard.RESTORED])
def test_what_waits_for_an_operator_is_seen(place: Place, why: str) -> None:
    now = place.desk.clock.now()
    part = background.TIMERS if why == clock_guard.CLOCK else why
    with place.desk.database.transaction() as tx:
        if why == clock_guard.CLOCK:
            clock_guard.pause(tx, by=timedelta(hours=2), now=now)
        else:
            since = {"copied_at": now.isoformat(), "restored_at": now.isoformat()}
            installation_values.put(tx, restored_copy.HELD, json.dumps(since))
    with own_lines() as logged:
        for _ in range(3):
            place.worker.step()
    seen = place.seen()
    assert (seen.status, seen.ready["timers"]) == (200, "paused")
    assert seen.ready.get("restored", "") == ("not confirmed" if part == why else "")
    assert seen.failures == {part: 1}
    for said in (seen.doctor, seen.listed):
        assert background.PARTS[part].remedy("en") in said
    assert seen.doctor_ended == 0
    assert [line["error"] for line in logged if line["event"] == "timers_paused"] == [why]


def test_two_failures_are_no_incident(place: Place) -> None:
    given = place.worker.failures
    for _ in range(5):
        for _ in range(2):
            given.fault(background.ROUNDS, IndexError())
        place.worker._write_failures()
        given.succeeded(background.ROUNDS)
    assert place.rows() == []
    assert given.parts == {}


def test_what_fails_now_and_then_is_one_incident(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_failures, "QUIET", timedelta(hours=1))
    given = place.worker.failures
    for _ in range(5):
        for _ in range(3):
            given.fault(background.JOBS, IndexError())
        place.worker._write_failures()
        given.succeeded(background.JOBS)
        place.worker._write_failures()
    assert len(place.rows()) == place.entries("part_failing") == 1
    given.fault(background.JOBS, IndexError())
    monkeypatch.setattr(part_failures, "QUIET", timedelta())
    place.worker._write_failures()
    assert len(place.rows()) == 1, "it failed last"
    given.succeeded(background.JOBS)
    place.worker._write_failures()
    assert place.rows() == []


def test_one_of_two_workers_fails(place: Place) -> None:
    """The incident ends when none fails, whether it recovered or was ended."""
    first, second, third = (place.desk.worker(name) for name in ("w1", "w2", "w3"))
    for worker in (first, second):
        for _ in range(3):
            worker.failures.fault(background.JOBS, IndexError())
        worker._write_failures()
    third.beat()
    assert len(place.rows()) == 1
    assert place.seen().status == 503
    first.failures.succeeded(background.JOBS)
    first._write_failures()
    assert len(place.rows()) == 1, "the other still fails"
    place.desk.clock.set(place.desk.clock.now() + health.SILENCE + timedelta(seconds=1))
    third.beaten -= health.BEAT.total_seconds()
    third.beat()
    assert place.rows() == []
    with place.desk.database.transaction(write=False) as tx:
        assert not [name for name in heartbeats.every(tx) if name.startswith("failing")]
    assert place.entries("part_over") == 1


def test_an_operator_has_a_part_counted_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "BEAT", timedelta())
    worker = place.worker
    for _ in range(3):
        worker.failures.fault(background.CALLS, IndexError())
    worker._write_failures()
    (row,) = place.rows()
    with place.desk.database.transaction() as tx:
        retry_incident(tx, incident_id=row.id, by=OPERATOR, now=place.desk.clock.now())
    worker._write_failures()
    assert worker.failures.parts == {}
    assert place.seen().ready["why"] == ["worker"]
    for _ in range(3):
        worker.failures.fault(background.CALLS, IndexError())
    worker._write_failures()
    assert [again.id != row.id for again in place.rows()] == [True]
    assert place.desk.faults() == []


def test_a_failure_that_cannot_be_written_is_silence(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = place.worker
    worker.step()
    assert place.seen().status == 200
    with monkeypatch.context() as patch, own_lines() as logged:
        patch.setattr(heartbeats, "put", broken)
        for _ in range(3):
            worker.failures.fault(background.JOBS, IndexError(WHAT))
        worker._write_failures()
    assert [line["event"] for line in logged] == ["round_failed", "failures_unsaid"]
    place.desk.later(seconds=61)
    worker.beaten -= health.BEAT.total_seconds()
    assert worker.beat() == 0
    assert place.seen().ready["why"] == ["worker"]
    worker._write_failures()
    assert worker.beat() == 1
    assert place.seen().ready["why"] == [background.JOBS]


def test_no_ledger_keeps_readyz_from_saying_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one row is written before the incident, which needs the ledger."""
    worker = place.worker
    for _ in range(3):
        worker.failures.fault(background.JOBS, IndexError())
    with monkeypatch.context() as patch:
        patch.setattr(background, "append_entry", broken)
        with own_lines() as logged:
            for _ in range(9):
                worker._write_failures()
    assert [line["event"] for line in logged] == ["failures_unsaid"]
    assert place.rows() == []
    assert place.seen().ready["why"] == ["worker", background.JOBS]
    worker._write_failures()
    assert len(place.rows()) == 1


def test_a_database_that_is_busy_three_times_is_a_failure(place: Place) -> None:
    def busy() -> int:
        raise Busy("away", driver="SQLITE_BUSY")

    for _ in range(3):
        place.worker.safely(busy, background.BATCHES)
    place.worker._write_failures()
    (row,) = place.rows()
    assert row.error.startswith("Busy (SQLITE_BUSY) in ")


def test_a_worker_lives_by_its_loop(place: Place) -> None:
    """A thread of calls gives no sign of life for a loop that hangs."""
    place.worker.loop = -1
    assert place.worker.beat() == 0
    place.worker.loop = threading.get_ident()
    assert place.worker.beat() == 1


def test_a_part_that_fails_holds_up_no_other(place: Place) -> None:
    mend = jobs(place)

    def sequenced() -> bool:
        with place.desk.database.transaction(write=False) as tx:
            return checkpoints.count_waiting(tx, limit=1) == 0

    assert not sequenced()
    with running(place.worker):
        until(place.rows, "the incident of the jobs, which come first in a round")
        until(sequenced, "the checkpoint, which comes last")
        mend()


def test_without_a_failure_no_statement_is_added(place: Place) -> None:
    worker = place.worker
    worker.step()
    said: list[str] = []
    with place.desk.database.listening(lambda text, *_: said.append(text)):
        worker.safely(worker._round)
        worker._write_failures()
    assert not [text for text in said if "incident" in text or "heartbeat" in text]
