"""A writer of the database: changes one thing in any table, as somebody with the file could.

He has no key. Every table and column is found in the metadata; what verification need not notice is
declared here, with the reason.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Table, UniqueConstraint

from service.audit.verify import verify_all
from service.security.packing import pack, unpack
from service.store.guarded_rows import UNBOUND_SETTINGS
from service.store.tables import metadata
from service.store.tables.column_types import Day, Json, PackedJson, PackedText
from service.store.transaction import Tx
from tests.trust.filled import FilledInstallation, Row, named

TABLES_OF_NOTHING: Final[Mapping[str, str]] = {
    "throttle": "rate limits: counts of tries",
    "once": "answers to repeated requests, kept a week",
    "held": "texts kept for minutes, under a key that only a browser has",
    "unsent": "what people typed and did not send",
    "heartbeat": "last signs of life",
    "batch": "how far a dry run or a migration has come; the ledger has its begin and end",
    "draft_state": "an earlier state of a draft's file; whoever goes back to it saves it anew",
    "batch_case": "what a dry run or a migration found; what moved a case is a fact",
}
"""Tables that verification need not look at, and why."""
LEASE: Final = "a worker's lease and its tries"
CHOICE: Final = "a person's own choices"
FAULT: Final = "the kind of fault of the last try"
COLUMNS_OF_NOTHING: Final[Mapping[tuple[str, str], str]] = {
    **{
        (table, name): LEASE
        for table in ("job", "letter")
        for name in ("tries", "not_before", "lease_until", "leased_by")
    },
    ("job", "error"): FAULT,
    ("letter", "error"): FAULT,
    ("person", "language"): CHOICE,
    ("person", "settings"): CHOICE,
    ("login_session", "seen_at"): "when she last did something",
}
"""Columns that verification need not look at, and why."""
OF_CASES: Final = frozenset({"document_chunk", "release", "stream"})
"""Tables whose rows belong to cases that are not named in them: every case is folded."""


@dataclass(frozen=True)
class Change:
    """One change: what was done, and the rows that it touched, each as it was and as it is."""

    kind: str
    table: str
    rows: tuple[tuple[Row, ...], ...]
    what: str

    def __str__(self) -> str:
        return f"{self.kind} {self.table} {self.what}"


class TakenBack(Exception):
    """Takes a change back."""


class Writer:
    """Changes an installation, one change at a time, each taken back."""

    nothing: Mapping[tuple[str, str], str] = COLUMNS_OF_NOTHING
    """Columns that it leaves as they are."""

    def __init__(self, installation: FilledInstallation, seed: str) -> None:
        self.here = installation
        self.random = random.Random(seed)  # noqa: S311 - it must do the same again
        self.tables = [t for t in metadata.sorted_tables if t.name not in TABLES_OF_NOTHING]
        self.streams: dict[int, str] = {}
        self.ways: Sequence[Callable[[sqlite3.Connection, Table], Change | None]] = (
            *(self._edit, self._edit, self._delete, self._insert, self._swap),
            *(self._exchange, self._replay),
        )

    def tries(self, count: int) -> Iterator[tuple[Change, list[str]]]:
        """So many changes, each with the sentences of verification."""
        while count:
            with self._changed() as (tx, change):
                if change is None:
                    continue
                count -= 1
                yield change, self._sentences(tx, change)

    def unnamed(self, change: Change, sentences: Sequence[str]) -> list[tuple[Row, ...]]:
        """Rows of a change that no sentence names."""
        return [
            versions
            for versions in change.rows
            if not any(
                _is_said(named(change.table, row, self.streams), sentences) for row in versions
            )
        ]

    def _sentences(self, tx: Tx, change: Change) -> list[str]:
        folded = cases_of(change)
        program, now = self.here.program, self.here.now
        report = verify_all(tx, program.services, now=now, folded=folded)
        return [str(fault) for fault in report.faults]

    @contextmanager
    def _changed(self) -> Iterator[tuple[Tx, Change | None]]:
        """A transaction in which one thing was changed; it is taken back."""
        with suppress(TakenBack), self.here.program.database.transaction() as tx:
            raw = tx.conn.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            guards = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in guards.fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            self.streams = dict(raw.execute("SELECT number, name FROM stream").fetchall())
            yield tx, self._change(raw)
            raise TakenBack

    def _change(self, raw: sqlite3.Connection) -> Change | None:
        """Do one thing; None when there was nothing to do, or the database itself refuses it."""
        table, way = self.random.choice(self.tables), self.random.choice(self.ways)
        try:
            return way(raw, table)
        except sqlite3.IntegrityError:
            return None

    # ---- what is changed

    def _edit(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        """One column of one row gets the value of another row, or another one of its kind."""
        return self.edit_column(raw, table, self.random.choice(self._counted(table)))

    def edit_column(self, raw: sqlite3.Connection, table: Table, name: str) -> Change | None:
        """As `_edit`, of a column."""
        rows = self._rows(raw, table)
        if not rows:
            return None
        row = self.random.choice(rows)
        value = self._another(table, name, row[name], [other[name] for other in rows])
        if value == row[name]:
            return None
        update_row(raw, table, row, {name: value})
        return Change("edit", table.name, ((row, {**row, name: value}),), f"{name} of {row}")

    def _delete(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        rows = self._rows(raw, table)
        if not rows:
            return None
        row = self.random.choice(rows)
        _delete(raw, table, row)
        return Change("delete", table.name, ((row,),), str(row))

    def _insert(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        """A copy of a row, under another key."""
        rows = self._rows(raw, table)
        if not rows:
            return None
        row = dict(self.random.choice(rows))
        for name in {[*table.primary_key][-1].name, *_unique(table)} - {"case_id", "process"}:
            row[name] = self._another(table, name, row[name], [])
        _insert(raw, table, row)
        return Change("insert", table.name, ((row,),), str(row))

    def _swap(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        """Two rows change one value."""
        names = [name for name in self._counted(table) if name not in _keys(table) | _unique(table)]
        return self._swapped(raw, table, [self.random.choice(names)] if names else [])

    def _exchange(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        """Two rows change all their values but their keys."""
        names = [name for name in self._counted(table) if name not in _keys(table) | _unique(table)]
        return self._swapped(raw, table, names)

    def _swapped(self, raw: sqlite3.Connection, table: Table, names: list[str]) -> Change | None:
        rows = self._rows(raw, table)
        if len(rows) < 2 or not names:
            return None
        one, two = self.random.sample(rows, 2)
        if all(one[name] == two[name] for name in names):
            return None
        update_row(raw, table, one, {name: two[name] for name in names})
        update_row(raw, table, two, {name: one[name] for name in names})
        return Change("swap", table.name, ((one,), (two,)), f"{names} of {one} and {two}")

    def _replay(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        """A row as it was once takes the place of what it has become, or comes back."""
        older = [row for row in self.here.older[table.name] if self._counts(table, row)]
        if not older:
            return None
        row, keys = self.random.choice(older), _keys(table)
        found = [
            now for now in self._rows(raw, table) if all(now[name] == row[name] for name in keys)
        ]
        if found and all(found[0][name] == row[name] for name in self._counted(table)):
            return None
        _delete(raw, table, row)
        _insert(raw, table, row)
        return Change("replay", table.name, ((row,),), str(row))

    # ---- how

    def _counted(self, table: Table) -> list[str]:
        """Columns that something rests on."""
        names = [column.name for column in table.columns]
        return [name for name in names if (table.name, name) not in self.nothing]

    def _counts(self, table: Table, row: Row) -> bool:
        """Rows of nothing are some settings, and sessions that are over."""
        if table.name == "setting":
            return row["name"] not in UNBOUND_SETTINGS
        if table.name == "login_session":
            return bool(row["ends_at"] > self.here.now.timestamp() * 1_000_000)
        return True

    def _rows(self, raw: sqlite3.Connection, table: Table) -> list[Row]:
        names = [column.name for column in table.columns]
        found = raw.execute(f"SELECT {_listed(names)} FROM {table.name}").fetchall()  # noqa: S608 - names of our own tables
        rows = [dict(zip(names, row, strict=True)) for row in found]
        return [row for row in rows if self._counts(table, row)]

    def _another(self, table: Table, name: str, value: Any, others: list[Any]) -> Any:
        """Another value that the column could hold."""
        choice = [other for other in others if other != value]
        if choice and (value is None or self.random.random() < 0.5):
            return self.random.choice(choice)
        if value is None:
            return None
        if table.c[name].nullable and self.random.random() < 0.3:
            return None
        return self._changed_value(table.c[name].type, value)

    def _changed_value(self, kind: object, value: Any) -> Any:
        """A value changed a little; other bytes of a packed text may be the same text."""
        if isinstance(kind, PackedText | PackedJson):
            return pack(self._another_bytes(unpack(value)))
        if isinstance(value, bytes):
            return self._another_bytes(value)
        if isinstance(value, int):
            step = 1 if abs(value) < 10**9 else self.random.choice([1, 10**6, 86_400 * 10**6])
            return value + (step if self.random.random() < 0.5 or value < step else -step)
        if isinstance(kind, Day):
            return str(date.fromisoformat(value) + timedelta(days=self.random.choice([-1, 1])))
        if isinstance(kind, Json):
            more = '"x"' if value[0] == "[" else '"x":1'
            return f"{value[:-1]}{',' if len(value) > 2 else ''}{more}{value[-1]}"
        return value[:-1] + ("B" if value[-1:] == "A" else "A")

    def _another_bytes(self, value: bytes) -> bytes:
        """The bytes with one bit turned."""
        at = self.random.randrange(len(value)) if value else 0
        changed = (value[at] if value else 0) ^ (1 << self.random.randrange(8))
        return value[:at] + bytes([changed]) + value[at + 1 :]


def _is_said(parts: Sequence[str], sentences: Sequence[str]) -> bool:
    return any(all(part in said for part in parts) for said in sentences)


def cases_of(change: Change) -> frozenset[str] | None:
    """Ids of the cases that a change is about: those that are folded; None for every case."""
    if change.table in OF_CASES:
        return None
    name = "id" if change.table == "cases" else "case_id"
    rows = (row for versions in change.rows for row in versions)
    return frozenset(str(row[name]) for row in rows if row.get(name))


def _keys(table: Table) -> set[str]:
    return {column.name for column in table.primary_key}


def _unique(table: Table) -> set[str]:
    rules = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    indexes = [index for index in table.indexes if index.unique]
    names = {column.name for rule in rules for column in rule.columns}
    return names | {column.name for index in indexes for column in index.columns}


def update_row(raw: sqlite3.Connection, table: Table, row: Row, new: Row) -> None:
    sets, where = (" , ".join(f'"{name}" = ?' for name in new), _where(table))
    given = [*new.values(), *_of_keys(table, row)]
    raw.execute(f"UPDATE {table.name} SET {sets} WHERE {where}", given)  # noqa: S608 - as above


def _delete(raw: sqlite3.Connection, table: Table, row: Row) -> None:
    raw.execute(f"DELETE FROM {table.name} WHERE {_where(table)}", _of_keys(table, row))  # noqa: S608 - as above


def _insert(raw: sqlite3.Connection, table: Table, row: Row) -> None:
    marks = ", ".join("?" for _ in row)
    raw.execute(f"INSERT INTO {table.name} ({_listed(row)}) VALUES ({marks})", [*row.values()])  # noqa: S608 - as above


def _listed(names: Sequence[str] | Row) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _where(table: Table) -> str:
    return " AND ".join(f'"{column.name}" = ?' for column in table.primary_key)


def _of_keys(table: Table, row: Row) -> list[Any]:
    return [row[column.name] for column in table.primary_key]
