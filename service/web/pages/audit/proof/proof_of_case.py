"""The proof of a case: verify its history now, and hand it out as a bundle that proves itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

from flask import render_template, request
from flask.typing import ResponseReturnValue

from service.audit import verify
from service.audit.proof.proof_bundle import ProofBundle, ProofOrder, make_bundle
from service.audit.proof.proof_entries import record_bundle, record_verification
from service.audit.proof.viewer import sentences
from service.audit.violation_text import ViolationText, violation_text
from service.casework.casefile import read_log
from service.records.context import actor
from service.store.casefile import cases
from service.store.transaction import Tx
from service.web.accounts.fresh_proof import require_proof
from service.web.page_policy import page_policy
from service.web.pages.audit.proof import bp, log_heads
from service.web.request_context import current

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class ProofResult:
    """The result of a verification, in sentences of the reader's language."""

    lines: int
    facts: int
    faults: Sequence[ViolationText]
    proven: Sequence[str]
    not_proven: Sequence[str]
    waiting: int


@dataclass(frozen=True, slots=True)
class ProofForm:
    """What was typed into the form, and what is wrong with it by field."""

    reason: str = ""
    head: str = ""
    reads: bool = False
    answers: bool = False
    faults: dict[str, str] = field(default_factory=dict)


@bp.get("/audit/cases/<case>/proof")
@page_policy("plain", act="audit")
def show(case: str) -> ResponseReturnValue:
    """The page that verifies the history of a case and hands it out as a bundle."""
    return current().read_and_log(lambda tx: _page(_recorded(tx, case), ProofForm()))


@bp.post("/audit/cases/<case>/verify")
@page_policy("plain", act="audit")
def verify_now(case: str) -> ResponseReturnValue:
    """Verify the history of a case as this installation does, and as an outsider does."""
    outside = log_heads.read_outside()
    context = current()
    found = current().read_and_log(lambda tx: _recorded(tx, case))
    order = ProofOrder((found,), reads=True, heads=outside)
    with context.transaction() as tx:
        report = verify.verify_alone(tx, context.program.services, case, now=context.now)
        made = make_bundle(
            tx, context.program.services, order, viewer=context.viewer, now=context.now
        )
    by = actor(context.viewer)
    context.write(
        lambda tx: record_verification(tx, by=by, now=context.now, case_id=case, report=report)
    )
    return _page(found, ProofForm(), _result(made, report))


@bp.post("/audit/cases/<case>/proof")
@page_policy("plain", act="audit")
def download(case: str) -> ResponseReturnValue:
    """Hand out a bundle; the read log says so before it is sent."""
    require_proof()
    outside, sent = log_heads.read_outside(), request.form
    form = ProofForm(
        sent.get("reason", "").strip()[:LONGEST_REASON],
        sent.get("head", "").strip(),
        "reads" in sent.getlist("with"),
        "answers" in sent.getlist("with"),
    )
    found = current().read_and_log(lambda tx: _recorded(tx, case))
    return _hand_out(found, form, outside)


def _hand_out(
    case: cases.CaseSummary, form: ProofForm, outside: dict[str, str]
) -> ResponseReturnValue:
    """Make a bundle while others write, and send it once its entry is there."""
    context = current()
    services = current().program.services
    kept = {**outside, **({log_heads.PASTED: f"{form.head}\n"} if form.head else {})}
    order = ProofOrder((case,), form.reads, form.answers, kept)
    with context.transaction() as tx:
        form.faults.update(_faults(tx, form))
        if form.faults:
            return _page(case, form), 422
        made = make_bundle(tx, services, order, viewer=context.viewer, now=context.now)
    if not made.content:
        return _page(case, form, _result(made)), 422
    by = actor(context.viewer)
    context.write(
        lambda tx: record_bundle(
            tx, services, order, made, by=by, now=context.now, reason=form.reason
        )
    )
    return log_heads.send(made)


def _faults(tx: Tx, form: ProofForm) -> dict[str, str]:
    """Field to the sentence why the bundle cannot be made."""
    faults = {} if form.reason else {"reason": current().t("proof.need_reason")}
    wrong = log_heads.fault(tx, form.head)
    return {**faults, "head": wrong} if wrong else faults


def _result(made: ProofBundle, report: verify.VerifyReport | None = None) -> ProofResult:
    """The result of the installation's verification, if one ran, and of the bundle's verifier."""
    context = current()
    lang = current().lang
    found = made.verifier
    faults = [
        violation_text(fault, lang) for fault in (report.faults if report is not None else ())
    ]
    if found is None:
        none = ViolationText(context.t("proof.no_checkpoint"), "")
        return ProofResult(0, 0, [*faults, none], (), (), 0)
    return ProofResult(
        report.lines if report is not None else sum(made.streams.values()),
        report.facts if report is not None else 0,
        [*faults, *(ViolationText(said, "") for said in sentences(found.faults, lang))],
        sentences(found.proven, lang),
        sentences([one for one in found.not_proven if one[0] != "key_unknown"], lang),
        made.waiting,
    )


def _recorded(tx: Tx, case: str) -> cases.CaseSummary:
    """The case. Writes the line of the read log, before anything is sent."""
    context = current()
    return read_log.record_audit(tx, by=context.viewer, now=context.now, case_id=case)


def _page(case: cases.CaseSummary, form: ProofForm, result: ProofResult | None = None) -> str:
    contact = current().program.settings.help_contact or current().t("proof.broken_contact")
    head = SimpleNamespace(id=case.id, ref=case.ref, number=case.number)
    return render_template(
        "audit/proof.html", case=head, ref=case.ref, form=form, result=result, contact=contact
    )
