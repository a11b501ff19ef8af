"""The scope of a transaction: of which cases PostgreSQL gives it rows, where its policies stand.

It is stated in the round trip of the first statement on a table that has a policy, and ends with
the transaction, however that ends. A transaction that states none gets no row of any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from service.store.drivers.orders import Order
from service.store.prepared import PreparedStatement
from service.store.tables.row_policies import (
    CASES,
    GUARDED,
    NOW,
    OFFICE,
    PERSON,
    REACH,
    WHOLE_REACH,
)

STATE_SCOPE = PreparedStatement(
    select(
        *(
            func.set_config(name, bindparam(name.partition(".")[2]), True)
            for name in (REACH, OFFICE, NOW, CASES, PERSON)
        )
    )
)


@dataclass(frozen=True, slots=True)
class TransactionScope:
    """Of which cases a transaction gets rows: of every case, of those that are open to an office
    at a moment, or of none.
    """

    office: str = ""
    """The office whose cases are in it; "" for none."""
    now: datetime | None = None
    """The moment at which a case must be open to the office to be in the scope."""
    whole: bool = False
    """Every case is in it, but those that are barred to its person or office."""
    person: str = ""
    """Who asks: no case that is barred to her or to the office is in it; "" for nobody."""


NOTHING = TransactionScope()
WHOLE = TransactionScope(whole=True)


class _Stated(NamedTuple):
    """What the server knows of the scope of its transaction."""

    reach: str
    cases: str
    person: str


NOTHING_STATED = _Stated("", "", "")


class ScopeSettings:
    """States the scope of one transaction, and each change of it.

    A statement that looks at everything, for one of the reasons of `row_scope`, gets every case for
    itself alone, barred ones too: what it looks for leaves them out itself.
    """

    def __init__(self, scope: TransactionScope) -> None:
        self._scope = scope
        self._cases: tuple[str, ...] = ()
        self._stated: _Stated | None = None

    def keep(self, case_id: str) -> None:
        """Keep a case in the scope until the transaction ends, even if the transaction closes it to
        the office: the case was locked within the scope, or is new.
        """
        if not self._scope.whole and case_id not in self._cases:
            self._cases = (*self._cases, case_id)

    def begin_anew(self) -> None:
        """Nothing was stated: the connection is another one."""
        self._stated = None

    def before(self, statement: PreparedStatement) -> Sequence[Order]:
        """The statements that state the scope, to be sent before a prepared statement."""
        if statement.tables.isdisjoint(GUARDED):
            return ()
        return self.before_reaching(whole=statement.is_marked)

    def before_reaching(self, *, whole: bool) -> Sequence[Order]:
        """The statements that state the scope, to be sent before a statement; none when it stands.

        Args:
            whole: whether the statement looks at everything.
        """
        scope = self._scope
        reach = WHOLE_REACH if whole or scope.whole else ""
        person = "" if whole else scope.person
        needed = _Stated(reach, " ".join(self._cases), person)
        if needed == (self._stated or (None if scope.office else NOTHING_STATED)):
            return ()
        self._stated = needed
        now = "" if scope.now is None else scope.now.astimezone(UTC).isoformat()
        every = {"reach": reach, "office": scope.office, "now": now, "cases": needed.cases}
        every["person"] = needed.person
        return (Order(STATE_SCOPE, every),)
