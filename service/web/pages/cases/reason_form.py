"""The form of an act on a case that needs a reason, shared by the pages of such acts: of which case
it is, what was typed, and why it comes back.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.pages import case_reads
from service.errors import InvalidAnswers, SlowDown, TrestegError
from service.store.transaction import Tx
from service.web.pages.cases.refused_form import RefusedForm
from service.web.request_context import current
from service.web.statuses import STATUSES

NO_VALUES: dict[str, Any] = {
    "choices": (),
    "choice": "",
    "choose": "",
    "chosen": "",
    "hidden": {},
    "grave": False,
    "other": (),
}
"""What the template names and only some of the forms have."""


def opened_view(tx: Tx, case: str, tab: str) -> CaseView:
    """A case as the viewer sees it, with the line that says who reads it.

    Raises:
        NotFound: there is none for her.   ReasonNeeded: she must say first why she opens it.
    """
    at = current()
    view = load_case_view(tx, at.program.services, at.viewer, case, at.now)
    case_reads.record_case(
        tx, by=at.viewer, now=at.now, case_id=case, classes={"C0"}, about={"tab": tab}
    )
    return view


def case_head(view: CaseView) -> dict[str, Any]:
    """What the template names of a case."""
    case = view.case
    return {"case": SimpleNamespace(id=case.id, ref=case.ref, rev=case.rev), "ref": case.ref}


def reason_refused(fault: TrestegError) -> RefusedForm | None:
    """Why a form is drawn again; None when the fault is none of the form."""
    if isinstance(fault, InvalidAnswers):
        return RefusedForm(fault.faults, status=STATUSES[fault.code])
    if isinstance(fault, SlowDown):
        return RefusedForm(reason=current().t("error.slow_down.text"), status=STATUSES[fault.code])
    return None


def draw_act(loaded: dict[str, Any], refused: RefusedForm, **texts: object) -> ResponseReturnValue:
    """The form of an act with a reason: with what was typed, and why it comes back."""
    return render_template(
        "case/reason_form.html",
        **{**NO_VALUES, **texts, **loaded},
        why=request.form.get("why", ""),
        faults=refused.faults,
        refused=refused.reason,
    ), refused.status
