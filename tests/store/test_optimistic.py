"""A transaction that works while another process writes to SQLite, and then looks once more."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from service.errors import Busy
from service.security import ledger_lines
from service.security.vault import Vault
from service.store.casefile import cases
from service.store.database import Database
from service.store.drivers.read_set import ReadsChanged
from service.store.installation import ledger_drafts, ledger_entries, rate_limits
from service.store.installation.ledger_drafts import EntryDraft
from service.store.transaction import Tx
from tests.store.sample_rows import NOON, SampleRows

HOUR = timedelta(hours=1)
STREAM = "case/c000"
samples = SampleRows()


@pytest.fixture
def path(empty_sqlite: Path, tmp_path: Path) -> Path:
    shutil.copyfile(empty_sqlite, tmp_path / "shared.db")
    return tmp_path / "shared.db"


@pytest.fixture
def ours(path: Path, vault: Vault) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}")
    database.row_mac = vault.row_mac
    yield database
    database.close()


@pytest.fixture
def theirs(path: Path, vault: Vault) -> Iterator[Database]:
    """The same file, as another process has it."""
    database = Database(f"sqlite:///{path}")
    database.row_mac = vault.row_mac
    yield database
    database.close()


def count(tx: Tx, key: bytes = b"ours") -> int:
    return rate_limits.hit(tx, key, now=NOON, window=NOON - HOUR).count


def counted(tx: Tx, key: bytes) -> int:
    row = rate_limits.get(tx, key)
    return 0 if row is None else row.count


def draft(kind: str) -> EntryDraft:
    return EntryDraft(STREAM, kind, NOON, "p", "o", {})


def note(tx: Tx) -> None:
    """Write an entry to the stream of the case."""
    ledger_drafts.add(tx, draft("theirs"))


@contextmanager
def while_writing(theirs: Database, change: Callable[[Tx], object]) -> Iterator[Callable[[], None]]:
    """Another process writes, until what is given is called."""
    begun, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with theirs.transaction() as tx:
            begun.set()
            go_on.wait()
            change(tx)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(write)
        begun.wait()

        def end() -> None:
            go_on.set()
            done.result()

        try:
            yield end
        finally:
            end()


def test_it_reads_while_another_process_writes(ours: Database, theirs: Database) -> None:
    with while_writing(theirs, note) as end, ours.transaction(optimistic=True) as tx:
        assert counted(tx, b"ours") == 0
        end()
        assert count(tx) == 1
    with ours.transaction(write=False) as tx:
        assert counted(tx, b"ours") == 1
        assert len(ledger_entries.of_stream(tx, STREAM)) == 1


@pytest.mark.parametrize("before", [0, 1])
def test_what_has_changed_since_it_was_read_is_noticed(
    ours: Database, theirs: Database, before: int
) -> None:
    for _ in range(before):
        with theirs.transaction() as tx:
            count(tx, b"read")

    def read_and_write(end: Callable[[], None]) -> None:
        with ours.transaction(optimistic=True) as tx:
            assert counted(tx, b"read") == before
            end()
            count(tx)

    with while_writing(theirs, lambda tx: count(tx, b"read")) as end, pytest.raises(ReadsChanged):
        read_and_write(end)
    with ours.transaction() as tx:
        assert (counted(tx, b"read"), counted(tx, b"ours")) == (before + 1, 0)


def test_what_waits_is_written_when_it_is_still_so(ours: Database, theirs: Database) -> None:
    with ours.transaction() as tx:
        samples.found(tx, cases_=1)
        tx.bound.clear()
    case = samples.case("c000")
    with while_writing(theirs, note) as end, ours.transaction(optimistic=True) as tx:
        loaded = cases.load(tx, case.id)
        assert loaded is not None
        assert loaded.end is None, "others may write to its stream"
        tx.later(cases.SAVE, _next(case), exactly=1)
        ledger_drafts.add(tx, draft("ours"), end=loaded.end)
        end()
    with ours.transaction(write=False) as tx:
        found = cases.get(tx, case.id)
        assert found is not None
        assert found.rev == case.rev + 1
        stream = ledger_entries.of_stream(tx, STREAM)
    assert [entry.kind for entry in stream] == ["theirs", "ours"]
    assert ledger_lines.verify(STREAM, stream) == []


def _next(case: cases.Case) -> dict[str, object]:
    columns = {name: getattr(case, name) for name in cases.MOVING}
    return columns | {"rev": case.rev + 1, "b_id": case.id, "b_rev": case.rev}


def test_nothing_is_asked_twice_while_nobody_else_writes(ours: Database) -> None:
    said: list[str] = []
    with (
        ours.listening(lambda text, _values, _many: said.append(text)),
        ours.transaction(optimistic=True) as tx,
    ):
        assert not tx.is_optimistic
        counted(tx, b"read")
        count(tx)
    assert [text.split()[0] for text in said] == ["BEGIN", "SELECT", "INSERT"]


def test_one_that_changes_nothing_waits_for_nobody(ours: Database, theirs: Database) -> None:
    with while_writing(theirs, note), ours.transaction(optimistic=True) as tx:
        assert tx.is_optimistic
        assert counted(tx, b"read") == 0


def test_who_waits_too_long_is_told_busy(path: Path, theirs: Database) -> None:
    hasty = Database(f"sqlite:///{path}", patience=20)

    def write() -> None:
        with hasty.transaction(optimistic=True) as tx:
            count(tx)

    with while_writing(theirs, note), pytest.raises(Busy):
        write()
    with hasty.transaction() as tx:
        assert count(tx) == 1
    hasty.close()
