# ruff: noqa: S608 - the statements are built of names of our tables and columns
"""The cases of a demo many times over, put in as rows: what lists read, and nothing else.

Each clone has ids, a pseudonym and moments of its own, and grants that bear a MAC of their own. Of
its history there is only the fact that each open task came from, and the last entry of its stream;
nothing sealed of it opens, and it has no timers. `case_access` and the counts are multiplied with
the rest, so that the product's own checks of them show whether the clones hang together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite

from service.security.keyring import Keyring
from service.security.vault import Vault
from service.store.changes import RowMac
from service.store.checked_rows import RowForm
from service.store.guarded_rows import MAC
from service.store.row_sums import STANDING, SUMMED, Standing, add_up
from service.store.tables import metadata
from service.store.tables.column_types import DISTANT, EPOCH, MICROSECOND, Moment

YEARS, OPEN_FOR = timedelta(days=5 * 365), timedelta(days=60)
"""How far back ended cases lie, and open ones."""
DAY = 86_400_000_000
NAMED = {
    "cases": {"id": "id", "ref": "ref", "number": "number"},
    "party": {"case_id": "case_id"},
    "consent": {"id": "id", "case_id": "case_id"},
    "case_grant": {"id": "id", "case_id": "case_id"},
    "case_officer": {"case_id": "case_id"},
    "referral": {"id": "id", "case_id": "case_id"},
    "incident": {"id": "id", "case_id": "case_id"},
    "task": {"key": "key", "case_id": "case_id", "ref": "ref"},
    "fact": {"case_id": "case_id"},
    "case_access": {"case_id": "case_id", "ref": "ref"},
}
"""Table to its columns that name a clone: they get its number."""
PRAGMAS = (
    *("synchronous = OFF", "cache_size = -1000000", "foreign_keys = OFF"),
    *("journal_mode = DELETE", "journal_mode = OFF"),
)
"""Each row is written once; a file that is not finished is of no use anyway."""
OF_A_TASK = "o.at IN (SELECT opened_at FROM task t WHERE t.case_id = o.case_id)"
"""Of the facts only those that an open task came from."""
HOLDS = "o.until = {distant} OR o.until + c.shift > {now}"
"""Of the rows in lists only those that have not run out."""
COUNTS = (
    "DELETE FROM open_case_count",
    "DELETE FROM release_case_count",
    "DELETE FROM officer_case_count",
    (
        "INSERT INTO open_case_count SELECT office_id, roles, stage, count(*) FROM"
        " (SELECT office_id, case_id, group_concat(role, ' ') AS roles, stage FROM"
        " (SELECT * FROM case_access WHERE ended = 0 AND opens < until"
        " ORDER BY office_id, case_id, role)"
        " GROUP BY office_id, case_id, stage) GROUP BY office_id, roles, stage"
    ),
    (
        "INSERT INTO release_case_count SELECT release_id, count(*) FROM cases"
        " WHERE status = 'open' GROUP BY release_id"
    ),
    (
        "INSERT INTO officer_case_count SELECT o.office_id, o.person_id, count(*)"
        " FROM case_officer o JOIN cases c ON c.id = o.case_id WHERE c.status = 'open'"
        " GROUP BY o.office_id, o.person_id"
    ),
)


def fill(file: Path, keyring: Keyring, wanted: int, now: datetime) -> None:
    """Multiply the cases of a SQLite file that nobody has open, until there are so many."""
    lot = Random(7)  # noqa: S311 - a mixture, not a secret
    with closing(sqlite3.connect(file, isolation_level=None)) as conn:
        for pragma in PRAGMAS:
            conn.execute(f"PRAGMA {pragma}")
        conn.execute("BEGIN")
        originals = conn.execute("SELECT id, status FROM cases ORDER BY id").fetchall()
        conn.execute("CREATE TEMP TABLE clone (case_id TEXT, n INTEGER, shift INTEGER)")
        conn.executemany(
            "INSERT INTO clone VALUES (?, ?, ?)",
            (
                (id_, n, -int(lot.random() * ((YEARS if ended else OPEN_FOR) / MICROSECOND)))
                for n in range(len(originals), wanted)
                for id_, ended in [(originals[n % len(originals)][0], is_ended(originals, n))]
            ),
        )
        conn.execute("CREATE INDEX temp.of_case ON clone (case_id, n)")
        for name in NAMED:
            _keep_original(conn, name)
        with unindexed(conn):
            _make_macs(conn, Vault(keyring).row_mac)
            for name in NAMED:
                conn.execute(_cloning(metadata.tables[name], now))
            _clone_streams(conn)
        _add_up_macs(conn, Vault(keyring).row_mac)
        for statement in COUNTS:
            conn.execute(statement)
        conn.execute("COMMIT")
        conn.execute("PRAGMA journal_mode = WAL")


def is_ended(originals: list[tuple[str, str]], n: int) -> bool:
    """Whether the case that a clone is made of has ended."""
    return originals[n % len(originals)][1] == "ended"


def micros(moment: datetime) -> int:
    """A moment as SQLite keeps it."""
    return (moment - EPOCH) // MICROSECOND


class unindexed:  # noqa: N801 - it is used as a function
    """Take indexes and triggers away meanwhile: they are made again in one go, sorted."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn
        names = ", ".join(f"'{name}'" for name in (*NAMED, "stream", "line"))
        self.made = conn.execute(
            "SELECT type, name, sql FROM sqlite_master"
            f" WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN ({names})"
        ).fetchall()

    def __enter__(self) -> None:
        for kind, name, _ in self.made:
            self.conn.execute(f'DROP {kind} "{name}"')

    def __exit__(self, *_: object) -> None:
        for _, _, sql in self.made:
            self.conn.execute(sql)


