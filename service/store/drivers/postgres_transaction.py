"""A transaction on PostgreSQL, in as few round trips as can be.

What begins it travels with its first statement, what waits with the next one, and what ends it with
the last writes. The outcome of the commit is known before anybody hears of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg.pq import TransactionStatus

from service.errors import CaseMoved
from service.store.connections import POSTGRES_READS, POSTGRES_WRITES
from service.store.drivers.orders import Order, StatementListener
from service.store.drivers.pipeline import Message, Pipeline
from service.store.drivers.transaction_scope import STATE_SCOPE, ScopeSettings, TransactionScope
from service.store.prepared import DriverStatement
from service.store.watched_connection import ServerSilent

if TYPE_CHECKING:
    from service.store.drivers.kept_connections import TransactionConnection

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
ALONE: Sequence[Sequence[object]] = ((),)
"""One set of no values."""
OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class NotCommitted(psycopg.OperationalError):
    """The server ended a transaction without keeping it, because a statement of it had failed."""

    sqlstate = "40000"


class PostgresTransaction:
    """One transaction of one connection.

    Args:
        scope: of which cases it gets rows, where policies narrow the service's role.
        renew: called once when the first round trip finds that the connection was lost: gives
            another one to the same transaction, of which nothing had begun.
    """

    def __init__(
        self,
        connection: TransactionConnection,
        *,
        write: bool,
        scope: TransactionScope,
        renew: Callable[[], object],
        listeners: Sequence[StatementListener] = (),
        begun: bool = False,
    ) -> None:
        self._connection = connection
        self._write = write
        self._renew = renew
        self._listeners = listeners
        self._begun = begun
        self._scope = ScopeSettings(scope)

    @property
    def _pipeline(self) -> Pipeline:
        """The way to run statements on this connection, which remembers what it has prepared."""
        kept = self._connection.info
        if Pipeline not in kept:
            kept[Pipeline] = Pipeline(self._driver)
        return cast("Pipeline", kept[Pipeline])

    @property
    def _driver(self) -> psycopg.Connection[Any]:
        return cast("psycopg.Connection[Any]", self._connection.driver)

    @property
    def is_lost(self) -> bool:
        """Whether the connection is gone."""
        return self._driver.closed

    def begin(self, *, whole: bool = False) -> None:
        """Begin the transaction, if it has not begun; the next statement does not go by `send`.

        Args:
            whole: whether that statement looks at everything, for one of the reasons of
                `row_scope`.
        """
        stated = self._scope.before_reaching(whole=whole)
        if stated or not self._begun:
            self.send(stated)

    def keep_case(self, case_id: str) -> None:
        """Keep a case in the scope of the transaction until it ends, which locked or made it."""
        self._scope.keep(case_id)

    def send(
        self, orders: Sequence[Order], *, commit: bool = False
    ) -> list[tuple[DriverStatement, Any]]:
        """Send statements in one round trip, with the beginning if there was none.

        Args:
            commit: end the transaction in the same round trip. When one of the statements fails,
                nothing is kept.
        Raises:
            CaseMoved: other rows have changed than had to.
            psycopg.Error: the fault of the first statement that failed.
        """
        try:
            return self._send(orders, commit=commit)
        except psycopg.errors.DivisionByZero as fault:  # see `DriverStatement.one_row`
            if any(order.exactly is not None for order in orders):
                raise CaseMoved from fault
            raise
        except psycopg.Error as fault:
            # what may have been committed is never written twice, and who has waited for a server
            # that is silent does not wait again
            written, silent = commit and self._write, isinstance(fault, ServerSilent)
            if self._begun or written or silent or not self.is_lost:
                self._begun = True
                raise
            self._renew()
            self._scope.begin_anew()
            return self._send(orders, commit=commit)

    def end(self, orders: Sequence[Order]) -> None:
        """Send the last statements, and commit; without a round trip where nothing was done."""
        if orders or self._begun:
            self.send(orders, commit=True)

    def abandon(self) -> None:
        """Undo everything; what the server keeps prepared stays, as a rollback touches none of it.

        The driver's own rollback forgets it all. A connection in another state is left to that, and
        one that the server does not answer on is closed.
        """
        if self._driver.pgconn.transaction_status in OPEN:
            with suppress(psycopg.OperationalError):  # the fault that led here is raised
                self._pipeline.run([(ROLLBACK, ALONE)])

    def _send(self, orders: Sequence[Order], *, commit: bool) -> list[tuple[DriverStatement, Any]]:
        begin = [] if self._begun else [(POSTGRES_WRITES if self._write else POSTGRES_READS, ALONE)]
        sent: list[tuple[DriverStatement, Message]] = []
        places: list[int] = []
        for order in orders:
            sent += map(self._message, self._scope.before(order.statement))
            places.append(len(sent))
            sent.append(self._message(order))
        end = [(COMMIT, ALONE)] if commit else []
        answers = self._pipeline.run([*begin, *(message for _, message in sent), *end])
        self._begun = not commit
        if commit and answers[-1].said != COMMIT:
            raise NotCommitted("a statement had failed before")
        return [(sent[place][0], answers[len(begin) + place]) for place in places]

    def _message(self, order: Order) -> tuple[DriverStatement, Message]:
        """A statement as it is sent. Listeners hear what the program asks; the scope belongs to the
        transaction, as its beginning does.
        """
        listeners = () if order.statement is STATE_SCOPE else self._listeners
        ready, given = order.ready(self._connection.dialect, listeners)
        return ready, (ready.text if order.exactly is None else ready.one_row, given)
