"""Tasks: the list, one, claiming it, and sending its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import partial
from typing import Any, Literal

from service.access import Viewer
from service.casework.casefile import notes
from service.casework.cases.loaded_case import require_revision
from service.casework.cases.turn import TurnResult
from service.casework.commands.command import Command, CommandWithReads
from service.casework.commands.task_completion import complete_seen, load_task
from service.casework.pages import case_reads
from service.casework.tasks import claims, form_session, inbox_list, task_page
from service.casework.tasks.case_facts import DocumentLink
from service.casework.tasks.form_session import FormSession, TaskFormTarget
from service.casework.tasks.inbox_list import TaskRow
from service.casework.tasks.send_buttons import SendButton
from service.casework.tasks.task_page import Claim
from service.people import accounts, rate_limits
from service.records.context import Services
from service.store.at_hand import AtHand
from service.store.keyset import PageRequest
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.web.api.v1.answers import texts
from service.web.api.v1.operations import (
    LIMIT,
    Done,
    Limit,
    Reply,
    cursor,
    match,
    operation,
    submit,
)
from service.web.api.v1.shapes import LabelledText, Text, Whole, labelled, labelled_lines
from service.web.request_context import current
from service.web.submit import perform

GONE = ("not_allowed", "not_named", "reason_needed", "task_over")
"""Codes of the faults that any request about one task can be answered with."""
REFUSED = (*GONE, "four_eyes", "task_taken", "stale", "consent_missing", "answers_invalid")
"""Codes of the faults that completing a task can be answered with."""


# ---- the list


@dataclass(frozen=True, slots=True)
class TasksAsked:
    """Which tasks are wanted; empty means all. `stage` is its id, `sender` the id of an office."""

    box: Literal["office", "mine", "unclaimed", "week", "resting"] = "office"
    stage: Text = ""
    due: Literal["", "late", "today", "week"] = ""
    sender: Text = ""
    sort: Literal["due", "case", "stage", "new"] = "due"
    limit: Limit = LIMIT
    after: Text = ""


@dataclass(frozen=True, slots=True)
class ListedTask:
    """A task that waits for the caller's office and one of her roles.
    `case` is the id of the case, `ref` its pseudonym. `away_until` is the last day of an absence
    that the person who has claimed it is in; `stood_in_for` says that the caller stands in for her.
    """

    id: str
    name: str
    ref: str
    case: str
    stage: str
    due: datetime | None
    sender: str
    claimed_by: str
    away_until: date | None
    stood_in_for: bool
    mine: bool
    unsent_by: str
    shielded: bool


@dataclass(frozen=True, slots=True)
class TaskList:
    """One page of tasks. `next` is the cursor of the page that follows; null at the end."""

    items: tuple[ListedTask, ...]
    next: str | None


@operation("list_tasks", "GET", "/tasks", query=TasksAsked, gives=TaskList)
def list_tasks(query: TasksAsked) -> Reply:
    """The tasks that wait for the caller's office in her roles, as her inbox has them."""
    context = current()
    asked = inbox_list.Filter(query.box, query.stage, query.due, query.sender, query.sort)
    step, viewer = PageRequest(query.after), context.viewer_in_own_zone
    services = context.program.services
    with context.transaction() as tx:
        loaded = inbox_list.load_inbox(
            tx, services, viewer, context.now, asked, step, limit=query.limit
        )
        inbox_list.load_marks(tx, loaded)
        accounts.load_people(tx, loaded.at_hand, inbox_list.people_of(loaded))
    page = inbox_list.task_page(loaded, services, viewer)
    return Reply(TaskList(tuple(_listed(row) for row in page.rows), cursor(query.after, page)))


def _listed(row: TaskRow) -> ListedTask:
    return ListedTask(**{one.name: getattr(row, one.name) for one in fields(ListedTask)})


# ---- one task


