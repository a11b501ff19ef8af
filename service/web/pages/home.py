"""The first page, and the address that a letter points to: both lead on to where work begins."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.approvals.requests import ABOUT_GLASS
from service.casework.casefile import read_log
from service.casework.referrals import referral_lists
from service.store.transaction import Tx
from service.store.work import tasks
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.template_globals import home_of

bp = Blueprint("home", __name__)


@bp.get("/")
@page_policy("plain", signed_in=False)
def home() -> ResponseReturnValue:
    """Redirect to where the work of the person who is signed in begins, else to sign-in."""
    if current().session is not None:
        return redirect(url_for(home_of(current())), 303)
    return redirect(url_for("demo.start" if current().program.demo else "sign_in.sign_in"), 303)


@bp.get("/go/<target>")
@page_policy("plain", signed_in=False)
def go(target: str) -> ResponseReturnValue:
    """The address in a letter: redirect to the task or case that it is about.

    A browser sends no `SameSite=Strict` cookie with the first request from a mail program, so the
    page asks once more from inside the site.
    """
    letter = request.args.get("letter") or None
    if current().session is not None:
        return redirect(_aim(target, letter), 303)
    again = url_for("home.go", target=target, letter=letter, again=1)
    response = make_response(
        render_template(
            "sign_in/go.html",
            address=url_for(
                "sign_in.sign_in", back=url_for("home.go", target=target, letter=letter)
            ),
        )
    )
    if "again" not in request.args:
        response.headers["Refresh"] = f"0; url={again}"
    return response


def _aim(target: str, letter: str | None) -> str:
    """The address that an id in a letter leads to.

    A task leads to itself. A case leads to the referral or the first task that waits for her in
    it; else to the case, or to the referral that is all she knows of it. A letter that is itself
    the reason to open the case leads to what it is about, and one about a broken glass to where a
    second person decides.
    """
    if target.partition(":")[0] in current().viewer.barred:
        return url_for("cases.show", case=target)
    if letter and letter.startswith(ABOUT_GLASS):
        return url_for("approvals.index")
    with current().transaction() as tx:
        if letter and _opens(tx, target, letter):
            return url_for("cases.show", case=target, tab="people", letter=letter)
        if tasks.get(tx, target) is not None:
            return url_for("tasks.show", task=target)
        waiting = [
            t
            for t in tasks.of_case(tx, target)
            if t.office_id == current().viewer.office and t.role in current().viewer.lane_roles
        ]
        referral = referral_lists.in_case(tx, current().viewer, target)
        if not referral and not waiting:
            referral = referral_lists.instead_of_case(
                tx, current().program.services, current().viewer, target, current().now
            )
    if referral:
        return url_for("referrals.show", referral=referral)
    return (
        url_for("tasks.show", task=waiting[0].key)
        if waiting
        else url_for("cases.show", case=target)
    )


def _opens(tx: Tx, case: str, letter: str) -> bool:
    """Whether a letter opens answers of its case for who reads it."""
    context = current()
    found = read_log.find_opening(
        tx, context.program.services, by=context.viewer, case_id=case, letter=letter
    )
    return found is not None
