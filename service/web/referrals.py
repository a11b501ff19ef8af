"""Referrals between offices: making one, step by step and without script; and its page, for the office that sent it and the one that got it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions import case_page, dispatching, packing, reading, receiving, referral_page
from service.actions.packing import STEPS, Choice, Packing
from service.actions.seeing import classes
from service.actions.stand import must_say_why, stand_before
from service.errors import ConsentMissing, FieldFault, InvalidAnswers, NotFound, Stale, TrestegError
from service.store.database import Tx
from service.web.doors import WORK, door
from service.web.here import here, number
from service.web.problems import STATUSES

bp = Blueprint("referrals", __name__)
FIRST, WHY, WHAT, LAST = STEPS


# ---- making one


@bp.get("/cases/<case>/refer")
@door("plain", act=WORK)
def refer(case: str) -> ResponseReturnValue:
    """To whom: the first question."""
    return _draw(case, FIRST)


@bp.post("/cases/<case>/refer")
@door("plain", act=WORK)
def pack(case: str) -> ResponseReturnValue:
    """The next question, the one before, or sending, as the pressed button says. What was chosen travels in the form: ids and codes alone."""
    step, do = request.form.get("step", FIRST), request.form.get("do", "")
    step = step if step in STEPS else FIRST
    if do == "send":
        return here().move(lambda tx: _send(tx, case), refused=lambda e: _again(e, case))
    if do == "back":
        return _draw(case, STEPS[max(STEPS.index(step) - 1, 0)])
    return _draw(case, STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)] if do == "next" else step)


def _choice() -> Choice:
    sent = request.form
    office, purpose = sent.get("office", ""), sent.get("purpose", "")
    ticked = frozenset(sent.getlist("field")) if sent.get("ticked_for") == f"{office}/{purpose}" else None
    return Choice(office, purpose, ticked, number(sent.get("days")))


def _send(tx: Tx, case: str) -> str:
    at = stand_before(tx, here().program.house, here().viewer, case, here().reader())
    if must_say_why(tx, at):
        raise NotFound
    return url_for("referrals.show", referral=dispatching.send(tx, at, _choice(), rev=here().rev).id)


def _again(fault: TrestegError, case: str) -> ResponseReturnValue | None:
    """The page that the fault belongs to, with what was chosen; None when it belongs to none."""
    if isinstance(fault, Stale):
        return _draw(case, LAST, refused=here().t("referral.case_moved"), status=STATUSES[fault.code])
    return _draw(case, LAST) if isinstance(fault, InvalidAnswers | ConsentMissing) else None


def _draw(case: str, wanted: str, *, refused: str = "", status: int = 200) -> ResponseReturnValue:
    """The page of a step; of an earlier one when something before it is open or wrong. Who has nothing to do in the case says first, on its page, why."""
    at = here()
    with at.transaction() as tx:
        stand = stand_before(tx, at.program.house, at.viewer, case, at.reader())
        if must_say_why(tx, stand):
            return redirect(url_for("cases.show", case=case), 303)
        made = packing.packing(tx, stand, _choice())
        step, fault, stopped = _reached(made, wanted)
        told = _told(made, step, stopped=stopped)
    shown = classes(made.offered if step == WHAT else made.packet) if step in (WHAT, LAST) else frozenset()
    if shown - {"C0"}:
        at.run(lambda tx: reading.note(tx, at.viewer, case, purpose="referral", classes=shown, now=at.now, about={"step": step}))
    if fault is not None or stopped:
        status = STATUSES["answers_invalid" if fault is not None else "consent_missing"]
    head = SimpleNamespace(id=case, ref=stand.case.ref, rev=stand.case.rev)
    about = {
        "step": step,
        "steps": STEPS,
        "marking": case_page.marking(stand),
        "fault": at.t(fault.key, **fault.facts) if fault is not None else "",
        "refused": refused,
    }
    return render_template("referral/compose.html", case=head, ref=stand.case.ref, **about, **told), status


def _reached(made: Packing, wanted: str) -> tuple[str, FieldFault | None, bool]:
    """The step that can be shown, what is wrong there, and whether a consent is missing."""
    for step in STEPS[: STEPS.index(wanted)]:
        fault = made.fault(step)
        if fault is not None:
            return step, fault, False
        if step == WHY and made.offer is not None and made.offer.missing:
            return step, None, True
    return wanted, None, False


def _told(made: Packing, step: str, *, stopped: bool) -> Mapping[str, Any]:
    """What the template of a step names."""
    offer, lang = made.offer, here().lang
    missing = [(here().t(f"purpose.{c}"), tuple(made.places(c))) for c in offer.missing] if offer is not None and stopped else []
    rests = {o.id: referral_page.rests_in_words(o.ground, o.consents, lang) for o in made.offers} if step in (WHY, LAST) else {}
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
        "due_choices": [(days, here().t("referral.in_days", n=days, date=made.at.day(due))) for days, due in made.due_choices] if step == LAST else (),
    }


# ---- one referral


@bp.get("/referrals/<referral>")
@door("plain", act=WORK)
def show(referral: str) -> ResponseReturnValue:
    """Where it stands, what went with it as far as the reader may see it, and what she may do now."""
    return _page(referral)


@bp.post("/referrals/<referral>")
@door("plain", act=WORK)
def act(referral: str) -> ResponseReturnValue:
    """What the pressed button says."""
    do = request.form.get("do", "")
    if do not in ACTS:
        raise NotFound
    return here().move(lambda tx: _done(tx, do, referral), refused=lambda e: _refused(e, do, referral))


def _done(tx: Tx, do: str, referral: str) -> str:
    ACTS[do](tx, referral)
    return url_for("inbox.index") if do == "acknowledge" else url_for("referrals.show", referral=referral)


def _refuse(tx: Tx, referral: str) -> None:
    reason, text = request.form.get("reason", ""), request.form.get("text", "")
    receiving.refuse(tx, here().program.house, here().viewer, referral, reason=reason, text=text, now=here().now)


def _text() -> str:
    return request.form.get("text", "")


ACTS: Mapping[str, Callable[[Tx, str], None]] = {
    "accept": lambda tx, id_: receiving.accept(tx, here().program.house, here().viewer, id_, now=here().now),
    "refuse": _refuse,
    "ask": lambda tx, id_: receiving.ask(tx, here().program.house, here().viewer, id_, text=_text(), now=here().now),
    "done": lambda tx, id_: receiving.done(tx, here().viewer, id_, now=here().now),
    "reply": lambda tx, id_: receiving.reply(tx, here().program.house, here().viewer, id_, text=_text(), now=here().now),
    "revoke": lambda tx, id_: receiving.revoke(tx, here().program.house, here().viewer, id_, now=here().now),
    "acknowledge": lambda tx, id_: receiving.acknowledge(tx, here().viewer, id_, now=here().now),
}


def _refused(fault: TrestegError, do: str, referral: str) -> ResponseReturnValue | None:
    """The page once more, with what was typed and why it was refused; None when it is another fault."""
    if isinstance(fault, InvalidAnswers):
        wrong = fault.faults[0]
        values = {"label": here().t("referral.words"), **wrong.facts}
        return _page(referral, faults={f"{do}.{wrong.path}": here().t(wrong.key, **values)}, status=STATUSES[fault.code])
    if isinstance(fault, Stale):
        return _page(referral, refused=here().t("referral.too_late"), status=STATUSES[fault.code])
    if isinstance(fault, ConsentMissing):
        return _page(referral, refused=here().t("referral.gone_consent"), status=STATUSES[fault.code])
    return None


def _page(referral: str, *, faults: Mapping[str, str] | None = None, refused: str = "", status: int = 200) -> ResponseReturnValue:
    at = here()
    with at.transaction() as tx:
        found = referral_page.page(tx, at.program.house, at.viewer, at.reader(), referral)
    at.run(lambda tx: referral_page.looked(tx, at.viewer, found, now=at.now))
    typed = {"text": _text(), "reason": request.form.get("reason", ""), "do": request.form.get("do", "")} if faults else {"text": "", "reason": "", "do": ""}
    told = {f.name: getattr(found, f.name) for f in fields(found)}
    return render_template("referral/page.html", referral=SimpleNamespace(**told), ref=found.ref, faults=faults or {}, refused=refused, typed=typed), status
