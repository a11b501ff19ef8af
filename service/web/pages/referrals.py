"""Referrals between offices: making one, step by step and without script; and its page, for the
office that sent it and the one that got it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.casefile import read_log
from service.actions.casefile.case_view import load_case_view, needs_lookup_reason
from service.actions.cases.case_visibility import classes
from service.actions.pages import case_page
from service.actions.referrals import answers, compose, referral_page, referral_texts, send
from service.actions.referrals.compose import STEPS, ReferralComposition
from service.actions.referrals.options import ReferralChoice
from service.errors import ConsentMissing, FieldFault, InvalidAnswers, NotFound, Stale, TrestegError
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current, whole_number
from service.web.statuses import STATUSES

bp = Blueprint("referrals", __name__)
FIRST, WHY, WHAT, LAST = STEPS


# ---- making one


@bp.get("/cases/<case>/refer")
@page_policy("plain", act=WORK)
def refer(case: str) -> ResponseReturnValue:
    """To whom: the first question."""
    return _draw(case, FIRST)


@bp.post("/cases/<case>/refer")
@page_policy("plain", act=WORK)
def pack(case: str) -> ResponseReturnValue:
    """The next question, the one before, or sending, as the pressed button says.

    What was chosen travels in the form: ids and codes alone.
    """
    step, do = request.form.get("step", FIRST), request.form.get("do", "")
    step = step if step in STEPS else FIRST
    if do == "send":
        return current().move(lambda tx: _send(tx, case), refused=lambda e: _again(e, case))
    if do == "back":
        return _draw(case, STEPS[max(STEPS.index(step) - 1, 0)])
    return _draw(case, STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)] if do == "next" else step)


def _choice() -> ReferralChoice:
    sent = request.form
    office, purpose = sent.get("office", ""), sent.get("purpose", "")
    ticked = (
        frozenset(sent.getlist("field"))
        if sent.get("ticked_for") == f"{office}/{purpose}"
        else None
    )
    return ReferralChoice(office, purpose, ticked, whole_number(sent.get("days")))


def _send(tx: Tx, case: str) -> str:
    at = load_case_view(tx, current().program.services, current().viewer, case, current().now)
    if needs_lookup_reason(tx, at):
        raise NotFound
    return url_for(
        "referrals.show", referral=send.send_referral(tx, at, _choice(), rev=current().rev).id
    )


def _again(fault: TrestegError, case: str) -> ResponseReturnValue | None:
    """The page that the fault belongs to, with what was chosen; None when it belongs to none."""
    if isinstance(fault, Stale):
        return _draw(
            case, LAST, refused=current().t("referral.case_moved"), status=STATUSES[fault.code]
        )
    return _draw(case, LAST) if isinstance(fault, InvalidAnswers | ConsentMissing) else None


def _draw(case: str, wanted: str, *, refused: str = "", status: int = 200) -> ResponseReturnValue:
    """The page of a step; of an earlier one when something before it is open or wrong.

    Who has nothing to do in the case says first, on its page, why.
    """
    at = current()
    with at.transaction() as tx:
        stand = load_case_view(tx, at.program.services, at.viewer, case, at.now)
        if needs_lookup_reason(tx, stand):
            return redirect(url_for("cases.show", case=case), 303)
        made = compose.compose(tx, stand, _choice())
        step, fault, stopped = _reached(made, wanted)
        told = _told(made, step, stopped=stopped)
    shown = (
        classes(made.offered if step == WHAT else made.packet)
        if step in (WHAT, LAST)
        else frozenset()
    )
    if shown - {"C0"}:
        at.run(
            lambda tx: read_log.record_read(
                tx,
                by=at.viewer,
                case_id=case,
                purpose="referral",
                classes=shown,
                now=at.now,
                about={"step": step},
            )
        )
    if fault is not None or stopped:
        status = STATUSES["answers_invalid" if fault is not None else "consent_missing"]
    head = SimpleNamespace(id=case, ref=stand.case.ref, rev=stand.case.rev)
    about = {
        "step": step,
        "steps": STEPS,
        "marking": case_page.marking_text(stand),
        "fault": at.t(fault.key, **fault.facts) if fault is not None else "",
        "refused": refused,
    }
    return render_template(
        "referral/compose.html", case=head, ref=stand.case.ref, **about, **told
    ), status


def _reached(made: ReferralComposition, wanted: str) -> tuple[str, FieldFault | None, bool]:
    """The step that can be shown, what is wrong there, and whether a consent is missing."""
    for step in STEPS[: STEPS.index(wanted)]:
        fault = made.fault(step)
        if fault is not None:
            return step, fault, False
        if step == WHY and made.offer is not None and made.offer.missing:
            return step, None, True
    return wanted, None, False


def _told(made: ReferralComposition, step: str, *, stopped: bool) -> Mapping[str, Any]:
    """What the template of a step names."""
    offer, lang = made.offer, current().lang
    missing = (
        [(current().t(f"purpose.{c}"), tuple(made.places(c))) for c in offer.missing]
        if offer is not None and stopped
        else []
    )
    rests = (
        {o.id: referral_texts.legal_basis_text(o.ground, o.consents, lang) for o in made.offers}
        if step in (WHY, LAST)
        else {}
    )
    rows = made.rows if step == WHAT else ()
    return {
        "choice": made.choice,
        "targets": made.targets,
        "target": made.target,
        "offers": made.offers,
        "offer": offer,
        "rests": rests,
        "missing": missing,
        "rows": rows,
        "ticked": made.ticked if step == LAST else (),
        "packet": [made.at.words.pair(one) for one in made.packet] if step == LAST else (),
        "days": made.days if step == LAST else None,
        "due_choices": [
            (days, current().t("referral.in_days", n=days, date=made.at.day(due)))
            for days, due in made.due_choices
        ]
        if step == LAST
        else (),
    }


# ---- one referral


@bp.get("/referrals/<referral>")
@page_policy("plain", act=WORK)
def show(referral: str) -> ResponseReturnValue:
    """Where it stands, what went with it as far as the reader may see it, and what she may do now."""
    return _page(referral)


@bp.post("/referrals/<referral>")
@page_policy("plain", act=WORK)
def act(referral: str) -> ResponseReturnValue:
    """What the pressed button says."""
    do = request.form.get("do", "")
    if do not in ACTS:
        raise NotFound
    return current().move(
        lambda tx: _done(tx, do, referral), refused=lambda e: _refused(e, do, referral)
    )


def _done(tx: Tx, do: str, referral: str) -> str:
    ACTS[do](tx, referral)
    return (
        url_for("inbox.index")
        if do == "acknowledge"
        else url_for("referrals.show", referral=referral)
    )


def _refuse(tx: Tx, referral: str) -> None:
    reason, text = request.form.get("reason", ""), request.form.get("text", "")
    answers.refuse(
        tx,
        current().program.services,
        by=current().viewer,
        referral_id=referral,
        reason=reason,
        text=text,
        now=current().now,
    )


def _text() -> str:
    return request.form.get("text", "")


ACTS: Mapping[str, Callable[[Tx, str], None]] = {
    "accept": lambda tx, id_: answers.accept(
        tx, current().program.services, by=current().viewer, referral_id=id_, now=current().now
    ),
    "refuse": _refuse,
    "ask": lambda tx, id_: answers.ask(
        tx,
        current().program.services,
        by=current().viewer,
        referral_id=id_,
        text=_text(),
        now=current().now,
    ),
    "done": lambda tx, id_: answers.done(
        tx, by=current().viewer, referral_id=id_, now=current().now
    ),
    "reply": lambda tx, id_: answers.reply(
        tx,
        current().program.services,
        by=current().viewer,
        referral_id=id_,
        text=_text(),
        now=current().now,
    ),
    "revoke": lambda tx, id_: answers.revoke(
        tx, current().program.services, by=current().viewer, referral_id=id_, now=current().now
    ),
    "acknowledge": lambda tx, id_: answers.acknowledge(
        tx, by=current().viewer, referral_id=id_, now=current().now
    ),
}


def _refused(fault: TrestegError, do: str, referral: str) -> ResponseReturnValue | None:
    """The page once more, with what was typed and why it was refused; None when it is another
    fault.
    """
    if isinstance(fault, InvalidAnswers):
        wrong = fault.faults[0]
        values = {"label": current().t("referral.words"), **wrong.facts}
        return _page(
            referral,
            faults={f"{do}.{wrong.path}": current().t(wrong.key, **values)},
            status=STATUSES[fault.code],
        )
    if isinstance(fault, Stale):
        return _page(
            referral, refused=current().t("referral.too_late"), status=STATUSES[fault.code]
        )
    if isinstance(fault, ConsentMissing):
        return _page(
            referral, refused=current().t("referral.gone_consent"), status=STATUSES[fault.code]
        )
    return None


def _page(
    referral: str, *, faults: Mapping[str, str] | None = None, refused: str = "", status: int = 200
) -> ResponseReturnValue:
    at = current()
    with at.transaction() as tx:
        found = referral_page.load_referral_page(
            tx, at.program.services, at.viewer, at.now, referral
        )
    at.run(lambda tx: referral_page.record_look(tx, by=at.viewer, found=found, now=at.now))
    typed = (
        {
            "text": _text(),
            "reason": request.form.get("reason", ""),
            "do": request.form.get("do", ""),
        }
        if faults
        else {"text": "", "reason": "", "do": ""}
    )
    told = {f.name: getattr(found, f.name) for f in fields(found)}
    return render_template(
        "referral/page.html",
        referral=SimpleNamespace(**told),
        ref=found.ref,
        faults=faults or {},
        refused=refused,
        typed=typed,
    ), status
