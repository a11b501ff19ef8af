"""Group commit: work of several threads that one commit writes to SQLite.

A thread that has done its work while another one waits to write hands the open transaction on, and
waits for the commit that the last thread makes. Each thread's work has a savepoint of its own. No
thread goes on before the commit is on the disk, not even with a refusal: the refusal may rest on a
row of another thread, which a failed commit takes away.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from service.store.drivers.kept_connections import TransactionConnection

MOST = 12
"""Pieces of work in one commit."""
LONGEST = 0.03
"""Seconds after which a group takes no further piece: other processes wait for it, and so does
whoever did the first."""
BEGIN_PIECE, END_PIECE, UNDO_PIECE = "SAVEPOINT piece", "RELEASE piece", "ROLLBACK TO piece"


class GroupLost(Exception):
    """The commit of a group failed, or SQLite undid it: nothing of any piece was saved."""


class WriteGroup:
    """One open transaction that writes, and who waits for its commit."""

    __slots__ = ("_fault", "_last", "_over", "connection", "pieces")

    def __init__(self, connection: TransactionConnection) -> None:
        """Take a connection that has begun to write."""
        self.connection = connection
        self.pieces = 0
        """How many have been done in it."""
        self._last = time.monotonic() + LONGEST
        self._over = threading.Event()
        self._fault: BaseException | None = None

    @property
    def has_room(self) -> bool:
        """Whether it may be handed on for another piece."""
        return self.pieces < MOST and time.monotonic() < self._last

    def begin_piece(self) -> None:
        """Begin another piece, which can be undone by itself."""
        self.connection.driver.execute(BEGIN_PIECE)

    def end_piece(self) -> None:
        """Count a piece as done; the first of a group is the transaction itself.

        Raises:
            GroupLost: SQLite has undone all of it by itself, and nobody has noticed.
        """
        if not self.connection.driver.in_transaction:
            self.lose()
            raise GroupLost
        if self.pieces:
            self.connection.driver.execute(END_PIECE)
        self.pieces += 1

    def undo_piece(self) -> None:
        """Undo a piece that is not the first.

        Raises:
            GroupLost: SQLite has undone all of them by itself.
        """
        driver = self.connection.driver
        if not driver.in_transaction:
            self.lose()
            raise GroupLost
        driver.execute(UNDO_PIECE)
        driver.execute(END_PIECE)

    def commit(self) -> None:
        """Commit every piece, and let go who waits for that."""
        try:
            self.connection.commit()
        except BaseException as fault:
            self.lose(fault)
            raise
        self._over.set()

    def lose(self, fault: BaseException | None = None) -> None:
        """Undo every piece, unless all of them are committed."""
        if not self._over.is_set():
            self._fault = fault or GroupLost()
            with suppress(sqlite3.Error, DBAPIError):  # then closing the connection undoes them
                self.connection.rollback()
            self._over.set()  # whoever waits tries again, and must find nothing of it

    def wait(self) -> None:
        """Wait until another thread has committed.

        Raises:
            GroupLost: it could not.
        """
        self._over.wait()
        if self._fault is not None:
            raise GroupLost from self._fault