@dataclass(frozen=True, slots=True)
class Earlier:
    """What one step of the case answered, as far as the reader may see it."""

    title: str
    by: str
    at: datetime
    answers: tuple[LabelledText, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A task as its page shows it, without the form.
    `rev` is that of its case. `buttons` are the ways to send: the answer that each stands for, and
    what it would bring. `facts` and `earlier` hold answers of the case as far as the caller may see
    them; `hidden` says how many she may not.
    """

    id: str
    name: str
    case: str
    ref: str
    rev: int
    stage: str
    stage_name: str
    due: datetime | None
    help: str
    claim: Claim | None
    can_edit: bool
    can_take_over: bool
    buttons: tuple[SendButton, ...]
    why: tuple[str, ...]
    rule: str | None
    facts: tuple[LabelledText, ...]
    earlier: tuple[Earlier, ...]
    hidden: int
    notes: tuple[notes.NoteView, ...]
    files: tuple[DocumentLink, ...]


@operation("get_task", "GET", "/tasks/<task>", gives=Task, tagged=True, faults=GONE)
def get_task(task: str) -> Reply:
    """A task. Who looked stands in the read log before the answer is sent."""
    page = page_of(task)
    names = [f.name for f in fields(Task) if hasattr(page.task, f.name)]
    head: dict[str, Any] = {name: getattr(page.task, name) for name in names}
    rest: dict[str, Any] = {
        name: getattr(page, name) for name in ("buttons", "why", "rule", "hidden", "notes", "files")
    }
    earlier = tuple(
        Earlier(one.title, one.by, one.at, labelled((a.label, a.text) for a in one.answers))
        for one in page.earlier
    )
    facts = labelled_lines(page.case_facts)
    return Reply(Task(**head, **rest, facts=facts, earlier=earlier), rev=page.task.rev)


def page_of(task: str) -> task_page.TaskPage:
    """The page of a task, after a line that says who looks."""
    return current().read_and_log(partial(load_page, task))[0]


def load_page(task: str, tx: Tx) -> tuple[task_page.TaskPage, FormSession[TaskFormTarget]]:
    """The page of a task with its form, and the line that says who reads it."""
    context = current()
    session = task_page.open_task_page(
        tx, context.program.services, context.viewer, task, context.now
    )
    page = task_page.load_task_page(session)
    case_reads.record_task(tx, session, page.classes)
    return page, session


def open_form(tx: Tx, task: str) -> FormSession[TaskFormTarget]:
    """The caller before an open task."""
    return form_session.open_task_form(
        tx, current().program.services, current().viewer, task, current().now
    )


# ---- claiming


@dataclass(frozen=True, slots=True)
class TakeOver:
    """How to claim: with `take_over`, a word why, also from a colleague who has the task."""

    take_over: Text = ""


@operation(
    "claim",
    "PUT",
    "/tasks/<task>/claim",
    asks=TakeOver,
    matched=True,
    status=204,
    faults=(*GONE, "task_taken"),
)
def claim(task: str, body: TakeOver) -> Reply:
    """Claim a task, as it stood at the revision that is named."""
    command: Command[object] = partial(claims.claim, task_key=task)
    if body.take_over:
        command = partial(claims.take_over, task_key=task, reason=body.take_over)
    perform(partial(_at_revision, task=task, command=command))
    return Reply()


def _at_revision(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, task: str, command: Command[object]
) -> None:
    """A command on a task, counted, and refused when it was made from another revision of the case
    than the one that holds.
    """
    rate_limits.count_write(tx, services, person_id=by.person, now=current().wall)
    loaded = load_task(tx, services, by=by, task_key=task).loaded
    match(loaded.case.rev, partial(require_revision, tx, loaded.case))
    command(tx, services, by, now)


@operation(
    "release_claim",
    "DELETE",
    "/tasks/<task>/claim",
    matched=True,
    status=204,
    faults=(*GONE, "task_taken"),
)
def release_claim(task: str) -> Reply:
    """Give a task back to the office."""
    perform(partial(_at_revision, task=task, command=partial(claims.release_task, task_key=task)))
    return Reply()


# ---- sending


@dataclass(frozen=True, slots=True)
class Completion:
    """The answers of a task, as JSON by key or by key path, and the revision of the case that they
    were given on.
    Where a form has several buttons, the answer that the button stands for is one of them. Files
    are sent beforehand to `/v1/files`; here stand their ids.
    """

    rev: Whole
    answers: Mapping[str, Any] = field(default_factory=dict)


@operation(
    "complete",
    "POST",
    "/tasks/<task>/completion",
    asks=Completion,
    gives=Done,
    keyed=True,
    faults=REFUSED,
)
def complete(task: str, body: Completion) -> Reply:
    """Send the answers of a task and let its case go on. Answers with the address of the case."""
    act = CommandWithReads(
        partial(turn_rows.reads_of_task, key=task),
        partial(_complete_from_json, task=task, body=body),
    )
    return submit(act, lambda done: f"/v1/cases/{done.case_id}")


def _complete_from_json(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    asked: AtHand | None = None,
    *,
    task: str,
    body: Completion,
) -> TurnResult:
    """`complete_task` with answers as JSON, which need the form to be read, at the revision that
    the program names: nobody has moved the case since.
    """
    seen = load_task(tx, services, by=by, task_key=task, asked=asked)
    require_revision(tx, seen.loaded.case, body.rev)
    answers, rev = texts(seen.form, body.answers), body.rev
    return complete_seen(
        tx,
        services,
        seen,
        by=by,
        now=now,
        answers=answers,
        rev=rev,
        end_confirmed=True,  # a program is asked nothing
    )
