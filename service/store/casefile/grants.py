"""Grants: which role of which office may see which classes of a case, why and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    and_,
    or_,
)

from service.store.checked_rows import CheckedRows, Refused
from service.store.tables import case_grant

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One grant.

    `klasses` is text such as `C0 C1`; `purpose` names the consent it rests on, or is empty. It runs
    out at `until`, by its rule; `ended_at` is when its office lost the role.
    """

    id: str
    case_id: str
    office_id: str
    role: str
    rule: str
    klasses: str
    ground: str
    purpose: str
    starts: datetime
    until: datetime | None = None
    ended_at: datetime | None = None

    def live(self, now: datetime) -> bool:
        """Begun, not ended, not past its end."""
        return (
            self.starts <= now
            and self.ended_at is None
            and (self.until is None or now < self.until)
        )

    @property
    def waits(self) -> bool:
        """Whether it opens nothing, and whoever gets its role takes it over."""
        return self.ended_at is not None and self.until is None


ROWS = CheckedRows(case_grant, GrantRow, Refused.MISSING)
OF_CASE = ROWS.reads_of_case(case_grant.c.id)


def granted_to(
    grant: FromClause, office: str, roles: Collection[str], now: datetime
) -> ColumnElement[bool]:
    """A live grant of one of these roles in an office, for statements that join grants."""
    return and_(
        grant.c.office_id == office, grant.c.role.in_(sorted(roles)), live_grant(grant, now)
    )


def live_grant(grant: FromClause, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """The rule of `GrantRow.live`, for statements."""
    return and_(
        grant.c.starts <= now,
        grant.c.ended_at.is_(None),
        or_(grant.c.until.is_(None), grant.c.until > now),
    )


def add(writer: Writer, *rows: GrantRow) -> None:
    for row in rows:
        ROWS.add(writer, row, stream=f"case/{row.case_id}")


def of_case(reader: Reader, case_id: str, *, office: str = "") -> list[GrantRow]:
    """Every grant of a case, ended ones too, oldest first; of one office when it is named.

    A grant that this installation has not written is as if it were not there.
    """
    found = ROWS.of_case(reader, OF_CASE, case_id)
    return [grant for grant in found if office in ("", grant.office_id)]


def end(writer: Writer, grant: GrantRow, *, at: datetime) -> GrantRow:
    """End one grant, as it was read, since its office holds the role no more; gives it as it is
    then.
    """
    after = replace(grant, ended_at=at)
    ROWS.change(writer, grant, after, stream=f"case/{grant.case_id}")
    return after


def limit(writer: Writer, grant: GrantRow, *, until: datetime) -> GrantRow:
    """Let one grant, as it was read, run out at a moment; gives it as it is then."""
    after = replace(grant, until=until)
    ROWS.change(writer, grant, after, stream=f"case/{grant.case_id}")
    return after
