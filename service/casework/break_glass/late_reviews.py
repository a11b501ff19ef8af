"""Reviews of a broken glass that are late: data protection is reminded once about each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from service.access import GLASS
from service.casework.approvals.requests import ABOUT_GLASS
from service.casework.retention.retention_tasks import write_to_data_protection
from service.records.context import CLOCK, Services
from service.store.at_hand import Reader
from service.store.casefile import approvals
from service.store.casefile.approvals import Approval
from service.store.transaction import Tx

LATE: Final = "glass_late"
"""Letter to data protection."""


def due_of(services: Services, row: Approval) -> datetime:
    """By when data protection is to review a broken glass.

    Source: `review_days` in `workflows/config/approvals.toml`.
    """
    rule = services.programme.approvals.glass
    return row.asked_at + timedelta(days=rule.review_days if rule is not None else 0)


def late_reviews(reader: Reader, services: Services, now: datetime) -> list[Approval]:
    """Every broken glass that waits for its review after its day, the oldest first."""
    rows = approvals.unreviewed(reader, GLASS)
    return [row for row in rows if row.case_id and due_of(services, row) < now]


def write_late_letters(tx: Tx, services: Services, now: datetime) -> int:
    """Write to data protection about reviews that are late, once about each; gives their number."""
    return sum(
        write_to_data_protection(
            tx, row.case_id or "", f"{ABOUT_GLASS}{row.id}:late", LATE, by=CLOCK, now=now
        )
        for row in late_reviews(tx, services, now)
    )
