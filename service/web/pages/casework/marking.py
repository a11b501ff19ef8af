"""The protection marking of a case is changed, with a reason."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.cases import protection
from service.casework.pages.case_commands import change_marking
from service.errors import ApprovalNeeded, NotAllowed, Stale, TrestegError
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import (
    FRESH,
    RefusedForm,
    case_head,
    draw_act,
    opened_view,
    reason_refused,
)
from service.web.request_context import current
from service.web.statuses import STATUSES
from service.web.submit import submit

bp = Blueprint("marking", __name__)


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
    command = partial(change_marking, case_id=case, marking=marking, reason=reason, was=was)
    then = url_for("cases.show", case=case, done="marking")
    return submit(command, then=then, refused=partial(_marking_refused, case))


def _marking_refused(case: str, fault: TrestegError) -> ResponseReturnValue | None:
    if isinstance(fault, Stale):
        reason = current().t("marking.stale")
        return _draw_marking(case, RefusedForm((), reason, STATUSES[fault.code]))
    if isinstance(fault, ApprovalNeeded):
        kind = str(fault.facts["kind"])
        subject = str(fault.facts["subject"])
        return redirect(
            url_for("protected_identity.ask", case=case, kind=kind, subject=subject), 303
        )
    refused = reason_refused(fault)
    return _draw_marking(case, refused) if refused is not None else None


def _draw_marking(case: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    context = current()

    def load(tx: Tx) -> dict[str, Any]:
        view = opened_view(tx, case, "marking")
        now = view.case.marking or protection.MARKINGS[0]
        allowed = protection.markings_for(view.configuration, context.viewer, view.parties, now)
        if not allowed:
            raise NotAllowed(why="role")
        return {
            **case_head(view),
            "choices": [
                (code, context.t(f"marking.{code}"), context.t(f"marking.{code}_means"))
                for code in allowed
            ],
            "hidden": {"was": now},
            "chosen": now if refused.reason else request.form.get("marking", now),
        }

    return draw_act(
        context.read_and_log(load),
        refused,
        title=context.t("marking.title"),
        text=context.t("marking.about"),
        label=context.t("marking.do"),
        address=url_for("marking.mark_now", case=case),
        lines=[
            context.t(f"marking.then_{what}") for what in ("shield", "named", "ordinary", "history")
        ],
        choice="marking",
        choose=context.t("marking.choose"),
    )
