"""Changes: what an act is going to change, as values, before anything of it is written.

What decides fills them and asks no database; `store.writing.write` puts them into a transaction.
Every transaction has some of its own (`Tx.changes`), so that a command that moves no case hands its
transaction to the same functions: its rows are written at once, and what has to come last is kept.

Entries of the ledger and counts come last: an entry binds the rows that came before it, and whoever
holds a row of counts makes others wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from service.store.drivers.orders import Order, Rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from service.security.ledger_lines import Canonical
    from service.security.records import LedgerEntry, WrappedKey
    from service.store.drivers.worker_lease import WorkerLease
    from service.store.prepared import PreparedStatement

RowMac: TypeAlias = "Callable[[bytes], bytes]"
"""Computes the MAC of a row from its canonical bytes, under a key that the store does not know."""
CountOf: TypeAlias = tuple[str, ...]
"""The key of a count: the values of the key columns of its table."""


class Writer(Protocol):
    """Who takes changes: a transaction, which writes rows at once, or `Changes` alone."""

    @property
    def row_mac(self) -> RowMac | None:
        """Computes the MACs of rows; None in a database that was handed no key for them."""

    @property
    def changes(self) -> Changes:
        """What comes last."""

    def later(
        self, statement: PreparedStatement, rows: Rows, *, exactly: int | None = None
    ) -> None:
        """Change rows; see `Tx.later`."""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry without number and hash. `number` is the one that it must bear, 0 for the next."""

    stream: str
    kind: str
    at: datetime
    actor: str
    office: str
    body: Mapping[str, Canonical] = field(default_factory=dict)
    number: int = 0
    open_: str | None = None
    seal: str | None = None


@dataclass(slots=True)
class StreamDrafts:
    """What is written to one stream, after its end as it was read."""

    end: tuple[int, str] | None
    """None where it is read when the drafts are written."""
    drafts: list[EntryDraft] = field(default_factory=list)


@dataclass(slots=True)
class CountChange:
    """What is added to the counts of open cases."""

    offices: Counter[CountOf] = field(default_factory=Counter)
    """By office, roles in it, and stage."""
    releases: Counter[CountOf] = field(default_factory=Counter)
    officers: Counter[CountOf] = field(default_factory=Counter)
    """By office and person."""
    ended: list[str] = field(default_factory=list)
    """Cases that have ended: nobody handles them any more."""

    @property
    def are_any(self) -> bool:
        """Whether anything is added or taken away."""
        return bool(self.offices or self.releases or self.officers or self.ended)


class Changes:
    """Rows in the order in which they are written, and what comes after all of them."""

    def __init__(self, row_mac: RowMac | None, lease: WorkerLease | None = None) -> None:
        """Nothing is changed yet.

        Args:
            lease: by which calls and letters are leased as they are made.
        """
        self.row_mac = row_mac
        self.lease = lease
        self.orders: list[Order] = []
        self.bound: dict[str, dict[str, dict[str, bytes | None]]] = {}
        """Stream to table, key and content of rows that its last entry binds; None for a row that
        is gone."""
        self.sums: dict[str, dict[str, int]] = {}
        """Case to table and difference of sums that the row of the case does not bear yet."""
        self.entries: dict[str, StreamDrafts] = {}
        self.counts = CountChange()
        self.made_keys: dict[str, WrappedKey] = {}
        """Owner to the key that was made for it."""
        self.matter: LedgerEntry | None = None
        """Entry of the matter for which an auditor looks, where her page has read it already."""
        self.has_work = False
        """Whether something is written that a worker may do now, and has to look for."""

    @classmethod
    def of(cls, writer: Writer) -> Changes:
        """Nothing yet, for the transaction that will write it."""
        return cls(writer.row_mac, writer.changes.lease)

    @property
    def changes(self) -> Changes:
        """These."""
        return self

    @property
    def have_last(self) -> bool:
        """Whether anything comes last."""
        return bool(self.bound or self.sums or self.entries or self.counts.are_any)

    def later(
        self, statement: PreparedStatement, rows: Rows, *, exactly: int | None = None
    ) -> None:
        """Change rows after those that came before; see `Tx.later`."""
        if rows:
            self.orders.append(Order(statement, rows, exactly))

    def bind(self, stream: str, table: str, key: str, content: bytes | None) -> None:
        """Have the last entry of a stream bear the MAC of a row.

        Args:
            content: as `guarded_rows.content` gives it; None for a row that is gone.
        """
        self.bound.setdefault(stream, {}).setdefault(table, {})[key] = content

    def note_sum(self, table: str, case_id: str, difference: int) -> None:
        """Have the row of a case bear another sum of the MACs of its rows in a table."""
        of_case = self.sums.setdefault(case_id, {})
        of_case[table] = of_case.get(table, 0) + difference

    def draft(self, draft: EntryDraft, end: tuple[int, str] | None = None) -> None:
        """Write an entry after all rows.

        Args:
            end: number and hash of the stream's last entry, where they are known already.
        """
        self.entries.setdefault(draft.stream, StreamDrafts(end)).drafts.append(draft)

    def drafted(self, stream: str, kind: str) -> list[EntryDraft]:
        """Entries of a kind that are going to be written to a stream: who decides by what stands in
        the ledger counts them too.
        """
        found = self.entries.get(stream)
        return [] if found is None else [draft for draft in found.drafts if draft.kind == kind]

    def take_last(self, other: Changes) -> None:
        """Add what comes last of other changes, whose rows are written."""
        for stream, tables in other.bound.items():
            for table, rows in tables.items():
                self.bound.setdefault(stream, {}).setdefault(table, {}).update(rows)
        for case_id, noted in other.sums.items():
            for table, difference in noted.items():
                self.note_sum(table, case_id, difference)
        for stream, found in other.entries.items():
            self.entries.setdefault(stream, StreamDrafts(found.end)).drafts.extend(found.drafts)
        mine, theirs = self.counts, other.counts
        for own, added in (
            (mine.offices, theirs.offices),
            (mine.releases, theirs.releases),
            (mine.officers, theirs.officers),
        ):
            own.update(added)
        mine.ended += theirs.ended
        self.made_keys |= other.made_keys
        self.has_work |= other.has_work
