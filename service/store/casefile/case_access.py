"""Which role of which office sees a case, and where it stands in its lists.

The rows follow from the case, its grants and its open tasks; a turn, which alone changes those,
writes what became of them in its own transaction. Each case is counted in the transaction too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlalchemy import Integer, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.store.casefile import cases, grants
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.row_scope import as_system
from service.store.tables import case_access, open_case_count, release_case_count
from service.store.tables import cases as cases_table
from service.store.tables.column_types import DISTANT
from service.store.work import tasks

if TYPE_CHECKING:
    from service.store.transaction import Tx

HERE, ELSEWHERE, ENDED = 0, 1, 2
"""Ranks: a task waits for this role of this office, none does, the case has ended."""
KEPT = "case_access.counts"
"""Where a transaction keeps what it adds to the counts, until it ends."""
Reader: TypeAlias = tuple[str, str]
"""An office and a role in it."""
CountOf: TypeAlias = tuple[str, str, str]
"""An office, roles in it, and a stage."""


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One row, as the table says it."""

    office_id: str
    role: str
    case_id: str
    opens: datetime
    until: datetime
    rank: int
    ended: int
    due: datetime
    due_element: str
    ref: str
    stage: str
    moved_on: datetime
    away_office: str
    away_since: datetime | None

    @property
    def reader(self) -> Reader:
        """Whose row it is."""
        return self.office_id, self.role

    @property
    def granted(self) -> bool:
        """Whether a grant makes it, and not a task alone."""
        return self.opens < self.until


class OpenTask(NamedTuple):
    """What lists ask of an open task."""

    key: str
    role: str
    office_id: str | None
    element: str
    due: datetime | None
    opened_at: datetime


class Span(NamedTuple):
    """From when until when a case is open to somebody."""

    opens: datetime
    until: datetime


NEVER = Span(DISTANT, DISTANT)
"""Of a row that no grant makes."""


class CountChange(NamedTuple):
    """What a transaction adds to the counts."""

    offices: Counter[CountOf]
    releases: Counter[str]


