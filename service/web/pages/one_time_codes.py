"""One-time codes of a person's own app, and her recovery codes: set up, made anew, ended."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import NotFound, NotSignedIn
from service.people import one_time_codes, own_account
from service.people.sessions import token_digest
from service.web.accounts.app_setup import setup_of
from service.web.accounts.fresh_proof import require_proof
from service.web.page_policy import page_policy
from service.web.request_context import current

bp = Blueprint("one_time_codes", __name__)
LONGEST = 200
"""Longest ticket and code that are looked at, in characters."""


@bp.get("/account/codes")
@page_policy("plain")
def page() -> ResponseReturnValue:
    """Set up an app; what it holds is shown once she has shown that it is she."""
    require_proof()
    ticket = one_time_codes.begin_setup(
        current().program.services, person=current().viewer.person, now=current().wall
    )
    return _page(ticket)


def _page(ticket: str, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    context = current()
    with context.transaction() as tx:
        has_codes = one_time_codes.asks_code(tx, context.viewer.person, now=context.wall)
        left = one_time_codes.recovery_codes_left(tx, context.viewer.person, now=context.wall)
        password = own_account.has_password(tx, by=context.viewer, now=context.wall)
    return render_template(
        "account/codes.html",
        setup=setup_of(ticket, context.signed_in.name),
        has_codes=has_codes,
        left=left,
        password=password,
        fault=fault,
    ), status


@bp.post("/account/codes")
@page_policy("plain")
def finish() -> ResponseReturnValue:
    """Let her sign in with codes of the app, and show her recovery codes once."""
    require_proof()
    context = current()
    ticket = request.form.get("ticket", "")[:LONGEST]
    code = request.form.get("code", "")[:LONGEST]
    with context.transaction() as tx:
        if not own_account.has_password(tx, by=context.viewer, now=context.wall):
            raise NotFound
    try:
        codes = context.write(
            lambda tx: one_time_codes.finish_setup(
                tx,
                context.program.services,
                by=context.viewer,
                ticket=ticket,
                code=code,
                now=context.wall,
                but=token_digest(context.token),
            )
        )
    except NotSignedIn:
        return _page(ticket, fault=context.t("codes.wrong"), status=422)
    return render_template("account/recovery.html", codes=codes, first=False)


@bp.post("/account/recovery")
@page_policy("plain")
def renew() -> ResponseReturnValue:
    """Ten new recovery codes; those of before end."""
    require_proof()
    context = current()
    with context.transaction() as tx:
        if not one_time_codes.asks_code(tx, context.viewer.person, now=context.wall):
            raise NotFound
    codes = context.write(
        lambda tx: one_time_codes.new_recovery_codes(
            tx,
            context.program.services,
            by=context.viewer,
            now=context.wall,
            but=token_digest(context.token),
        )
    )
    return render_template("account/recovery.html", codes=codes, first=False)


@bp.post("/account/codes/end")
@page_policy("plain")
def end() -> ResponseReturnValue:
    """End the app and the recovery codes, where a password alone is enough here."""
    require_proof()
    context = current()
    context.write(
        lambda tx: one_time_codes.end_codes(
            tx,
            by=context.viewer,
            second_factor=context.program.second_factor,
            now=context.wall,
            but=token_digest(context.token),
        )
    )
    return redirect(url_for("settings.page", done="codes_ended"), 303)
