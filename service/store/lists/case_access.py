"""Table `case_access`: which role of which office sees a case, and the case's place in lists.

The rows follow from the case, its grants and its open tasks; a turn, which alone changes those,
writes what became of them in its own transaction. Each case is counted in the transaction too.
Since when a case is stopped is written with its incidents, and with each new row.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Integer, and_, bindparam, delete, insert, select, update

from service.store.casefile import cases, grants
from service.store.lists import case_counts
from service.store.lists.access_rows import AccessRow, open_task, rows_of
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.row_scope import as_system
from service.store.tables import case_access
from service.store.work import incidents, tasks

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


class WrongStop(NamedTuple):
    """A row whose moment since which its case is stopped is wrong: as found, and as expected."""

    office_id: str
    role: str
    found: datetime | None
    expected: datetime | None


COLUMNS = columns(case_access, AccessRow)
KEYS = ("office_id", "role", "case_id")
OF_CASE = PreparedStatement(
    select(*COLUMNS)
    .where(case_access.c.case_id == bindparam("case_id"))
    .order_by(case_access.c.office_id, case_access.c.role)
)
WITH_KEY = and_(*(case_access.c[name] == bindparam(f"b_{name}") for name in KEYS))
ADD = PreparedStatement(
    insert(case_access).values(
        {
            **{column.name: bindparam(column.name) for column in COLUMNS},
            "stopped_since": incidents.first_open(bindparam("case_id")),
        }
    )
)
CHANGE = PreparedStatement(
    update(case_access)
    .where(WITH_KEY)
    .values({name.name: bindparam(f"b_{name.name}") for name in COLUMNS if name.name not in KEYS})
)
STOPS = PreparedStatement(
    select(
        *(case_access.c.office_id, case_access.c.role, case_access.c.stopped_since),
        incidents.first_open(bindparam("case_id")),
    ).where(case_access.c.case_id == bindparam("case_id"))
)
DROP = PreparedStatement(delete(case_access).where(WITH_KEY))
OVER = PreparedStatement(
    as_system(
        "queue",
        select(case_access.c.case_id)
        .where(case_access.c.until <= bindparam("now"))
        .order_by(case_access.c.until)
        .limit(bindparam("limit", type_=Integer)),
    )
)


def of_case(reader: Reader, case_id: str) -> list[AccessRow]:
    """The rows of a case, as they are stored."""
    return reader.all(AccessRow, OF_CASE, {"case_id": case_id})


def computed(reader: Reader, case: cases.CaseSummary, now: datetime) -> list[AccessRow]:
    """The rows of a case as they must be by what is stored of it."""
    waiting = [open_task(row) for row in tasks.of_case(reader, case.id)]
    return rows_of(case, grants.of_case(reader, case.id), waiting, now)


def refresh(tx: Tx, case: cases.CaseSummary, now: datetime) -> bool:
    """Bring the rows of a case in line with what is stored of it; gives whether any was wrong.

    The case is locked by who asks.
    """
    stops = wrong_stops(tx, case.id)
    if stops:
        incidents.write_in_lists(tx, case.id)
    return replace_rows(tx, of_case(tx, case.id), computed(tx, case, now)) or bool(stops)


def wrong_stops(reader: Reader, case_id: str) -> list[WrongStop]:
    """Rows of a case that say wrongly since when an incident has stopped it."""
    rows = reader.all(WrongStop, STOPS, {"case_id": case_id})
    return [row for row in rows if row.found != row.expected]


def replace_rows(writer: Writer, was: Collection[AccessRow], wanted: Collection[AccessRow]) -> bool:
    """Write what is new, other or gone of the rows of a case, and count it.

    Gives whether anything was.
    """
    known, kept = {row.reader: row for row in was}, {row.reader for row in wanted}
    new = [row for row in wanted if row.reader not in known]
    other = [row for row in wanted if row.reader in known and known[row.reader] != row]
    gone = [row for row in was if row.reader not in kept]
    writer.later(DROP, [{f"b_{name}": getattr(row, name) for name in KEYS} for row in gone])
    writer.later(CHANGE, [{f"b_{n}": value for n, value in values(row).items()} for row in other])
    writer.later(ADD, [values(row) for row in new])
    case_counts.count_rows(writer, was, wanted)
    return bool(new or other or gone)


def over(reader: Reader, now: datetime, *, limit: int) -> list[str]:
    """Cases with rows that have run out."""
    return sorted(set(reader.all(str, OVER, {"now": now, "limit": limit})))
