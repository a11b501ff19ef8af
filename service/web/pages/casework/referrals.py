"""The page of a referral, for the office that sent it and the one that got it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.commands.command import Command
from service.casework.referrals import referral_answers, referral_page
from service.errors import (
    ConsentMissing,
    InvalidAnswers,
    NotFound,
    SharingWaits,
    Stale,
    TrestegError,
)
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current
from service.web.statuses import STATUSES
from service.web.submit import submit

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
    own_page = url_for("referrals.show", referral=referral)
    then = url_for("inbox.index") if do == "acknowledge" else own_page
    return submit(ACTS[do](referral), then=then, refused=lambda e: _refused(e, do, referral))


def _refuse(referral: str) -> Command[object]:
    return partial(
        referral_answers.refuse,
        referral_id=referral,
        reason=request.form.get("reason", ""),
        text=_text(),
    )


def _text() -> str:
    return request.form.get("text", "")


ACTS: Mapping[str, Callable[[str], Command[object]]] = {
    "accept": lambda id_: partial(referral_answers.accept, referral_id=id_),
    "refuse": _refuse,
    "ask": lambda id_: partial(referral_answers.ask, referral_id=id_, text=_text()),
    "done": lambda id_: partial(referral_answers.done, referral_id=id_),
    "reply": lambda id_: partial(referral_answers.reply, referral_id=id_, text=_text()),
    "revoke": lambda id_: partial(referral_answers.revoke, referral_id=id_),
    "acknowledge": lambda id_: partial(referral_answers.acknowledge, referral_id=id_),
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
    if isinstance(fault, SharingWaits):
        return _page(referral, refused=current().t("referral.held"), status=STATUSES[fault.code])
    return None


def _page(
    referral: str, *, faults: Mapping[str, str] | None = None, refused: str = "", status: int = 200
) -> ResponseReturnValue:
    page, form = current().read_and_log(lambda tx: _load_and_record(tx, referral)), request.form
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
    context = current()
    page = referral_page.load_referral_page(
        tx, context.program.services, context.viewer, context.now, referral
    )
    referral_page.record_look(tx, by=context.viewer, found=page, now=context.now)
    return page
