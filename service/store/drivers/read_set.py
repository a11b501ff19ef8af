"""Read set: rows that a transaction read before its first write, read again when it writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.store.drivers.orders import DriverTransaction, Order


class ReadsChanged(Exception):
    """What an optimistic transaction had read is otherwise by now: somebody was faster.

    Nothing was changed; the work is to be done again, in one that waits before it reads.
    """


class ReadSet:
    """The questions of a transaction, and the rows that it got."""

    __slots__ = ("_reads",)

    def __init__(self) -> None:
        """Nothing has been read."""
        self._reads: list[tuple[Order, bool, Sequence[Any]]] = []

    def keep(self, order: Order, rows: Sequence[Any], *, first: bool) -> None:
        """Keep a question and its rows as the driver gave them.

        Args:
            first: whether the first row alone was asked for.
        """
        self._reads.append((order, first, rows))

    def check(self, driver: DriverTransaction) -> None:
        """Ask everything once more, in the transaction that writes.

        Raises:
            ReadsChanged: there is another answer.
        """
        done = driver.send([order for order, _, _ in self._reads])
        for (_, first, rows), (_, cursor) in zip(self._reads, done, strict=True):
            now = cursor.fetchmany(1) if first else cursor.fetchall()
            cursor.close()
            if now != rows:
                raise ReadsChanged
