"""Somebody of an office asks for answers of an ended case to be opened to her, and sees what became
of it: of the case that hers continues, or of what her office wrote and the plan has locked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.approvals import unmasking
from service.casework.approvals.unmasking_page import (
    CaseUnmasking,
    load_case_reopening,
    load_case_unlocking,
)
from service.casework.cases.protection import LONGEST
from service.errors import FieldFault, InvalidAnswers, NotAllowed, Stale, TrestegError
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import case_head, opened_view
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("earlier_answers", __name__)
LOADS: Mapping[str, Callable[..., CaseUnmasking]] = {
    "reopen": load_case_reopening,
    "unlock": load_case_unlocking,
}
"""Section of the texts to what loads its page."""


@bp.get("/cases/<case>/earlier")
@page_policy("plain", act=WORK)
def show(case: str) -> ResponseReturnValue:
    """What can be asked for of the earlier case, and what became of the last request."""
    return _draw(case, "reopen")


@bp.post("/cases/<case>/earlier")
@page_policy("plain", act=WORK)
def ask(case: str) -> ResponseReturnValue:
    """Ask a second person."""
    then = url_for("earlier_answers.show", case=case)
    return _ask(case, "reopen", unmasking.ask_reopening, then)


@bp.get("/cases/<case>/locked")
@page_policy("plain", act=WORK)
def locked(case: str) -> ResponseReturnValue:
    """What can be asked for of the office's own locked records, and what became of the last
    request.
    """
    return _draw(case, "unlock")


@bp.post("/cases/<case>/locked")
@page_policy("plain", act=WORK)
def ask_locked(case: str) -> ResponseReturnValue:
    """Ask a second person of the office."""
    then = url_for("earlier_answers.locked", case=case)
    return _ask(case, "unlock", unmasking.ask_unlocking, then)


def _ask(case: str, words: str, asks: Callable[..., str], then: str) -> ResponseReturnValue:
    sent = request.form
    given = {"classes": sent.getlist("classes"), "reason": sent.get("why", "")}

    def refused(e: TrestegError) -> ResponseReturnValue | None:
        match e:
            case InvalidAnswers(faults=faults):
                return _draw(case, words, faults), 422
            case Stale() | NotAllowed():  # the page says what has become of it, or why not
                return _draw(case, words), 409
        return None

    return submit(partial(asks, case_id=case, **given), then=then, refused=refused)


def _draw(case: str, words: str, faults: tuple[FieldFault, ...] = ()) -> str:
    context, sent = current(), request.form

    def load(tx: Tx) -> tuple[dict[str, object], CaseUnmasking]:
        head = case_head(opened_view(tx, case, "earlier"))
        services, viewer = context.program.services, context.viewer_in_own_zone
        return head, LOADS[words](tx, services, viewer, case, context.now)

    head, page = context.read_and_log(load)
    typed = SimpleNamespace(
        classes=sent.getlist("classes"),
        reason=sent.get("why", "").strip(),
        faults={fault.path: fault for fault in faults},
    )
    return render_template(
        "case/open_answers.html",
        **head,
        page=page,
        words=words,
        here=request.path,
        typed=typed,
        most=LONGEST,
    )
