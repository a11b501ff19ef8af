"""Forged entries of the ledger: those at the end of a stream are removed, and the history says so.

An entry that this installation did not write gets no place in the log, nor does what follows it in
its stream (`sequencer`). Where nothing of ours follows, an operator takes it out again, and an
entry of the stream `system` says which numbers and hashes were taken out, by whom and why. What the
program has written after a forged entry is chained to it, and stays. Source: decisions/0095.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from service.errors import NotFound
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.at_hand import Reader
from service.store.changes import RowMac
from service.store.installation import checkpoints, ledger_anchor, ledger_entries
from service.store.installation.checkpoints import WaitingEntry
from service.store.transaction import Tx

KIND = "entries_removed"


@dataclass(frozen=True, slots=True)
class ForgedEntries:
    """Entries of a stream that this installation did not write."""

    stream: str
    entries: tuple[WaitingEntry, ...]
    are_last: bool
    """Whether nothing follows them that it wrote: then they can be removed."""


def load_forged(reader: Reader, make: RowMac) -> list[ForgedEntries]:
    """Forged entries, by stream: those at its end where it has some there, else all."""
    found: list[ForgedEntries] = []
    check = ledger_anchor.EntryCheck(reader, make)
    for name, waiting in groupby(_waiting(reader), key=lambda entry: entry.stream):
        entries = [*waiting]
        genuine = [check.is_genuine(entry) for entry in entries]
        if all(genuine):
            continue
        last = max((n for n, is_ours in enumerate(genuine, 1) if is_ours), default=0)
        left = entries[last:]
        forged = (one for one, is_ours in zip(entries, genuine, strict=True) if not is_ours)
        found.append(ForgedEntries(name, (*(left or forged),), bool(left)))
    return found


def _waiting(reader: Reader) -> Iterator[WaitingEntry]:
    """Every entry that has no place yet, by stream and number."""
    after = ("", ledger_entries.LOWEST)
    while page := checkpoints.waiting(reader, after=after):
        yield from page
        after = page[-1].stream, page[-1].seq


def at_end(reader: Reader, make: RowMac, stream: str) -> ForgedEntries:
    """The forged entries at the end of a stream.

    Raises:
        NotFound: there are none.
    """
    for found in load_forged(reader, make):
        if found.stream == stream and found.are_last:
            return found
    raise NotFound(
        f"no forged entry stands at the end of the stream {stream}: "
        "`tresteg forged list` shows those that there are"
    )


def remove(
    tx: Tx, services: Services, *, stream: str, by: Actor, now: datetime, reason: str
) -> ForgedEntries:
    """Take the forged entries at the end of a stream out of the ledger; gives them.

    Args:
        tx: of the role that owns the tables (`Database.as_owner`): others change no history.
        reason: why, in words of the operator, without data of a person.
    Raises:
        NotFound: there are none at its end.
    """
    found = at_end(tx, services.vault.row_mac, stream)
    ledger_entries.remove(tx, stream, [entry.seq for entry in found.entries])
    removed = tuple((entry.seq, entry.hash.hex()) for entry in found.entries)
    body: dict[str, ledger_lines.Canonical] = {"of": stream, "removed": removed, "reason": reason}
    append_entry(tx, "system", KIND, by=by, now=now, body=body)
    return found
