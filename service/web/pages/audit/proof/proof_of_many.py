"""A bundle of several cases and of streams of the installation, chosen freely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import render_template, request
from flask.typing import ResponseReturnValue

from service.audit.proof.proof_bundle import ProofOrder, make_bundle
from service.audit.proof.proof_entries import record_bundle
from service.audit.proof.viewer import sentences
from service.audit.search.streams import load_stream_titles, stream_name
from service.casework.casefile import read_log
from service.records.context import actor
from service.store.casefile import cases
from service.store.casefile.cases import CaseSummary
from service.store.transaction import Tx
from service.web.accounts.fresh_proof import require_proof
from service.web.page_policy import page_policy
from service.web.pages.audit.proof import bp, log_heads
from service.web.request_context import current

MOST_CASES = 100
"""More are handed out by `tresteg export`: nobody waits so long for a page."""
LONGEST_REASON, LONGEST_LIST = 500, 10_000
"""In characters."""


@dataclass(frozen=True, slots=True)
class ManyForm:
    """What was typed and chosen, and what is wrong with it by field."""

    cases: str = ""
    streams: tuple[str, ...] = ()
    reason: str = ""
    head: str = ""
    reads: bool = False
    answers: bool = False
    faults: dict[str, str] = field(default_factory=dict)


@bp.get("/audit/bundle", endpoint="many")
@page_policy("plain", act="audit")
def show() -> ResponseReturnValue:
    """What can be chosen; an address may name cases to begin with, by id."""
    barred = current().viewer.barred
    ids = [id_ for id_ in request.args.getlist("case")[:MOST_CASES] if id_ not in barred]
    with current().transaction() as tx:
        refs = cases.refs(tx, ids) if ids else {}
        named = "\n".join(refs[id_] for id_ in dict.fromkeys(ids) if id_ in refs)
        return _page(tx, ManyForm(cases=named))


@bp.post("/audit/bundle", endpoint="make_many")
@page_policy("plain", act="audit")
def download() -> ResponseReturnValue:
    """Hand the bundle out; the log of who looked at each case says so before it is sent."""
    require_proof()
    outside, sent = log_heads.read_outside(), request.form
    form = ManyForm(
        cases=sent.get("cases", "").strip()[:LONGEST_LIST],
        streams=tuple(sent.getlist("stream")),
        reason=sent.get("reason", "").strip()[:LONGEST_REASON],
        head=sent.get("head", "").strip(),
        reads="reads" in sent.getlist("with"),
        answers="answers" in sent.getlist("with"),
    )
    found = current().read_and_log(lambda tx: _chosen(tx, form))
    if form.faults:
        with current().transaction() as tx:
            return _page(tx, form), 422
    return _hand_out(form, found, outside)


def _chosen(tx: Tx, form: ManyForm) -> tuple[CaseSummary, ...]:
    """The cases that were named, each with a line in the log of who looked; none where something
    is wrong with the form.
    """
    context, faults = current(), form.faults
    faults.clear()  # the transaction may be run again
    found, unknown = _find(tx, form.cases)
    wrong = {
        "cases": _cases_fault(form, found, unknown),
        "streams": _streams_fault(tx, form),
        "reason": "" if form.reason else context.t("proof.need_reason"),
        "head": log_heads.fault(tx, form.head),
    }
    faults.update({name: text for name, text in wrong.items() if text})
    if faults:
        return ()
    for case in found:
        read_log.record_audit(tx, by=context.viewer, now=context.now, case_id=case.id)
    return tuple(found)


def _cases_fault(form: ManyForm, found: Sequence[CaseSummary], unknown: Sequence[str]) -> str:
    t = current().t
    if unknown:
        return t("proof.no_such_cases", names=", ".join(unknown))
    if len(found) > MOST_CASES:
        return t("proof.too_many_cases", n=len(found), most=MOST_CASES)
    return "" if found or form.streams else t("proof.nothing_chosen")


def _streams_fault(tx: Tx, form: ManyForm) -> str:
    context = current()
    known = dict(load_stream_titles(tx, context.lang))
    return context.t("proof.no_such_stream") if set(form.streams) - known.keys() else ""


def _find(tx: Tx, typed: str) -> tuple[list[CaseSummary], list[str]]:
    """The cases that were named, each once, and the words that name none."""
    found = dict[str, CaseSummary]()
    unknown = list[str]()
    for word in dict.fromkeys(typed.replace(",", " ").split()):
        case = cases.find(tx, word)
        if case is None or case.id in current().viewer.barred:
            unknown.append(word)
        else:
            found[case.id] = case
    return [*found.values()], unknown


def _hand_out(
    form: ManyForm, found: Sequence[CaseSummary], outside: dict[str, str]
) -> ResponseReturnValue:
    """Make a bundle while others write, and send it once its entries are there."""
    context = current()
    services = current().program.services
    kept = {**outside, **({log_heads.PASTED: f"{form.head}\n"} if form.head else {})}
    streams = tuple(stream_name(services, name) for name in form.streams)
    order = ProofOrder(tuple(found), form.reads, form.answers, kept, streams)
    with context.transaction() as tx:
        made = make_bundle(tx, services, order, viewer=context.viewer, now=context.now)
        if not made.content:
            said = made.verifier.faults if made.verifier is not None else ()
            why = sentences(said, context.lang) if said else [context.t("proof.no_checkpoint")]
            return _page(tx, form, why), 422
    by = actor(context.viewer)
    context.write(
        lambda tx: record_bundle(
            tx, services, order, made, by=by, now=context.now, reason=form.reason
        )
    )
    return log_heads.send(made)


def _page(tx: Tx, form: ManyForm, broken: Sequence[str] = ()) -> str:
    context = current()
    return render_template(
        "audit/bundle.html",
        form=form,
        broken=broken,
        contact=context.program.settings.help_contact or context.t("proof.broken_contact"),
        streams=[
            (name, title, name in form.streams)
            for name, title in load_stream_titles(tx, context.lang)
        ],
        most=MOST_CASES,
    )
