"""Holds: orders that nothing of a case is erased."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from service.store.checked_rows import CheckedRows, Refused
from service.store.prepared import PreparedStatement, in_list
from service.store.row_scope import as_system
from service.store.tables import hold

if TYPE_CHECKING:
    from collections.abc import Collection

    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer


@dataclass(frozen=True, slots=True)
class Hold:
    """One order of an office; `reason` is sealed under the key of the office."""

    id: str
    case_id: str
    office_id: str
    by: str
    at: datetime
    until: datetime
    why: str = "order"
    """For what: an order, an appeal, a child's case."""
    ended_by: str = ""
    ended_at: datetime | None = None
    reason: bytes | None = field(default=None, repr=False)

    def lasts(self, now: datetime) -> bool:
        """Whether it holds still."""
        return self.ended_at is None and now < self.until


ROWS = CheckedRows(hold, Hold, Refused.STOPS)
OF_CASE = ROWS.reads_of_case(hold.c.at, hold.c.id)
OF_CASES = PreparedStatement(
    select(*ROWS.columns).where(in_list(hold.c.case_id, "case_ids")).order_by(hold.c.at, hold.c.id)
)
LASTING = PreparedStatement(
    as_system(
        "retention",
        select(*ROWS.columns)
        .where(hold.c.ended_at.is_(None), hold.c.until > bindparam("now"))
        .order_by(hold.c.until, hold.c.id),
    )
)
GET = PreparedStatement(
    as_system("retention", select(*ROWS.columns).where(hold.c.id == bindparam("id")))
)


def add(writer: Writer, row: Hold) -> None:
    ROWS.add(writer, row, stream=f"case/{row.case_id}")


def end(writer: Writer, row: Hold, *, by: str, at: datetime) -> None:
    """From this moment on the rules of the plan count again."""
    after = replace(row, ended_by=by, ended_at=at)
    ROWS.change(writer, row, after, stream=f"case/{row.case_id}")


def lengthen(writer: Writer, row: Hold, until: datetime) -> Hold:
    """The hold lasts until a later moment; gives it as it is then."""
    after = replace(row, until=until)
    ROWS.change(writer, row, after, stream=f"case/{row.case_id}")
    return after


def get(reader: Reader, id_: str) -> Hold | None:
    return ROWS.one(reader, GET, {"id": id_})


def of_case(reader: Reader, case_id: str) -> list[Hold]:
    """The holds of a case, ended ones too, oldest first: none was taken away."""
    return ROWS.of_case(reader, OF_CASE, case_id)


def of_cases(reader: Reader, case_ids: Collection[str]) -> list[Hold]:
    """Those of several cases, oldest first; unlike `of_case`, one that was taken away is not
    missed.
    """
    return ROWS.all(reader, OF_CASES, {"case_ids": (*sorted(case_ids),)})


def read_of_case(case_id: str) -> Read:
    """What `of_case` reads."""
    return OF_CASE, {"case_id": case_id}


def lasting(reader: Reader, now: datetime) -> list[Hold]:
    """Every hold that lasts, the one that ends first before the others."""
    return ROWS.all(reader, LASTING, {"now": now})
