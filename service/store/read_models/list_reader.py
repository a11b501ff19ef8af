"""Reader of a list, and the cases that are open to her."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union

from service.store.lists.access_rows import HERE
from service.store.tables import case_access

MOST = 1000
"""Counting stops here, so that a large inbox costs no more than a small one."""


@dataclass(frozen=True, slots=True)
class InboxReader:
    """The reader of a list: a person at an office, with her roles and whom she stands in for."""

    person: str
    office: str
    roles: frozenset[str]
    now: datetime
    stands_in_for: frozenset[str] = frozenset()
    """Absent colleagues whose tasks are hers too."""
    barred: frozenset[str] = frozenset()
    """Cases that do not exist for her."""


def existing(case_id: ColumnElement[str], barred: Collection[str]) -> list[ColumnElement[bool]]:
    """The condition that a case is none of those that are barred to who asks, where any is."""
    return [case_id.not_in(barred)] if barred else []


def granted(reader: InboxReader) -> list[list[ColumnElement[bool]]]:
    """Conditions on `case_access` for the cases that a grant opens to a reader, one for each role;
    a case can be in several.
    """
    return [[*rules, *_live(reader)] for _, rules in _of_roles(reader)]


def seen(reader: InboxReader) -> list[tuple[str, list[ColumnElement[bool]]]]:
    """Each role with the conditions on `case_access` for the cases that a grant opens to it,
    or in which a task waits for it.
    """
    waits_or_granted = or_(case_access.c.rank == HERE, and_(*_live(reader)))
    return [(role, [*rules, waits_or_granted]) for role, rules in _of_roles(reader)]


def _of_roles(reader: InboxReader) -> list[tuple[str, list[ColumnElement[bool]]]]:
    return [
        (
            role,
            [
                case_access.c.office_id == reader.office,
                case_access.c.role == role,
                *existing(case_access.c.case_id, reader.barred),
            ],
        )
        for role in roles_of(reader)
    ]


def roles_of(reader: InboxReader) -> tuple[str, ...]:
    """Her roles; one that nobody holds when she has none."""
    return tuple(reader.roles) or ("",)


def _live(reader: InboxReader) -> list[ColumnElement[bool]]:
    return [case_access.c.opens <= reader.now, case_access.c.until > reader.now]


def counted(parts: Sequence[Select[Any]], name: str, most: int = MOST) -> ColumnElement[int]:
    """How many rows there are in all parts, at most `most`; one that is in several counts once."""
    limited = [part.limit(most).subquery() for part in parts]
    every = limited[0] if len(limited) == 1 else union(*map(select, limited)).limit(most).subquery()
    rows = select(func.count()).select_from(every)
    return rows.scalar_subquery().label(name)
