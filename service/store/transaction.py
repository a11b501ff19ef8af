"""One open transaction: how statements run in it, and what happens after it was committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, func, select

from service.errors import CaseMoved, RowRefused
from service.store import driver_errors
from service.store.at_hand import NOTHING, AtHand, question
from service.store.changes import Changes
from service.store.drivers.joined_reads import can_join, joined
from service.store.drivers.orders import DriverTransaction, Order, Rows
from service.store.prepared import PreparedStatement, is_reading
from service.store.row_scope import is_marked

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Executable

    from service.store.at_hand import Read
    from service.store.changes import RowMac
    from service.store.drivers.kept_connections import TransactionConnection

Kind = TypeVar("Kind")
NOTIFY = PreparedStatement(select(func.pg_notify(bindparam("channel"), bindparam("word"))))


class MustWrite(Exception):
    """A read transaction was about to change something, which only a write transaction may.

    Nothing was changed; the work is to be done again in a write transaction.
    """


class Tx:
    """One open transaction.

    Statements of `service.store` run in it; only `Database.transaction` ends it.
    """

    def __init__(
        self,
        connection: TransactionConnection,
        driver: DriverTransaction,
        *,
        write: bool,
        where: str,
        reads_first: bool = False,
        begin_writing: Callable[[], object] | None = None,
        row_mac: RowMac | None = None,
        checked: dict[bytes, Any] | None = None,
    ) -> None:
        """Let statements run on a connection whose transaction has begun.

        Args:
            write: whether it may change anything.
            reads_first: it locks nothing that it reads, and only what is left to its end is
                written.
            begin_writing: called before that is written, where it must wait for other writers.
            checked: where this process keeps rows that it has checked, by what names them.
        """
        self._connection = connection
        self.where = where
        self.write = write
        self.locks = write and not reads_first
        """Whether it locks the case that it loads."""
        self.reads_first = reads_first
        self.changes = Changes(row_mac)
        """What comes last in it (`store.writing`)."""
        self.checked: dict[bytes, Any] = {} if checked is None else checked
        self.postgres = connection.dialect.name == "postgresql"
        self._driver = driver
        self.hooks: list[Callable[[], object]] = []
        self.refused: list[RowRefused] = []
        """Rows that were left out because this installation has not written them."""
        self._begin_writing = begin_writing
        self._waiting: list[Order] = []

    @property
    def conn(self) -> Connection:
        """The connection itself, whose transaction has begun."""
        self.settle()
        self._begin()
        return self._connection.conn

    @property
    def row_mac(self) -> RowMac | None:
        """Computes the MACs of rows; None in a database that was handed no key for them."""
        return self.changes.row_mac

    @row_mac.setter
    def row_mac(self, made: RowMac | None) -> None:
        self.changes.row_mac = made

    @property
    def unwritten_sums(self) -> Mapping[str, Mapping[str, int]]:
        """Case to table and difference of sums that the row of the case does not bear yet."""
        return self.changes.sums

    def keep_case(self, case_id: str) -> None:
        """Keep a case that this transaction locked or made in its row scope until it ends, because
        the transaction itself may close the case to its reader.
        """
        self._driver.keep_case(case_id)

    def after_commit(self, hook: Callable[[], object]) -> None:
        """Call `hook` once the commit is done, never when it is not."""
        if hook not in self.hooks:
            self.hooks.append(hook)

    def begin_last(self) -> None:
        """Begin to write, where this transaction has only read so far: what comes last follows."""
        begin, self._begin_writing = self._begin_writing, None
        if begin is not None:
            begin()

    def end(self) -> None:
        """Write what waits; on PostgreSQL commit in the same round trip, on SQLite `Database` does.

        Raises:
            CaseMoved: somebody was faster; nothing was saved.
        """
        waiting, self._waiting = self._waiting, []
        try:
            self._driver.end(waiting)
        except driver_errors.drivers() as fault:
            self._explain(fault)
            raise

    def abandon(self) -> None:
        """Undo everything."""
        self._driver.abandon()

    def read(self, *reads: Read, last: bool = False) -> AtHand:
        """Ask together, in this order: on PostgreSQL in one round trip, each seeing what was
        committed when the one before it was answered; on SQLite in few statements.

        Args:
            reads: those that lock rows first.
            last: this is all that the transaction does; on PostgreSQL it ends in the same round
                trip.
        """
        asked = {question(*read): read for read in reads}
        once = (*asked.values(),)
        if self.postgres or len(once) == 1:
            done = self._send([Order(*read) for read in once], last=last)
            rows = [
                [ready.row(row) for row in cursor.fetchall()] if ready.answers else []
                for ready, cursor in done
            ]
        else:
            rows = self._read_joined(once)
        sums = {case_id: dict(noted) for case_id, noted in self.changes.sums.items()}
        found = dict(zip(asked, rows, strict=True))
        return AtHand(self.row_mac, self.refused, found, sums)

    def _read_joined(self, reads: Sequence[Read]) -> list[list[Sequence[Any]]]:
        """Ask on SQLite: those that can be one statement in one, the others by themselves."""
        together = [at for at, (statement, _) in enumerate(reads) if can_join(statement)]
        if len(together) < 2:  # noqa: PLR2004 - one alone
            together = []
        rows: dict[int, list[Sequence[Any]]] = {}
        if together:
            chosen = [reads[at] for at in together]
            whole = joined(tuple((statement, (*values,)) for statement, values in chosen))
            given = whole.values([values for _, values in chosen])
            found = self._fetch(whole.statement, given, first=False)
            rows = dict(zip(together, whole.answers(found, self._connection.dialect), strict=True))
        for at, (statement, values) in enumerate(reads):
            if at not in rows:
                rows[at] = [*self._fetch(statement, values, first=False)]
        return [rows[at] for at in range(len(reads))]

    def notify(self, channel: str, word: str = "") -> None:
        """Tell who listens, once the commit is done; on SQLite nobody does."""
        if self.postgres:
            self.later(NOTIFY, {"channel": channel, "word": word})

    def one(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> Kind | None:
        """The first row as `kind`, or None."""
        if isinstance(statement, PreparedStatement):
            found = self._fetch(statement, values or NOTHING, first=True)
            return kind(*found[0]) if found else None
        row = self._ordinary(statement, values).first()
        return None if row is None else kind(*row)

    def all(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> list[Kind]:
        """Every row as `kind`."""
        if isinstance(statement, PreparedStatement):
            return [kind(*row) for row in self._fetch(statement, values or NOTHING, first=False)]
        with driver_errors.translated(self.where):
            return [kind(*row) for row in self._ordinary(statement, values)]

    def value(
        self, statement: Executable | PreparedStatement, values: Mapping[str, object] | None = None
    ) -> Any:  # noqa: ANN401 - one column of any kind
        """The first column of the first row, or None."""
        return self.one(lambda first, *_more: first, statement, values)

    def run(self, statement: Executable | PreparedStatement, rows: Rows | None = None) -> int:
        """Change rows: one set of values, or a batch of them.

        Gives the number of rows that changed.
        """
        if rows is not None and not rows:
            return 0
        if isinstance(statement, PreparedStatement):
            return int(self._send([Order(statement, rows or NOTHING)])[0][1].rowcount)
        return int(self._ordinary(statement, rows).rowcount)

    def win(
        self, statement: Executable | PreparedStatement, values: Mapping[str, object] | None = None
    ) -> None:
        """Change exactly the row that must still be there as it was read.

        Raises:
            CaseMoved: somebody was faster.
        """
        if self.run(statement, values) != 1:
            raise CaseMoved

    def changed(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> Kind:
        """Change exactly the row that must still be there as it was read; gives what it returns.

        Raises:
            CaseMoved: somebody was faster.
        """
        rows = self.all(kind, statement, values)
        if len(rows) != 1:
            raise CaseMoved
        return rows[0]

    def later(
        self, statement: PreparedStatement, rows: Rows, *, exactly: int | None = None
    ) -> None:
        """Change rows before the next statement that asks, at the latest before the commit.

        On PostgreSQL all that waits so goes in one round trip.

        Args:
            exactly: how many rows must change, one by each set of values.
        Raises:
            CaseMoved: somebody was faster; perhaps only at the next statement.
        """
        if not rows:
            return
        self._waiting.append(Order(statement, rows, exactly))
        if not self.postgres:
            self.settle()

    def settle(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._send()

    def _ordinary(self, statement: Executable, values: Rows | None) -> CursorResult[Any]:
        self.settle()
        if not is_reading(statement):
            self._require_writing()
        self._begin(whole=is_marked(statement))
        with driver_errors.translated(self.where):
            return self._connection.conn.execute(statement, values)

    def _require_writing(self) -> None:
        """Something is going to be changed.

        Raises:
            MustWrite: this transaction was to read first.
        """
        if self._begin_writing is not None:
            raise MustWrite

    def _fetch(
        self, statement: PreparedStatement, values: Mapping[str, object], *, first: bool
    ) -> list[Sequence[Any]]:
        """Read with a prepared statement. SQLite can still fail when a row is fetched."""
        order = Order(statement, values)
        ((ready, cursor),) = self._send([order])
        try:
            found = cursor.fetchmany(1) if first else cursor.fetchall()
            cursor.close()
        except driver_errors.drivers() as fault:
            self._explain(fault)
            raise
        return [ready.row(row) for row in found] if ready.results else found

    def _send(self, orders: Sequence[Order] = (), *, last: bool = False) -> list[Any]:
        """Send what waits, and then these statements; gives what came for these."""
        waiting, self._waiting = self._waiting, []
        if not all(order.statement.only_reads for order in (*waiting, *orders)):
            self._require_writing()
        try:
            return self._driver.send([*waiting, *orders], commit=last)[len(waiting) :]
        except driver_errors.drivers() as fault:
            self._explain(fault)
            raise

    def _begin(self, *, whole: bool = False) -> None:
        """Begin, because what comes next goes by the connection.

        Args:
            whole: whether that looks at everything, for one of the reasons of `row_scope`.
        """
        try:
            self._driver.begin(whole=whole)
        except driver_errors.drivers() as fault:
            self._explain(fault)
            raise

    def _explain(self, fault: Exception) -> None:
        """Raise Tresteg's error for a fault of the driver, if there is one.

        A connection that is lost goes back to no pool.
        """
        lost = self._driver.is_lost
        if lost:
            self._connection.invalidate()
        ours = driver_errors.translate(fault, self.where, lost=lost)
        if ours is not None:
            raise ours from fault
