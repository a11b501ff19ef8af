"""Corrections of a case that need a reason: its protection marking, and dropping a document."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.cases import protection
from service.casework.pages import case_reads, records_tabs
from service.casework.pages.case_commands import ChangeMarking, DropDocument
from service.errors import (
    ApprovalNeeded,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    SlowDown,
    Stale,
    TrestegError,
)
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.cases.refused_form import FRESH, RefusedForm
from service.web.request_context import current
from service.web.statuses import STATUSES
from service.web.submit import submit

bp = Blueprint("case_acts", __name__)
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


# ---- the protection marking


@bp.get("/cases/<case>/marking")
@page_policy("plain", act=WORK)
def mark(case: str) -> ResponseReturnValue:
    """Which marking the case has, and which it could have."""
    return _draw_marking(case)


@bp.post("/cases/<case>/marking")
@page_policy("plain", act=WORK)
def mark_now(case: str) -> ResponseReturnValue:
    """Change the protection marking."""
    marking, reason, was = (request.form.get(name, "") for name in ("marking", "why", "was"))
    command = ChangeMarking(case, marking, reason, was)
    then = url_for("cases.show", case=case, done="marking")
    return submit(command, then=then, refused=partial(_marking_refused, case))


def _marking_refused(case: str, fault: TrestegError) -> ResponseReturnValue | None:
    if isinstance(fault, Stale):
        reason = current().t("marking.stale")
        return _draw_marking(case, RefusedForm((), reason, STATUSES[fault.code]))
    if isinstance(fault, ApprovalNeeded):
        kind = str(fault.facts["kind"])
        subject = str(fault.facts["subject"])
        return redirect(url_for("case_acts.ask", case=case, kind=kind, subject=subject), 303)
    refused = reason_refused(fault)
    return _draw_marking(case, refused) if refused is not None else None


def _draw_marking(case: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    at = current()

    def load(tx: Tx) -> dict[str, Any]:
        view = opened_view(tx, case, "marking")
        now = view.case.marking or protection.MARKINGS[0]
        allowed = protection.markings_for(view.configuration, at.viewer, view.parties, now)
        if not allowed:
            raise NotAllowed(why="role")
        return {
            **case_head(view),
            "choices": [
                (code, at.t(f"marking.{code}"), at.t(f"marking.{code}_means")) for code in allowed
            ],
            "hidden": {"was": now},
            "chosen": now if refused.reason else request.form.get("marking", now),
        }

    return draw_act(
        at.read_and_log(load),
        refused,
        title=at.t("marking.title"),
        text=at.t("marking.about"),
        label=at.t("marking.do"),
        address=url_for("case_acts.mark_now", case=case),
        lines=[at.t(f"marking.then_{what}") for what in ("shield", "named", "ordinary", "history")],
        choice="marking",
        choose=at.t("marking.choose"),
    )


# ---- documents


@bp.get("/cases/<case>/papers/<document>/drop")
@page_policy("plain", act=WORK)
def drop(case: str, document: str) -> ResponseReturnValue:
    """Which document would go, and what that means."""
    return _draw_drop(case, document)


@bp.post("/cases/<case>/papers/<document>/drop")
@page_policy("plain", act=WORK)
def drop_now(case: str, document: str) -> ResponseReturnValue:
    """Drop a document."""
    command = DropDocument(case, document, request.form.get("why", ""))
    then = url_for("cases.show", case=case, tab="papers", done="paper")
    return submit(command, then=then, refused=partial(_drop_refused, case, document))


def _drop_refused(case: str, document: str, fault: TrestegError) -> ResponseReturnValue | None:
    refused = reason_refused(fault)
    return _draw_drop(case, document, refused) if refused is not None else None


def _draw_drop(case: str, document: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    at = current()

    def load(tx: Tx) -> dict[str, Any]:
        view = opened_view(tx, case, "papers")
        row = _require_document(tx, view, document)
        name = f"{row.name}, {row.kind}, {row.size}"
        return {**case_head(view), "text": at.t("papers.drop_about", paper=name, who=row.by)}

    return draw_act(
        at.read_and_log(load),
        refused,
        title=at.t("papers.drop_title"),
        label=at.t("papers.drop_do"),
        address=url_for("case_acts.drop_now", case=case, document=document),
        lines=[at.t(f"papers.then_{what}") for what in ("gone", "done", "history")],
        grave=True,
    )


def _require_document(tx: Tx, view: CaseView, document: str) -> records_tabs.DocumentRow:
    """A document of this case that the viewer sees and may drop.

    Raises:
        NotFound: there is none that she sees.   NotAllowed: she may not drop it.
    """
    rows: tuple[records_tabs.DocumentRow, ...] = records_tabs.all_documents(tx, view).values[
        "papers"
    ]
    found = next((row for row in rows if row.id == document), None)
    if found is None:
        raise NotFound
    if not found.droppable:
        raise NotAllowed(why="paper")
    return found


# ---- what both share


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
        "case/correction.html",
        **{**NO_VALUES, **texts, **loaded},
        why=request.form.get("why", ""),
        faults=refused.faults,
        refused=refused.reason,
    ), refused.status
