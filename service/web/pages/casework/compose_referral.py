"""Composing a referral step by step: to whom, why, with which answers, and sending it.

It is composed without script: what was chosen travels in the form, and nothing is stored before
it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.casefile import read_log
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.cases.case_visibility import classes
from service.casework.pages import case_page
from service.casework.pages.case_commands import send_referral
from service.casework.referrals import compose, referral_texts
from service.casework.referrals.compose import STEPS, ReferralComposition
from service.casework.referrals.referral_options import ReferralChoice
from service.errors import ConsentMissing, FieldFault, InvalidAnswers, Stale, TrestegError
from service.release.programme.vocabulary import PURPOSE
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current, whole_number
from service.web.statuses import STATUSES
from service.web.submit import submit

bp = Blueprint("compose_referral", __name__)
FIRST, WHY, WHAT, LAST = STEPS
SHOWING = (WHAT, LAST)
"""Steps that show answers of the case."""


@bp.get("/cases/<case>/refer")
@page_policy("plain", act=WORK)
def refer(case: str) -> ResponseReturnValue:
    """The first step: to whom."""
    return _draw(case, FIRST)


@bp.post("/cases/<case>/refer")
@page_policy("plain", act=WORK)
def pack(case: str) -> ResponseReturnValue:
    """The next step, the one before, or sending, as the pressed button says.

    What was chosen travels in the form: ids and codes alone.
    """
    step = request.form.get("step", FIRST)
    do = request.form.get("do", "")
    step = step if step in STEPS else FIRST
    if do == "send":
        return submit(
            partial(send_referral, case_id=case, choice=_choice(), rev=current().rev),
            then=lambda id_: url_for("referrals.show", referral=id_),
            refused=lambda e: _again(e, case),
        )
    if do == "back":
        return _draw(case, STEPS[max(STEPS.index(step) - 1, 0)])
    return _draw(case, STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)] if do == "next" else step)


def _choice() -> ReferralChoice:
    sent = request.form
    office = sent.get("office", "")
    purpose = sent.get("purpose", "")
    ticked = (
        frozenset(sent.getlist("field"))
        if sent.get("ticked_for") == f"{office}/{purpose}"
        else None
    )
    return ReferralChoice(office, purpose, ticked, whole_number(sent.get("days")))


def _again(fault: TrestegError, case: str) -> ResponseReturnValue | None:
    """The page that the fault belongs to, with what was chosen; None when it belongs to none."""
    if isinstance(fault, Stale):
        return _draw(
            case, LAST, refused=current().t("referral.case_moved"), status=STATUSES[fault.code]
        )
    return _draw(case, LAST) if isinstance(fault, InvalidAnswers | ConsentMissing) else None


@dataclass(frozen=True, slots=True)
class ComposePage:
    """What the page of a step shows; `stopped` when a consent is missing for it."""

    view: CaseView
    step: str
    fault: FieldFault | None
    stopped: bool
    values: Mapping[str, Any]


def _draw(case: str, wanted: str, *, refused: str = "", status: int = 200) -> ResponseReturnValue:
    """The page of a step; of an earlier one when something before it is missing or wrong."""
    context = current()
    page = context.read_and_log(lambda tx: _load_step(tx, case, wanted))
    view, fault = page.view, page.fault
    if fault is not None or page.stopped:
        status = STATUSES["answers_invalid" if fault is not None else "consent_missing"]
    return render_template(
        "referral/compose.html",
        case=SimpleNamespace(id=case, ref=view.case.ref, rev=view.case.rev),
        ref=view.case.ref,
        step=page.step,
        steps=STEPS,
        marking=case_page.marking_text(view),
        fault=context.t(fault.key, **fault.facts) if fault is not None else "",
        refused=refused,
        **page.values,
    ), status


def _load_step(tx: Tx, case: str, wanted: str) -> ComposePage:
    """Load a step and record what it shows."""
    context = current()
    services, more = context.program.services, compose.reads_of_compose(case)
    view = load_case_view(tx, services, context.viewer, case, context.now, more=more)
    made = compose.compose(view, _choice())
    step, fault, stopped = _reached(made, wanted)
    _record(tx, made, step)
    values = {**_step_values(made, step, stopped=stopped), "own_step": compose.open_step(view)}
    return ComposePage(view, step, fault, stopped, values)


def _record(tx: Tx, made: ReferralComposition, step: str) -> None:
    """Record that the person reads the case, and the answers that a step shows, before it is
    sent.
    """
    shown = classes(made.offered if step == WHAT else made.packet) if step in SHOWING else set()
    context, case_id = current(), made.at.case.id
    read_log.record_read(
        tx,
        by=context.viewer,
        case_id=case_id,
        purpose="referral",
        classes={"C0", *shown},
        now=context.now,
        about={"step": step},
        case=made.at.case,
    )


def _reached(made: ReferralComposition, wanted: str) -> tuple[str, FieldFault | None, bool]:
    """The step that can be shown, what is wrong there, and whether a consent is missing."""
    for step in STEPS[: STEPS.index(wanted)]:
        fault = made.fault(step)
        if fault is not None:
            return step, fault, False
        if step == WHY and made.offer is not None and made.offer.missing:
            return step, None, True
    return wanted, None, False


def _step_values(made: ReferralComposition, step: str, *, stopped: bool) -> Mapping[str, Any]:
    """The values that the template of a step names."""
    offer = made.offer
    lang = current().lang
    services = current().program.services
    missing = offer.missing if offer is not None and stopped else ()
    based = made.offers if step in (WHY, LAST) else ()
    values = {
        "choice": made.choice,
        "targets": made.targets,
        "target": made.target,
        "offers": made.offers,
        "offer": offer,
        "rests": {
            o.id: referral_texts.legal_basis_text(
                services, made.at.visibility.release, o.ground, o.consents, lang
            )
            for o in based
        },
        "missing": [(made.at.term(PURPOSE, code), tuple(made.places(code))) for code in missing],
        "rows": made.rows if step == WHAT else (),
    }
    if step != LAST:
        return {**values, "ticked": (), "packet": (), "days": None, "due_choices": ()}
    return {
        **values,
        "ticked": made.ticked,
        "packet": [made.at.words.pair(answer) for answer in made.packet],
        "days": made.days,
        "due_choices": [
            (days, current().t("referral.in_days", n=days, date=made.at.day(due)))
            for days, due in made.due_choices
        ],
    }
