"""Beginning a case: its form, what it would bring, and what is typed and not sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.cases import continuation
from service.casework.cases.turn import TurnResult
from service.casework.commands.case_start import start_case
from service.casework.pages import message_form
from service.casework.pages.case_commands import keep_start_answers
from service.casework.pages.sent_task import SentTask, load_receipt
from service.casework.tasks.send_buttons import preview_buttons
from service.errors import NotAllowed
from service.forms import Raw
from service.store.transaction import Tx
from service.web.page_policy import BEGIN, page_policy
from service.web.pages.casework.case_forms import (
    FRESH,
    RefusedForm,
    drawn_again,
    saved_reply,
    typed_answers,
    with_rows,
)
from service.web.pages.casework.cases import bp, sent_case_page
from service.web.pages.casework.sent_receipt import address_of_next
from service.web.request_context import current
from service.web.submit import perform, submit
from service.web.template_globals import page_values


@bp.get("/cases/new")
@page_policy("plain", act=BEGIN)
def new() -> ResponseReturnValue:
    """The form of a new case."""
    return _draw(request.args.get("element", ""), request.args.get("previous", ""))


@bp.post("/cases/new")
@page_policy("plain", act=BEGIN)
def start() -> ResponseReturnValue:
    """Begin a case; or keep what was typed, or draw the form again, as the pressed button says."""
    element, previous, do = (request.form.get(name, "") for name in ("element", "previous", "do"))
    typed = typed_answers()
    refused = drawn_again(lambda form: _draw(element, previous, typed, refused=form))
    if do == "send":
        command = partial(start_case, element=element, answers=typed, previous=previous)
        return submit(command, then=_after(element), refused=refused)
    if do == "keep":
        keep = partial(
            keep_start_answers,
            element=element,
            answers=typed,
            rev=current().unsent_rev,
            refuse_conflicts=True,
        )
        then = url_for("cases.new", element=element, previous=previous or None, kept=1)
        return submit(keep, then=then, refused=refused)
    return _draw(element, previous, typed, do=do)


def _address_after(begun: TurnResult) -> str:
    """The page of the first task, when it is the person's own, else that of the case."""
    return address_of_next(begun) or sent_case_page(begun)


@bp.post("/cases/new/<element>/preview")
@page_policy("plain", act=BEGIN, awake=False)
def preview_start(element: str) -> ResponseReturnValue:
    """What beginning the case would bring. Writes nothing."""
    context = current()
    with context.transaction() as tx:
        session = message_form.open_start_form(
            tx, context.program.services, context.viewer, context.now, element
        )
    return jsonify(preview_buttons(session, typed_answers()))


@bp.post("/cases/new/<element>/unsent")
@page_policy("plain", act=BEGIN)
def unsent_start(element: str) -> ResponseReturnValue:
    """Keep what is typed for a case that has not begun."""
    typed, rev = typed_answers(), current().unsent_rev
    keep = partial(keep_start_answers, element=element, answers=typed, rev=rev)
    return saved_reply(perform(keep))


def _after(element: str) -> Callable[[TurnResult], str] | str:
    """Where a new case leads: to itself, or to its form once more, with the one answer that its
    sender gets; the address names no case, since for the sender there is none.
    """
    context = current()
    with context.transaction() as tx:
        if load_receipt(tx, context.program.services, context.lang, element) is None:
            return _address_after
    return url_for("cases.new", element=element, sent=1)


def _receipt(tx: Tx) -> SentTask | None:
    """The one answer to what the viewer has just sent; None when she comes from elsewhere."""
    context = current()
    if "sent" not in request.args:
        return None
    element = request.args.get("element", "")
    return load_receipt(tx, context.program.services, context.lang, element)


def _draw(
    element: str,
    previous: str = "",
    typed: Raw | None = None,
    *,
    do: str = "",
    refused: RefusedForm = FRESH,
) -> ResponseReturnValue:
    context = current()
    services, viewer = context.program.services, context.viewer
    with context.transaction() as tx:
        receipt = _receipt(tx)
        about = continuation.reads_of_ended_case(previous) if previous else []
        at_hand = message_form.load_start_options(tx, services, *about)
        before = (
            continuation.require_ended_case(tx, at_hand, services, viewer, previous, context.now)
            if previous
            else None
        )
        offered = message_form.start_options(at_hand, services, viewer, context.lang)
        chosen = next((s for s in offered if s.element == element), offered[0] if offered else None)
        if chosen is None:
            raise NotAllowed(why="start")
        session = message_form.open_start_form(
            tx, services, viewer, context.now, chosen.element, at_hand
        )
    page = message_form.load_message_form_page(
        session, typed=with_rows(session, typed, do), faults=refused.faults
    )
    return render_template(
        "case/new.html",
        **page_values(page),
        starts=offered,
        chosen=chosen,
        previous=before,
        preview=url_for("cases.preview_start", element=chosen.element),
        unsent=url_for("cases.unsent_start", element=chosen.element),
        refused=refused.reason,
        kept="kept" in request.args,
        receipt=receipt.title if receipt is not None else "",
    ), refused.status
