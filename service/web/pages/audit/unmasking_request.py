"""An auditor asks for masked answers of one case to be opened to her, and sees what became of it.

Registered on the blueprint of the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.approvals import unmasking
from service.casework.approvals.unmasking_page import CaseUnmasking, load_case_unmasking
from service.casework.casefile import read_log
from service.casework.cases.protection import LONGEST
from service.errors import FieldFault, InvalidAnswers, NotAllowed, Stale, TrestegError
from service.store.transaction import Tx
from service.web.accounts.fresh_proof import require_proof
from service.web.page_policy import page_policy
from service.web.pages.audit import bp
from service.web.request_context import current
from service.web.submit import submit


@dataclass(frozen=True, slots=True)
class TypedRequest:
    """What was typed into a request that was refused; field to what is wrong in `faults`."""

    classes: tuple[str, ...] = ()
    reason: str = ""
    faults: Mapping[str, FieldFault] = field(default_factory=dict)


@bp.get("/audit/cases/<case>/unmask", endpoint="unmask")
@page_policy("plain", act="audit")
def show(case: str) -> ResponseReturnValue:
    """What can be asked for in a case, and what became of the last request."""
    return _draw(case, TypedRequest())


@bp.post("/audit/cases/<case>/unmask")
@page_policy("plain", act="audit")
def ask_unmasking(case: str) -> ResponseReturnValue:
    """Ask a second person."""
    require_proof()
    sent = TypedRequest(tuple(request.form.getlist("classes")), request.form.get("why", "").strip())
    command = partial(unmasking.ask, case_id=case, classes=sent.classes, reason=sent.reason)

    def refused(e: TrestegError) -> ResponseReturnValue | None:
        match e:
            case InvalidAnswers(faults=faults):
                found = {fault.path: fault for fault in faults}
                return _draw(case, TypedRequest(sent.classes, sent.reason, found)), 422
            case Stale() | NotAllowed():  # the page says what has become of it, or why not
                return _draw(case, sent), 409
        return None

    return submit(command, then=url_for("audit.unmask", case=case), refused=refused)


def _draw(case: str, typed: TypedRequest) -> str:
    context = current()

    def load(tx: Tx) -> CaseUnmasking:
        row = read_log.record_audit(tx, by=context.viewer, now=context.now, case_id=case)
        return load_case_unmasking(tx, context.program.services, context.viewer, row, context.now)

    page = context.read_and_log(load)
    return render_template(
        "audit/unmask.html", page=page, case=page.case, ref=page.case.ref, typed=typed, most=LONGEST
    )
