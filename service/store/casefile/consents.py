"""Consents, one row each time one is given; taking it back is written once and never cleared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, insert, or_, select, update

from service.errors import CaseMoved
from service.store.guarded_rows import bind
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import columns, values
from service.store.tables import consent

if TYPE_CHECKING:
    from service.store.transaction import Tx


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


COLUMNS = columns(consent, Consent)
ADD = PreparedStatement(insert(consent))
OF_CASE = PreparedStatement(
    select(*COLUMNS)
    .where(consent.c.case_id == bindparam("case_id"))
    .order_by(consent.c.at, consent.c.id)
)
WITHDRAW = PreparedStatement(
    update(consent)
    .where(
        consent.c.case_id == bindparam("b_case_id"),
        in_list(consent.c.purpose, "b_purposes"),
        consent.c.withdrawn_on.is_(None),
    )
    .values(
        withdrawn_on=bindparam("b_on"),
        rev_withdrawn=bindparam("b_rev"),
        withdrawal=bindparam("b_withdrawal"),
    )
    .returning(*COLUMNS)
)
TAKE_BACK = PreparedStatement(
    update(consent)
    .where(consent.c.id == bindparam("b_id"), consent.c.withdrawn_on.is_(None))
    .values(withdrawn_on=bindparam("b_on"), withdrawal=bindparam("b_withdrawal"))
    .returning(*COLUMNS)
)


def add(tx: Tx, *rows: Consent) -> None:
    tx.run(ADD, [values(row) for row in rows])
    for row in rows:
        bind(tx, f"case/{row.case_id}", "consent", row)


def of_case(tx: Tx, case_id: str) -> list[Consent]:
    """Consents of a case, oldest first."""
    return tx.all(Consent, OF_CASE, {"case_id": case_id})


def live_consent(day: BindParameter[date]) -> ColumnElement[bool]:
    """The rule of `Consent.live`, for statements."""
    return and_(
        consent.c.given_on <= day,
        consent.c.withdrawn_on.is_(None),
        or_(consent.c.valid_to.is_(None), consent.c.valid_to >= day),
    )


def withdraw(
    tx: Tx, case_id: str, purposes: Collection[str], *, on: date, rev: int, withdrawal: bytes | None
) -> int:
    """Withdraw the consents to these purposes that nobody withdrew. Gives their number."""
    given = {
        "b_case_id": case_id,
        "b_purposes": (*sorted(purposes),),
        "b_on": on,
        "b_rev": rev,
        "b_withdrawal": withdrawal,
    }
    rows = tx.all(Consent, WITHDRAW, given)
    for row in rows:
        bind(tx, f"case/{case_id}", "consent", row)
    return len(rows)


def take_back(tx: Tx, row: Consent, *, on: date, withdrawal: bytes) -> None:
    """Withdraw one consent without a fact, with the sealed words about it.

    Raises:
        CaseMoved: somebody withdrew it since it was read.
    """
    given = {"b_id": row.id, "b_on": on, "b_withdrawal": withdrawal}
    taken = tx.one(Consent, TAKE_BACK, given)
    if taken is None:
        raise CaseMoved
    bind(tx, f"case/{taken.case_id}", "consent", taken)
