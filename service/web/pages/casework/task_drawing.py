"""How the page of a task is drawn: open, refused with all that was typed, or closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.casefile.answer_text import without_numbers
from service.casework.pages import case_reads
from service.casework.referrals import compose
from service.casework.tasks import closed_task_page, form_session, task_page
from service.casework.tasks.form_session import FormSession, TaskFormTarget
from service.casework.tasks.send_buttons import pressed_button
from service.casework.tasks.unsent_answers import EditConflict
from service.errors import (
    Busy,
    CaseEnded,
    CaseMoved,
    ConsentMissing,
    EndNotConfirmed,
    FieldFault,
    FourEyes,
    InvalidAnswers,
    NotFound,
    SlowDown,
    Stale,
    TaskClosed,
    TaskTaken,
    TimersPaused,
    TooLarge,
    TrestegError,
)
from service.forms import Raw, changed_rows
from service.people import accounts
from service.store.transaction import Tx
from service.web.pages.casework.sent_receipt import load_sent
from service.web.request_context import current
from service.web.statuses import STATUSES
from service.web.submit import carried_fields
from service.web.template_globals import page_values
from service.workshop.release_news import ChangedStep, load_step_news

STILL_OPEN = (
    *(TaskTaken, CaseMoved, Stale, ConsentMissing, FourEyes),
    *(Busy, SlowDown, TimersPaused, TooLarge),
)
"""Faults that leave the task where it is: its page comes back with everything that was typed."""
DAYS_BACK, DAYS_ON = timedelta(days=60), timedelta(days=400)
"""How far around today a calendar on the page knows public holidays."""
INVALID = STATUSES[InvalidAnswers.code]


def open_session(tx: Tx, task: str) -> FormSession[TaskFormTarget]:
    """The form session of the viewer in an open task."""
    context = current()
    return form_session.open_task_form(
        tx, context.program.services, context.viewer, task, context.now
    )


def open_page(tx: Tx, task: str) -> FormSession[TaskFormTarget]:
    """The same with all that its page reads."""
    context = current()
    return task_page.open_task_page(tx, context.program.services, context.viewer, task, context.now)


def draw_task(
    task: str,
    *,
    typed: Raw | None = None,
    faults: tuple[FieldFault, ...] = (),
    refused: str | None = None,
    status: int = 200,
    button: str = "",
) -> ResponseReturnValue:
    """The page of an open task. It is sent after the line is committed that says who reads it.

    Args:
        button: which one was pressed; one may add a row to a list of the form or remove it.
    """
    context = current()

    def load(tx: Tx) -> tuple[task_page.TaskPage, dict[str, object]]:
        session = open_page(tx, task)
        changed = changed_rows(typed, session.form, button) if typed else typed
        page = task_page.load_task_page(session, typed=changed, faults=faults, refused=refused)
        case_reads.record_task(tx, session, page.classes)
        can_refer = compose.may_refer(
            context.program.services, context.viewer, session.target.loaded
        )
        return page, {
            "can_refer": can_refer,
            "days_off": days_off(session),
            "news": _step_news(tx, session),
            "sent": load_sent(tx),
        }

    page, more = context.read_and_log(load)
    return render_template("task/page.html", **more, **page_values(page)), status


def _step_news(tx: Tx, session: FormSession[TaskFormTarget]) -> tuple[ChangedStep, str] | None:
    """What changed in the step since the viewer last did it, and the release that says so."""
    context, target = current(), session.target
    release = target.visibility.release
    news = load_step_news(
        tx,
        context.program.services,
        context.viewer,
        context.signed_in.settings,
        release=release,
        element=target.task.element,
    )
    return (news, release.id) if news is not None else None


def days_off(session: FormSession[TaskFormTarget]) -> list[str]:
    """Days around today on which the viewer's office is closed, apart from weekends, as ISO."""
    context, calendars = current(), session.target.loaded.definition.calendars
    services = context.program.services
    calendar = calendars.get(context.signed_in.office.calendar or services.programme.calendar)
    near = session.context.today - DAYS_BACK, session.context.today + DAYS_ON
    off = calendar.off if calendar is not None else ()
    return sorted(day.isoformat() for day in off if near[0] <= day <= near[1])


