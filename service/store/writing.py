"""The last step of an act: its changes are written, rows first, at the very end what binds them.

Nothing is asked here but what belongs to nobody else: where streams of the ledger end that no act
has locked, and the sums of cases that no turn saves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.security import ledger_lines
from service.store import guarded_rows, row_sums
from service.store.installation import ledger_entries
from service.store.lists import case_counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.security.records import LedgerEntry
    from service.store.changes import Changes, EntryDraft, Writer
    from service.store.transaction import Tx


class UnboundRows(Exception):
    """Rows that decide were changed, and no entry is written that could bind them.

    A fault of this program. Nothing was changed.
    """


def write(writer: Writer, changes: Changes) -> None:
    """Write rows, before the next statement that asks; what comes last is written with the
    transaction's own (`write_last`).

    Raises:
        CaseMoved: somebody was faster; perhaps only at the next statement.
    """
    for order in changes.orders:
        writer.later(order.statement, order.rows, exactly=order.exactly)
    writer.changes.take_last(changes)


def write_last(tx: Tx) -> None:
    """Write entries and counts of what has been changed so far: at the end of a transaction, or
    before somebody in it reads them.

    Raises:
        CaseMoved: somebody wrote to a stream since its end was read; perhaps only later.
        UnboundRows: rows were changed that no entry of their stream binds.
    """
    if not tx.changes.have_last:
        return
    tx.begin_last()
    row_sums.write(tx)
    _write_entries(tx)
    case_counts.write(tx)
    if left := tx.changes.bound:
        raise UnboundRows("; ".join(f"{name}: {', '.join(left[name])}" for name in sorted(left)))


def _write_entries(tx: Tx) -> None:
    """Number the drafts, hash them, and write them."""
    streams, tx.changes.entries = tx.changes.entries, {}
    written: list[LedgerEntry] = []
    for name, stream in streams.items():
        end = ledger_entries.end(tx, name) if stream.end is None else stream.end
        for draft in stream.drafts:
            before = (draft.number - 1, end[1]) if draft.number else end
            body = dict(draft.body)
            if draft is stream.drafts[-1] and name in tx.changes.bound:
                body[guarded_rows.ROWS] = guarded_rows.bound_macs(tx, name, before[0] + 1)
            entry = _entry(draft, before, body)
            written.append(entry)
            end = entry.seq, entry.hash
    ledger_entries.add(tx, *written)


def _entry(
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
