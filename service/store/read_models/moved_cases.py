"""Cases that moved at one moment: what the id of a closed task leads to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, union

from service.store.casefile.grants import granted_to
from service.store.tables import case_grant, cases, fact, task

if TYPE_CHECKING:
    from service.store.read_models.inbox import InboxReader
    from service.store.transaction import Tx

MOST = 20
"""Cases that are looked at."""


def moved_at(tx: Tx, reader: InboxReader, moment: datetime) -> list[str]:
    """Cases that moved in a millisecond, of those that a grant or a task opens to the reader.

    Only those that were open around it are looked at.
    """
    after = moment + timedelta(milliseconds=1)
    granted = select(case_grant.c.case_id).where(
        granted_to(case_grant, reader.office, reader.roles, reader.now)
    )
    own = select(task.c.case_id).where(
        task.c.office_id == reader.office, task.c.role.in_(sorted(reader.roles))
    )
    open_then = select(cases.c.id).where(
        cases.c.id.in_(union(granted, own)), cases.c.opened_at < after, cases.c.moved_at >= moment
    )
    wanted = select(fact.c.case_id).where(
        fact.c.case_id.in_(open_then), fact.c.at >= moment, fact.c.at < after
    )
    return tx.all(str, wanted.distinct().limit(MOST))
