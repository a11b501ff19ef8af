"""Taking consents back in a case that has ended."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.commands.late_withdrawal import HOW, LONGEST, WHO, Withdrawal
from service.casework.pages.case_commands import withdraw_after_end
from service.casework.pages.overview_tab import require_withdrawable
from service.release.programme.vocabulary import PURPOSE
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import (
    FRESH,
    RefusedForm,
    case_head,
    drawn_again,
    opened_view,
)
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("withdrawal", __name__)


@bp.get("/cases/<case>/consents")
@page_policy("plain", act=WORK)
def withdraw(case: str) -> ResponseReturnValue:
    """Which consents are live, and what it means to take one back."""
    return _draw_withdrawal(case)


@bp.post("/cases/<case>/consents")
@page_policy("plain", act=WORK)
def withdraw_now(case: str) -> ResponseReturnValue:
    """Take consents back."""
    form = request.form
    said = Withdrawal(
        purposes=tuple(form.getlist("purposes")),
        who=form.get("who", ""),
        on=form.get("on", ""),
        how=form.get("how", ""),
        effect=form.get("effect", ""),
    )
    then = url_for("cases.show", case=case, done="withdrawn")
    redraw = drawn_again(lambda refused: _draw_withdrawal(case, refused))
    return submit(partial(withdraw_after_end, case_id=case, said=said), then=then, refused=redraw)


def _draw_withdrawal(case: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    context, sent = current(), request.form

    def load(tx: Tx) -> dict[str, Any]:
        view = opened_view(tx, case, "consents")
        live = require_withdrawable(view)
        return {
            **case_head(view),
            "purposes": [(row.purpose, view.term(PURPOSE, row.purpose)) for row in live],
        }

    typed = SimpleNamespace(
        purposes=sent.getlist("purposes"),
        on=sent.get("on", context.viewer.day(context.now)),
        **{name: sent.get(name, "") for name in ("who", "how", "effect")},
    )
    return render_template(
        "case/withdrawal.html",
        **context.read_and_log(load),
        typed=typed,
        who=[(code, context.t(f"withdrawal.who_{code}")) for code in WHO],
        how=[(code, context.t(f"withdrawal.how_{code}")) for code in HOW],
        longest=LONGEST,
        lines=[context.t(f"withdrawal.then_{what}") for what in ("stops", "stays", "history")],
        faults=refused.faults,
        refused=refused.reason,
    ), refused.status
