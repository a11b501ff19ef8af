"""Consents, one row each time one is given; taking it back is written once and never cleared."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, ColumnElement, and_, or_

from service.store.checked_rows import CheckedRows, Refused
from service.store.tables import consent

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent to one purpose.

    Language, witness and other words are in the sealed `detail`, those of taking back in
    `withdrawal`.
    """

    id: str
    case_id: str
    purpose: str
    given_by: str
    how: str
    given_on: date
    valid_to: date | None
    detail: bytes | None
    rev_given: int
    by: str
    at: datetime
    withdrawn_on: date | None = None
    withdrawal: bytes | None = None
    rev_withdrawn: int | None = None

    def live(self, day: date) -> bool:
        """Given, not taken back, not past its end."""
        return (
            self.given_on <= day
            and self.withdrawn_on is None
            and (self.valid_to is None or day <= self.valid_to)
        )


ROWS = CheckedRows(consent, Consent, Refused.STOPS)
OF_CASE = ROWS.reads_of_case(consent.c.at, consent.c.id)


def add(writer: Writer, *rows: Consent) -> None:
    for row in rows:
        ROWS.add(writer, row, stream=f"case/{row.case_id}")


def of_case(reader: Reader, case_id: str) -> list[Consent]:
    """Consents of a case, oldest first."""
    return ROWS.of_case(reader, OF_CASE, case_id)


def live_consent(day: BindParameter[date]) -> ColumnElement[bool]:
    """The rule of `Consent.live`, for statements."""
    return and_(
        consent.c.given_on <= day,
        consent.c.withdrawn_on.is_(None),
        or_(consent.c.valid_to.is_(None), consent.c.valid_to >= day),
    )


def withdraw(
    writer: Writer,
    rows: Iterable[Consent],
    purposes: Collection[str],
    *,
    on: date,
    rev: int,
    withdrawal: bytes | None,
) -> list[Consent]:
    """Withdraw the consents to these purposes that nobody withdrew; gives all rows as they are
    then.

    Args:
        rows: of the case, as they were read.
    """
    after = []
    for row in rows:
        if row.purpose not in purposes or row.withdrawn_on is not None:
            after.append(row)
            continue
        withdrawn = replace(row, withdrawn_on=on, rev_withdrawn=rev, withdrawal=withdrawal)
        ROWS.change(writer, row, withdrawn, stream=f"case/{row.case_id}")
        after.append(withdrawn)
    return after


def take_back(writer: Writer, row: Consent, *, on: date, withdrawal: bytes) -> None:
    """Withdraw one consent without a fact, with the sealed words about it.

    Args:
        row: as it was read; nobody withdrew it.
    Raises:
        CaseMoved: somebody withdrew it since it was read; perhaps only at the next question.
    """
    after = replace(row, withdrawn_on=on, withdrawal=withdrawal)
    ROWS.change(writer, row, after, stream=f"case/{row.case_id}")
