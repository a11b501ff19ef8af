"""Read models of oversight: all cases under pseudonyms, and on which releases they run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select

from service.store import keyset
from service.store.casefile.cases import COLUMNS, Case
from service.store.casefile.facts import RELEASED
from service.store.keyset import ListOrder, ListPage, PageRequest
from service.store.row_scope import as_system
from service.store.tables import cases, fact, incident, line, release, stream

if TYPE_CHECKING:
    from service.store.transaction import Tx

MOVED, STOPPED, ENDED = "moved", "stopped", "ended"
FILTERS = (MOVED, STOPPED, ENDED)
MOST = 1000
"""Counting stops here."""


@dataclass(frozen=True, slots=True)
class AuditCaseRow:
    """A case as an auditor's list shows it. `lines` is the number of its ledger entries."""

    id: str
    ref: str
    number: str
    began: datetime
    ended: datetime | None
    lines: int
    moved: bool
    stopped: bool


@dataclass(frozen=True, slots=True)
class TurnTime:
    """When something happened in a case, and at which steps."""

    case_id: str
    at: datetime
    steps: list[Any]


NEWEST: ListOrder[AuditCaseRow] = ListOrder(
    (cases.c.opened_at, cases.c.id), lambda row: (row.began, row.id), down=True
)


def page(
    tx: Tx, step: PageRequest, *, word: str = "", filters: Collection[str] = (), limit: int
) -> ListPage[AuditCaseRow]:
    """Cases, newest first.

    Args:
        word: a pseudonym or number, or the beginning of one; empty for all.
        filters: some of `FILTERS`; all must hold.
    """
    lines = (
        select(func.count())
        .join_from(stream, line, line.c.stream == stream.c.number)
        .where(stream.c.name == literal("case/") + cases.c.id)
        .correlate(cases)
        .scalar_subquery()
    )
    wanted = select(
        cases.c.id,
        cases.c.ref,
        cases.c.number,
        cases.c.opened_at,
        cases.c.closed_at,
        lines,
        _MARKS[MOVED],
        _MARKS[STOPPED],
    )
    return keyset.page(
        tx, AuditCaseRow, as_system("audit", _narrowed(wanted, word, filters)), NEWEST, step, limit
    )


def count(tx: Tx, *, word: str = "", filters: Collection[str] = ()) -> int:
    """How many cases there are on all pages, at most `MOST`."""
    found = _narrowed(select(cases.c.id), word, filters).limit(MOST).subquery()
    return int(tx.value(as_system("audit", select(func.count()).select_from(found))))


def releases_of(tx: Tx, case_ids: Collection[str]) -> dict[str, list[str]]:
    """Case to the releases it has been on, in that order."""
    found: dict[str, list[str]] = {}
    used = (
        select(fact.c.case_id, release.c.id)
        .select_from(RELEASED)
        .where(fact.c.case_id.in_(sorted(case_ids)))
        .group_by(fact.c.case_id, release.c.id)
    )
    for case_id, release_id in tx.all(
        lambda case_id, release_id: (case_id, release_id),
        used.order_by(fact.c.case_id, func.min(fact.c.rev)),
    ):
        found.setdefault(case_id, []).append(release_id)
    return found


def turns_of_ended(tx: Tx, process: str, *, most: int) -> list[TurnTime]:
    """Turns of the cases of a process that ended last, each case's in order.

    Args:
        most: cases that are looked at.
    """
    ended = (
        select(cases.c.id)
        .where(cases.c.process == process, cases.c.status == "ended")
        .order_by(cases.c.moved_at.desc())
        .limit(most)
    )
    found = select(fact.c.case_id, fact.c.at, fact.c.turn).where(fact.c.case_id.in_(ended))
    in_order = found.order_by(fact.c.case_id, fact.c.rev)
    return tx.all(
        lambda case_id, at, turn: TurnTime(case_id, at, turn["steps"]),
        as_system("usual", in_order),
    )


def open_on(tx: Tx, process: str) -> dict[str, int]:
    """Release to the open cases that run on it."""
    counted = (
        select(cases.c.release_id, func.count())
        .where(cases.c.process == process, cases.c.status == "open")
        .group_by(cases.c.release_id)
    )
    return dict(tx.all(lambda id, n: (id, n), as_system("process", counted)))


def open_cases(
    tx: Tx, process: str, release_ids: Collection[str], *, after: str = "", limit: int
) -> list[Case]:
    """One page of the open cases of a process that run on some releases, oldest first."""
    wanted = (
        select(*COLUMNS)
        .where(cases.c.id > after, cases.c.process == process, cases.c.status == "open")
        .where(cases.c.release_id.in_(sorted(release_ids)))
        .order_by(cases.c.id)
        .limit(limit)
    )
    return tx.all(Case, as_system("process", wanted))


def _narrowed(wanted: Select[Any], word: str, filters: Collection[str]) -> Select[Any]:
    if word:
        wanted = wanted.where(
            or_(
                cases.c.ref.startswith(word, autoescape=True),
                cases.c.number.startswith(word, autoescape=True),
            )
        )
    return wanted.where(*(_MARKS[name] for name in FILTERS if name in filters))


_MARKS: dict[str, ColumnElement[bool]] = {
    MOVED: exists().where(fact.c.case_id == cases.c.id, fact.c.kind.in_(("move", "restore"))),
    STOPPED: exists().where(incident.c.case_id == cases.c.id),
    ENDED: cases.c.status == "ended",
}
