"""Cases that moved at one moment: what the id of a closed task leads to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, union

from service.store.read_models.list_reader import seen
from service.store.tables import case_access, cases, fact

if TYPE_CHECKING:
    from service.store.read_models.list_reader import InboxReader
    from service.store.transaction import Tx

MOST = 20
"""Cases that are looked at."""


def moved_at(tx: Tx, reader: InboxReader, moment: datetime) -> list[str]:
    """Cases that moved in a millisecond, of those that a grant or a task opens to the reader.

    Only those that were open around it are looked at.
    """
    after = moment + timedelta(milliseconds=1)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    moved = (
        select(case_access.c.case_id)
        .join(cases, cases.c.id == case_access.c.case_id)
        .join(fact, fact.c.case_id == case_access.c.case_id)
        .where(case_access.c.moved_on >= day, cases.c.opened_at < after)
        .where(cases.c.moved_at >= moment, fact.c.at >= moment, fact.c.at < after)
        .distinct()
        .limit(MOST)
    )
    parts = [moved.where(*rules).subquery() for _, rules in seen(reader)]
    return tx.all(str, select(union(*map(select, parts)).subquery()).limit(MOST))
