"""The sequencer: new ledger entries get places in the one log, under a signed checkpoint.

`sequence` takes entries by stream and number, and none after a gap; it writes the checkpoint in the
same transaction, so what has a place is always under a signature. An entry without its MAC gets no
place, nor does what follows it in its stream: what somebody else wrote is never signed.
`Sequencer` gives the checkpoint to the folder after the commit, so the folder never counts what the
database does not have. What a crash leaves out there is made good the next time.
Source: decisions/0026, 0095.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from service import fault_points
from service.application.container import Tresteg
from service.clock import Clock, wall_clock
from service.errors import Busy, CaseMoved
from service.records.context import Services
from service.security import checkpoint, ledger_lines
from service.security.checkpoint import Checkpoint, NoCheckpoint
from service.security.checkpoint_folder import CheckpointFolder, OutsideLog, StreamHead
from service.security.merkle_tree import EMPTY_ROOT, HASH_BYTES, TreeState
from service.store.changes import RowMac
from service.store.database import Database
from service.store.installation import checkpoints
from service.store.installation.checkpoints import LogRun, StoredCheckpoint, WaitingEntry
from service.store.installation.ledger_anchor import EntryCheck
from service.store.transaction import Tx

log = structlog.get_logger("sequencer")
BATCH: Final = 5_000
"""Most entries that get their places in one transaction."""
ENOUGH: Final = 1_000
"""So many entries that wait are sequenced at once, not with the next second."""
EVERY = 1.0
"""Seconds between two checkpoints, unless enough entries wait."""
ID_LETTERS: Final = 16
"""Letters of the keyring's fingerprint in the name of a log."""
NOTHING: Final = Checkpoint("", 0, EMPTY_ROOT)
"""The checkpoint of a folder that has none yet: an empty log."""
BUSY = "busy"
"""Complaint: the database did not answer in time."""


class CheckpointAhead(Exception):
    """A checkpoint outside counts more entries than the database, or others: nothing is sequenced.

    The database was put back to an older state, or its history was changed. `tresteg verify` says
    what is missing.
    """


@dataclass(frozen=True, slots=True)
class Sequenced:
    """Result of one transaction: how many entries got places, and what the folder needs."""

    entries: int
    skipped: tuple[str, ...]
    """Streams in which an entry is missing before one that waits."""
    forged: tuple[str, ...] = ()
    """Stream and number of entries that this installation did not write."""
    note: str = ""
    heads: tuple[tuple[str, StreamHead], ...] = ()


@dataclass
class Sequencer:
    """The sequencer of one process."""

    database: Database
    services: Services
    clock: Clock
    folder: CheckpointFolder | None = None
    complaint: str = ""
    """Code of the fault that it met when it last worked, such as `busy`; empty for none."""
    where: str = ""
    """The entries without their MAC, the streams in which one is missing, or the fault of the
    folder."""
    last: float | None = None
    """When it last worked."""

    def is_due(self, waiting: int) -> bool:
        """Whether to sequence now: at once the first time or when enough entries wait; each second
        while some wait, or while there is a complaint, so that the folder gets what it has missed.

        Args:
            waiting: how many entries wait; counted up to `ENOUGH`.
        """
        if self.last is None or waiting >= ENOUGH:
            return True
        some = bool(waiting) or bool(self.complaint)
        return some and not self.last <= self.clock.steady() < self.last + EVERY

    def run(self) -> int:
        """Give places to everything that waits; gives the number of entries.

        A fault is left in `complaint` until the next run.
        """
        self.last, self.complaint, self.where = self.clock.steady(), "", ""
        done = taken = self._safely_batch()
        while taken >= BATCH:
            taken = self._safely_batch()
            done += taken
        return done

    def _safely_batch(self) -> int:
        """Sequence one batch; a fault becomes the complaint, and gives 0."""
        try:
            return self._batch()
        except CaseMoved:
            pass  # another process is at it
        except Busy:
            self.complaint = BUSY  # perhaps another process is at it
        except CheckpointAhead:
            self.complaint = "checkpoint_ahead"
        except (OSError, NoCheckpoint) as e:
            self.complaint, self.where = "checkpoint_not_kept", type(e).__name__
        return 0

    def _batch(self) -> int:
        outside = None
        if self.folder is not None:
            outside = self.folder.newest() or NOTHING
        with self.database.transaction() as tx:
            done = sequence(tx, self.services, outside=outside)
            fault_points.hit("s1")
        fault_points.hit("s2")
        if self.folder is not None and done.note:
            day = wall_clock(self.clock).now().date()
            self.folder.keep(done.note, done.heads, day=day)
            fault_points.hit("s3")
        if done.forged:
            self.complaint, self.where = "entry_forged", ", ".join(done.forged)
        elif done.skipped:
            self.complaint, self.where = "entry_missing", ", ".join(done.skipped)
        return done.entries


