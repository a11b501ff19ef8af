"""Counts of open cases: by office, the roles that see them and stage; by release; and by officer.

Each transaction adds and takes away what its turns changed, as its last act.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Table, bindparam, delete, func, select, tuple_, update

from service.store.changes import CountChange, CountOf
from service.store.lists.access_rows import AccessRow
from service.store.prepared import PreparedStatement, PreparedUpsert
from service.store.row_mapping import columns
from service.store.row_scope import as_system
from service.store.tables import (
    case_access,
    case_officer,
    cases,
    officer_case_count,
    open_case_count,
    release_case_count,
)

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx

AT_ONCE = 500
"""Cases whose rows are read together."""
TABLES = (open_case_count, release_case_count, officer_case_count)
"""In the order in which a transaction writes them."""


COLUMNS = columns(case_access, AccessRow)
NEXT_CASES = PreparedStatement(
    as_system(
        "verify",
        select(cases.c.id)
        .where(cases.c.id > bindparam("after"))
        .order_by(cases.c.id)
        .limit(bindparam("limit", type_=Integer)),
    )
)
COUNTS = {
    table.name: PreparedUpsert(
        table,
        lambda made, table=table: made.on_conflict_do_update(  # type: ignore[misc]  # a default binds the table
            index_elements=list(table.primary_key),
            set_={"cases": table.c.cases + made.excluded.cases},
        ),
    )
    for table in TABLES
}
NONE_LEFT = {
    table.name: PreparedStatement(
        delete(table).where(
            *(column == bindparam(column.name) for column in table.primary_key),
            table.c.cases == 0,
        )
    )
    for table in TABLES
}

OF_OFFICERS = tuple_(officer_case_count.c.office_id, officer_case_count.c.person_id).in_(
    select(case_officer.c.office_id, case_officer.c.person_id).where(
        case_officer.c.case_id == bindparam("case_id")
    )
)
ENDS = PreparedStatement(
    update(officer_case_count).where(OF_OFFICERS).values(cases=officer_case_count.c.cases - 1)
)
"""A case has ended: whoever handled it handles one less. Nothing is read before, so it costs no
round trip.
"""
HANDLES_NONE = PreparedStatement(
    delete(officer_case_count).where(OF_OFFICERS, officer_case_count.c.cases == 0)
)


def counts_of(rows: Collection[AccessRow]) -> Counter[CountOf]:
    """How the rows of one case count among the open ones of each office."""
    roles: dict[str, list[str]] = {}
    for row in rows:
        if row.granted and not row.ended:
            roles.setdefault(row.office_id, []).append(row.role)
    stage = next((row.stage for row in rows), "")
    return Counter((office, " ".join(sorted(held)), stage) for office, held in roles.items())


def count_rows(writer: Writer, was: Collection[AccessRow], now: Collection[AccessRow]) -> None:
    """Rows of a case are others now."""
    offices = writer.changes.counts.offices
    offices.update(counts_of(now))
    offices.subtract(counts_of(was))


def count_release(writer: Writer, was: str, now_on: str) -> None:
    """A case that was open on one release is open on another.

    Args:
        was: "" when it was not open.
        now_on: "" when it is not open any more.
    """
    _move(writer.changes.counts.releases, (was,) if was else None, (now_on,) if now_on else None)


def count_officer(writer: Writer, office: str, was: str, handles: str) -> None:
    """An open case that one person of an office handled is handled by another.

    Args:
        was: "" when nobody handled it.
    """
    _move(writer.changes.counts.officers, (office, was) if was else None, (office, handles))


def count_end(writer: Writer, case_id: str) -> None:
    """Nobody handles a case any more, which has ended."""
    writer.changes.counts.ended.append(case_id)


def _move(counts: Counter[CountOf], was: CountOf | None, now: CountOf | None) -> None:
    counts.update([now] if now else [])
    counts.subtract([was] if was else [])


def write(writer: Writer) -> None:
    """Write what was counted: last, and in one order in every transaction, so that no two wait for
    each other (deadlock).
    """
    change, writer.changes.counts = writer.changes.counts, CountChange()
    for table, counted in zip(TABLES, _by_table(change), strict=True):
        names = [column.name for column in table.primary_key]
        rows: list[dict[str, object]] = [
            dict(zip(names, key, strict=True), cases=n) for key, n in sorted(counted.items()) if n
        ]
        writer.later(COUNTS[table.name], rows)
        writer.later(NONE_LEFT[table.name], [row for row in rows if int(str(row["cases"])) < 0])
    ended = [{"case_id": id_} for id_ in change.ended]
    writer.later(ENDS, ended)
    writer.later(HANDLES_NONE, ended)


def _by_table(change: CountChange) -> tuple[Counter[CountOf], ...]:
    """The counts, in the order of `TABLES`."""
    return change.offices, change.releases, change.officers


def wrong_counts(reader: Reader) -> list[tuple[str, int, int]]:
    """Wrong counts: name of the count, how many cases there are, and how many are stored."""
    found: list[tuple[str, int, int]] = []
    for table, counted in zip(TABLES, _by_table(_counted(reader)), strict=True):
        stored = Counter(dict(reader.all(_count, select(*table.primary_key, table.c.cases))))
        for key in sorted(counted.keys() | stored.keys()):
            if counted[key] != stored[key] or (key in stored and not stored[key]):
                place = f"{table.name} of {_place(table, key)}"
                found.append((place, counted[key], stored[key]))
    return found


def _place(table: Table, key: CountOf) -> str:
    if table is open_case_count:
        office, roles, stage = key
        return f"{office}, {roles}, stage {stage or 'none'}"
    return ", ".join(key)


def _count(*row: Any) -> tuple[CountOf, int]:  # noqa: ANN401 - a database row has the kinds of its columns
    return row[:-1], row[-1]


def _counted(reader: Reader) -> CountChange:
    """What the counts must be, by the rows of lists, by the cases and by who handles them."""
    found = CountChange()
    for _, rows in groupby(_every_row(reader), lambda row: row.case_id):
        found.offices.update(counts_of(list(rows)))
    running = select(cases.c.release_id, func.count()).where(cases.c.status == "open")
    handled = (
        select(case_officer.c.office_id, case_officer.c.person_id, func.count())
        .join_from(case_officer, cases, cases.c.id == case_officer.c.case_id)
        .where(cases.c.status == "open")
        .group_by(case_officer.c.office_id, case_officer.c.person_id)
    )
    for counts, wanted in (
        (found.releases, running.group_by(cases.c.release_id)),
        (found.officers, handled),
    ):
        counts.update(dict(reader.all(_count, as_system("verify", wanted))))
    return found


def _every_row(reader: Reader) -> Iterator[AccessRow]:
    """Every row in lists, those of a case together, a batch of cases at a time."""
    last = ""
    while ids := reader.all(str, NEXT_CASES, {"after": last, "limit": AT_ONCE}):
        last = ids[-1]
        rows = select(*COLUMNS).where(case_access.c.case_id.in_(ids))
        yield from reader.all(AccessRow, rows.order_by(case_access.c.case_id))


def recount(tx: Tx) -> bool:
    """Count all open cases anew, and write the counts; gives whether one was wrong.

    What was counted before in this transaction is written already.
    """
    wrong = bool(wrong_counts(tx))
    if wrong:
        for table in TABLES:
            tx.run(delete(table))
        tx.changes.counts = _counted(tx)
        write(tx)
    return wrong
