"""Plays scenarios: people act through the same verbs as at their screens, the clock is set for each act, handlers and timers run in between.

Several stories are played as one: the clock goes forwards only, so that every stream of the ledger is in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from service import doorway
from service.actions import accounts, asking, cases, inbox, marking, papers, reminding
from service.engine import Calendar
from service.errors import InvalidAnswers, TrestegError
from service.forms import Form
from service.program import Tresteg
from service.scenario import Scenario, Step, flatten, merge, moments, resolve
from service.store import cases as case_rows
from service.store import jobs, tasks
from service.worker import Worker

FILE = "@file"
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""A paper with nothing on it, for invented people."""
QUIET_ROUNDS = 500
"""Rounds of the worker after which something is wrong: a loop that never waits."""
REMIND_EVERY = timedelta(hours=12)
"""How often reminders are looked for while months pass in a minute."""


class Hands(Protocol):
    """A clock that can be set."""

    def now(self) -> datetime:
        """The moment."""
        ...

    def set(self, moment: datetime) -> None:
        """Put the hands on another moment."""
        ...


class Told(Exception):  # noqa: N818 - a fact about a scenario, not an error of the program
    """The scenario does not go the way it says; the text names scenario, step and what was open instead."""


@dataclass(frozen=True, slots=True)
class Interlude:
    """Something between the steps that is no step of a case: a release is published, a worker comes to an office."""

    at: datetime
    act: Callable[[], object]


@dataclass
class Told_:
    """A story that is being played."""


@dataclass
class Player:
    """Plays scenarios on a program whose clock has hands."""

    program: Tresteg
    clock: Hands
    people: Mapping[str, str]
    """First name in small letters to person id."""
    usual: Mapping[str, Mapping[str, Any]]
    """Form to its usual answers."""
    calendars: Mapping[str, Calendar]
    worker: Worker = field(init=False)
    reminded: datetime | None = None

    def __post_init__(self) -> None:
        self.worker = Worker(self.program.database, self.program.house, self.clock, self.program.mail)

    def close(self) -> None:
        """End the handlers' process."""
        self.worker.handlers.close()