def _keep_original(conn: sqlite3.Connection, name: str) -> None:
    """Keep the rows of the cases that are multiplied, by their case."""
    only, key = OF_A_TASK if name == "fact" else "1", "id" if name == "cases" else "case_id"
    conn.execute(f'CREATE TEMP TABLE "own_{name}" AS SELECT * FROM main."{name}" o WHERE {only}')
    conn.execute(f'CREATE INDEX temp."of_{name}" ON "own_{name}" ("{key}")')


def _cloning(table: Table, now: datetime) -> str:
    """The statement that multiplies the rows of a table."""
    named, distant = NAMED[table.name], micros(DISTANT)
    shown = []
    for column in table.columns:
        name = f'o."{column.name}"'
        if column.name in named:
            shown.append(f"{name} || '-' || c.n")
        elif column.name == "moved_on":
            shown.append(
                "(SELECT m.moved_at + c.shift - (m.moved_at + c.shift) % "
                f"{DAY} FROM temp.own_cases m WHERE m.id = o.case_id)"
            )
        elif isinstance(column.type, Moment):
            shown.append(f"CASE WHEN {name} = {distant} THEN {name} ELSE {name} + c.shift END")
        else:
            shown.append(name)
    of_case = 'o."id"' if table.name == "cases" else 'o."case_id"'
    only = HOLDS.format(distant=distant, now=micros(now)) if table.name == "case_access" else "1"
    if MAC in table.c:
        made = dict(zip(table.c.keys(), shown, strict=True))
        of_row = ", ".join(made[name] for name in RowForm(table).names)
        shown[table.c.keys().index(MAC)] = f"mac_of_{table.name}({of_row})"
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return (
        f'INSERT INTO main."{table.name}" ({names}) SELECT {", ".join(shown)} FROM temp.clone c'
        f' CROSS JOIN temp."own_{table.name}" o ON {of_case} = c.case_id WHERE {only}'
    )


def _make_macs(conn: sqlite3.Connection, make: RowMac) -> None:
    """Let statements call `mac_of_<table>` with the columns of a row, as SQLite keeps them."""
    for name in NAMED:
        table = metadata.tables[name]
        if MAC in table.c:
            form = RowForm(table)
            conn.create_function(f"mac_of_{name}", len(form.names), _mac_of(form, make))


def _mac_of(form: RowForm, make: RowMac) -> Callable[..., bytes]:
    dialect = sqlite.dialect()
    kinds = [form.table.c[name].type.dialect_impl(dialect) for name in form.names]
    read = [kind.result_processor(dialect, None) or (lambda value: value) for kind in kinds]

    def mac(*kept: Any) -> bytes:
        return make(form.packed(one(value) for one, value in zip(read, kept, strict=True)))

    return mac


def _add_up_macs(conn: sqlite3.Connection, make: RowMac) -> None:
    """Let the row of each case bear the sums of the MACs of its rows."""
    macs: dict[str, list[tuple[str, bytes]]] = {}
    standing: dict[str, Standing] = {}
    for id_, *stands in conn.execute(f"SELECT id, {', '.join(STANDING)} FROM cases"):
        macs[id_], standing[id_] = [], cast("Standing", tuple(stands))
    for table in SUMMED:
        for id_, mac in conn.execute(f"SELECT case_id, mac FROM {table} WHERE case_id IS NOT NULL"):
            macs[id_].append((table, mac))
    conn.executemany(
        "UPDATE cases SET sums = ? WHERE id = ?",
        ((add_up(make, id_, standing[id_], of_case), id_) for id_, of_case in macs.items()),
    )


def _clone_streams(conn: sqlite3.Connection) -> None:
    """A stream of each clone with the last entry of the case that it is made of."""
    (base,) = conn.execute("SELECT max(number) FROM stream").fetchone()
    conn.execute(
        "INSERT INTO stream (number, name) SELECT ? + n, 'case/' || case_id || '-' || n FROM clone",
        (base,),
    )
    names = [column.name for column in metadata.tables["line"].columns]
    shown = ", ".join(
        {"stream": f"{base} + c.n", "at": "l.at + c.shift"}.get(name, f'l."{name}"')
        for name in names
    )
    conn.execute(
        f"INSERT INTO line ({', '.join(names)}) SELECT {shown} FROM temp.clone c"
        " CROSS JOIN stream s ON s.name = 'case/' || c.case_id"
        " CROSS JOIN line l ON l.stream = s.number"
        " AND l.seq = (SELECT max(seq) FROM line m WHERE m.stream = s.number)"
    )
