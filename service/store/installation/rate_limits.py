"""Rate limits: counters of tries, kept in the database so that all processes share them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    literal,
    null,
    or_,
    select,
    update,
)

from service.store.prepared import PreparedStatement, PreparedUpsert
from service.store.row_mapping import columns
from service.store.tables import once, throttle
from service.store.tables.column_types import Moment

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class TryCount:
    """How many tries one key has counted since a moment, and until when it takes no more."""

    key: bytes
    count: int
    since: datetime
    until: datetime | None


COLUMNS = columns(throttle, TryCount)
GET = PreparedStatement(select(*COLUMNS).where(throttle.c.key == bindparam("key")))
BLOCK = PreparedStatement(
    update(throttle).where(throttle.c.key == bindparam("b_key")).values(until=bindparam("b_until"))
)
LESS = case((throttle.c.count > 0, throttle.c.count - 1), else_=0)
GIVE_BACK = PreparedStatement(
    update(throttle)
    .where(throttle.c.key == bindparam("b_key"))
    .values(
        count=LESS,
        until=case((bindparam("b_most") > LESS, null()), else_=throttle.c.until),
    )
)
CLEAR = PreparedStatement(delete(throttle).where(throttle.c.key == bindparam("key")))
SWEEP = PreparedStatement(
    delete(throttle).where(
        throttle.c.since < bindparam("before"),
        or_(throttle.c.until.is_(None), throttle.c.until < bindparam("before")),
    )
)
NOW, WINDOW = bindparam("now", type_=Moment()), bindparam("window", type_=Moment())
OLD = and_(throttle.c.since < WINDOW, or_(throttle.c.until.is_(None), throttle.c.until <= WINDOW))
BLOCKED = and_(throttle.c.until.is_not(None), throttle.c.until > NOW)
COUNTED = {
    "count": case((BLOCKED, throttle.c.count), (OLD, 1), else_=throttle.c.count + 1),
    "since": case((OLD, NOW), else_=throttle.c.since),
}
HIT = PreparedUpsert(
    throttle,
    lambda insert: (
        insert.values(key=bindparam("key"), count=1, since=NOW, until=None)
        .on_conflict_do_update(index_elements=[throttle.c.key], set_=COUNTED)
        .returning(*COLUMNS)
    ),
)
ANSWERED = exists().where(
    once.c.key == bindparam("request"),
    once.c.person_id == bindparam("person_id"),
    once.c.route == bindparam("route"),
)
FIRST = select(
    cast(bindparam("key", type_=throttle.c.key.type), throttle.c.key.type),
    literal(1),
    cast(NOW, throttle.c.since.type),
    cast(null(), throttle.c.until.type),
).where(~ANSWERED)
HIT_UNLESS_ANSWERED = PreparedUpsert(
    throttle,
    lambda insert: (
        insert.from_select([column.name for column in COLUMNS], FIRST)
        .on_conflict_do_update(index_elements=[throttle.c.key], set_=COUNTED)
        .returning(*COLUMNS)
    ),
)
"""The same count, for a request that has no stored answer yet; it can go in one round trip with the
statement that looks for a stored answer."""


def get(reader: Reader, key: bytes) -> TryCount | None:
    return reader.one(TryCount, GET, {"key": key})


def hit(tx: Tx, key: bytes, *, now: datetime, window: datetime) -> TryCount:
    """Count one more try, unless the key takes none now, and give the counter as it is then.

    Counting begins anew when it began before `window`, and nothing was blocked since. Who counts
    at the same moment waits until this transaction ends.
    """
    (found,) = tx.all(TryCount, HIT, {"key": key, "now": now, "window": window})
    return found


def read_of_hit(
    key: bytes, *, now: datetime, window: datetime, request: str, person_id: str, route: str
) -> Read:
    """What counts one more try, unless the request was answered before; so it can be asked together
    with the question for that answer.
    """
    given: dict[str, object] = {"key": key, "now": now, "window": window}
    return HIT_UNLESS_ANSWERED, {
        **given,
        "request": request,
        "person_id": person_id,
        "route": route,
    }


def of_hit(reader: Reader, read: Read) -> TryCount | None:
    """The counter as `read_of_hit` left it; None where the request was answered before."""
    return reader.one(TryCount, *read)


def give_back(tx: Tx, key: bytes, *, most: int) -> None:
    """Take back one try; below `most` the key takes tries again."""
    tx.run(GIVE_BACK, {"b_key": key, "b_most": most})


def block(tx: Tx, key: bytes, until: datetime) -> None:
    """Take no more tries until a moment."""
    tx.run(BLOCK, {"b_key": key, "b_until": until})


def clear(tx: Tx, key: bytes) -> None:
    tx.run(CLEAR, {"key": key})


def sweep(tx: Tx, before: datetime) -> int:
    """Forget counters that began before a moment and block nothing any more."""
    return tx.run(SWEEP, {"before": before})
