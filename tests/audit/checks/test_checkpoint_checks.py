"""What somebody cuts, deletes or rewrites in the log is named, who lacks keyring and folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import ColumnElement, Executable, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from service.audit import verify
from service.audit.checks.checkpoint_checks import check_log
from service.audit.checks.entry_macs import check_entry_macs
from service.casework.history.violations import Violation
from service.operations.sequencer import Sequencer
from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.security import checkpoint, ledger_lines
from service.security.checkpoint import Checkpoint
from service.security.checkpoint_folder import NOT_KEPT, CheckpointFolder, OutsideLog
from service.security.merkle_tree import TreeState
from service.security.records import LedgerEntry
from service.security.vault import Vault
from service.store.installation import checkpoints, ledger_entries
from service.store.installation.checkpoints import LogRun, StoredCheckpoint
from service.store.installation.ledger_anchor import EntryCheck
from service.store.row_scope import as_system
from service.store.tables import checkpoint as checkpoint_table
from service.store.tables import line, log_index, log_waiting, metadata
from service.store.tables import stream as stream_table
from service.store.tables.triggers import APPEND_ONLY
from service.store.writing import write_last
from tests.support.damaged_case import DamagedCase
from tests.support.scale import seeded
from tests.support.world import World

KINDS_OF_STREAMS = ("case", "reads", "release", "office", "system")
READER = Actor("p_sara", "o_north")


@dataclass
class Thief:
    """Somebody who writes to every table, without triggers, but has no keyring and no folder."""

    world: World
    case: str
    outside: OutsideLog
    damaged: DamagedCase

    def __post_init__(self) -> None:
        self.tx = self.damaged.tx
        for table in APPEND_ONLY:
            for act in ("update", "delete"):
                on = f" ON {table}" if self.tx.postgres else ""
                self.run(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}"))

    def run(self, statement: Executable) -> int:
        self.tx.settle()
        return int(self.tx.conn.execute(as_system("schema", statement)).rowcount)

    def stream(self, kind: str) -> str:
        """A stream of a kind; of those of cases, that of the open case."""
        own = self.case if kind in {"case", "reads"} else "x"
        return kind if kind == "system" else f"{kind}/{own}"

    def number(self, stream: str) -> ColumnElement[int]:
        """The number of a stream."""
        return select(stream_table.c.number).where(stream_table.c.name == stream).scalar_subquery()

    def entries(self, stream: str) -> list[LedgerEntry]:
        return ledger_entries.of_stream(self.tx, stream)

    def cut(self, stream: str, keep: int) -> None:
        """Delete the end of a stream."""
        assert (
            self.run(delete(line).where(line.c.stream == self.number(stream), line.c.seq > keep))
            > 0
        )

    def rewrite(self, stream: str, begin: int) -> None:
        """Write a stream anew from a line on, with a chain that holds."""
        old = self.entries(stream)
        self.run(delete(line).where(line.c.stream == self.number(stream), line.c.seq >= begin))
        end = (begin - 1, old[begin - 2].hash) if begin > 1 else (0, "")
        for nth, entry in enumerate(old[begin - 1 :]):
            changed = replace(entry, actor=entry.actor if nth else "p_another")
            whole = replace(changed, hash=ledger_lines.leaf(ledger_lines.text(changed, end[1])))
            ledger_entries.add(self.tx, whole)
            end = (whole.seq, whole.hash)
        self.run(delete(log_waiting))

    def cover(self, note: str) -> None:
        """Make the tables of the log fit what is stored now, under a note."""
        self.run(delete(log_index))
        self.run(delete(log_waiting))
        self.run(delete(checkpoint_table))
        tree, runs = TreeState(), []
        for entry in checkpoints.hashes(self.tx):
            tree.append([entry.hash])
            runs.append((entry.seq, LogRun(entry.stream, entry.seq, tree.size - 1)))
        checkpoints.place(self.tx, runs)
        kept = StoredCheckpoint(tree.size, b"".join(tree.peaks), note)
        checkpoints.replace(self.tx, None, kept)

    def faults(self, outside: OutsideLog | None = None) -> list[Violation]:
        key = self.world.program.services.vault.verifying_key()
        return list(check_log(self.tx, key, outside or self.outside))

    def named(self, outside: OutsideLog | None = None) -> set[tuple[str, str]]:
        faults = self.faults(outside)
        assert {fault.invariant for fault in faults} <= {"I10"}
        return {(fault.case, fault.place) for fault in faults}


def keep_outside(world: World, path: Path) -> OutsideLog:
    """Sequence what waits, and read what is outside then."""
    path.mkdir(exist_ok=True)
    folder = CheckpointFolder(path)
    Sequencer(world.database, world.program.services, world.clock, folder).run()
    return folder.read()


@pytest.fixture(scope="module")
def kept(
    story: tuple[World, str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> tuple[OutsideLog, OutsideLog]:
    """Checkpoints before and after the last entries of every kind of stream."""
    world, case, _ = story
    path = tmp_path_factory.mktemp("checkpoints")
    for nth in range(2):
        with world.database.transaction() as tx:
            now = world.clock.now()
            append_entry(tx, f"case/{case}", "note", by=READER, now=now, body={"note": f"n{nth}"})
            append_entry(tx, f"reads/{case}", "read", by=READER, now=now, body={"purpose": "WORK"})
            for kind in ("release/x", "office/x", "system"):
                append_entry(tx, kind, "sign_in", by=READER, now=now)
        if not nth:
            before = keep_outside(world, path)
    return before, keep_outside(world, path)


@pytest.fixture
def thief(
    story: tuple[World, str, bytes], kept: tuple[OutsideLog, OutsideLog], damaged: DamagedCase
) -> Thief:
    world, case, _ = story
    return Thief(world, case, kept[1], damaged)


def stored_note(thief: Thief) -> str:
    found = checkpoints.newest(thief.tx)
    assert found is not None
    return found.note


def test_what_was_not_touched_is_whole(thief: Thief, kept: tuple[OutsideLog, OutsideLog]) -> None:
    assert thief.faults() == thief.faults(NOT_KEPT) == thief.faults(kept[0]) == []
    assert len(thief.outside.notes) == 2, "the newest, and the first of the day"
    assert thief.outside.heads.keys() == {name for name, _ in ledger_entries.streams(thief.tx)}


@pytest.mark.parametrize("kind", KINDS_OF_STREAMS)
def test_the_end_that_was_cut_is_named(thief: Thief, kind: str) -> None:
    stream = thief.stream(kind)
    length = len(thief.entries(stream))
    thief.cut(stream, length - 1)
    name = stream.removeprefix("case/")
    assert thief.named() == thief.named(NOT_KEPT) == {(name, f"line {length}")}
    thief.cover(stored_note(thief))
    assert (name, f"line {length}") in thief.named()


def test_lines_that_follow_each_other_are_named_as_one(thief: Thief) -> None:
    stream = f"case/{thief.case}"
    length = len(thief.entries(stream))
    thief.run(
        delete(line).where(line.c.stream == thief.number(stream), line.c.seq.in_([1, 2, length]))
    )
    assert thief.named() == {(thief.case, "lines 1 to 2"), (thief.case, f"line {length}")}


@pytest.mark.parametrize("kind", KINDS_OF_STREAMS)
@pytest.mark.parametrize("note", ["newest", "old", "none"])
def test_a_stream_that_is_gone_is_named(
    thief: Thief, kept: tuple[OutsideLog, OutsideLog], kind: str, note: str
) -> None:
    stream = thief.stream(kind)
    thief.cut(stream, 0)
    thief.cover(
        stored_note(thief) if note == "newest" else dict(kept[0].notes)["newest.checkpoint"]
    )
    if note == "none":
        thief.run(delete(checkpoint_table))
    place = "case" if kind == "case" else "stream"
    assert (stream.removeprefix("case/"), place) in thief.named()


def test_a_whole_case_that_is_gone_is_named(thief: Thief) -> None:
    thief.cut(f"case/{thief.case}", 0)
    thief.cut(f"reads/{thief.case}", 0)
    for table in reversed(metadata.sorted_tables):
        if "case_id" in table.c:
            thief.run(delete(table).where(table.c.case_id == thief.case))
    cases = metadata.tables["cases"]
    assert thief.run(delete(cases).where(cases.c.id == thief.case)) == 1
    thief.cover(stored_note(thief))
    faults = verify.verify_all(
        thief.tx,
        thief.world.program.services,
        now=thief.world.clock.now(),
        outside=thief.outside,
    ).faults
    lost = next(fault for fault in faults if fault.case == thief.case)
    assert str(lost) == (
        f"{thief.case} case: I10: expected the case and its "
        f"{thief.outside.heads[f'case/{thief.case}'].seq} lines that the log names, found none"
    )
    assert (f"reads/{thief.case}", "stream") in {(fault.case, fault.place) for fault in faults}


@pytest.mark.parametrize("kind", KINDS_OF_STREAMS)
@pytest.mark.parametrize("first", [True, False])
def test_a_stream_written_anew_is_named(thief: Thief, kind: str, *, first: bool) -> None:
    stream = thief.stream(kind)
    length = len(thief.entries(stream))
    thief.rewrite(stream, 1 if first else length)
    assert list(ledger_lines.verify(stream, thief.entries(stream))) == [], "the chain holds"
    name = stream.removeprefix("case/")
    assert (name, f"line {length}") in thief.named()
    thief.cover(stored_note(thief))
    assert (name, f"line {length}") in thief.named()


def test_a_read_that_is_taken_out_is_named(thief: Thief) -> None:
    """The log of who looked, written anew with one look less."""
    stream = f"reads/{thief.case}"
    length = len(thief.entries(stream))
    thief.cut(stream, length - 1)
    thief.rewrite(stream, 1)
    thief.cover(stored_note(thief))
    assert (stream, f"line {length}") in thief.named()


@pytest.mark.parametrize("kind", KINDS_OF_STREAMS)
def test_a_stolen_ledger_key_does_not_help_against_an_old_note(
    thief: Thief, kept: tuple[OutsideLog, OutsideLog], kind: str
) -> None:
    """All is written anew and signed: tables, folder. One old note lies elsewhere."""
    stream = thief.stream(kind)
    thief.rewrite(stream, 1)
    forged = signed_anew(thief)
    assert thief.faults(OutsideLog((("newest.checkpoint", forged),), expected=True)) == []
    kept_elsewhere = ("ours", dict(kept[0].notes)["newest.checkpoint"])
    faults = thief.faults(OutsideLog((("newest.checkpoint", forged), kept_elsewhere)))
    assert [(fault.case, fault.place, fault.expected) for fault in faults] == [
        ("log", "checkpoint ours", "its root")
    ]
    assert stream in faults[0].found


def signed_anew(thief: Thief) -> str:
    """Sign what is stored now with the key of the installation."""
    before = checkpoints.newest(thief.tx)
    assert before is not None
    placed = list(checkpoints.placed(thief.tx, checkpoints.runs(thief.tx)))
    tree = TreeState()
    tree.append(entry.hash for entry, _ in sorted(placed, key=lambda one: one[1] or 0))
    note = checkpoint.sign(
        Checkpoint(checkpoint.parse(before.note).origin, tree.size, tree.root()),
        thief.world.program.services.vault,
    )
    after = StoredCheckpoint(tree.size, b"".join(tree.peaks), note)
    checkpoints.replace(thief.tx, before, after)
    return note


def test_roots_are_compared_without_the_key_too(thief: Thief) -> None:
    assert list(check_log(thief.tx, None, thief.outside)) == []
    thief.rewrite("system", 1)
    assert list(check_log(thief.tx, None, NOT_KEPT)) != []


def test_a_note_of_another_key_is_named(thief: Thief, vault: Vault) -> None:
    found = checkpoint.parse(stored_note(thief))
    strange = replace(found, origin="tresteg/another")
    outside = replace(
        thief.outside, notes=(*thief.outside.notes, ("x", checkpoint.sign(strange, vault)))
    )
    assert thief.named(outside) == {("log", "checkpoint")}, "one log has one name"
    outside = replace(thief.outside, notes=(*thief.outside.notes, ("x", "nothing")))
    assert thief.named(outside) == {("log", "checkpoint x")}


CHANGES: Mapping[str, str] = {
    "a place": "UPDATE log_index SET idx = idx + 1 WHERE {one}",
    "a number": "UPDATE log_index SET seq = seq + 1000000000 WHERE {one}",
    "a stream": "UPDATE log_index SET stream = {another} WHERE {one}",
    "a run": "DELETE FROM log_index WHERE {one}",
    "one run more": "INSERT INTO log_index (stream, seq, idx) VALUES ({system}, 100000, 100000)",
    "size": "UPDATE checkpoint SET size = size - 1",
    "peaks": "UPDATE checkpoint SET peaks = :noise",
    "note": "UPDATE checkpoint SET note = replace(note, 'tresteg', 'tresteh')",
    "checkpoint": "DELETE FROM checkpoint",
    "one waits": "INSERT INTO log_waiting (stream, seq) VALUES ({system}, 1)",
    "none waits": "INSERT INTO log_waiting (stream, seq) VALUES ({another}, 100000)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_change_in_the_tables_of_the_log_is_noticed(thief: Thief, change: str) -> None:
    random = Random(change)  # noqa: S311 - a draw for a test
    rows = thief.tx.all(LogRun, select(log_index.c.stream, log_index.c.seq, log_index.c.idx))
    run = random.choice(rows)
    named = "(SELECT number FROM stream WHERE name = '{}')"
    thief.run(insert(stream_table).values(name="case/another"))
    places = {"another": named.format("case/another"), "system": named.format("system")}
    one = f"stream = {run.stream} AND seq = {run.seq}"
    statement = text(CHANGES[change].format(one=one, **places))
    if ":noise" in CHANGES[change]:
        statement = statement.bindparams(noise=random.randbytes(32))
    assert thief.run(statement) == 1
    assert thief.faults() != []
    assert thief.faults(NOT_KEPT) != []


def test_an_entry_that_is_never_given_a_place_is_named(thief: Thief) -> None:
    now = thief.world.clock.now()
    append_entry(thief.tx, "system", "sign_in", by=READER, now=now)
    write_last(thief.tx)
    assert thief.faults() == [], "it waits"
    number = len(thief.entries("system"))
    thief.run(delete(log_waiting))
    assert thief.named() == {("system", f"line {number}")}


def test_a_folder_that_lost_its_notes_is_named(thief: Thief) -> None:
    empty = replace(thief.outside, notes=(), heads={})
    assert thief.named(empty) == {("log", "checkpoint")}
    torn = replace(thief.outside, unreadable=("2026-03-02.streams",))
    assert thief.named(torn) == {("log", "2026-03-02.streams")}


RANDOM_CHANGES = 150


def random_change(thief: Thief, random: Random) -> str:
    """One change of one row, or of two, in any column of the tables of the log; says which."""
    table = random.choice([line, line, log_index, checkpoint_table])
    rows = [row._asdict() for row in thief.tx.conn.execute(as_system("schema", select(table)))]
    row = random.choice(rows)
    keys = [column.name for column in table.primary_key]

    def where(one: Mapping[str, object]) -> list[ColumnElement[bool]]:
        return [table.c[key] == one[key] for key in keys]

    acts = ["change", "change", "delete", "double"] + (["swap"] if len(rows) > 1 else [])
    act = random.choice(acts)
    if act == "delete":
        thief.run(delete(table).where(*where(row)))
    elif act == "double":
        again = {**row, keys[-1]: max(one[keys[-1]] for one in rows) + random.randint(1, 9)}
        thief.run(insert(table).values(again))
        thief.run(delete(log_waiting)) if random.random() < 0.5 else None
    elif act == "swap":
        other = random.choice([one for one in rows if one != row])
        rest = [name for name in row if name not in keys]
        for place, content in ((row, other), (other, row)):
            changed = {name: content[name] for name in rest}
            thief.run(update(table).where(*where(place)).values(changed))
    else:
        name = random.choice(list(row))
        thief.run(update(table).where(*where(row)).values({name: other_value(row[name], random)}))
        return f"{table.name}.{name} of {[row[key] for key in keys]}"
    return f"{act} in {table.name} {[row[key] for key in keys]}"


def other_value(value: object, random: Random) -> object:
    """Another value of the same kind."""
    if value is None:
        return random.randbytes(32).hex()
    if isinstance(value, int):
        return value + random.choice([-1, 1, 7, 10**6])
    if isinstance(value, bytes):
        return random.randbytes(32)
    if isinstance(value, datetime):
        return value + timedelta(microseconds=random.choice([-1, 1, 10**9]))
    assert isinstance(value, str)
    if re.fullmatch("([0-9a-f]{64})?", value):
        return random.randbytes(32).hex()
    place = random.randrange(len(value) + 1)
    return f"{value[:place]}x{value[place:]}"


@pytest.mark.slow
def test_random_changes_are_noticed(thief: Thief) -> None:
    for seed in range(RANDOM_CHANGES):
        with seeded(seed):
            thief.run(text("SAVEPOINT untouched"))
            before = everything(thief)
            try:
                what = random_change(thief, Random(seed))  # noqa: S311 - the same changes again
            except IntegrityError:
                what = ""  # the database itself refuses
            if what and everything(thief) != before:
                assert noticed(thief), what
            thief.run(text("ROLLBACK TO SAVEPOINT untouched"))
    assert not noticed(thief)


def everything(thief: Thief) -> list[object]:
    """All rows of the tables of the log."""
    thief.tx.settle()
    return [
        sorted(map(repr, thief.tx.conn.execute(as_system("schema", select(table)))))
        for table in (line, log_index, checkpoint_table)
    ]


def noticed(thief: Thief) -> bool:
    """Whether the log, a chain or the MAC of an entry does not hold."""
    faults: list[object] = [*thief.faults()]
    make = thief.world.program.services.vault.row_mac
    for name, _ in ledger_entries.streams(thief.tx):
        try:
            entries = thief.entries(name)
            faults += ledger_lines.verify(name, entries)
            faults += check_entry_macs(EntryCheck(thief.tx, make), entries, [])
        except (ValueError, TypeError) as e:  # a row that cannot be read is named by `verify_all`
            faults.append(e)
    return bool(faults)
