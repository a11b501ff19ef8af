"""The page of a referral, for the office that sent it and the one that got it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.referrals import answers, referral_page
from service.errors import ConsentMissing, InvalidAnswers, NotFound, Stale, TrestegError
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current
from service.web.statuses import STATUSES

bp = Blueprint("referrals", __name__)


@bp.get("/referrals/<referral>")
@page_policy("plain", act=WORK)
def show(referral: str) -> ResponseReturnValue:
    """The referral: its state, its packet as far as the reader may see it, and what she may do."""
    return _page(referral)


@bp.post("/referrals/<referral>")
@page_policy("plain", act=WORK)
def act(referral: str) -> ResponseReturnValue:
    """Do what the pressed button says, and show the referral again."""
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
    """The page once more, with what was typed and why it was refused; None for other faults."""
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
    page, form = current().run(lambda tx: _load_and_record(tx, referral)), request.form
    return render_template(
        "referral/page.html",
        referral=page,
        ref=page.ref,
        faults=faults or {},
        refused=refused,
        typed={name: form.get(name, "") if faults else "" for name in ("text", "reason", "do")},
    ), status


def _load_and_record(tx: Tx, referral: str) -> referral_page.ReferralPage:
    """Load a referral, and record who looks before anything is sent."""
    at = current()
    page = referral_page.load_referral_page(tx, at.program.services, at.viewer, at.now, referral)
    referral_page.record_look(tx, by=at.viewer, found=page, now=at.now)
    return page
