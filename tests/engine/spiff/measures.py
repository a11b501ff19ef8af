"""What the demonstrations of the stock library are measured with: a clock with hands, and a count
of work that no machine changes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import SpiffWorkflow.bpmn.specs.event_definitions.timer as timers


class Clock(datetime):
    """A clock with hands."""

    hands = datetime(2026, 1, 5, 9, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # the stock timers ask with any zone
        return cls.hands.astimezone(tz)


@contextmanager
def clock() -> Iterator[type[Clock]]:
    """Give the library's timers that clock."""
    timers.datetime = Clock
    yield Clock
    timers.datetime = datetime


def count(act: Callable[[], object]) -> int:
    """Calls of Python functions; a measure that does not depend on the machine."""
    calls = 0

    def called(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(called)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls
