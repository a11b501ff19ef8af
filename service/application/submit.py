"""Submit a command: the one way in which pages, the interface for programs, the worker and the demo
change something.

The unit of work gives it a transaction, retries, due timers first, and the commit. What comes with
a key is performed exactly once, however often it is sent, and counts towards the rate limit of its
person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from service.access import Viewer
from service.application import unit_of_work
from service.application.unit_of_work import LocalWorker
from service.casework.commands.command import Command, CommandWithReads, JobCommand
from service.people import rate_limits
from service.records.context import Services
from service.security.purposes import REQUEST
from service.store.at_hand import Read
from service.store.database import Database
from service.store.installation import idempotency
from service.store.installation.idempotency import IdempotentAnswer
from service.store.transaction import Tx

Result = TypeVar("Result")
STATUS = 303
"""Status that is stored with the answer to a key."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Idempotency key of a request: by it a request that is sent again is known. A keyed digest of
    the body is stored, so that whoever has the database alone cannot guess what was typed.
    """

    key: str
    route: str
    body_sha256: str
    counted_at: datetime | None = None
    """When it counts towards the rate limit, by the wall clock; None when it does not count."""


def submit(
    database: Database,
    services: Services,
    command: Command[Result],
    *,
    by: Viewer,
    now: datetime,
    worker: LocalWorker | None = None,
) -> Result:
    """Perform a command that may be sent again without harm.

    Raises:
        Whatever the command and the unit of work raise; nothing of it has been written then.
    """
    return unit_of_work.run(
        database,
        services,
        lambda tx: command(tx, services, by, now),
        now=now,
        worker=worker,
    )


def submit_once(
    database: Database,
    services: Services,
    command: Command[Result],
    *,
    by: Viewer,
    now: datetime,
    key: RequestKey,
    location: Callable[[Result], str],
    worker: LocalWorker | None = None,
) -> str:
    """Perform a command exactly once, and give the address to go on to, also the second time.

    Args:
        location: makes the address out of what the command gave.
    Raises:
        KeyReused: the key came with another body before.
        SlowDown: the person changes more in a minute than a hand can.
        Whatever the command and the unit of work raise; nothing of it has been written then.
    """
    return unit_of_work.run(
        database,
        services,
        _Keyed(services, command, by, now, key, location),
        now=now,
        worker=worker,
    )


def submit_job(
    database: Database,
    services: Services,
    command: JobCommand[Result],
    *,
    job_key: str,
    now: datetime,
    worker: LocalWorker | None = None,
) -> Result:
    """Perform a command of the clock or a handler.

    Raises:
        Whatever the command and the unit of work raise; nothing of it has been written then.
    """
    return unit_of_work.run(
        database,
        services,
        lambda tx: command(tx, services, now),
        now=now,
        job_key=job_key,
        worker=worker,
    )


@dataclass(frozen=True, slots=True)
class _Keyed(Generic[Result]):
    """A command with its key: performed unless the key was answered before."""

    services: Services
    command: Command[Result]
    by: Viewer
    now: datetime
    key: RequestKey
    location: Callable[[Result], str]

    def __call__(self, tx: Tx) -> str:
        key, person = self.key, self.by.person
        body_mac = self.services.vault.blind(REQUEST, key.body_sha256).hex()
        request = idempotency.Request(key.key, person, key.route, body_mac)
        count = self._count()
        command = self.command
        first = command.reads(tx) if isinstance(command, CommandWithReads) else ()
        asked = idempotency.read(tx, request, *([] if count is None else [count]), *first)
        before = idempotency.find(asked, request)
        if before is not None:
            return before.location
        if count is not None:
            rate_limits.require_pace(asked, count)
        if isinstance(command, CommandWithReads):
            result = command.run(tx, self.services, self.by, self.now, asked)
        else:
            result = command(tx, self.services, self.by, self.now)
        location = self.location(result)
        answer = IdempotentAnswer(key.key, person, key.route, body_mac, STATUS, location, self.now)
        idempotency.add(tx, answer)
        return location

    def _count(self) -> Read | None:
        """The read that counts this request towards the rate limit; None when it does not count."""
        key = self.key
        if key.counted_at is None:
            return None
        person = self.by.person
        return rate_limits.read_of_write(
            self.services, key.counted_at, person, request=key.key, route=key.route
        )
