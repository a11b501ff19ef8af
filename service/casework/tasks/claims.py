"""Claims of tasks: claim one, take it over, put it back, hand it over, let it rest.

A task that rests is out of the inbox until a day, never past the moment at which it is due. What is
urgent never rests: what the diagram says is more urgent than the ordinary, and what is due within a
day of opening, such as an alarm that somebody must acknowledge.

None of this moves a case; each act is an entry in the ledger stream of the case. Unsent answers are
not touched: `unsent_answers` and `colleagues_unsent_answers` say who sees them afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from service.access import Viewer
from service.casework.cases import bars, protection
from service.casework.cases.case_officers import begin_if_none
from service.casework.commands.task_completion import require_own
from service.engine import Element
from service.errors import NotAllowed, TaskClosed, TaskTaken
from service.people.absences import load_absences
from service.records.context import Services, actor
from service.records.ledger_append import append_entry, digest_reason
from service.release.prepared import PreparedRelease
from service.store.at_hand import Reader
from service.store.changes import Writer
from service.store.installation import people
from service.store.transaction import Tx
from service.store.work import tasks

ORDINARY: Final = 50
"""Priority of a task of which the diagram says nothing."""
HOURS: Final = timedelta(days=1)
"""What is due sooner after it opened is counted in hours, and cannot wait for a morning."""

Refusal: TypeAlias = Literal["", "urgent", "due"]
"""Why a task may not rest until a moment; "" when it may."""


def counts_in_hours(task: tasks.Task) -> bool:
    """Whether a task was due within a day of opening, such as an alarm."""
    return task.due is not None and task.due - task.opened_at < HOURS


def element_of(release: PreparedRelease, listed: tasks.TaskListRow) -> Element:
    """The step of the diagram that a task is for, in the case's own release."""
    return release.definitions[listed.process].elements[listed.task.element]


def open_task(reader: Reader, *, by: Viewer, task_key: str) -> tasks.Task:
    """Load a task that waits for the viewer's office and one of her roles.

    Raises:
        TaskClosed: it is over, or never was.
        NotFound, NotAllowed: as `task_completion.require_own`.
    """
    task = tasks.get(reader, task_key)
    if task is None:
        raise TaskClosed(task_key)
    require_own(reader, task, by)
    return task


def claim(tx: Tx, _services: Services, by: Viewer, now: datetime, *, task_key: str) -> bool:
    """Claim a task; gives whether it was free until now.

    Who stands in for an absent colleague claims what that one has without giving a reason.

    Raises:
        TaskTaken: a colleague has it.
        NotNamed: the identity is protected, and colleagues are named for the case.
    """
    task = open_task(tx, by=by, task_key=task_key)
    protection.require_named_now(tx, by=by, now=now, case_id=task.case_id)
    if task.claimed_by == by.person:
        return False
    if task.claimed_by is not None and _claim_as_deputy(tx, by, now, task):
        return False
    if not tasks.claim(tx, task_key, by.person, now):
        raise TaskTaken(by=task.claimed_by, since=task.claimed_at)
    begin_if_none(tx, by=by, now=now, case_id=task.case_id)
    _append(tx, by, task, "claim", now)
    return True


def _claim_as_deputy(tx: Tx, by: Viewer, now: datetime, task: tasks.Task) -> bool:
    """Claim a task that an absent person has, as the one who stands in for her; False when `by`
    does not.
    """
    away = load_absences(tx, by.office, now)
    holder, until = task.claimed_by or "", away.until(task.claimed_by)
    if until is None or holder not in away.stood_in_for(by.person):
        return False
    if not tasks.claim(tx, task.key, by.person, now, over=holder):
        return False
    begin_if_none(tx, by=by, now=now, case_id=task.case_id)
    _append(tx, by, task, "take_over", now, {"from": holder, "until": until.isoformat()})
    return True


