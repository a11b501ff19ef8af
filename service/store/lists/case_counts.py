"""How many cases are open: by office, the roles that see them and stage, and by release.

Each transaction adds and takes away what its turns changed, as its last act.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlalchemy import Integer, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.lists.access_rows import AccessRow
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns
from service.store.row_scope import as_system
from service.store.tables import case_access, cases, open_case_count, release_case_count

if TYPE_CHECKING:
    from service.store.transaction import Tx

AT_ONCE = 500
"""Cases whose rows are read together."""
KEPT = "case_access.counts"
"""Where a transaction keeps what it adds to the counts, until it ends."""
CountOf: TypeAlias = tuple[str, str, str]
"""An office, roles in it, and a stage."""


class CountChange(NamedTuple):
    """What a transaction adds to the counts."""

    offices: Counter[CountOf]
    releases: Counter[str]


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
    table.name: {
        postgres: PreparedStatement(
            (made := made_for(table)).on_conflict_do_update(
                index_elements=list(table.primary_key),
                set_={"cases": table.c.cases + made.excluded.cases},
            )
        )
        for postgres, made_for in ((True, postgresql.insert), (False, sqlite.insert))
    }
    for table in (open_case_count, release_case_count)
}
NONE_LEFT = {
    table.name: PreparedStatement(
        delete(table).where(
            *(column == bindparam(column.name) for column in table.primary_key),
            table.c.cases == 0,
        )
    )
    for table in (open_case_count, release_case_count)
}


def counts_of(rows: Collection[AccessRow]) -> Counter[CountOf]:
    """How the rows of one case count among the open ones of each office."""
    roles: dict[str, list[str]] = {}
    for row in rows:
        if row.granted and not row.ended:
            roles.setdefault(row.office_id, []).append(row.role)
    stage = next((row.stage for row in rows), "")
    return Counter((office, " ".join(sorted(held)), stage) for office, held in roles.items())


def count_rows(tx: Tx, was: Collection[AccessRow], now: Collection[AccessRow]) -> None:
    """Rows of a case are others now."""
    offices = _change(tx).offices
    offices.update(counts_of(now))
    offices.subtract(counts_of(was))


def count_release(tx: Tx, was: str, now_on: str) -> None:
    """A case that was open on one release is open on another.

    Args:
        was: "" when it was not open.
        now_on: "" when it is not open any more.
    """
    if was != now_on:
        releases = _change(tx).releases
        releases.update([now_on] if now_on else [])
        releases.subtract([was] if was else [])


def _change(tx: Tx) -> CountChange:
    """What this transaction adds to the counts; it is written as its last, in one order for all, so
    that no two transactions wait for each other.
    """
    if KEPT not in tx.kept:
        tx.kept[KEPT] = CountChange(Counter(), Counter())
        tx.before_commit(lambda: _write_counts(tx))
    found: CountChange = tx.kept[KEPT]
    return found


def _write_counts(tx: Tx) -> None:
    change: CountChange = tx.kept.pop(KEPT)
    by_office = [
        {"office_id": office, "roles": roles, "stage": stage, "cases": n}
        for (office, roles, stage), n in sorted(change.offices.items())
        if n
    ]
    by_release = [
        {"release_id": release, "cases": n} for release, n in sorted(change.releases.items()) if n
    ]
    for name, rows in (("open_case_count", by_office), ("release_case_count", by_release)):
        tx.later(COUNTS[name][tx.postgres], rows)
        tx.later(NONE_LEFT[name], [row for row in rows if int(str(row["cases"])) < 0])


def wrong_counts(tx: Tx) -> list[tuple[str, int, int]]:
    """Counts that are not what is counted: of what, how many there are, and how many it says."""
    offices, releases = _counted(tx)
    found: list[tuple[str, int, int]] = []
    stored_offices = Counter(dict(tx.all(_office_count, select(*open_case_count.c))))
    stored_releases = Counter(dict(tx.all(lambda id_, n: (id_, n), select(*release_case_count.c))))
    for key in sorted(offices.keys() | stored_offices.keys()):
        if offices[key] != stored_offices[key]:
            office, roles, stage = key
            place = f"open_case_count of {office}, {roles}, stage {stage or 'none'}"
            found.append((place, offices[key], stored_offices[key]))
    for id_ in sorted(releases.keys() | stored_releases.keys()):
        if releases[id_] != stored_releases[id_]:
            place = f"release_case_count of {id_}"
            found.append((place, releases[id_], stored_releases[id_]))
    return found


def _office_count(office: str, roles: str, stage: str, n: int) -> tuple[CountOf, int]:
    return (office, roles, stage), n


def _counted(tx: Tx) -> CountChange:
    """What the counts must be, by the rows of lists and by the cases."""
    found = CountChange(Counter(), Counter())
    for _, rows in groupby(_every_row(tx), lambda row: row.case_id):
        found.offices.update(counts_of(list(rows)))
    running = select(cases.c.release_id, func.count()).where(cases.c.status == "open")
    found.releases.update(
        dict(
            tx.all(
                lambda id_, n: (id_, n),
                as_system("verify", running.group_by(cases.c.release_id)),
            )
        )
    )
    return found


def _every_row(tx: Tx) -> Iterator[AccessRow]:
    """Every row in lists, those of a case together, a batch of cases at a time."""
    last = ""
    while ids := tx.all(str, NEXT_CASES, {"after": last, "limit": AT_ONCE}):
        last = ids[-1]
        rows = select(*COLUMNS).where(case_access.c.case_id.in_(ids))
        yield from tx.all(AccessRow, rows.order_by(case_access.c.case_id))


def recount(tx: Tx) -> bool:
    """Count all open cases anew; gives whether a count was wrong."""
    wrong = bool(wrong_counts(tx))
    if wrong:
        tx.run(delete(open_case_count))
        tx.run(delete(release_case_count))
        counted, change = _counted(tx), _change(tx)
        change.offices.update(counted.offices)
        change.releases.update(counted.releases)
    return wrong
