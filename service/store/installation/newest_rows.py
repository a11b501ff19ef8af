"""Older states: a row that was put back bears the MAC that it had then, and is not the newest one.

The sums in the row of a case notice it for the rows that decide about a case (`row_sums`). For
others the ledger tells which state is the newest, and is asked before something rare changes such a
row, so that no entry binds the older state anew; never in a turn. Source: decisions/0092.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog
from sqlalchemy import select

from service.errors import CaseMoved, RowRefused
from service.store import guarded_rows
from service.store.installation import ledger_entries
from service.store.row_mapping import values
from service.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Select

    from service.store.transaction import Tx

log = structlog.get_logger("store")
Kind = TypeVar("Kind")
SCOPES: Final = frozenset({"case_id", "office_id", "person_id"})
"""Columns by which a statement is narrowed to what may be seen (`row_scope`)."""
AT_ONCE: Final = 100
"""Entries that are read at once, back from the end of a stream."""
SKEW: Final = timedelta(hours=1)
"""By how much the clocks of two machines may differ."""


def require_newest(
    tx: Tx, stream: str, table: str, row: object, *, since: datetime | None = None
) -> None:
    """Refuse a row but as the newest entry of its stream that binds it does.

    Args:
        row: a dataclass with every column that is bound.
        since: when it was made, where no entry needs to bind one that nobody has changed since.
    Raises:
        RowRefused: it was put back to an older state, or no entry binds it.
        CaseMoved: somebody has changed it since it was read.
    """
    if not is_newest(tx, stream, table, row, since):
        raise _refused(table, row)


def those_newest(tx: Tx, table: str, rows: Iterable[tuple[str, Kind]]) -> list[Kind]:
    """Those of some rows that their streams bind as they are; the others are left alone, and named
    to who began the transaction.

    Args:
        rows: each with its stream.
    """
    found = list[Kind]()
    for stream, row in rows:
        if is_newest(tx, stream, table, row, None):
            found.append(row)
        else:
            tx.refused.append(_refused(table, row))
    return found


def _refused(table: str, row: object) -> RowRefused:
    """The error to raise, which the log tells too."""
    case = str(values(row).get(guarded_rows.CASE) or "")
    log.error("row_refused", where=table, person="", case=case)
    return RowRefused(table=table, case=case)


def is_newest(tx: Tx, stream: str, table: str, row: object, since: datetime | None) -> bool:
    """Whether a row is as the newest entry of its stream that binds it does.

    Args:
        since: as `require_newest` takes it.
    Raises:
        CaseMoved: somebody has changed it since it was read: each question of a transaction on
            PostgreSQL sees what was committed before it.
    """
    given = values(row)
    key = guarded_rows.key_in(stream, guarded_rows.key_text(table, given))
    if key in tx.changes.bound.get(stream, {}).get(table, {}):
        return True  # this transaction has changed it, and has asked before
    make, bound = guarded_rows.row_maker(tx), guarded_rows.content(table, given)
    for number, mac in _bindings(tx, stream, table, key, since):
        if mac == guarded_rows.bound_mac(make, (stream, number), table, key, bound):
            return True
        _require_unchanged(tx, table, given, bound)
        return False
    return since is not None


def _require_unchanged(tx: Tx, table: str, given: Mapping[str, Any], bound: bytes) -> None:
    """Read a row once more, and go on only when it is still as it was read before.

    Raises:
        CaseMoved: it is another one now, or is gone.
    """
    now = tx.one(lambda *row: dict(zip(given, row, strict=True)), as_it_is(table, given))
    if now is None or guarded_rows.content(table, now) != bound:
        raise CaseMoved


def as_it_is(table: str, given: Mapping[str, Any]) -> Select[Any]:
    """Asks for the row that has the key of another, and stands in the same case, office and person:
    the same columns.
    """
    of = metadata.tables[table]
    keys = {column.name for column in of.primary_key} | SCOPES.intersection(given)
    return select(*(of.c[name] for name in given)).where(
        *(of.c[key] == given[key] for key in sorted(keys))
    )


def _bindings(
    tx: Tx, stream: str, table: str, key: str, since: datetime | None
) -> Iterator[tuple[int, str]]:
    """Number of each entry that binds a row, and the MAC that it bears of it; the newest first.

    Args:
        since: no entry from before that is read.
    """
    before: int | None = None
    while entries := ledger_entries.latest(tx, stream, before=before, limit=AT_ONCE):
        for entry in entries:
            if since is not None and entry.at < since - SKEW:
                return
            if f'"{key}":' in entry.body:
                mac = json.loads(entry.body).get(guarded_rows.ROWS, {}).get(table, {}).get(key)
                if mac is not None:
                    yield entry.seq, str(mac)
        before = entries[-1].seq
