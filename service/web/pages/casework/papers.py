"""Papers of a case: choose one, have it made, and bring back the signed copy.

A paper is made between two transactions: what goes into it is read in the first, and compared and
kept in the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.application.paper_making import make_paper
from service.casework.casefile import papers
from service.casework.casefile.case_view import CaseView
from service.casework.casefile.documents import CheckedFile
from service.casework.casefile.paper_commands import add_signed_copy, tie_signed_copy, tieable
from service.casework.casefile.papers import PaperChoice, PaperOrder
from service.casework.pages.people_tab import case_offices
from service.errors import (
    ApprovalNeeded,
    FieldFault,
    InvalidAnswers,
    PaperFailed,
    SlowDown,
    Stale,
    TooLarge,
    TrestegError,
)
from service.people.office_contacts import read_of_contacts
from service.sandbox.attachments import SHARED as CLEANERS
from service.store.casefile import documents
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import FRESH, RefusedForm, case_head, opened_view
from service.web.request_context import current
from service.web.statuses import STATUSES
from service.web.submit import submit

bp = Blueprint("papers", __name__)


# ---- a paper is made


@bp.get("/cases/<case>/papers/new")
@page_policy("plain", act=WORK)
def choose(case: str) -> ResponseReturnValue:
    """The papers that the viewer may have made; or one of them, with what it asks for."""
    return _draw(case)


@bp.post("/cases/<case>/papers/new")
@page_policy("plain", act=WORK)
def make(case: str) -> ResponseReturnValue:
    """Have a paper made, and keep it with the case."""
    context, form = current(), request.form
    order = PaperOrder(
        paper=form.get("paper", ""),
        lang=form.get("lang", ""),
        reason=form.get("reason", ""),
        typed={name[2:]: text for name, text in form.items() if name.startswith("t-")},
    )
    if not order.reason:
        fault = FieldFault("reason", "form.required_choice")
        return _draw(case, RefusedForm((fault,), status=STATUSES[InvalidAnswers.code]))
    try:
        command = make_paper(
            context.database,
            case,
            order,
            load=lambda tx: opened_view(tx, case, "papers"),
            by_name=context.signed_in.name,
            now=context.now,
        )
    except PaperFailed as e:
        reason = context.t(f"papers.why_{e.facts['why']}")
        return _draw(case, RefusedForm(reason=reason, status=STATUSES[e.code]))
    return submit(
        command,
        then=url_for("cases.show", case=case, tab="papers", done="made"),
        refused=partial(_make_refused, case),
    )


def _make_refused(case: str, fault: TrestegError) -> ResponseReturnValue | None:
    if isinstance(fault, ApprovalNeeded):
        kind = str(fault.facts["kind"])
        subject = str(fault.facts["subject"])
        return redirect(
            url_for("protected_identity.ask", case=case, kind=kind, subject=subject), 303
        )
    if isinstance(fault, Stale):
        reason = current().t("papers.stale")
        return _draw(case, RefusedForm(reason=reason, status=STATUSES[fault.code]))
    refused = _refused(fault)
    return _draw(case, refused) if refused is not None else None


def _refused(fault: TrestegError) -> RefusedForm | None:
    """Why a form is drawn again; None when the fault is none of the form."""
    status = STATUSES[fault.code]
    if isinstance(fault, InvalidAnswers):
        return RefusedForm(fault.faults, status=status)
    if isinstance(fault, SlowDown):
        return RefusedForm(reason=current().t("error.slow_down.text"), status=status)
    if isinstance(fault, TooLarge):
        reason = current().t("form.file_many", most=fault.facts["most"])
        return RefusedForm(reason=reason, status=status)
    return None


def _draw(case: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    loaded = current().read_and_log(lambda tx: _load(tx, case))
    return render_template(
        "case/paper.html", **loaded, faults=refused.faults, refused=refused.reason
    ), refused.status


def _load(tx: Tx, case: str) -> dict[str, Any]:
    """What the template names, and the line that says who reads it."""
    context = current()
    wanted = request.values.get("paper", "")
    view = opened_view(tx, case, "papers", read_of_contacts())
    choice = papers.find_choice(view, wanted) if wanted else None
    lang = papers.proposed_language(view, choice) if choice is not None else ""
    return {
        **case_head(view),
        "choices": papers.paper_choices(view) if choice is None else (),
        "paper": _shown(choice, _offers(view, choice)) if choice is not None else None,
        "lang": request.form.get("lang") or lang,
        "reasons": [(code, context.t(f"papers.reason_{code}")) for code in papers.REASONS],
        "reason": request.form.get("reason", ""),
    }


def _offers(view: CaseView, choice: PaperChoice) -> dict[str, list[tuple[str, str]]]:
    """Line to what may be taken over into it: (how an office of the case is reached, its name)."""
    offices = case_offices(view) if any(line.offers for line in choice.typed) else ()
    return {
        line.key: [
            (text, office.name)
            for office in offices
            for part in line.offers
            if (text := getattr(office.contact, part)) and len(text) <= line.most
        ]
        for line in choice.typed
    }


def _shown(choice: PaperChoice, offers: Mapping[str, list[tuple[str, str]]]) -> SimpleNamespace:
    """One paper as its page shows it: its languages by name, its lines with what was typed."""
    context = current()
    languages = dict(
        context.program.services.directories.get(context.lang, {}).get("languages", ())
    )
    return SimpleNamespace(
        id=choice.id,
        title=choice.title,
        languages=[
            (code, languages.get(code, code), code in choice.examples) for code in choice.languages
        ],
        lines=[
            SimpleNamespace(
                name=f"t-{line.key}",
                label=line.label.get(context.lang) or line.label["sv"],
                most=line.most,
                value=request.form.get(f"t-{line.key}", ""),
                offers=offers[line.key],
            )
            for line in choice.typed
        ],
    )


# ---- a signed copy comes back


@bp.get("/cases/<case>/papers/signed")
@page_policy("plain", act=WORK)
def signed(case: str) -> ResponseReturnValue:
    """Where the signed copy of a paper is brought back, by the code on its page."""
    return _draw_signed(case)


@bp.post("/cases/<case>/papers/signed")
@page_policy("plain", act=WORK)
def bring_signed(case: str) -> ResponseReturnValue:
    """Keep the signed copy with the paper that bears the code; or tie one that is here already."""
    current().read_and_log(lambda tx: opened_view(tx, case, "papers"))
    code = request.form.get("code", "")
    document = request.form.get("document", "")
    refused = partial(_signed_refused, case)
    then = url_for("cases.show", case=case, tab="papers", done="signed")
    if document:
        tie = partial(tie_signed_copy, case_id=case, code=code, document=document)
        return submit(tie, then=then, refused=refused)
    try:
        clean = _checked()
    except InvalidAnswers as e:
        return _draw_signed(case, RefusedForm(e.faults, status=STATUSES[e.code]))
    add = partial(add_signed_copy, case_id=case, code=code, clean=clean)
    return submit(add, then=then, refused=refused)


def _checked() -> CheckedFile:
    """The file that came, as it may be kept.

    Raises:
        InvalidAnswers: none came, or why it is not taken.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidAnswers((FieldFault("file", "form.file_missing"),))
    sent = (file.filename, file.mimetype, file.stream.read())
    file.stream.seek(0)  # its digest is taken when the command is submitted
    return CLEANERS.clean_field("file", *sent, most_mb=current().program.settings.upload_max_mb)


def _signed_refused(case: str, fault: TrestegError) -> ResponseReturnValue | None:
    refused = _refused(fault)
    return _draw_signed(case, refused) if refused is not None else None


def _draw_signed(case: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    def load(tx: Tx) -> dict[str, Any]:
        view = opened_view(tx, case, "papers")
        rows = documents.of_case(view.at_hand, case)
        numbers = {row.id: number for number, row in enumerate(rows, 1)}
        here = [
            (row.id, current().t("papers.here", n=numbers[row.id], day=view.day(row.at)))
            for row in tieable(view, rows)
        ]
        return {**case_head(view), "here": here}

    return render_template(
        "case/signed_copy.html",
        **current().read_and_log(load),
        code=request.values.get("code", ""),
        document=request.form.get("document", ""),
        faults=refused.faults,
        refused=refused.reason,
    ), refused.status
