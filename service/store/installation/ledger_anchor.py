"""Which entries of the ledger bear no MAC: those that stood before entries bore one.

The upgrade says it once, in a setting that bears a MAC of its own: how many entries had their place
in the log, which signed checkpoints count, and which waited for one. Without the setting, as in an
installation that was new then, every entry must bear its MAC. So nobody without the key moves the
place from which on they do. Source: decisions/0095.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from service.security import ledger_lines
from service.store.installation import checkpoints, installation_values, ledger_entries

if TYPE_CHECKING:
    from service.security.records import LedgerEntry
    from service.store.at_hand import Reader
    from service.store.changes import RowMac
    from service.store.installation.checkpoints import WaitingEntry
    from service.store.transaction import Tx

NAME: Final = "ledger.anchor"
"""The setting: what is meant, and its MAC in hex, as JSON."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Which entries stood before.

    `placed` is the highest number of each stream whose place is one of the first; `waiting` are
    stream, number and hash of those that had no place.
    """

    placed: dict[str, int]
    waiting: frozenset[tuple[str, int, str]]

    def stood_before(self, name: str, number: int, digest: str) -> bool:
        """Whether an entry is one of them.

        Args:
            digest: its hash, in hex.
        """
        return number <= self.placed.get(name, 0) or (name, number, digest) in self.waiting


def drop(tx: Tx, make: RowMac) -> None:
    """Say that what stands now bears no MAC: for the upgrade alone."""
    newest = checkpoints.newest(tx)
    after, waiting = ("", 0), list[ledger_lines.Canonical]()
    while page := checkpoints.waiting(tx, after=after):
        waiting += ((one.stream, one.seq, one.hash.hex()) for one in page)
        after = page[-1].stream, page[-1].seq
    meant: ledger_lines.Canonical = [newest.size if newest else 0, waiting]
    value = {"before": meant, "mac": _mac(make, meant).hex()}
    installation_values.put(tx, NAME, ledger_lines.canonical(value).decode())


class EntryCheck:
    """Says of entries whether this installation wrote them; reads the anchor once, with the first
    entry that bears no MAC.
    """

    def __init__(self, reader: Reader, make: RowMac) -> None:
        self._reader, self._make = reader, make

    @cached_property
    def anchor(self) -> Anchor:
        """Which entries stood before; none where this installation did not say so."""
        return load(self._reader, self._make)

    def is_genuine(self, entry: LedgerEntry | WaitingEntry) -> bool:
        """Whether this installation wrote an entry, or it stood there before entries bore a MAC.

        The chain says whether its hash is that of its content.
        """
        digest = entry.hash if isinstance(entry.hash, bytes) else bytes.fromhex(entry.hash)
        mac = ledger_entries.entry_mac(self._make, entry.stream, entry.seq, digest)
        if entry.mac is None:
            return self.anchor.stood_before(entry.stream, entry.seq, digest.hex())
        return hmac.compare_digest(mac, entry.mac)


def load(reader: Reader, make: RowMac) -> Anchor:
    """Which entries stood before; none where this installation did not say so."""
    try:
        kept = json.loads(installation_values.get(reader, NAME) or "{}")
        size, waiting = kept["before"]
        if not hmac.compare_digest(bytes.fromhex(kept["mac"]), _mac(make, kept["before"])):
            return Anchor({}, frozenset())
    except (ValueError, KeyError, TypeError):
        return Anchor({}, frozenset())
    placed: dict[str, int] = {}
    for run in checkpoints.runs(reader):
        if run.idx < size:
            placed[run.stream] = max(run.seq, placed.get(run.stream, 0))
    return Anchor(placed, frozenset((name, number, digest) for name, number, digest in waiting))


def _mac(make: RowMac, meant: ledger_lines.Canonical) -> bytes:
    return make(ledger_lines.canonical({NAME: meant}))
