"""Every entry gets one place in the log, once, and in order."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, text

from service.errors import CaseMoved
from service.operations import sequencer
from service.operations.sequencer import NOTHING, CheckpointAhead
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry
from service.security import checkpoint, ledger_lines, merkle_tree
from service.security.checkpoint import Checkpoint
from service.security.checkpoint_folder import OutsideLog, StreamHead
from service.store.installation import checkpoints, ledger_entries
from service.store.installation.checkpoints import LogRun
from service.store.row_mapping import values
from service.store.row_scope import as_system
from service.store.tables import line, stream
from service.store.transaction import Tx
from service.store.writing import write_last
from tests.support.world import NOON, World

WHO = Actor("p", "o")


def add(tx: Tx, **counts: int) -> None:
    """So many entries more of each stream."""
    for name, count in counts.items():
        for _ in range(count):
            append_entry(tx, name, "sign_in", by=WHO, now=NOON)
    write_last(tx)


def take(tx: Tx, services: Services, outside: Checkpoint | None = None) -> sequencer.Sequenced:
    return sequencer.sequence(tx, services, outside=outside)


def newest(tx: Tx) -> Checkpoint:
    found = checkpoints.newest(tx)
    assert found is not None
    return checkpoint.parse(found.note)


def test_entries_get_places_by_stream_and_number(world: World) -> None:
    services = world.program.services
    with world.database.transaction() as tx:
        take(tx, services)
        start = newest(tx).size
        add(tx, b=3, a=2)
        assert take(tx, services).entries == 5
        add(tx, b=1, c=1, a=2)
        done = take(tx, services, newest(tx))
        assert done.entries == 4
        own = [run for run in checkpoints.runs(tx) if len(run.stream) == 1]
        assert own == [
            LogRun("a", 2, start + 1),
            LogRun("b", 3, start + 4),
            LogRun("a", 4, start + 6),
            LogRun("b", 4, start + 7),
            LogRun("c", 1, start + 8),
        ]
        assert [head[0] for head in done.heads] == ["a", "b", "c"]
        placed = sorted(checkpoints.placed(tx, checkpoints.runs(tx)), key=lambda one: one[1] or 0)
        assert [place for _, place in placed] == list(range(start + 9))
        root = merkle_tree.root([entry.hash for entry, _ in placed])
        assert (newest(tx).size, newest(tx).root) == (start + 9, root)
        assert sequencer.root_at(tx, start + 9) == root
        key = services.vault.verifying_key()
        assert checkpoint.verify(done.note, key) == newest(tx)


def test_nothing_new_writes_nothing(world: World) -> None:
    services = world.program.services
    with world.database.transaction() as tx:
        take(tx, services)
    changed = []
    with (
        world.database.listening(lambda statement, _values, _many: changed.append(statement)),
        world.database.transaction() as tx,
    ):
        assert checkpoints.count_waiting(tx, limit=9) == 0
        assert take(tx, services) == sequencer.Sequenced(0, ())
    assert [one for one in changed if not one.startswith(("SELECT", "BEGIN"))] == []


def test_an_entry_after_a_gap_waits_and_stops_nobody_else(world: World) -> None:
    services = world.program.services
    with world.database.transaction() as tx:
        take(tx, services)
        add(tx, a=3, b=2)
        drop = "DROP TRIGGER line_no_delete" + (" ON line" if tx.postgres else "")
        tx.run(as_system("schema", text(drop)))
        tx.run(
            delete(line).where(
                line.c.stream
                == select(stream.c.number).where(stream.c.name == "a").scalar_subquery(),
                line.c.seq == 2,
            )
        )
        done = take(tx, services)
        assert (done.entries, done.skipped) == (3, ("a",))
        assert take(tx, services).skipped == ("a",)
        assert checkpoints.heads(tx)["a"] == 1
        assert checkpoints.marked(tx) == [("a", 2), ("a", 3)]


def test_more_than_a_batch_takes_several_rounds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "BATCH", 4)
    services = world.program.services
    with world.database.transaction() as tx:
        while take(tx, services).entries:
            pass
        add(tx, a=6, b=3)
        assert [take(tx, services).entries for _ in range(4)] == [4, 4, 1, 0]
        assert sequencer.root_at(tx, newest(tx).size) == newest(tx).root


def test_who_was_slower_begins_anew(world: World) -> None:
    """Two processes read the same checkpoint; the second may not build upon it."""
    services = world.program.services
    with world.database.transaction() as tx:
        take(tx, services)
        before = checkpoints.newest(tx)
        add(tx, a=1)
        take(tx, services)
        after = checkpoints.newest(tx)
        assert before is not None
        assert after is not None
        with pytest.raises(CaseMoved):
            checkpoints.replace(tx, before, after)


def test_a_folder_that_is_behind_is_told_what_it_missed(world: World) -> None:
    services = world.program.services
    with world.database.transaction() as tx:
        add(tx, a=1)
        take(tx, services)
        early = newest(tx)
        add(tx, a=1, b=1)
        take(tx, services)
        late = take(tx, services, early)
        assert (late.entries, [head[0] for head in late.heads]) == (0, ["a", "b"])
        assert checkpoint.parse(late.note) == newest(tx)
        everything = take(tx, services, NOTHING)
        assert {head[0] for head in everything.heads} == {
            name for name, _ in ledger_entries.streams(tx)
        }


@pytest.mark.parametrize("change", ["more", "other", "earlier", "name"])
def test_a_folder_that_knows_another_log_stops_sequencing(world: World, change: str) -> None:
    """The database was put back, or its history changed: no new checkpoint hides it."""
    services = world.program.services
    with world.database.transaction() as tx:
        add(tx, a=2)
        take(tx, services)
        own = newest(tx)
        wrong = {
            "more": Checkpoint(own.origin, own.size + 1, own.root),
            "other": Checkpoint(own.origin, own.size, b"x" * 32),
            "earlier": Checkpoint(own.origin, own.size - 1, b"x" * 32),
            "name": Checkpoint("tresteg/another", own.size, own.root),
        }[change]
        add(tx, a=1)
        with pytest.raises(CheckpointAhead):
            take(tx, services, wrong)
        assert newest(tx) == own
        right = Checkpoint(own.origin, own.size - 1, sequencer.root_at(tx, own.size - 1) or b"")
        assert take(tx, services, right).entries == 1


def test_the_highest_numbers_are_named_inside_and_outside(world: World) -> None:
    with world.database.transaction() as tx:
        add(tx, a=2, b=1)
        take(tx, world.program.services)
        outside = OutsideLog(heads={"a": StreamHead(9, 7, b""), "z": StreamHead(10, 3, b"")})
        found = sequencer.named_heads(tx, outside)
        assert {name: found[name] for name in "abz"} == {"a": 7, "b": 1, "z": 3}
        assert sequencer.named_heads(tx, OutsideLog())["a"] == 2


def forge(tx: Tx, name: str, mac: bytes | None) -> int:
    """Go on with a chain as somebody without the key could; gives the number of the entry."""
    end = ledger_entries.end(tx, name)
    entry = ledger_lines.write(name, end, kind="sign_in", at=NOON, actor="p")
    tx.run(ledger_entries.ADD, {**values(entry), "mac": mac})
    return entry.seq


@pytest.mark.parametrize("mac", [None, bytes(16)])
def test_an_entry_without_its_mac_gets_no_place(world: World, mac: bytes | None) -> None:
    """What the program writes after it stays too: it is chained to it. Others go on."""
    services = world.program.services
    with world.database.transaction() as tx:
        add(tx, a=2, b=1)
        take(tx, services)
        before = newest(tx)
        forge(tx, "a", mac)
        done = take(tx, services)
        assert (done.entries, done.forged, newest(tx)) == (0, ("a 3",), before)
        add(tx, a=1, b=1)
        done = take(tx, services)
        assert (done.entries, done.forged, done.skipped) == (1, ("a 3",), ())
        assert checkpoints.heads(tx)["a"] == 2
        assert checkpoints.marked(tx) == [("a", 3), ("a", 4)]


def test_a_mac_is_worth_nothing_at_another_place(world: World) -> None:
    services = world.program.services
    with world.database.transaction() as tx:
        add(tx, a=2)
        (first, second) = ledger_entries.of_stream(tx, "a")
        assert first.mac != second.mac
        forge(tx, "a", second.mac)
        assert take(tx, services).forged == ("a 3",)