def take_over(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, task_key: str, reason: str
) -> None:
    """Take a task over from a colleague of the same office, for a reason.

    Raises:
        TaskTaken: another colleague was faster.   NotNamed: as for `claim`.
    """
    task = open_task(tx, by=by, task_key=task_key)
    protection.require_named_now(tx, by=by, now=now, case_id=task.case_id)
    if task.claimed_by is None or task.claimed_by == by.person:
        claim(tx, services, by, now, task_key=task_key)
        return
    if not tasks.claim(tx, task_key, by.person, now, over=task.claimed_by):
        raise TaskTaken(by=task.claimed_by, since=task.claimed_at)
    begin_if_none(tx, by=by, now=now, case_id=task.case_id)
    why = digest_reason(services.case_keys(tx, task.case_id).own, reason)
    _append(tx, by, task, "take_over", now, {"from": task.claimed_by, "why": why})


def release_task(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, task_key: str, reason: str = ""
) -> None:
    """Put a task back for the office, perhaps with a reason.

    Raises:
        TaskTaken: a colleague has it.
    """
    task = open_task(tx, by=by, task_key=task_key)
    if task.claimed_by not in (None, by.person):
        raise TaskTaken(by=task.claimed_by, since=task.claimed_at)
    tasks.put_back(tx, task_key)
    why = digest_reason(services.case_keys(tx, task.case_id).own, reason) if reason else ""
    _append(tx, by, task, "put_back", now, {"why": why} if why else None)


def hand_over(tx: Tx, *, by: Viewer, now: datetime, task_key: str, to_person: str) -> None:
    """Hand a task over to a colleague of the same office who holds its role.

    Raises:
        NotAllowed: the other does not hold the role there.
        TaskTaken: a third has the task.
        TaskClosed: it was done, or somebody was faster.
        NotNamed: the identity is protected, and she is not named for the case herself.
    """
    task = open_task(tx, by=by, task_key=task_key)
    protection.require_named_now(tx, by=by, now=now, case_id=task.case_id)
    if task.claimed_by not in (None, by.person):
        raise TaskTaken(by=task.claimed_by, since=task.claimed_at)
    barred = bars.load_bars(tx, task.case_id)
    able = people.with_role(tx, by.office, task.role)
    colleagues = {row.person.id for row in able if not bars.meets(barred, row)}
    if to_person not in colleagues:
        raise NotAllowed(why="colleague")
    tasks.put_back(tx, task_key)
    if not tasks.claim(tx, task_key, to_person, now):
        raise TaskClosed(task_key)
    protection.name_with_task(tx, by=by, now=now, case_id=task.case_id, person=to_person)
    begin_if_none(tx, by=by, now=now, case_id=task.case_id, person=to_person)
    _append(tx, by, task, "hand_over", now, {"to": to_person})


def rest_refusal(task: tasks.Task, until: datetime) -> Refusal:
    """Why a task may not rest until a moment."""
    if task.priority > ORDINARY:
        return "urgent"
    if task.due is None:
        return ""
    if counts_in_hours(task):
        return "urgent"
    return "due" if until > task.due else ""


def rest(
    tx: Tx, _services: Services, by: Viewer, now: datetime, *, task_key: str, until: datetime
) -> None:
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
    _append(tx, by, task, "follow_up", now, {"until": until.date().isoformat()})


def end_rest(tx: Tx, _services: Services, by: Viewer, now: datetime, *, task_key: str) -> None:
    """Take a task that rests back into the inbox at once; one that does not rest stays as it is.

    Raises:
        TaskClosed, NotFound: as `claims.open_task`.
    """
    task = open_task(tx, by=by, task_key=task_key)
    if task.hidden_until is not None:
        tasks.hide(tx, task_key, None)
        _append(tx, by, task, "follow_up_ended", now)


def _append(
    writer: Writer,
    viewer: Viewer,
    task: tasks.Task,
    kind: str,
    now: datetime,
    more: Mapping[str, str] | None = None,
) -> None:
    body = {"task": task.key, "element": task.element, **(more or {})}
    append_entry(writer, f"case/{task.case_id}", kind, by=actor(viewer), now=now, body=body)
