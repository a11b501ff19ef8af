"""Bars: for whom a case does not exist, whatever else opens it to them (conflict of interest).

`access` decides on them (`Sight.bars`); this module reads and writes them. A complaint is barred to
whom it is about before anybody gets it; a case that a complaint is about is barred to who leaves
it. Source: decisions/0114.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import Bars, Viewer
from service.errors import NotFound
from service.records.context import Actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.store.at_hand import Reader
from service.store.casefile import case_bars
from service.store.casefile.case_bars import CaseBar
from service.store.changes import Writer
from service.store.installation.people import PersonWithKey

ABOUT, LEFT = "about", "left"
"""Why a case is barred: a complaint is about them; they handle the case no more."""
BARRED, LEFT_CASE = "barred", "left_case"
"""Kinds of the entries in a case's history that say so."""
KINDS: Final = {ABOUT: BARRED, LEFT: LEFT_CASE}
SAID: Final = (BARRED, LEFT_CASE)


@dataclass(frozen=True, slots=True)
class Barred:
    """One office, one person, or all who hold a role; the two others are empty."""

    office: str = ""
    person: str = ""
    role: str = ""


def bar(
    writer: Writer, *, by: Actor, now: datetime, case_id: str, whom: Iterable[Barred], why: str
) -> None:
    """Bar a case: from this moment on it does not exist for them. The caller sees to their rows in
    lists, and to tasks that they have.

    Args:
        why: `ABOUT` or `LEFT`; the history says who, and never why.
    """
    for one in whom:
        row = CaseBar(ulid(now), case_id, one.office, one.person, one.role, why, by.id, now)
        case_bars.add(writer, row)
        body = {
            name: value
            for name, value in (("about", one.office), ("person", one.person), ("role", one.role))
            if value
        }
        append_entry(writer, f"case/{case_id}", KINDS[why], by=by, now=now, body=body)


def as_bars(rows: Iterable[CaseBar]) -> Bars:
    """Those of some rows of a case that hold still, as `access` takes them."""
    live = [row for row in rows if row.ended_at is None]
    return Bars(
        frozenset(row.office_id for row in live if row.office_id),
        frozenset(row.person_id for row in live if row.person_id),
        frozenset(row.role for row in live if row.role),
    )


def load_bars(reader: Reader, case_id: str) -> Bars:
    """For whom a case does not exist."""
    return as_bars(case_bars.of_case(reader, case_id))


def meets(bars: Bars, found: PersonWithKey) -> bool:
    """Whether a stored person is one of them."""
    return bars.meet(Viewer(found.person.id, found.person.office_id, found.roles))


def require_exists(viewer: Viewer, case_id: str) -> None:
    """Let a case that is barred to a viewer be none.

    Raises:
        NotFound: it is.
    """
    if case_id in viewer.barred:
        raise NotFound
