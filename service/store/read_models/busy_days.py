"""Days on which one person opened very many cases, counted in the log of who looked.

Nothing is stored: each day is one range of the index of kinds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, func, literal, select, union_all

from service.store.read_models.audit_conditions import READ_KINDS, BusyDay
from service.store.tables import line

if TYPE_CHECKING:
    from service.store.transaction import Tx


MOST: Final = 100
"""Days of persons that are given, the newest."""


def busy_days(
    tx: Tx, days: Sequence[tuple[datetime, datetime]], *, limit: int, apart: str
) -> list[BusyDay]:
    """Days on which one person opened more cases than the limit, as the log review counts them; at
    most `MOST`.

    Args:
        days: first moment of each day, and that of the day after.
        apart: purpose of the looks that are not counted.
    """
    counted = [
        select(literal(n), line.c.actor).where(*_looks_of_day(day)).group_by(line.c.actor)
        .having(func.count(line.c.stream.distinct()) > limit)
        for n, day in enumerate(days)
    ]  # fmt: skip
    found = tx.all(lambda n, actor: (n, actor), union_all(*counted)) if counted else []
    newest = sorted(found, reverse=True)[:MOST]
    return [
        BusyDay(actor, *days[n])
        for n, actor in newest
        if _opened(tx, actor, days[n], apart) > limit
    ]


def _looks_of_day(day: tuple[datetime, datetime]) -> tuple[ColumnElement[bool], ...]:
    since, until = day
    return line.c.kind.in_(READ_KINDS), line.c.at >= since, line.c.at < until


def _opened(tx: Tx, actor: str, day: tuple[datetime, datetime], apart: str) -> int:
    """How many cases a person opened on a day, but for one purpose."""
    wanted = select(line.c.stream, line.c.body).where(*_looks_of_day(day), line.c.actor == actor)
    looks = tx.all(lambda number, body: (number, json.loads(body)), wanted)
    return len({number for number, body in looks if body.get("purpose") != apart})