COLUMNS = columns(case_access, AccessRow)
KEYS = ("office_id", "role", "case_id")
OF_CASE = PreparedStatement(
    select(*COLUMNS)
    .where(case_access.c.case_id == bindparam("case_id"))
    .order_by(case_access.c.office_id, case_access.c.role)
)
WITH_KEY = and_(*(case_access.c[name] == bindparam(f"b_{name}") for name in KEYS))
ADD = PreparedStatement(insert(case_access))
CHANGE = PreparedStatement(
    update(case_access)
    .where(WITH_KEY)
    .values({name.name: bindparam(f"b_{name.name}") for name in COLUMNS if name.name not in KEYS})
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


def rows_of(
    case: cases.CaseSummary,
    granted: Iterable[grants.GrantRow],
    waiting: Collection[OpenTask],
    now: datetime,
) -> list[AccessRow]:
    """The rows of a case as they must be.

    Args:
        granted: every grant of it.
        waiting: its open tasks.
    """
    own = {(task.office_id, task.role) for task in waiting if task.office_id}
    spans: dict[Reader, list[Span]] = {reader: [] for reader in own}
    for grant in granted:
        until = grant.until or DISTANT
        if grant.ended_at is None and grant.starts < until:
            spans.setdefault((grant.office_id, grant.role), []).append(Span(grant.starts, until))
    first = min(waiting, key=lambda task: (task.due or DISTANT, task.key), default=None)
    ended = case.status == "ended"
    rows = []
    for (office, role), found in sorted(spans.items()):
        span = _first(found, now)
        if span is None and (office, role) not in own:
            continue
        opens, until = span or NEVER
        away = min(
            (task for task in waiting if task.office_id != office),
            key=lambda task: (task.opened_at, task.key),
            default=None,
        )
        rows.append(
            AccessRow(
                office_id=office,
                role=role,
                case_id=case.id,
                opens=opens,
                until=until,
                rank=ENDED if ended else HERE if (office, role) in own else ELSEWHERE,
                ended=int(ended),
                due=(first.due if first else None) or DISTANT,
                due_element=first.element if first and first.due else "",
                ref=case.ref,
                stage=case.stage,
                moved_on=case.moved_at.replace(hour=0, minute=0, second=0, microsecond=0),
                away_office=(away.office_id or "") if away else "",
                away_since=away.opened_at if away else None,
            )
        )
    return rows


def _first(spans: list[Span], now: datetime) -> Span | None:
    """The first span that is not over, where one that begins before another ends goes on with it;
    None when all are over.
    """
    found: Span | None = None
    for span in sorted(spans):
        if found is not None and span.opens <= found.until:
            found = Span(found.opens, max(found.until, span.until))
        elif found is None or found.until <= now:
            found = span
    return found if found is not None and found.until > now else None


def counts_of(rows: Collection[AccessRow]) -> Counter[CountOf]:
    """How the rows of one case count among the open ones of each office."""
    roles: dict[str, list[str]] = {}
    for row in rows:
        if row.granted and not row.ended:
            roles.setdefault(row.office_id, []).append(row.role)
    stage = next((row.stage for row in rows), "")
    return Counter((office, " ".join(sorted(held)), stage) for office, held in roles.items())


def of_case(tx: Tx, case_id: str) -> list[AccessRow]:
    """The rows of a case, as they are stored."""
    return tx.all(AccessRow, OF_CASE, {"case_id": case_id})


def computed(tx: Tx, case: cases.CaseSummary, now: datetime) -> list[AccessRow]:
    """The rows of a case as they must be by what is stored of it."""
    waiting = [open_task(row) for row in tasks.of_case(tx, case.id)]
    return rows_of(case, grants.of_case(tx, case.id), waiting, now)


def open_task(row: tasks.Task) -> OpenTask:
    """Of an open task what lists ask."""
    return OpenTask(row.key, row.role, row.office_id, row.element, row.due, row.opened_at)


def refresh(tx: Tx, case: cases.CaseSummary, now: datetime) -> bool:
    """Bring the rows of a case in line with what is stored of it; gives whether any was wrong.

    The case is locked by who asks.
    """
    return replace_rows(tx, of_case(tx, case.id), computed(tx, case, now))


def replace_rows(tx: Tx, was: Collection[AccessRow], wanted: Collection[AccessRow]) -> bool:
    """Write what is new, other or gone of the rows of a case, and count it.

    Gives whether anything was.
    """
    known, kept = {row.reader: row for row in was}, {row.reader for row in wanted}
    new = [row for row in wanted if row.reader not in known]
    other = [row for row in wanted if row.reader in known and known[row.reader] != row]
    gone = [row for row in was if row.reader not in kept]
    tx.later(DROP, [{f"b_{name}": getattr(row, name) for name in KEYS} for row in gone])
    tx.later(CHANGE, [{f"b_{n}": value for n, value in values(row).items()} for row in other])
    tx.later(ADD, [values(row) for row in new])
    change = _change(tx)
    change.offices.update(counts_of(wanted))
    change.offices.subtract(counts_of(was))
    return bool(new or other or gone)


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


def over(tx: Tx, now: datetime, *, limit: int) -> list[str]:
    """Cases with rows that have run out."""
    return sorted(set(tx.all(str, OVER, {"now": now, "limit": limit})))


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
    tx.later(COUNTS["open_case_count"][tx.postgres], by_office)
    tx.later(COUNTS["release_case_count"][tx.postgres], by_release)


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
    rows = select(*COLUMNS).where(case_access.c.ended == 0).order_by(case_access.c.case_id)
    found = CountChange(Counter(), Counter())
    for _, of_case in groupby(
        tx.all(AccessRow, as_system("verify", rows)), lambda row: row.case_id
    ):
        found.offices.update(counts_of(list(of_case)))
    running = select(cases_table.c.release_id, func.count()).where(cases_table.c.status == "open")
    found.releases.update(
        dict(
            tx.all(
                lambda id_, n: (id_, n),
                as_system("verify", running.group_by(cases_table.c.release_id)),
            )
        )
    )
    return found


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
