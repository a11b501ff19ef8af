"""A transaction on SQLite: each statement runs at once, in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from service.errors import CaseMoved
from service.store.drivers.orders import Order, StatementListener
from service.store.prepared import DriverStatement

if TYPE_CHECKING:
    from service.store.drivers.kept_connections import TransactionConnection


class SqliteTransaction:
    """One transaction of one connection, which has begun; `Database` ends it."""

    is_lost = False

    def __init__(
        self, connection: TransactionConnection, listeners: Sequence[StatementListener] = ()
    ) -> None:
        self._dialect = connection.dialect
        self._driver = connection.driver
        self._listeners = listeners

    def begin(self, *, whole: bool = False) -> None:
        """Do nothing: `Database` has begun the transaction."""

    def keep_case(self, case_id: str) -> None:
        """SQLite has no policies."""

    def send(
        self, orders: Sequence[Order], *, commit: bool = False
    ) -> list[tuple[DriverStatement, Any]]:
        """Run statements one by one.

        Args:
            commit: is left to `Database`.
        Raises:
            CaseMoved: other rows have changed than had to.
        """
        del commit
        return [self._run(order) for order in orders]

    def end(self, orders: Sequence[Order]) -> None:
        """Run the last statements."""
        self.send(orders)

    def abandon(self) -> None:
        """`Database` rolls back."""

    def _run(self, order: Order) -> tuple[DriverStatement, Any]:
        ready, given = order.ready(self._dialect, self._listeners)
        cursor = self._driver.cursor()
        if len(given) > 1:
            cursor.executemany(ready.text, given)
        else:
            cursor.execute(ready.text, given[0])
        if order.exactly not in (None, cursor.rowcount):
            raise CaseMoved
        return ready, cursor
