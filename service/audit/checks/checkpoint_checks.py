"""Checks of the one log: what the newest checkpoint counts is stored, as it was signed.

The hash of every entry stands here as its column says; that a hash is that of its entry, the checks
of chains say. A note proves that something is lost or another. What it is, `log_index` and the
lists of the folder name; they are believed for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from service.casework.history.violations import Violation
from service.security import checkpoint
from service.security.checkpoint import Checkpoint, NoCheckpoint
from service.security.checkpoint_folder import LISTED_BYTES, OutsideLog
from service.security.merkle_tree import HASH_BYTES, TreeState
from service.store.installation import checkpoints
from service.store.installation.checkpoints import LogRun, StoredCheckpoint
from service.store.transaction import Tx

MOST_NAMED: Final = 20
LOG: Final = "log"
"""What a violation is about that concerns no single stream."""


@dataclass
class _StoredLog:
    """What the database holds of the log."""

    runs: dict[str, list[LogRun]]
    """Stream to its runs, by number."""
    size: int
    """How many entries have a place, as `log_index` says."""
    leaves: bytearray
    """Hashes by place; zeros where an entry is missing."""
    missing: set[int]
    """Places whose entry is not stored."""
    lengths: dict[str, int] = field(default_factory=dict)
    """Stream to the highest number that is stored of it."""
    late: set[tuple[str, int]] = field(default_factory=set)
    """Entries without a place."""
    gaps: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """Numbers that a restore left out, as `checkpoints.gaps` gives them."""
    ends: dict[tuple[str, int], bytes] = field(default_factory=dict)
    """Hashes of the entries that a list names."""

    def roots(self, sizes: set[int]) -> dict[int, tuple[bytes, list[bytes]]]:
        """Size to the root and the peaks of the tree then, up to the first missing entry."""
        tree, found = TreeState(), {}
        whole = min(self.missing, default=self.size)
        for size in sorted(size for size in sizes if size <= whole):
            places = range(tree.size * HASH_BYTES, size * HASH_BYTES, HASH_BYTES)
            tree.append(bytes(self.leaves[at : at + HASH_BYTES]) for at in places)
            found[size] = (tree.root(), list(tree.peaks))
        return found


def check_log(tx: Tx, public_key: bytes | None, outside: OutsideLog) -> Iterator[Violation]:
    """I10: the newest checkpoint, and every older one, is contained in what is stored.

    Args:
        public_key: of the ledger; without it, nobody asks who signed the notes.
        outside: what is kept outside the database; read before this transaction began, so that
            what came meanwhile is no violation.
    """
    kept = checkpoints.newest(tx)
    notes = [*outside.notes, *([("of the database", kept.note)] if kept else [])]
    signed, unsigned = _signed(notes, public_key)
    yield from unsigned
    for number in checkpoints.others(tx):
        yield Violation("I10", LOG, f"checkpoint {number}", "one row", "another")
    runs = checkpoints.runs(tx)
    gaps = checkpoints.gaps(tx)
    most = max((found.size for _, found in signed), default=0)
    whole, faults = _whole_runs(runs, gaps, most)
    yield from faults
    stored = _load(tx, whole, outside)
    stored.gaps = gaps
    named = list(dict.fromkeys((*_check_entries(stored), *_check_lists(stored, outside))))
    yield from named
    if faults:
        return
    roots = stored.roots({stored.size, *(found.size for _, found in signed)})
    yield from _check_kept(runs, kept, roots)
    if outside.expected and runs and not outside.notes:
        yield Violation("I10", LOG, "checkpoint", "one outside the database", "none")
    yield from _check_notes(stored, signed, roots, explained=bool(named))
    yield from _check_waiting(tx, stored)


def _whole_runs(
    runs: list[LogRun], gaps: Mapping[tuple[str, int], int], most: int
) -> tuple[list[LogRun], list[Violation]]:
    """The runs up to the first that does not go on from those before, and what is wrong with it.

    Args:
        gaps: numbers that a restore left out.
        most: how many entries were ever signed; nobody is made to count further.
    """
    last: dict[str, int] = {}
    place = -1
    for nth, run in enumerate(runs):
        before = last.get(run.stream, 0)
        count = run.seq - before - gaps.get((run.stream, before), 0)
        if count < 1 or run.idx - count != place:
            expected, found = f"a place after {place}", f"{run.idx}, for {count} entries"
            about = subject(run.stream), f"log_index {run.seq}"
            return runs[:nth], [Violation("I10", *about, expected, found)]
        if run.idx >= most:
            return runs[:nth], []  # what the database's checkpoint counts differs then
        last[run.stream], place = run.seq, run.idx
    return runs, []


def _load(tx: Tx, runs: list[LogRun], outside: OutsideLog) -> _StoredLog:
    """Read the hash of every entry, and put it at its place."""
    size = runs[-1].idx + 1 if runs else 0
    stored = _StoredLog({}, size, bytearray(size * HASH_BYTES), set())
    for run in runs:
        stored.runs.setdefault(run.stream, []).append(run)
    missing = bytearray(b"\x01") * size
    for entry, place in checkpoints.placed(tx, runs):
        stored.lengths[entry.stream] = entry.seq
        head = outside.heads.get(entry.stream)
        if head is not None and head.seq == entry.seq:
            stored.ends[entry.stream, entry.seq] = entry.hash
        if place is None:
            stored.late.add((entry.stream, entry.seq))
        elif 0 <= place < size and len(entry.hash) == HASH_BYTES:
            stored.leaves[place * HASH_BYTES : (place + 1) * HASH_BYTES] = entry.hash
            missing[place] = 0
    stored.missing.update(place for place, gone in enumerate(missing) if gone)
    return stored


def _check_entries(stored: _StoredLog) -> Iterator[Violation]:
    """Every entry that has a place is stored."""
    if not stored.missing:
        return
    for stream, runs in sorted(stored.runs.items()):
        before = 0
        gone: list[int] = []
        for run in runs:
            gone += (
                seq
                for seq in range(before + 1 + stored.gaps.get((stream, before), 0), run.seq + 1)
                if run.idx - (run.seq - seq) in stored.missing
            )
            before = run.seq
        yield from _lost(stream, gone, stored.lengths.get(stream, 0), before)


def _check_lists(stored: _StoredLog, outside: OutsideLog) -> Iterator[Violation]:
    """Every stream goes at least to where a list names it, with the hash that it had."""
    for name in outside.unreadable:
        yield Violation("I10", LOG, name, "lines of a list", "others")
    for stream, head in sorted(outside.heads.items()):
        length = stored.lengths.get(stream, 0)
        found = stored.ends.get((stream, head.seq))
        if found is None:
            gone = list(range(length + 1, head.seq + 1)) or [head.seq]
            yield from _lost(stream, gone, length, head.seq)
        elif found[:LISTED_BYTES] != head.hash:
            place, signed = f"line {head.seq}", "the history that was signed"
            yield Violation("I10", subject(stream), place, signed, "another, up to this line")


def _lost(stream: str, gone: list[int], length: int, named: int) -> Iterator[Violation]:
    """One violation for what a stream has lost: the whole, its end, or lines within."""
    if not gone:
        return
    if length == 0:
        case = stream.startswith("case/")
        expected = f"{'the case and its' if case else 'the'} {named} lines that the log names"
        yield Violation("I10", subject(stream), "case" if case else "stream", expected, "none")
        return
    for place in _ranges(seq for seq in gone if seq < length):
        yield Violation("I10", subject(stream), place, "what the log names", "none")
    for place in _ranges(seq for seq in gone if seq > length):
        yield Violation("I10", subject(stream), place, "the end that the log names", "none")


def _ranges(numbers: Iterable[int]) -> Iterator[str]:
    """Places in a stream, those that follow each other as one."""
    begin = end = 0
    for seq in sorted(numbers):
        if begin and seq != end + 1:
            yield _range(begin, end)
            begin = 0
        begin, end = begin or seq, seq
    if begin:
        yield _range(begin, end)


def _range(begin: int, end: int) -> str:
    return f"line {begin}" if begin == end else f"lines {begin} to {end}"


def _signed(
    notes: list[tuple[str, str]], public_key: bytes | None
) -> tuple[list[tuple[str, Checkpoint]], list[Violation]]:
    """The notes that this installation has signed, and a violation for each other."""
    signed, others = [], []
    for name, note in notes:
        try:
            if public_key is None:
                signed.append((name, checkpoint.parse(note)))
            else:
                signed.append((name, checkpoint.verify(note, public_key)))
        except NoCheckpoint as e:
            found = f"{e}"
            others.append(Violation("I10", LOG, f"checkpoint {name}", "a signed checkpoint", found))
    return signed, others


def _check_kept(
    runs: list[LogRun],
    kept: StoredCheckpoint | None,
    roots: dict[int, tuple[bytes, list[bytes]]],
) -> Iterator[Violation]:
    """The database's own checkpoint counts what has a place, and holds what the tree needs."""
    size, placed = 0 if kept is None else kept.size, runs[-1].idx + 1 if runs else 0
    if size != placed:
        expected, found = f"{placed} entries, as log_index", str(size)
        yield Violation("I10", LOG, "checkpoint", expected, found)
    elif kept is not None:
        try:
            said = checkpoint.parse(kept.note).size
        except NoCheckpoint:
            said = size  # it is named already
        if said != size:
            yield Violation("I10", LOG, "checkpoint", f"{size} entries", f"a note of {said}")
        if size in roots and b"".join(roots[size][1]) != kept.peaks:
            yield Violation("I10", LOG, "checkpoint", "the tree of what is stored", "another")


