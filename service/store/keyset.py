"""Keyset pagination: a page of a list goes on from a row, not from a number.

A page costs the same wherever it lies, and rows that come or go meanwhile shift nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, select, tuple_, type_coerce, union

from service.store.tables.column_types import EPOCH, MICROSECOND, Moment

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader

Row = TypeVar("Row")
Place: TypeAlias = tuple[datetime | int | str, ...]
"""The place of a row in its list: the values of the order, the last of them unique."""
Wanted: TypeAlias = "Select[Any] | Sequence[Select[Any]]"
"""A list without order; or parts of it with the same columns, each of which walks an index of its
own and gives no more rows than a page has. A row that is in several counts once.
"""
ByShape: TypeAlias = "Callable[[Place | None, bool, int], Read]"
"""What gives the statement of a page: from a place on, whether backwards, and how many rows. It
calls `statement` where it is built."""
LONGEST = 500


@dataclass(frozen=True)
class ListOrder(Generic[Row]):
    """The columns of an order, all up or all down, and the place of a row in it."""

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
    reader: Reader,
    make: Callable[..., Row],
    wanted: Wanted | ByShape,
    order: ListOrder[Row],
    step: PageRequest,
    limit: int,
    keep: Callable[[list[Row]], list[Row]] | None = None,
    first: Reader | None = None,
) -> ListPage[Row]:
    """One page of a list.

    Args:
        first: has the rows that are read first (`first_read`); what follows them is asked.
        wanted: the whole list, without order; or its parts, as `Wanted` says; or what gives the
            statement of a page.
        keep: gives, of rows that were found, those that may be shown; the page is filled from what
            follows the others.
    """
    back = read(step.before, order)
    place = back if back is not None else read(step.after, order)
    asked = _rows(
        *(reader, make, wanted, order, place, limit + 1),
        back=back is not None,
        keep=keep,
        first=first,
    )
    more, rows = len(asked) > limit, asked[:limit]
    if back is not None:
        if not more:
            # before the beginning: a whole first page
            return page(reader, make, wanted, order, PageRequest(), limit, keep)
        rows.reverse()
    before = rows and (place is not None if back is None else more)
    after = rows and (more if back is None else True)
    return ListPage(
        tuple(rows),
        write(order.place(rows[0])) if before else "",
        write(order.place(rows[-1])) if after else "",
    )


def first_read(wanted: ByShape, order: ListOrder[Any], step: PageRequest, limit: int) -> Read:
    """What `page` reads first."""
    back = read(step.before, order)
    place = back if back is not None else read(step.after, order)
    return wanted(place, back is not None, limit + 1)


def page_of_rows(
    rows: Sequence[Row],
    key: Callable[[Row], str],
    step: PageRequest,
    limit: int,
    holding: str = "",
) -> ListPage[Row]:
    """One page of a list that has been read already.

    Args:
        key: what names a row and no other; cursors are these keys. One that is not there counts as
            none.
        holding: key of a row; the page is the one on which it stands, counted from the beginning.
    """
    places = {key(row): place for place, row in enumerate(rows)}
    if holding in places:
        first = places[holding] - places[holding] % limit
    elif step.before in places:
        first = max(0, places[step.before] - limit)
    else:
        first = places.get(step.after, -1) + 1
    shown = tuple(rows[first : first + limit])
    more = first + limit < len(rows)
    return ListPage(shown, key(shown[0]) if shown and first else "", key(shown[-1]) if more else "")


def _rows(
    reader: Reader,
    make: Callable[..., Row],
    wanted: Wanted | ByShape,
    order: ListOrder[Row],
    place: Place | None,
    limit: int,
    *,
    back: bool,
    keep: Callable[[list[Row]], list[Row]] | None,
    first: Reader | None,
) -> list[Row]:
    kept: list[Row] = []
    while True:
        source, first = reader if first is None else first, None
        found = (
            source.all(make, *wanted(place, back, limit))
            if callable(wanted)
            else reader.all(make, statement(wanted, order, place, limit, back=back))
        )
        kept += found if keep is None else keep(found)
        if len(found) < limit or len(kept) >= limit:
            return kept[:limit]
        place = order.place(found[-1])


def statement(
    wanted: Wanted, order: ListOrder[Any], place: Place | None, limit: int, *, back: bool
) -> Select[Any]:
    """The rows of a list from a place on.

    Args:
        place: values, or parameters in their place.
        back: the rows before it, the nearest first.
    """
    if isinstance(wanted, Select):
        return _beyond(wanted, order, place, back=back).limit(limit)
    if len(wanted) == 1:
        return statement(wanted[0], order, place, limit, back=back)
    names = [f"order_{n}" for n in range(len(order.columns))]
    labels = [column.label(name) for column, name in zip(order.columns, names, strict=True)]
    parts = (
        _beyond(part.add_columns(*labels), order, place, back=back).limit(limit).subquery()
        for part in wanted
    )
    every = union(*(select(part) for part in parts)).subquery("parts")
    asked = [column for column in every.c if column.key not in names]
    in_order = (every.c[name].desc() if order.down is not back else every.c[name] for name in names)
    return select(*asked).order_by(*in_order).limit(limit)


def _beyond(
    wanted: Select[Any], order: ListOrder[Any], place: Place | None, *, back: bool
) -> Select[Any]:
    down = order.down is not back
    if place is not None:
        marks = [
            type_coerce(part, column.type)
            for part, column in zip(place, order.columns, strict=True)
        ]
        first, mark = order.columns[0], marks[0]
        # where an index can be entered; the whole row value then decides
        near = first <= mark if down else first >= mark
        row = tuple_(*order.columns)
        there = tuple_(*marks)
        beyond = row < there if down else row > there
        wanted = wanted.where(near, beyond)
    return wanted.order_by(*(column.desc() if down else column for column in order.columns))


def write(place: Place) -> str:
    """The cursor of a place, for an address: moments, numbers, ids and pseudonyms alone."""
    parts = [
        [(part - EPOCH) // MICROSECOND] if isinstance(part, datetime) else part for part in place
    ]
    text = json.dumps(parts, ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, order: ListOrder[Row]) -> Place | None:
    """The place that a cursor names; None when it is none of this list."""
    if not cursor or len(cursor) > LONGEST:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        parts = tuple(
            EPOCH + value[0] * MICROSECOND if isinstance(value, list) else value for value in values
        )
    except (binascii.Error, ValueError, TypeError, IndexError, KeyError, OverflowError):
        return None
    kinds = [_kind(column) for column in order.columns]
    fits = len(parts) == len(kinds) and all(
        type(part) is kind for part, kind in zip(parts, kinds, strict=True)
    )
    return parts if fits else None


def _kind(column: ColumnElement[Any]) -> type:
    """What a value of a column is in Python."""
    if isinstance(column.type, Moment):
        return datetime
    return int if isinstance(column.type, Integer) else str
