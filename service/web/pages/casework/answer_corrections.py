"""Correcting an answer that was sent: its form once more, what that would bring, and what a
correction has changed.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.corrections.correct_answer import Corrected, correct_answer, keep_correction
from service.casework.corrections.correction_form import CorrectionSession, open_correction
from service.casework.corrections.correction_page import (
    load_correction,
    load_correction_page,
    preview_reply,
    reads_of_corrections,
)
from service.casework.pages import case_reads
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
from service.web.pages.casework.cases import bp, require_case_view
from service.web.request_context import current
from service.web.submit import perform, submit
from service.web.template_globals import page_values


@bp.get("/cases/<case>/answers/<int:fact>/correction")
@page_policy("plain", act=WORK)
def correct(case: str, fact: int) -> ResponseReturnValue:
    """The form of a sent answer as it was, to be corrected."""
    return _draw(case, fact)


@bp.post("/cases/<case>/answers/<int:fact>/correction")
@page_policy("plain", act=WORK)
def send_correction(case: str, fact: int) -> ResponseReturnValue:
    """Correct it; or keep what was typed, or draw its form again, as the pressed button says."""
    typed = typed_answers()
    do = request.form.get("do", "")
    context = current()
    refused = drawn_again(lambda form: _draw(case, fact, typed, refused=form))
    if do == "send":
        command = partial(correct_answer, case_id=case, fact=fact, answers=typed, rev=context.rev)
        return submit(command, then=_address_after, refused=refused)
    if do == "keep":
        keep = partial(
            keep_correction,
            case_id=case,
            fact=fact,
            answers=typed,
            rev=context.unsent_rev,
            refuse_conflicts=True,
        )
        then = url_for("cases.correct", case=case, fact=fact, kept=1)
        return submit(keep, then=then, refused=refused)
    return _draw(case, fact, typed, do=do)


def _address_after(done: Corrected) -> str:
    """The case, which says that it was corrected; or what waits for a second person."""
    if done.approval:
        return url_for("approvals.index")
    return url_for("cases.show", case=done.case_id, done="corrected")


@bp.post("/cases/<case>/answers/<int:fact>/correction/unsent")
@page_policy("plain", act=WORK)
def unsent_correction(case: str, fact: int) -> ResponseReturnValue:
    """Keep what is typed for a correction that is not sent."""
    typed, rev = typed_answers(), current().unsent_rev
    keep = partial(keep_correction, case_id=case, fact=fact, answers=typed, rev=rev)
    return saved_reply(perform(keep))


@bp.post("/cases/<case>/answers/<int:fact>/correction/preview")
@page_policy("plain", act=WORK, awake=False)
def preview_correction(case: str, fact: int) -> ResponseReturnValue:
    """What the correction would bring. Writes nothing."""
    with current().transaction() as tx:
        session = _session(tx, case, fact)
    return jsonify(preview_reply(session, typed_answers()))


@bp.get("/cases/<case>/corrections/<int:fact>")
@page_policy("plain")
def corrected(case: str, fact: int) -> ResponseReturnValue:
    """What a correction has changed: each field as it was and as it is."""
    context = current()

    def load(tx: Tx) -> dict[str, Any]:
        view = require_case_view(tx, case, *reads_of_corrections(case))
        found = load_correction(view, fact)
        case_reads.record_case(tx, view, classes=found.classes, about={"tab": "correction"})
        return {
            "case": SimpleNamespace(id=case, ref=view.case.ref, rev=view.case.rev),
            "ref": view.case.ref,
            "found": found,
        }

    return render_template("case/corrected.html", **context.read_and_log(load))


def _session(tx: Tx, case: str, fact: int) -> CorrectionSession:
    context = current()
    return open_correction(tx, context.program.services, context.viewer, case, fact, context.now)


def _draw(
    case: str,
    fact: int,
    typed: Raw | None = None,
    *,
    do: str = "",
    refused: RefusedForm = FRESH,
) -> ResponseReturnValue:
    """The form of a correction. It is sent after the line is committed that says who reads it."""
    context = current()

    def load(tx: Tx) -> dict[str, Any]:
        session = _session(tx, case, fact)
        page = load_correction_page(
            session, typed=with_rows(session, typed, do), faults=refused.faults
        )
        sent = session.target.sent
        shown = {answer.klass for answer in sent.visibility.shown(sent.own).values()}
        row = sent.loaded.case
        case_reads.record_look(
            session.reader,
            tx,
            by=context.viewer,
            now=context.now,
            case=row,
            classes={"C0"} if page.decision else {"C0", *shown},
            about={"tab": "correction"},
        )
        head = SimpleNamespace(id=case, ref=row.ref, rev=row.rev)
        return {**page_values(page), "case": head, "ref": row.ref, "sent_at": sent.fact.at}

    return render_template(
        "case/correct.html",
        **context.read_and_log(load),
        fact=fact,
        refused=refused.reason,
        kept="kept" in request.args,
    ), refused.status