def sequence_all(program: Tresteg) -> int:
    """Give places to everything that waits, at the end of a command; gives the number of entries.

    What cannot be done now the worker does.
    """
    sequencer = Sequencer(
        program.database, program.services, program.clock, program.checkpoint_folder
    )
    try:
        with program.database.transaction(write=False) as tx:
            some = checkpoints.count_waiting(tx, limit=1)
    except Busy:
        return 0
    done = sequencer.run() if some else 0
    if sequencer.complaint not in ("", BUSY):
        log.error("not_sequenced", error=sequencer.complaint, where=sequencer.where)
    return done


def sequence(tx: Tx, services: Services, *, outside: Checkpoint | None) -> Sequenced:
    """Give places to entries that have none, at most `BATCH`; none waiting writes nothing.

    Args:
        outside: the newest checkpoint of the folder, or `NOTHING` when it has none yet; None
            without a folder.
    Raises:
        CheckpointAhead: the folder counts more entries than the database, or others.
        CaseMoved: another process was faster.
    """
    before = checkpoints.newest(tx, lock=True)
    size = 0 if before is None else before.size
    require_contained(tx, before, outside)
    missed = outside.size if outside is not None and outside.size < size else None
    heads = [] if missed is None else _listed(tx, missed)
    runs, stopped = _next_runs(tx, size, services.vault.row_mac)
    if not runs:
        note = before.note if before and heads else ""
        return replace(stopped, note=note, heads=tuple(heads))
    tree = _tree(before)
    tree.append(entry.hash for taken in runs for entry in taken.entries)
    checkpoints.place(tx, [(taken.entries[0].seq, taken.run) for taken in runs])
    name = checkpoint.parse(before.note).origin if before is not None else origin(services)
    note = checkpoint.sign(Checkpoint(name, tree.size, tree.root()), services.vault)
    after = StoredCheckpoint(tree.size, b"".join(tree.peaks), note)
    checkpoints.replace(tx, before, after)
    heads += [
        (taken.run.stream, StreamHead(taken.run.idx, taken.run.seq, taken.entries[-1].hash))
        for taken in runs
    ]
    return replace(stopped, entries=tree.size - size, note=note, heads=tuple(heads))


def origin(services: Services) -> str:
    """The name of this installation's log, as its first checkpoint bears it."""
    return checkpoint.origin(services.vault.fingerprint()[:ID_LETTERS])


def require_contained(tx: Tx, before: StoredCheckpoint | None, outside: Checkpoint | None) -> None:
    """Refuse to go on over a checkpoint that the database does not contain.

    The usual one is that of the database itself. It is older only after a crash between the commit
    and the file; then its root is computed anew.

    Args:
        before: the database's own.
        outside: the newest of the folder.
    Raises:
        CheckpointAhead: the database was put back to an older state, or its history was changed.
    """
    if outside is None or outside == NOTHING:
        return
    if before is None or outside.size > before.size:
        raise CheckpointAhead
    own = checkpoint.parse(before.note)
    root = own.root if outside.size == own.size else root_at(tx, outside.size)
    if root != outside.root or own.origin != outside.origin:
        raise CheckpointAhead


