"""Commands: functions that change what a person, the clock or a handler asks for.

A command is handed over with all that it needs to know filled in, `partial(complete_task,
task_key=..., answers=...)`, and `application.submit` gives it the rest. It runs in a transaction
that is opened and committed there, and may be run again from the beginning when that lost a race,
so it keeps nothing of its own between two runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from service.access import Viewer
from service.records.context import Services
from service.store.at_hand import AtHand, Read
from service.store.transaction import Tx

Result = TypeVar("Result")

Command: TypeAlias = Callable[[Tx, Services, Viewer, datetime], Result]
"""A change that a person asks for: transaction, services, who asks, and now (aware, UTC).

It raises a TrestegError where it cannot be made; the transaction is rolled back then.
"""
JobCommand: TypeAlias = Callable[[Tx, Services, datetime], Result]
"""A change that the clock or a handler asks for: as `Command`, without a person."""


@dataclass(frozen=True, slots=True)
class CommandWithReads(Generic[Result]):
    """A command with what it asks first, whatever happens: under a key that is asked together with
    the question for an earlier answer, in one batch.
    """

    reads: Callable[[Tx], Sequence[Read]]
    run: Callable[[Tx, Services, Viewer, datetime, AtHand | None], Result]
    """The command; it is handed what `reads` brought, or None where it has to ask that itself."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> Result:
        """Run the command without a key."""
        return self.run(tx, services, by, now, None)
