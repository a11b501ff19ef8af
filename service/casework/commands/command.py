"""Commands: frozen values that say what is to be changed, each with the function that changes it.

A command is performed in a transaction that `application.submit` opens and commits; it may be
performed again from the beginning when the transaction lost a race, so it keeps nothing of its own
between two runs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar

from service.access import Viewer
from service.records.context import Services
from service.store.transaction import Tx

Result_co = TypeVar("Result_co", covariant=True)


class Command(Protocol[Result_co]):
    """A change that a person asks for.

    It may have a method `reads(tx)`: what it asks first, whatever happens. Where it is performed
    under a key, that is asked together with the question for an earlier answer, and `perform` gets
    the rows as `asked`.
    """

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> Result_co:
        """Make the change.

        Args:
            now: aware, UTC.
        Raises:
            TrestegError: why it cannot be made; the transaction is rolled back then.
        """


class JobCommand(Protocol[Result_co]):
    """A change that the clock or a handler asks for."""

    def perform(self, tx: Tx, services: Services, *, now: datetime) -> Result_co:
        """Make the change.

        Args:
            now: aware, UTC.
        Raises:
            TrestegError: why it cannot be made; the transaction is rolled back then.
        """
