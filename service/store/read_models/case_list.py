"""Read model of an office's case list: cases that a grant opens to it or that wait for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, exists, literal, not_, or_, select

from service.store import keyset
from service.store.casefile.cases import BRIEF, CaseSummary
from service.store.keyset import ListOrder, ListPage, PageRequest, Place
from service.store.lists.access_rows import ELSEWHERE, ENDED, HERE
from service.store.read_models.list_reader import InboxReader, counted, seen
from service.store.statement_shapes import by_shape
from service.store.tables import case_access, case_officer, cases

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader


@dataclass(frozen=True, slots=True)
class CaseListRow:
    """A case of the list, and when the first of its open tasks is due.

    `due` is far in the future when no task is. `elsewhere` is 0 while a task waits for the reader,
    1 while none does, and 2 once the case has ended; it is known of a list in that order alone.
    `moved_on` is the day of its last turn.
    """

    case: CaseSummary
    due: datetime
    moved_on: datetime
    elsewhere: int


@dataclass(frozen=True, slots=True)
class CaseListFilter:
    """Which cases are wanted; empty means all."""

    FIXED = frozenset({"state", "sort"})
    stages: tuple[str, ...] = ()
    """Ids of stages, "" for cases that have reached none."""
    state: str = ""
    """"" for all, else "open", "active" (a task waits for the reader), "waiting", "incident" or
    "done"."""
    officers: tuple[str, ...] = ()
    """Persons of the reader's office, one of whom handles the case."""
    sort: str = "due"
    """One of `SORTS`."""


FIXED_ORDERS: Mapping[str, ListOrder[CaseListRow]] = {
    "due": ListOrder(
        (case_access.c.ended, case_access.c.due, case_access.c.case_id),
        lambda row: (int(row.case.status == "ended"), row.due, row.case.id),
    ),
    "case": ListOrder(
        (case_access.c.ref, case_access.c.case_id), lambda row: (row.case.ref, row.case.id)
    ),
    "since": ListOrder(
        (case_access.c.moved_on, case_access.c.case_id), lambda row: (row.moved_on, row.case.id)
    ),
    "stage": ListOrder(
        (case_access.c.stage, case_access.c.ref, case_access.c.case_id),
        lambda row: (row.case.stage, row.case.ref, row.case.id),
    ),
}
HERE_FIRST: ListOrder[CaseListRow] = ListOrder(
    (case_access.c.rank, case_access.c.due, case_access.c.case_id),
    lambda row: (row.elsewhere, row.due, row.case.id),
)
SORTS = ("here", *FIXED_ORDERS)
APART = ("case", "since", "stage")
"""Orders whose indexes keep open cases and ended ones apart; a list of both walks each."""
STOPPED = case_access.c.stopped_since.is_not(None)


def page(
    source: Reader,
    reader: InboxReader,
    step: PageRequest,
    wanted: CaseListFilter,
    *,
    limit: int,
    keep: Callable[[list[CaseListRow]], list[CaseListRow]],
    first: Reader | None = None,
) -> ListPage[CaseListRow]:
    """One page of the list.

    Args:
        first: has what `read_of_page` reads; without it that is asked.
        keep: gives, of some cases, those that the reader sees.
    """
    return keyset.page(
        source,
        lambda *row: CaseListRow(CaseSummary(*row[:-3]), *row[-3:]),
        partial(_page, reader, wanted),
        _order(wanted),
        step,
        limit,
        keep,
        first,
    )


def read_of_page(
    reader: InboxReader, step: PageRequest, wanted: CaseListFilter, *, limit: int
) -> Read:
    """What `page` reads first."""
    return keyset.first_read(partial(_page, reader, wanted), _order(wanted), step, limit)


def _order(wanted: CaseListFilter) -> ListOrder[CaseListRow]:
    return FIXED_ORDERS.get(wanted.sort, HERE_FIRST)


@by_shape
def _page(
    reader: InboxReader,
    wanted: CaseListFilter,
    place: Place | None,
    back: bool,  # noqa: FBT001 - `keyset` asks so
    limit: int,
) -> Select[Any]:
    order = _order(wanted)
    rank = case_access.c.rank if order is HERE_FIRST else literal(0)
    rows = select(*BRIEF, case_access.c.due, case_access.c.moved_on, rank).join_from(
        case_access, cases, cases.c.id == case_access.c.case_id
    )
    parts = [rows.where(*rules) for rules in _parts(reader, wanted, ranked=order is HERE_FIRST)]
    return keyset.statement(parts, order, place, limit, back=back)


def count(source: Reader, reader: InboxReader, wanted: CaseListFilter) -> int:
    """How many there are on all pages, at most `MOST`."""
    return int(source.value(*read_of_count(reader, wanted)))


@by_shape
def read_of_count(reader: InboxReader, wanted: CaseListFilter) -> Select[Any]:
    """What `count` reads."""
    parts = [
        select(case_access.c.case_id).where(*rules).order_by(case_access.c.due)
        for rules in _parts(reader, wanted, ranked=False)
    ]
    return select(counted(parts, "cases"))


def _parts(
    reader: InboxReader, wanted: CaseListFilter, *, ranked: bool
) -> list[list[ColumnElement[bool]]]:
    """The conditions of the list for each role of the reader.

    Args:
        ranked: of a case that waits for one of her roles, only the rows of such a role.
    """
    once = ranked or wanted.state == "waiting"
    apart = wanted.sort in APART and not wanted.state
    return [
        [*rules, *ended, *_of_filter(reader, wanted), *(_best_rank(reader, role) if once else [])]
        for role, rules in seen(reader)
        for ended in ([[case_access.c.ended == n] for n in (0, 1)] if apart else [[]])
    ]


def _best_rank(reader: InboxReader, role: str) -> list[ColumnElement[bool]]:
    """Rank: leave out the row of a role without a task where another role of the reader has one."""
    others = [other for other in reader.roles if other is not role]  # or parameters in their place
    if not others:
        return []
    other = case_access.alias("other")
    better = exists().where(
        other.c.office_id == reader.office,
        or_(*(other.c.role == role for role in others)),
        other.c.case_id == case_access.c.case_id,
        other.c.rank < case_access.c.rank,
    )
    return [~better]


def _of_filter(reader: InboxReader, wanted: CaseListFilter) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = []
    if wanted.stages:
        rules.append(or_(*(case_access.c.stage == stage for stage in wanted.stages)))
    if wanted.officers:
        handled = exists().where(
            case_officer.c.case_id == case_access.c.case_id,
            or_(*(case_officer.c.person_id == person for person in wanted.officers)),
            case_officer.c.office_id == reader.office,
        )
        rules.append(handled)
    states: Mapping[str, list[ColumnElement[bool]]] = {
        "open": [case_access.c.ended == 0],
        "active": [case_access.c.ended == 0, case_access.c.rank == HERE, not_(STOPPED)],
        "waiting": [case_access.c.ended == 0, case_access.c.rank == ELSEWHERE, not_(STOPPED)],
        "incident": [case_access.c.ended == 0, STOPPED],
        "done": [case_access.c.ended == 1, case_access.c.rank == ENDED],
    }
    return rules + states.get(wanted.state, [])
