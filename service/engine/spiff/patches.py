"""Patches of SpiffWorkflow: it asks the turn that runs for time and ids, for which it has no hook.

Outside a turn every question for time or an id raises `LookupError`, so library code that runs at a
wrong moment fails at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Self

import SpiffWorkflow.bpmn.specs.event_definitions.timer as stock_timers
import SpiffWorkflow.task as stock_task

from service.engine.limits import TASKS
from service.errors import EngineStopped

_UTC = timedelta(0)


class TurnContext:
    """Time, ids and watch of one call of `advance`, while its block runs.

    Args:
        now: aware, UTC, cut to the millisecond.
        seed: first part of every id.
        watch: called at each step; raises when the turn has taken too long.
    """

    __slots__ = ("_token", "drawn", "now", "seconds", "seed", "watch")

    def __init__(
        self,
        now: datetime,
        seed: str,
        watch: Callable[[], None] | None = None,
    ) -> None:
        if now.utcoffset() != _UTC or now.microsecond % 1000:
            raise ValueError("now must be aware, in UTC and cut to the millisecond")
        self.now = now
        self.seconds = now.timestamp()
        self.seed = seed
        self.drawn = 0
        self.watch = watch

    def __enter__(self) -> Self:
        self._token = _turn.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _turn.reset(self._token)

    def draw(self) -> str:
        """The next id of this turn."""
        self.drawn += 1
        if self.drawn > TASKS:
            raise EngineStopped("tasks", "", f"more than {TASKS} tasks in one turn")
        return f"{self.seed}.{self.drawn}"


_turn: ContextVar[TurnContext] = ContextVar("turn")
current = _turn.get


turn = TurnContext
"""`with turn(now, seed):` gives the library a time and a source of ids while the block runs."""


def _patch() -> None:
    """Patch the library, so that the same turn gives the same bytes on every machine: ids and times
    come from the turn, and neither clock nor logs change what becomes of it.

    Shown by `test_other_processes_make_the_same_bytes`.
    """
    stock_task.uuid4 = lambda: current().draw()
    stock_task.time = SimpleNamespace(time=lambda: current().seconds)
    # a stock timer that asks for the time fails at once
    stock_timers.datetime = SimpleNamespace()
    # at a lower level each record carries task data; the facts for a record that nobody writes are
    # not gathered either: they would be a fifth of a turn
    for name in ("spiff.task", "spiff.workflow"):
        logging.getLogger(name).setLevel(logging.WARNING)
    stock_task.Task.collect_log_extras = lambda _task, _more=None: None


_patch()