def _ask_before_end(task: str, typed: Raw, fault: EndNotConfirmed) -> ResponseReturnValue:
    """The question whether the case is to end, as it would with these answers."""
    with current().transaction() as tx:
        session = open_session(tx, task)
    button, case = pressed_button(session, typed, fault.consequences), session.target.loaded.case
    return render_template(
        "case/ask_end.html",
        button=button,
        name=button.name,
        case=case,
        ref=case.ref,
        send=url_for("tasks.send", task=task),
        carried=carried_fields(typed, without=button.name),
    )


def draw_closed(task: str, typed: Raw, fault: TrestegError) -> ResponseReturnValue | None:
    """The page of a task that is closed, or that a colleague has; None for another fault."""
    return draw_refused(task, typed, fault) if isinstance(fault, TaskClosed | TaskTaken) else None


def draw_refused(task: str, typed: Raw, fault: TrestegError) -> ResponseReturnValue | None:
    """The page of a refused form, with everything that was typed; None when the fault is none of
    the task.
    """
    if isinstance(fault, InvalidAnswers):
        return draw_task(task, typed=typed, faults=fault.faults, status=INVALID)
    if isinstance(fault, EndNotConfirmed):
        return _ask_before_end(task, typed, fault)
    if isinstance(fault, TaskClosed | CaseEnded):
        return _closed(task, typed)
    if isinstance(fault, STILL_OPEN):
        reason, status = _reason(task, fault), STATUSES[fault.code]
        return draw_task(task, typed=typed or None, refused=reason, status=status)
    return None


def _reason(task: str, fault: TrestegError) -> str | None:
    """Why it was refused, as one sentence; None where the page itself says it."""
    context = current()
    if isinstance(fault, FourEyes):
        return None
    if isinstance(fault, TaskTaken):
        return taken_by(fault)
    if isinstance(fault, CaseMoved) and "clashes" in fault.facts:
        return conflicting_fields(task, fault.facts["clashes"])  # type: ignore[arg-type]  # of `keep_unsent_answers`
    if isinstance(fault, TooLarge):
        return context.t("task.text_too_long", most=fault.facts["most"])
    if isinstance(fault, ConsentMissing):
        return context.t("consent.needed")
    if isinstance(fault, Stale) and fault.facts.get("why") == "release":
        return context.t("error.stale_release.text")
    return context.t(f"error.{fault.code}.text")


def taken_by(fault: TaskTaken) -> str:
    """Who has the task, and since when, as one sentence."""
    context = current()
    person = str(fault.facts["by"])
    since = fault.facts.get("since")
    with context.transaction() as tx:
        name = accounts.names(tx, context.program.services, {person}).get(person, "")
    time = (
        since.astimezone(ZoneInfo(context.zone)).strftime("%Y-%m-%d %H:%M")
        if isinstance(since, datetime)
        else ""
    )
    return context.t("task.taken", name=name, time=time)


def conflicting_fields(task: str, conflicts: Sequence[EditConflict]) -> str:
    """The fields that another tab has changed too, with what it saved, as one sentence."""
    with current().transaction() as tx:
        form = open_session(tx, task).form
    labels = (
        {path: form.say(field.label, current().lang) for path, field in form.walk()}
        if form is not None
        else {}
    )
    saved = [
        f"{labels.get(without_numbers(one.path), one.path)}: “{', '.join(one.theirs)}”"
        for one in conflicts
    ]
    return current().t("task.clash", fields="; ".join(saved))


def _closed(task: str, typed: Raw) -> ResponseReturnValue | None:
    """The page of a task that is closed; None when nothing of it may be shown to the viewer.

    Who opens it reads it as any page; what was sent to it was refused.
    """
    try:
        page = (
            current().read_and_log(partial(_load_closed, task, typed))
            if typed
            else _read_closed(task)
        )
    except (TaskClosed, NotFound):
        return None
    refused = 409 if page.raced else 410
    status = 200 if request.method == "GET" else refused
    return render_template("task/closed.html", **page_values(page)), status


def _read_closed(task: str) -> closed_task_page.ClosedTaskPage:
    with current().transaction() as tx:
        return _load_closed(task, {}, tx)


def _load_closed(task: str, typed: Raw, tx: Tx) -> closed_task_page.ClosedTaskPage:
    """Keep what was typed too late, and load the page that shows it."""
    context = current()
    where = {"case": request.form.get("case", ""), "step": request.form.get("step", "")}
    services = context.program.services
    if typed:
        closed_task_page.keep_late_answers(
            tx, services, by=context.viewer, now=context.now, task_key=task, raw=typed, **where
        )
    return closed_task_page.load_closed_task_page(
        tx, services, context.viewer, task, context.now, **where
    )
