"""Messages to a case: their forms, what they would bring, and what is typed and not sent."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.casefile.case_view import CaseView
from service.casework.commands import case_message
from service.casework.pages import case_reads, message_buttons, message_form
from service.casework.pages.case_commands import keep_message_answers
from service.casework.tasks.form_session import FormSession
from service.casework.tasks.send_buttons import pressed_button, preview_buttons
from service.errors import EndNotConfirmed, TrestegError
from service.forms import Raw
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import (
    FRESH,
    RefusedForm,
    drawn_again,
    saved_reply,
    typed_answers,
    with_rows,
)
from service.web.pages.casework.cases import bp, require_case_view, sent_case_page
from service.web.request_context import current
from service.web.submit import carried_fields, perform, submit
from service.web.template_globals import page_values


@bp.get("/cases/<case>/messages/<message>")
@page_policy("plain", act=WORK)
def message(case: str, message: str) -> ResponseReturnValue:
    """The form of a message to the case."""
    return _draw(case, message)


@bp.post("/cases/<case>/messages/<message>")
@page_policy("plain", act=WORK)
def send_message(case: str, message: str) -> ResponseReturnValue:
    """Send a message to the case; or keep what was typed, or draw its form again, as the pressed
    button says.
    """
    typed = typed_answers()
    do = request.form.get("do", "")
    work = _work()
    refused = drawn_again(lambda form: _draw(case, message, typed, refused=form))
    if do == "send":
        confirmed = "confirmed" in request.form
        send = partial(
            case_message.send_message,
            case_id=case,
            name=message,
            answers=typed,
            work=work,
            end_confirmed=confirmed,
        )

        def asked_or_refused(fault: TrestegError) -> ResponseReturnValue | None:
            if isinstance(fault, EndNotConfirmed):
                return _ask_before_end(case, message, typed, fault)
            return refused(fault)

        return submit(send, then=sent_case_page, refused=asked_or_refused)
    if do == "keep":
        rev = current().unsent_rev
        keep = partial(
            keep_message_answers,
            case_id=case,
            message=message,
            answers=typed,
            rev=rev,
            refuse_conflicts=True,
            work=work,
        )
        then = url_for("cases.message", case=case, message=message, kept=1, work=work or None)
        return submit(keep, then=then, refused=refused)
    return _draw(case, message, typed, do=do)


@bp.post("/cases/<case>/messages/<message>/unsent")
@page_policy("plain", act=WORK)
def unsent_message(case: str, message: str) -> ResponseReturnValue:
    """Keep what is typed for a message that is not sent."""
    keep = partial(
        keep_message_answers,
        case_id=case,
        message=message,
        answers=typed_answers(),
        rev=current().unsent_rev,
        work=_work(),
    )
    return saved_reply(perform(keep))


@bp.post("/cases/<case>/messages/<message>/preview")
@page_policy("plain", act=WORK, awake=False)
def preview_message(case: str, message: str) -> ResponseReturnValue:
    """What sending the message would bring. Writes nothing."""
    with current().transaction() as tx:
        session = _opened(tx, case, message)[1]
    return jsonify(preview_buttons(session, typed_answers()))


def _ask_before_end(
    case: str, message: str, typed: Raw, fault: EndNotConfirmed
) -> ResponseReturnValue:
    """The question whether the case is to end, as it would with this message."""
    with current().transaction() as tx:
        view, session = _opened(tx, case, message)
    return render_template(
        "case/ask_end.html",
        button=pressed_button(session, typed, fault.consequences),
        name="do",
        case=view.case,
        ref=view.case.ref,
        send=_address("cases.send_message", case, message, _work()),
        carried=carried_fields(typed, without="do"),
    )


def _opened(
    tx: Tx, case: str, message: str
) -> tuple[CaseView, FormSession[message_form.MessageFormTarget]]:
    """The case as the viewer may see it, and the form of the message."""
    viewer, work = current().viewer, _work()
    reads = message_form.reads_of_message_form(viewer, case, message, work)
    view = require_case_view(tx, case, *reads)
    return view, message_form.open_message_form(view, message, work)


def _work() -> str:
    """Which of several places that wait is meant."""
    return request.args.get("work", "")


def _address(view: str, case: str, message: str, work: str) -> str:
    return url_for(view, case=case, message=message, work=work or None)


def _draw(
    case: str,
    message: str,
    typed: Raw | None = None,
    *,
    do: str = "",
    refused: RefusedForm = FRESH,
) -> ResponseReturnValue:
    """The form of a message. It is sent after the line is committed that says who reads it."""
    context = current()
    work = _work()

    def load(tx: Tx) -> dict[str, Any]:
        view, session = _opened(tx, case, message)
        page = message_form.load_message_form_page(
            session, typed=with_rows(session, typed, do), faults=refused.faults
        )
        shown = {answer.klass for answer in view.shown.values()} if session.base else {"C0"}
        case_reads.record_case(tx, view, classes=shown, about={"message": message})
        return {
            **page_values(page),
            "title": message_buttons.place_name(view, message, session.target.place),
            "text": message_buttons.message_text(view, message),
            "case": SimpleNamespace(id=case, ref=view.case.ref, rev=view.case.rev),
            "ref": view.case.ref,
            "grave": session.target.place.is_grave,
        }

    return render_template(
        "case/message.html",
        **context.read_and_log(load),
        message=message,
        send=_address("cases.send_message", case, message, work),
        preview=_address("cases.preview_message", case, message, work),
        unsent=_address("cases.unsent_message", case, message, work),
        refused=refused.reason,
        kept="kept" in request.args,
    ), refused.status
