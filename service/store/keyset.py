"""Pages of a list that go on from a row, not from a number: a page costs the same wherever it lies,
and rows that come or go meanwhile shift nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, tuple_

from service.store.tables.column_types import EPOCH, MICROSECOND, Moment

if TYPE_CHECKING:
    from service.store.transaction import Tx

Row = TypeVar("Row")
Place: TypeAlias = tuple[datetime | int | str, ...]
"""Where a row stands in its list: the values that the list is ordered by, the last of them unique.
"""
LONGEST = 500


@dataclass(frozen=True)
class ListOrder(Generic[Row]):
    """What a list is ordered by, all the one way or all the other, and where a row of it stands."""

    columns: tuple[ColumnElement[Any], ...]
    place: Callable[[Row], Place]
    down: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: the first one, the one `after` a row, or the one `before` a row.

    Cursors are what `ListPage` gave; others count as the first.
    """

    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Row]):
    """One page. `previous` and `next` are cursors, empty where the list ends."""

    rows: tuple[Row, ...]
    previous: str
    next: str


def page(
    tx: Tx,
    make: Callable[..., Row],
    wanted: Select[Any],
    order: ListOrder[Row],
    step: PageRequest,
    limit: int,
    keep: Callable[[list[Row]], list[Row]] | None = None,
) -> ListPage[Row]:
    """One page of a list.

    Args:
        wanted: the whole list, without order.
        keep: gives, of rows that were found, those that may be shown; the page is filled from what
            follows the others.
    """
    back = read(step.before, order)
    place = back if back is not None else read(step.after, order)
    rows = _rows(tx, make, wanted, order, place, limit + 1, back=back is not None, keep=keep)
    more, rows = len(rows) > limit, rows[:limit]
    if back is not None:
        if not more:
            return page(
                tx, make, wanted, order, PageRequest(), limit, keep
            )  # the beginning, and a whole page of it
        rows.reverse()
    before = rows and (place is not None if back is None else more)
    after = rows and (more if back is None else True)
    return ListPage(
        tuple(rows),
        write(order.place(rows[0])) if before else "",
        write(order.place(rows[-1])) if after else "",
    )


def _rows(
    tx: Tx,
    make: Callable[..., Row],
    wanted: Select[Any],
    order: ListOrder[Row],
    place: Place | None,
    limit: int,
    *,
    back: bool,
    keep: Callable[[list[Row]], list[Row]] | None,
) -> list[Row]:
    kept: list[Row] = []
    while True:
        found = tx.all(make, _from(wanted, order, place, back=back).limit(limit))
        kept += found if keep is None else keep(found)
        if len(found) < limit or len(kept) >= limit:
            return kept[:limit]
        place = order.place(found[-1])


def _from(
    wanted: Select[Any], order: ListOrder[Row], place: Place | None, *, back: bool
) -> Select[Any]:
    down = order.down is not back
    if place is not None:
        first, mark = order.columns[0], place[0]
        near = (
            first <= mark if down else first >= mark
        )  # what an index can be entered at; the whole row value then decides
        beyond = tuple_(*order.columns) < place if down else tuple_(*order.columns) > place
        wanted = wanted.where(near, beyond)
    return wanted.order_by(*(column.desc() if down else column for column in order.columns))


def write(place: Place) -> str:
    """A place as an address may hold it: opaque, and nothing but moments, numbers, ids and
    pseudonyms.
    """
    told = json.dumps(
        [[(part - EPOCH) // MICROSECOND] if isinstance(part, datetime) else part for part in place],
        ensure_ascii=False,
    )
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read(cursor: str, order: ListOrder[Row]) -> Place | None:
    """The place that a cursor tells; None when it is none of this list."""
    if not cursor or len(cursor) > LONGEST:
        return None
    try:
        told = json.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        parts = tuple(
            EPOCH + part[0] * MICROSECOND if isinstance(part, list) else part for part in told
        )
    except (binascii.Error, ValueError, TypeError, IndexError, KeyError, OverflowError):
        return None
    kinds = [
        datetime
        if isinstance(column.type, Moment)
        else int
        if isinstance(column.type, Integer)
        else str
        for column in order.columns
    ]
    fits = len(parts) == len(kinds) and all(
        type(part) is kind for part, kind in zip(parts, kinds, strict=True)
    )
    return parts if fits else None
