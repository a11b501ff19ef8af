"""Deadlines and appointments of a case or a task, as a file for a calendar outside."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from service.casework.casefile import calendar_file, read_log
from service.casework.casefile.case_view import load_case_view
from service.casework.tasks import form_session
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current

bp = Blueprint("calendar", __name__)
MEDIA_TYPE = "text/calendar; charset=utf-8"


@bp.get("/cases/<case>/calendar")
@page_policy("file", act=WORK)
def of_case(case: str) -> ResponseReturnValue:
    """The deadlines of the viewer's tasks in a case, and its appointments."""
    return _file(*current().read_and_log(lambda tx: _load(tx, case)))


@bp.get("/tasks/<task>/calendar")
@page_policy("file", act=WORK)
def of_task(task: str) -> ResponseReturnValue:
    """The deadline of one task."""

    def load(tx: Tx) -> tuple[str, bytes]:
        context = current()
        found = form_session.find_task(
            tx, context.program.services, context.viewer, task, context.now
        )
        return _load(tx, found.task.case_id, task)

    return _file(*current().read_and_log(load))


def _load(tx: Tx, case: str, task: str = "") -> tuple[str, bytes]:
    """The file and its name, with the line that says who took it along."""
    context = current()
    view = load_case_view(tx, context.program.services, context.viewer, case, context.now)
    entries = calendar_file.case_entries(view, task)
    about = {"task": task} if task else {"tab": "calendar"}
    classes = {"C0", *(entry.klass for entry in entries)}
    read_log.record_read(
        tx,
        by=context.viewer,
        now=context.now,
        case_id=case,
        purpose="export",
        classes=classes,
        about=about,
        case=view.case,
    )
    return calendar_file.file_name(view), calendar_file.calendar_file(entries, context.viewer.zone)


def _file(name: str, content: bytes) -> Response:
    response = Response(content, content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
