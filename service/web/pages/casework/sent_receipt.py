"""What a page says of the form that was sent before it, as its address names it."""

from __future__ import annotations

from flask import request, url_for

from service.casework.cases.turn import TurnResult
from service.casework.pages.sent_task import SentTask, load_sent_task
from service.records.ids import is_ulid
from service.store.transaction import Tx
from service.web.request_context import current, whole_number


def address_of_next(sent: TurnResult) -> str:
    """The address of the task with which the sender goes on, which says what was sent; "" when
    there is no such task.
    """
    if not sent.next_task:
        return ""
    return url_for("tasks.show", task=sent.next_task, sent=sent.case_id, rev=sent.rev)


def load_sent(tx: Tx) -> SentTask | None:
    """The task that the viewer has just sent, and what comes next in its case; None when she has
    sent none.
    """
    context = current()
    rev = whole_number(request.args.get("rev"))
    case = request.args.get("sent", "")
    if request.method != "GET" or not is_ulid(case) or not rev:
        return None
    return load_sent_task(
        tx, context.program.services, context.viewer_in_own_zone, case, rev, context.now
    )