def _check_notes(
    stored: _StoredLog,
    signed: list[tuple[str, Checkpoint]],
    roots: dict[int, tuple[bytes, list[bytes]]],
    *,
    explained: bool,
) -> Iterator[Violation]:
    """Each note, from the oldest on; the first that does not fit says where it begins.

    Args:
        explained: what is lost or another was named already; then roots say nothing more.
    """
    origins = sorted({found.origin for _, found in signed})
    if len(origins) > 1:
        yield Violation("I10", LOG, "checkpoint", "one log", ", ".join(origins))
    fits = 0
    for name, found in sorted(signed, key=lambda note: (note[1].size, note[0])):
        place = f"checkpoint {name}"
        if found.size <= stored.size and found.size not in roots:
            return  # an entry is missing, and named
        if found.size <= stored.size and roots[found.size][0] == found.root:
            fits = found.size
            continue
        if explained:
            return
        if found.size > stored.size:
            counted = f"{found.size} entries that it counts"
            yield Violation("I10", LOG, place, counted, str(stored.size))
        else:
            where = f"another history in entries {fits + 1} to {found.size}"
            said = ", ".join(_streams(stored, fits, found.size))
            yield Violation("I10", LOG, place, "its root", f"{where}: {said}")
        return


def _streams(stored: _StoredLog, begin: int, end: int) -> list[str]:
    """Streams that have entries among these places."""
    names = sorted(
        stream
        for stream, runs in stored.runs.items()
        if any(begin <= run.idx and _first(runs, nth) < end for nth, run in enumerate(runs))
    )
    more = [f"and {len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return names[:MOST_NAMED] + more


def _first(runs: list[LogRun], nth: int) -> int:
    """The place of a run's first entry."""
    return runs[nth].idx - (runs[nth].seq - (runs[nth - 1].seq if nth else 0)) + 1


def _check_waiting(tx: Tx, stored: _StoredLog) -> Iterator[Violation]:
    """Entries without a place in the log wait for one, and every entry that waits is stored."""
    marked = set(checkpoints.marked(tx))
    forgotten: dict[str, list[int]] = {}
    for stream, seq in stored.late - marked:
        forgotten.setdefault(stream, []).append(seq)
    for stream, numbers in sorted(forgotten.items()):
        for lines in _ranges(numbers):
            yield Violation("I10", subject(stream), lines, "a place in the log", "none to come")
    for stream, seq in sorted(marked - stored.late):
        placed = stored.runs.get(stream)
        there = placed is not None and seq <= placed[-1].seq
        found = "one that has its place" if there else "none"
        yield Violation("I10", subject(stream), f"line {seq}", "a line that waits", found)


def subject(stream: str) -> str:
    """What a violation in a stream is about: the case, or the stream itself."""
    return stream.removeprefix("case/")
