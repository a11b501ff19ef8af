"""Entries that are drafts until the transaction ends: then they get numbers and hashes.

The last entry that a stream gets in a transaction bears, as `rows`, the MACs of the rows that
the transaction changed and that the stream binds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from service.security import ledger_lines
from service.security.records import LedgerEntry
from service.store import guarded_rows
from service.store.installation import ledger_entries

if TYPE_CHECKING:
    from service.store.transaction import Tx

ROWS: Final = "rows"
"""Key of the body: table to key and MAC of rows, as `guarded_rows.bound_mac` makes it."""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry without number and hash. `number` is the one that it must bear, 0 for the next."""

    stream: str
    kind: str
    at: datetime
    actor: str
    office: str
    body: Mapping[str, ledger_lines.Canonical] = field(default_factory=dict)
    number: int = 0
    open_: str | None = None
    seal: str | None = None


@dataclass(slots=True)
class _Stream:
    """What a transaction writes to one stream, after its end as it was read."""

    end: tuple[int, str] | None
    """None where it is read when the drafts are written."""
    drafts: list[EntryDraft] = field(default_factory=list)


def add(tx: Tx, draft: EntryDraft, *, end: tuple[int, str] | None = None) -> None:
    """Write an entry at the end of the transaction.

    Args:
        end: number and hash of the stream's last entry, where they are known already.
    Raises:
        CaseMoved: somebody wrote to the stream since its end was read; perhaps only at the end of
            the transaction.
    """
    streams = _streams(tx)
    if draft.stream not in streams:
        read_now = end is None and not tx.reads_without_lock
        streams[draft.stream] = _Stream(ledger_entries.end(tx, draft.stream) if read_now else end)
    streams[draft.stream].drafts.append(draft)


def _streams(tx: Tx) -> dict[str, _Stream]:
    if ledger_entries.DRAFTS not in tx.kept:
        tx.kept[ledger_entries.DRAFTS] = {}
        tx.before_commit(lambda: _finish(tx))
    found: dict[str, _Stream] = tx.kept[ledger_entries.DRAFTS]
    return found


def _finish(tx: Tx) -> None:
    """Number the drafts, hash them, and write them."""
    streams: dict[str, _Stream] = tx.kept.pop(ledger_entries.DRAFTS, {})
    written: list[LedgerEntry] = []
    for name, stream in streams.items():
        end = ledger_entries.end(tx, name) if stream.end is None else stream.end
        for draft in stream.drafts:
            before = (draft.number - 1, end[1]) if draft.number else end
            body = dict(draft.body)
            if draft is stream.drafts[-1] and name in tx.bound:
                body[ROWS] = guarded_rows.bound_macs(tx, name, before[0] + 1)
            entry = _written(draft, before, body)
            written.append(entry)
            end = entry.seq, entry.hash
    ledger_entries.add(tx, *written)


def _written(
    draft: EntryDraft, before: tuple[int, str], body: Mapping[str, ledger_lines.Canonical]
) -> LedgerEntry:
    return ledger_lines.write(
        draft.stream,
        before,
        kind=draft.kind,
        at=draft.at,
        actor=draft.actor,
        office=draft.office,
        open_=draft.open_,
        seal=draft.seal,
        body=body,
    )
