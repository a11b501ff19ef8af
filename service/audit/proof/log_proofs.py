"""Places of chosen streams in the one log, and proofs under its newest checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from service.security.checkpoint import NoCheckpoint, parse
from service.security.merkle_tree import HASH_BYTES, HashedTree
from service.store.installation import checkpoints
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class LogProofs:
    """The log as the newest checkpoint signs it."""

    note: str
    """The checkpoint."""
    tree: HashedTree
    places: Mapping[tuple[str, int], int]
    """Stream and number to the place of an entry of a chosen stream."""

    def consistency(self, notes: Iterable[str]) -> dict[int, list[bytes]]:
        """Size of older checkpoints of this log to the proof that they are its beginning."""
        origin = parse(self.note).origin
        found: dict[int, list[bytes]] = {}
        for note in notes:
            try:
                older = parse(note)
            except NoCheckpoint:
                continue
            if older.origin == origin and 0 < older.size < self.tree.size:
                found[older.size] = self.tree.consistency_proof(older.size)
        return dict(sorted(found.items()))


def load_log_proofs(tx: Tx, streams: Collection[str] = ()) -> LogProofs | None:
    """Load the log; None before its first checkpoint.

    The time is that of hashing every entry once: about a second for a million.
    """
    kept = checkpoints.newest(tx)
    if kept is None:
        return None
    leaves = bytearray(kept.size * HASH_BYTES)
    places: dict[tuple[str, int], int] = {}
    for entry, place in checkpoints.placed(tx, checkpoints.runs(tx)):
        if place is not None and 0 <= place < kept.size:
            leaves[place * HASH_BYTES : (place + 1) * HASH_BYTES] = entry.hash
            if entry.stream in streams:
                places[entry.stream, entry.seq] = place
    return LogProofs(kept.note, HashedTree(leaves), places)
