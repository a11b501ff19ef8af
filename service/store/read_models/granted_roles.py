"""Roles of offices that had a grant on cases, and when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from service.store.row_scope import as_system
from service.store.tables import case_grant

if TYPE_CHECKING:
    from service.store.at_hand import Reader


@dataclass(frozen=True, slots=True)
class GrantedRole:
    """A grant: a role of an office, from a moment on; it ended or ran out, or neither."""

    case_id: str
    office_id: str
    role: str
    starts: datetime
    until: datetime | None
    ended_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it opened the case at a moment."""
        ends = [one for one in (self.until, self.ended_at) if one is not None]
        return self.starts <= at and all(at < one for one in ends)


def of_cases(reader: Reader, case_ids: Collection[str]) -> list[GrantedRole]:
    """Every grant of some cases, also those that have ended."""
    names = ("case_id", "office_id", "role", "starts", "until", "ended_at")
    wanted = select(*(case_grant.c[name] for name in names)).where(
        case_grant.c.case_id.in_(sorted(set(case_ids)))
    )
    return reader.all(GrantedRole, as_system("audit", wanted)) if case_ids else []
