"""The groups of answers on the tab about the person: which the address names as open, and opening
one with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.casefile.case_view import CaseView
from service.casework.casefile.disclosure.opened_groups import OpenAnswerGroups
from service.casework.pages import people_tab
from service.casework.pages.tab_content import TabContent
from service.errors import InvalidAnswers, TrestegError
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.cases import bp
from service.web.request_context import page_request
from service.web.submit import submit


def people_content(tx: Tx, view: CaseView) -> TabContent:
    """The tab about the person, with the groups open that the address names."""

    def address(groups: Sequence[str], holding: str) -> str:
        return url_for(
            "cases.show", case=view.case.id, tab="people", show=groups or None, at=holding or None
        )

    shown = request.args.getlist("show")
    letter = request.args.get("letter", "")
    holding = request.args.get("at", "")
    content = people_tab.people(tx, view, address, shown, letter, page_request(), holding)
    return TabContent({**content.values, "missing": request.args.get("why", "")}, content.classes)


@bp.post("/cases/<case>/answers")
@page_policy("diagram", act=WORK)
def open_answers(case: str) -> ResponseReturnValue:
    """Open a group of answers with a reason, and go back to the tab, which asks again where the
    reason is missing.
    """
    sent, group = request.form, request.form.get("group", "")
    shown = [*sent.getlist("show"), group]
    to = partial(url_for, "cases.show", case=case, tab="people", _anchor=people_tab.anchor(group))

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        missing = isinstance(fault, InvalidAnswers)
        return redirect(to(show=shown, why=group), 303) if missing else None

    text = sent.get("text", "").strip()[:200]
    command = OpenAnswerGroups(case, [group], sent.get("reason", ""), text)
    return submit(command, then=to(show=shown), refused=refused)
