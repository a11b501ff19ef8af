"""Somebody who works in a case asks for answers of the ended case that it continues to be opened to
her, and sees what became of it.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.approvals import unmasking
from service.casework.approvals.unmasking_page import CaseUnmasking, load_case_reopening
from service.casework.cases.protection import LONGEST
from service.errors import FieldFault, InvalidAnswers, NotAllowed, Stale, TrestegError
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import case_head, opened_view
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("earlier_answers", __name__)


@bp.get("/cases/<case>/earlier")
@page_policy("plain", act=WORK)
def show(case: str) -> ResponseReturnValue:
    """What can be asked for of the earlier case, and what became of the last request."""
    return _draw(case)


@bp.post("/cases/<case>/earlier")
@page_policy("plain", act=WORK)
def ask(case: str) -> ResponseReturnValue:
    """Ask a second person."""
    command = partial(
        unmasking.ask_reopening,
        case_id=case,
        classes=request.form.getlist("classes"),
        reason=request.form.get("why", ""),
    )

    def refused(e: TrestegError) -> ResponseReturnValue | None:
        match e:
            case InvalidAnswers(faults=faults):
                return _draw(case, faults), 422
            case Stale() | NotAllowed():  # the page says what has become of it, or why not
                return _draw(case), 409
        return None

    return submit(command, then=url_for("earlier_answers.show", case=case), refused=refused)


def _draw(case: str, faults: tuple[FieldFault, ...] = ()) -> str:
    context, sent = current(), request.form

    def load(tx: Tx) -> tuple[dict[str, object], CaseUnmasking]:
        head = case_head(opened_view(tx, case, "earlier"))
        services, viewer = context.program.services, context.viewer_in_own_zone
        return head, load_case_reopening(tx, services, viewer, case, context.now)

    head, page = context.read_and_log(load)
    typed = SimpleNamespace(
        classes=sent.getlist("classes"),
        reason=sent.get("why", "").strip(),
        faults={fault.path: fault for fault in faults},
    )
    return render_template("case/earlier.html", **head, page=page, typed=typed, most=LONGEST)
