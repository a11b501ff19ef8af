"""What the office gave by a duty in law: what was written down, a further thing, and striking one
that is wrong.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.casefile import given_by_duty
from service.casework.casefile.case_view import load_case_view
from service.casework.casefile.given_by_duty import DutySaid
from service.casework.pages import case_reads
from service.casework.pages.overview_tab import duty_lines
from service.errors import NotFound
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import (
    FRESH,
    RefusedForm,
    case_head,
    drawn_again,
)
from service.web.request_context import current, whole_number
from service.web.submit import submit

bp = Blueprint("duty", __name__)


@bp.get("/cases/<case>/duty")
@page_policy("plain", act=WORK)
def show(case: str) -> ResponseReturnValue:
    """What was given, and the form for a further thing."""
    return _draw(case)


@bp.post("/cases/<case>/duty")
@page_policy("plain", act=WORK)
def act(case: str) -> ResponseReturnValue:
    """Write down what was given, or strike the line whose button was pressed."""
    form, redraw = request.form, drawn_again(partial(_draw, case))
    if number := whole_number(form.get("line")):
        command = partial(
            given_by_duty.strike, case_id=case, number=number, why=form.get("why", "")
        )
        return submit(command, then=url_for("duty.show", case=case), refused=redraw)
    said = DutySaid(
        *(form.get(name, "") for name in ("ground", "to", "what", "day", "know", "until"))
    )
    return submit(
        partial(given_by_duty.give, case_id=case, said=said),
        then=url_for("cases.show", case=case, done="duty"),
        refused=redraw,
    )


def _draw(case: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    context, sent = current(), request.form
    loaded = context.read_and_log(partial(_load, case=case))
    only = loaded["grounds"][0][0] if len(loaded["grounds"]) == 1 else ""
    typed = SimpleNamespace(
        ground=sent.get("ground", only),
        line=whole_number(sent.get("line")) or 0,
        day=sent.get("day", context.viewer.day(context.now)),
        **{name: sent.get(name, "") for name in ("to", "what", "know", "until", "why")},
    )
    return render_template(
        "case/duty.html",
        **loaded,
        typed=typed,
        know=[(code, context.t(f"duty.know_{code}")) for code in given_by_duty.KNOW],
        longest=given_by_duty.LONGEST,
        longest_name=given_by_duty.LONGEST_NAME,
        lines=[context.t(f"duty.then_{what}") for what in ("history", "others", "copy")],
        faults=refused.faults,
        refused=refused.reason,
    ), refused.status


def _load(tx: Tx, *, case: str) -> dict[str, Any]:
    """The values of the template. Writes the line of the read log, which names the page that all
    offices have: that there is this one tells what it is about.
    """
    context = current()
    services = context.program.services
    read = given_by_duty.read_of_given(case)
    view = load_case_view(tx, services, context.viewer, case, context.now, more=[read])
    if not (view.visibility.is_named and given_by_duty.may_give(view)):
        raise NotFound
    given = tuple(duty_lines(view))
    case_reads.record_case(
        tx, view, classes={"C0", *({"C3"} if given else ())}, about={"tab": "overview"}
    )
    release = view.visibility.release
    return {
        **case_head(view),
        "given": given,
        "grounds": [
            (one.id, services.ground(one.id, view.lang, release))
            for one in given_by_duty.grounds_for(view)
        ],
    }
