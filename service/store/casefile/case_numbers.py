"""Numbers of cases: a counter for each year, counted on in the transaction that starts a case.

Whoever starts another case of the year waits for that transaction to end. If it is rolled back, its
number goes to the next case. So numbers have no gap, and nobody is refused for a race.

Only a start takes this lock, after its form was checked and before it locks any row of a case; so
no two transactions can wait for each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from service.store.prepared import PreparedStatement, PreparedUpsert
from service.store.tables import case_number

if TYPE_CHECKING:
    from service.store.transaction import Tx

LAST = PreparedStatement(select(case_number.c.last).where(case_number.c.year == bindparam("year")))
COUNT_ON = PreparedUpsert(
    case_number,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[case_number.c.year], set_={"last": case_number.c.last + 1}
    ).returning(case_number.c.last),
)


def next_of(tx: Tx, year: int) -> int:
    """Count on, and keep the year's counter locked until the transaction ends."""
    return int(tx.value(COUNT_ON, {"year": year, "last": 1}))


def raise_to(tx: Tx, year: int, last: int) -> int:
    """Let no case of a year get a number up to `last`; gives the counter as it is then."""
    now = int(tx.value(LAST, {"year": year}) or 0)
    if now < last:
        tx.run(delete(case_number).where(case_number.c.year == year))
        tx.run(insert(case_number).values(year=year, last=last))
    return max(now, last)
