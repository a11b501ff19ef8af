"""Read models of the monthly log review: entries of the read log and of searches, and the offices
that had a part in a case.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, bindparam, func, literal, select, union_all

from service.store.prepared import PreparedStatement, in_list
from service.store.read_models.audit_conditions import READ_KINDS, BusyDay
from service.store.row_scope import as_system
from service.store.tables import case_grant, line, party, stream

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader

SEARCH: Final = "search"
AT_ONCE: Final = 500
"""Cases that one statement asks about."""
MOST_DAYS: Final = 100
"""Busy days that are given, the newest."""


@dataclass(frozen=True, slots=True)
class LookEntry:
    """An entry of somebody who looked, or searched."""

    stream: str
    kind: str
    at: datetime
    actor: str
    office: str
    body: str
    hash: str


COLUMNS = (
    select(
        stream.c.name,
        line.c.kind,
        line.c.at,
        line.c.actor,
        line.c.office,
        line.c.body,
        line.c.hash,
    )
    .join_from(line, stream, line.c.stream == stream.c.number)
    .order_by(line.c.at, line.c.stream, line.c.seq)
)
OF_KINDS = PreparedStatement(
    COLUMNS.where(in_list(line.c.kind, "kinds"), line.c.at >= bindparam("since"))
)


def looks_between(reader: Reader, since: datetime, until: datetime) -> list[LookEntry]:
    """Looks and searches from one moment until before another, in their order."""
    wanted = COLUMNS.where(
        line.c.kind.in_([*READ_KINDS, SEARCH]), line.c.at >= since, line.c.at < until
    )
    return reader.all(LookEntry, wanted)


def entries_of(reader: Reader, kinds: Collection[str], *, since: datetime) -> list[LookEntry]:
    """Entries of these kinds from a moment on, in their order, of whichever stream."""
    return reader.all(LookEntry, *read_of_entries(kinds, since))


def read_of_entries(kinds: Collection[str], since: datetime) -> Read:
    """What `entries_of` reads."""
    return OF_KINDS, {"kinds": (*sorted(kinds),), "since": since}


def offices_with_a_part(reader: Reader, case_ids: Collection[str]) -> dict[str, set[str]]:
    """Case to the offices that hold or held a role or a grant in it."""
    found: dict[str, set[str]] = {id_: set() for id_ in case_ids}
    ids = sorted(found)
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        for table in (party, case_grant):
            wanted = select(table.c.case_id, table.c.office_id).where(table.c.case_id.in_(some))
            pairs = reader.all(lambda case, office: (case, office), as_system("audit", wanted))
            for case_id, office in pairs:
                found[case_id].add(office)
    return found


def busy_days(
    reader: Reader, days: Sequence[tuple[datetime, datetime]], *, limit: int, apart: str
) -> list[BusyDay]:
    """Days on which one person opened more cases than the limit, as the log review counts them; at
    most `MOST_DAYS`.

    Args:
        days: first moment of each day, and that of the day after.
        apart: purpose of the looks that are not counted.
    """
    counted = [
        select(literal(n), line.c.actor).where(*_looks_of_day(day)).group_by(line.c.actor)
        .having(func.count(line.c.stream.distinct()) > limit)
        for n, day in enumerate(days)
    ]  # fmt: skip
    found = reader.all(lambda n, actor: (n, actor), union_all(*counted)) if counted else []
    newest = sorted(found, reverse=True)[:MOST_DAYS]
    return [
        BusyDay(actor, *days[n])
        for n, actor in newest
        if _opened(reader, actor, days[n], apart) > limit
    ]


def _looks_of_day(day: tuple[datetime, datetime]) -> tuple[ColumnElement[bool], ...]:
    since, until = day
    return line.c.kind.in_(READ_KINDS), line.c.at >= since, line.c.at < until


def _opened(reader: Reader, actor: str, day: tuple[datetime, datetime], apart: str) -> int:
    """How many cases a person opened on a day, but for one purpose."""
    wanted = select(line.c.stream, line.c.body).where(*_looks_of_day(day), line.c.actor == actor)
    looks = reader.all(lambda number, body: (number, json.loads(body)), wanted)
    return len({number for number, body in looks if body.get("purpose") != apart})
