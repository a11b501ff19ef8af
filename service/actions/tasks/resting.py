"""Tasks that rest: out of the inbox until a day, never past the moment at which they are due.

What is urgent never rests: what the diagram says is more urgent than the ordinary, and what is due
within a day of opening, such as an alarm that somebody must acknowledge.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from service.access import Viewer
from service.actions.tasks.claims import append_task_entry, open_task
from service.errors import NotAllowed
from service.store.transaction import Tx
from service.store.work import tasks

ORDINARY: Final = 50
"""Priority of a task of which the diagram says nothing."""
HOURS: Final = timedelta(days=1)
"""What is due sooner after it opened is counted in hours, and cannot wait for a morning."""

Refusal: TypeAlias = Literal["", "urgent", "due"]
"""Why a task may not rest until a moment; "" when it may."""


def rest_refusal(task: tasks.Task, until: datetime) -> Refusal:
    """Why a task may not rest until a moment."""
    if task.priority > ORDINARY:
        return "urgent"
    if task.due is None:
        return ""
    if task.due - task.opened_at < HOURS:
        return "urgent"
    return "due" if until > task.due else ""


def rest(tx: Tx, *, by: Viewer, now: datetime, task_key: str, until: datetime) -> None:
    """Let a task rest until a moment.

    Args:
        until: in the zone of the reader, in which its day is noted in the ledger.
    Raises:
        NotAllowed: it is urgent, or is due before that (`why` is "rest").
        TaskClosed, NotFound: as `claims.open_task`.
    """
    task = open_task(tx, by=by, task_key=task_key)
    if rest_refusal(task, until):
        raise NotAllowed(why="rest")
    tasks.hide(tx, task_key, until.astimezone(UTC))
    append_task_entry(tx, by, task, "follow_up", now, {"until": until.date().isoformat()})


def end_rest(tx: Tx, *, by: Viewer, now: datetime, task_key: str) -> None:
    """Take a task that rests back into the inbox at once; one that does not rest stays as it is.

    Raises:
        TaskClosed, NotFound: as `claims.open_task`.
    """
    task = open_task(tx, by=by, task_key=task_key)
    if task.hidden_until is not None:
        tasks.hide(tx, task_key, None)
        append_task_entry(tx, by, task, "follow_up_ended", now)
