"""A writer of the database: changes one thing in any table, as somebody with the file could.

He has no key. Every table and column is found in the metadata; what verification need not notice is
declared here, with the reason.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table

from service.actions.context import Services
from service.actions.history.verify import verify_all
from service.security.checkpoint_folder import OutsideLog
from service.store.database import Database
from service.store.guarded_rows import UNBOUND_SETTINGS
from service.store.tables import metadata
from service.store.tables.column_types import Json
from service.store.transaction import Tx

Row = tuple[Any, ...]
TABLES_OF_NOTHING: Final[Mapping[str, str]] = {
    "throttle": "rate limits: counts of tries",
    "once": "answers to repeated requests, kept a week",
    "held": "texts kept for minutes, under a key that only a browser has",
    "unsent": "what people typed and did not send",
    "heartbeat": "last signs of life",
}
"""Tables that verification need not look at, and why."""
LEASE: Final = "a worker's lease and its tries"
CHOICE: Final = "a person's own choices"
COLUMNS_OF_NOTHING: Final[Mapping[tuple[str, str], str]] = {
    **{
        (table, name): LEASE
        for table in ("job", "letter")
        for name in ("tries", "not_before", "lease_until", "leased_by")
    },
    ("job", "error"): "the fault of the last try",
    ("letter", "error"): "the fault of the last try",
    ("person", "language"): CHOICE,
    ("person", "settings"): CHOICE,
    ("login_session", "seen_at"): "when she last did something",
}
"""Columns that verification need not look at, and why."""


@dataclass(frozen=True)
class Change:
    """One change: what was done, and the rows that it touched, before or after it."""

    kind: str
    table: str
    rows: tuple[Mapping[str, Any], ...]
    detail: str

    def __str__(self) -> str:
        return f"{self.kind} {self.table} {self.detail}"


class Undone(Exception):
    """Takes a change back."""


class Writer:
    """Changes one copy of an installation, one change at a time, each taken back.

    Args:
        older: rows as they were at some time, by table.
        now: the moment of verification.
    """

    def __init__(
        self,
        database: Database,
        services: Services,
        *,
        older: Mapping[str, list[Row]],
        now: datetime,
        outside: OutsideLog,
        seed: str,
    ) -> None:
        self.database, self.services, self.older, self.now = database, services, older, now
        self.outside = outside
        self.random = random.Random(seed)
        self.tables = [t for t in metadata.sorted_tables if t.name not in TABLES_OF_NOTHING]
        self.kinds: list[tuple[str, Callable[[sqlite3.Connection, Table], Change | None]]] = [
            ("edit", self._edit),
            ("edit", self._edit),
            ("delete", self._delete),
            ("insert", self._insert),
            ("swap", self._swap),
            ("replay", self._replay),
        ]

    def tries(self, count: int) -> Iterator[tuple[Change, tuple[str, ...]]]:
        """So many changes, each with the sentences of verification."""
        done = 0
        while done < count:
            with self._changed() as (tx, found):
                if found is None:
                    continue
                done += 1
                report = verify_all(
                    tx, self.services, now=self.now, outside=self.outside, folded=cases_of(found)
                )
                yield found, tuple(map(str, report.faults))

    @contextmanager
    def _changed(self) -> Iterator[tuple[Tx, Change | None]]:
        """A transaction in which one thing was changed; it is taken back."""
        try:
            with self.database.transaction() as tx:
                raw: sqlite3.Connection = tx.conn.connection.driver_connection  # type: ignore[assignment]  # SQLite's
                for (name,) in raw.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                ).fetchall():
                    raw.execute(f"DROP TRIGGER {name}")
                table = self.random.choice(self.tables)
                _, how = self.random.choice(self.kinds)
                try:
                    change = how(raw, table)
                except sqlite3.IntegrityError:
                    change = None  # the database itself refuses it
                yield tx, change
                raise Undone
        except Undone:
            return

    # ---- what is changed

    def _edit(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        """One column of one row gets the value of another row, or another one of its kind."""
        names = [c.name for c in table.columns if self._counts(table, c.name)]
        rows = self._rows(raw, table)
        if not rows:
            return None
        row, name = self.random.choice(rows), self.random.choice(names)
        value = self._another(table, name, row[name], [other[name] for other in rows])
        if value == row[name]:
            return None
        self._write(raw, table, row, {name: value})
        return Change("edit", table.name, (row,), f"{self._key(table, row)} {name}: {value!r:.60}")

    def _delete(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        rows = self._rows(raw, table)
        if not rows:
            return None
        row = self.random.choice(rows)
        raw.execute(f"DELETE FROM {table.name} WHERE {_where(table)}", _keys(table, row))
        return Change("delete", table.name, (row,), self._key(table, row))

    def _insert(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        """A copy of a row, under another key."""
        rows = self._rows(raw, table)
        if not rows:
            return None
        new = dict(self.random.choice(rows))
        unique = {
            c.name
            for i in table.constraints | table.indexes
            if getattr(i, "unique", False) or type(i).__name__ == "UniqueConstraint"
            for c in i.columns
        }
        single = [c.name for c in table.columns if c.unique]
        key = [c.name for c in table.primary_key][-1]
        for name in {key, *unique, *single} - {"case_id", "process"}:
            new[name] = self._another(table, name, new[name], [])
        marks = ", ".join("?" for _ in new)
        columns = ", ".join(f'"{name}"' for name in new)
        raw.execute(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", [*new.values()])
        return Change("insert", table.name, (new,), self._key(table, new))

    def _swap(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        """Two rows change a value, or all values but their keys."""
        rows = self._rows(raw, table)
        keys = {c.name for c in table.primary_key}
        names = [
            c.name for c in table.columns if self._counts(table, c.name) and c.name not in keys
        ]
        if len(rows) < 2 or not names:
            return None
        one, two = self.random.sample(rows, 2)
        chosen = names if self.random.random() < 0.3 else [self.random.choice(names)]
        if all(one[name] == two[name] for name in chosen):
            return None
        if any(c.unique for c in table.columns if c.name in chosen):
            return None
        self._write(raw, table, one, {name: two[name] for name in chosen})
        self._write(raw, table, two, {name: one[name] for name in chosen})
        detail = f"{self._key(table, one)} and {self._key(table, two)} {' '.join(chosen)}"
        return Change("swap", table.name, (one, two), detail)

    def _replay(self, raw: sqlite3.Connection, table: Table) -> Change | None:
        """A row as it was before takes the place of what it has become, or comes back."""
        older = self.older.get(table.name, [])
        if not older:
            return None
        old = dict(zip((c.name for c in table.columns), self.random.choice(older), strict=True))
        if not self._counts_row(table, old):
            return None
        found = [row for row in self._rows(raw, table) if _keys(table, row) == _keys(table, old)]
        kept = [c.name for c in table.columns if self._counts(table, c.name)]
        if found and all(found[0][name] == old[name] for name in kept):
            return None
        raw.execute(f"DELETE FROM {table.name} WHERE {_where(table)}", _keys(table, old))
        marks = ", ".join("?" for _ in old)
        raw.execute(f"INSERT INTO {table.name} VALUES ({marks})", [*old.values()])
        return Change("replay", table.name, (old,), self._key(table, old))

    # ---- how

    def _counts(self, table: Table, name: str) -> bool:
        return (table.name, name) not in COLUMNS_OF_NOTHING

    def _counts_row(self, table: Table, row: Mapping[str, Any]) -> bool:
        """Rows of nothing: some settings, and sessions that are over."""
        if table.name == "setting":
            return row["name"] not in UNBOUND_SETTINGS
        if table.name == "login_session":
            return bool(row["ends_at"] > self.now.timestamp() * 1_000_000)
        return True

    def _rows(self, raw: sqlite3.Connection, table: Table) -> list[dict[str, Any]]:
        names = [c.name for c in table.columns]
        columns = ", ".join(f'"{name}"' for name in names)
        found = raw.execute(f"SELECT {columns} FROM {table.name}").fetchall()
        rows = [dict(zip(names, row, strict=True)) for row in found]
        return [row for row in rows if self._counts_row(table, row)]

    def _write(
        self,
        raw: sqlite3.Connection,
        table: Table,
        row: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> None:
        sets = ", ".join(f'"{name}" = ?' for name in new)
        given = [*new.values(), *_keys(table, row)]
        raw.execute(f"UPDATE {table.name} SET {sets} WHERE {_where(table)}", given)

    def _another(self, table: Table, name: str, value: Any, others: list[Any]) -> Any:
        """Another value that the column could hold."""
        column = table.c[name]
        choice = [other for other in others if other != value]
        if choice and self.random.random() < 0.5:
            return self.random.choice(choice)
        if value is not None and column.nullable and self.random.random() < 0.3:
            return None
        if isinstance(value, bytes):
            if not value:
                return b"\x01"
            at = self.random.randrange(len(value))
            changed = value[at] ^ (1 << self.random.randrange(8))
            return value[:at] + bytes([changed]) + value[at + 1 :]
        if isinstance(value, int):
            step = 1 if abs(value) < 10**9 else self.random.choice([1, 10**6, 86_400 * 10**6])
            return value + (step if self.random.random() < 0.5 or value < step else -step)
        if isinstance(value, str):
            if isinstance(column.type, Json):
                return {"[]": '["x"]', "{}": '{"x":"y"}'}.get(
                    value,
                    value[:-1] + ',"x"' + value[-1] if value[0] == "[" else value[:-1] + ',"x":1}',
                )
            return value[:-1] + ("B" if value[-1:] == "A" else "A")
        return (choice and self.random.choice(choice)) or value

    def _key(self, table: Table, row: Mapping[str, Any]) -> str:
        return " ".join(
            value.hex() if isinstance(value, bytes) else str(value) for value in _keys(table, row)
        )


def cases_of(change: Change) -> frozenset[str]:
    """Ids of the cases that a change is about: those that are folded."""
    owned = {str(row[name]) for row in change.rows for name in ("case_id",) if row.get(name)}
    if change.table == "cases":
        owned |= {str(row["id"]) for row in change.rows}
    return frozenset(owned)


def _where(table: Table) -> str:
    return " AND ".join(f'"{c.name}" = ?' for c in table.primary_key)


def _keys(table: Table, row: Mapping[str, Any]) -> list[Any]:
    return [row[c.name] for c in table.primary_key]
