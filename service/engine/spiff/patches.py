"""Patches of SpiffWorkflow: it asks the turn that runs for time and ids.

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
import SpiffWorkflow.workflow as stock_workflow
from SpiffWorkflow.bpmn.util.task import BpmnTaskIterator
from SpiffWorkflow.util.task import TaskIterator

from service.engine.limits import TASKS
from service.errors import EngineStopped

_UTC = timedelta(0)
_DEEPER_THAN_ANY = 10**9
_STOCK_DEPTH = 1000


class TurnContext:
    """Time, ids and watch of one call of `advance`, while its block runs.

    Args:
        now: aware, UTC, cut to the millisecond.
        seed: first part of every id.
        watch: called at each step; raises when the turn has taken too long.
        used: is filled with scope and name of the spec of every task that exists in the turn.
    """

    __slots__ = ("_token", "drawn", "now", "seconds", "seed", "used", "watch")

    def __init__(
        self,
        now: datetime,
        seed: str,
        watch: Callable[[], None] | None = None,
        used: set[tuple[str, str]] | None = None,
    ) -> None:
        if now.utcoffset() != _UTC or now.microsecond % 1000:
            raise ValueError("now must be aware, in UTC and cut to the millisecond")
        self.now = now
        self.seconds = now.timestamp()
        self.seed = seed
        self.drawn = 0
        self.watch = watch
        self.used = used

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


def _set_state(task: stock_task.Task, value: int) -> None:
    """Change the state of a task, as the library does, without the log record that nobody writes
    and that costs ten times the change.
    """
    if value != task._state:
        task.last_state_change = current().seconds
        task._state = value


def _new_task(
    self: stock_task.Task,
    workflow: stock_workflow.Workflow,
    task_spec: stock_task.TaskSpec,
    parent: stock_task.Task | None = None,
    state: int = 1,
    id: str | None = None,
) -> None:
    """Make a task, as the library does, but ask for time and id once and for its parent not at
    all: a turn makes some dozens.
    """
    turn = current()
    self.id = id or turn.draw()
    self.workflow, self.task_spec = workflow, task_spec
    self._children, self._state = [], state
    self.triggered, self.thread_id = False, 0
    self.data, self.internal_data = {}, {}
    self.last_state_change = turn.seconds
    workflow.tasks[self.id] = self
    if turn.used is not None:
        turn.used.add((workflow.spec.name, task_spec.name))
    if parent is None:
        self._parent = None
    else:
        self._parent = parent.id
        parent._children.append(self.id)


class _Listeners(list[tuple[Callable[..., None], tuple[object, ...]]]):
    """Who listens to an event of a scope; the library's list guards itself against threads, and
    keeps a lock for each of two events of every scope.
    """

    def connect(self, callback: Callable[..., None], *args: object) -> None:
        self.append((callback, args))

    def __call__(self, *args: object) -> None:
        for callback, more in self:
            callback(*args, *more)


def _patch() -> None:
    """Patch the library, so that the same turn gives the same bytes on every machine: ids and times
    come from the turn, and neither clock nor depth nor logs change what becomes of it.
    """
    stock_task.uuid4 = lambda: current().draw()
    stock_task.time = SimpleNamespace(time=lambda: current().seconds)
    # a stock timer that asks for the time fails at once
    stock_timers.datetime = SimpleNamespace()
    # the library hides tasks that lie deeper than 1,000, and then calls a case completed
    for walker in (TaskIterator, BpmnTaskIterator):
        walker.__init__.__defaults__ = tuple(
            _DEEPER_THAN_ANY if d == _STOCK_DEPTH else d for d in walker.__init__.__defaults__
        )
    # at a lower level each record carries task data; the facts for a record nobody writes are not
    # gathered either
    for name in ("spiff.task", "spiff.workflow"):
        logging.getLogger(name).setLevel(logging.WARNING)
    stock_task.Task.collect_log_extras = lambda _task, _more=None: None
    stock_task.Task._set_state = _set_state
    stock_task.Task.__init__ = _new_task
    stock_workflow.Event = _Listeners


_patch()