def named_heads(tx: Tx, outside: OutsideLog) -> dict[str, int]:
    """Stream to the highest number that the newest checkpoint names, inside or outside.

    A copy that is put back goes on above these numbers: an entry of such a number was signed once,
    so another entry must never bear it.
    """
    found = checkpoints.heads(tx)
    for stream, head in outside.heads.items():
        found[stream] = max(head.seq, found.get(stream, 0))
    return found


def root_at(tx: Tx, size: int) -> bytes | None:
    """Root of the first `size` entries as they are stored now; None when one is missing."""
    leaves = bytearray(size * HASH_BYTES)
    left = size
    for entry, place in checkpoints.placed(tx, checkpoints.runs(tx)):
        if place is not None and 0 <= place < size:
            leaves[place * HASH_BYTES : (place + 1) * HASH_BYTES] = entry.hash
            left -= 1
    tree = TreeState()
    tree.append(bytes(leaves[at : at + HASH_BYTES]) for at in range(0, len(leaves), HASH_BYTES))
    return None if left else tree.root()


@dataclass(frozen=True, slots=True)
class _Taken:
    """A run and its entries."""

    run: LogRun
    entries: Sequence[WaitingEntry]


def _next_runs(tx: Tx, size: int, make: RowMac) -> tuple[list[_Taken], Sequenced]:
    """The next entries that can get places, and what stays: what comes after a gap or a forged
    entry, which stops no other stream.
    """
    after = ("", 0)
    stopped = Sequenced(0, ())
    while entries := checkpoints.waiting(tx, after=after, limit=BATCH):
        runs, here = _runs(tx, entries, size, make)
        stopped = Sequenced(0, stopped.skipped + here.skipped, stopped.forged + here.forged)
        if runs:
            return runs, stopped
        after = (entries[-1].stream, entries[-1].seq)
    return [], stopped


def _runs(
    tx: Tx, entries: Sequence[WaitingEntry], size: int, make: RowMac
) -> tuple[list[_Taken], Sequenced]:
    """Runs without a gap, with their places; and where entries stay.

    The entry that says what a restored copy lacks begins a run: the numbers before it have no
    place.
    """
    check = EntryCheck(tx, make)
    runs: list[_Taken] = []
    skipped: list[str] = []
    forged: list[str] = []
    taken: list[WaitingEntry] = []
    stops = ""
    for nth, entry in enumerate(entries):
        begins = not nth or entries[nth - 1].stream != entry.stream
        expected = entry.placed + 1 if begins else entries[nth - 1].seq + 1
        if entry.stream == stops:
            pass
        elif entry.seq != expected and entry.kind != ledger_lines.GAP:
            skipped.append(entry.stream)
            stops = entry.stream
        elif not check.is_genuine(entry):
            forged.append(f"{entry.stream} {entry.seq}")
            stops = entry.stream
        else:
            taken.append(entry)
        following = entries[nth + 1] if nth + 1 < len(entries) else None
        if taken and (
            following is None
            or following.stream != entry.stream
            or following.kind == ledger_lines.GAP
        ):
            size += len(taken)
            runs.append(_Taken(LogRun(entry.stream, taken[-1].seq, size - 1), taken))
            taken = []
    return runs, Sequenced(0, (*skipped,), (*forged,))


def _tree(before: StoredCheckpoint | None) -> TreeState:
    """The tree as the checkpoint before left it."""
    if before is None:
        return TreeState()
    peaks = before.peaks
    return TreeState(
        before.size, (peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES))
    )


def _listed(tx: Tx, after: int) -> list[tuple[str, StreamHead]]:
    """The ends of all runs from a place on; for a folder that missed some."""
    ends = {(run.stream, run.seq): run.idx for run in checkpoints.runs(tx) if run.idx >= after}
    found = [
        (entry.stream, StreamHead(ends[entry.stream, entry.seq], entry.seq, entry.hash))
        for entry in checkpoints.hashes(tx)
        if (entry.stream, entry.seq) in ends
    ]
    return sorted(found, key=lambda named: named[1].idx)
