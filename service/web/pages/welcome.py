"""The first entry: an invitation, and the way to sign in that its person chooses."""

from __future__ import annotations

import structlog
from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import ManyPasswords, NotFound, NotSignedIn, UnusableWord
from service.people import invitations, one_time_codes
from service.people.invitations import Invited
from service.security.passwords import LONGEST
from service.web.accounts import passkey_forms
from service.web.accounts.app_setup import setup_of
from service.web.accounts.browser_names import browser_in_words
from service.web.accounts.session_cookie import (
    browser_kind,
    give_session,
    go_on_signed_in,
)
from service.web.accounts.sign_in_source import typed_name
from service.web.page_policy import page_policy
from service.web.request_context import current

bp = Blueprint("welcome", __name__)
log = structlog.get_logger("web")
LONGEST_TOKEN = 200


@bp.get("/welcome")
@page_policy("plain", signed_in=False)
def page() -> ResponseReturnValue:
    """The field for the code of an invitation, which a script fills from the end of the address
    that no server sees. Opening this uses nothing up.
    """
    return render_template("sign_in/welcome.html", fault="")


@bp.post("/welcome")
@page_policy("plain", signed_in=False)
def choose() -> ResponseReturnValue:
    """The ways to sign in that an invited person can make."""
    try:
        invited = _invited()
    except NotSignedIn:
        return _refused()
    return _ways(invited)


@bp.post("/welcome/password")
@page_policy("plain", signed_in=False)
def with_password() -> ResponseReturnValue:
    """Make a password and one-time codes, use the invitation up, and show the recovery codes."""
    context, form = current(), request.form
    services, wall = context.program.services, context.wall
    name, password = typed_name(form.get("user", "")), form.get("password", "")[: LONGEST + 1]
    try:
        invited = _invited()
    except NotSignedIn:
        return _refused()
    if password != form.get("again", "")[: LONGEST + 1]:
        return _ways(invited, fault=context.t("settings.password.differ"))
    try:
        invitations.check_choice(services, invited, name=name, password=password)
        with context.program.passwords.place() as place:
            hashed = place.hash(password)
        entered = context.write(
            lambda tx: invitations.enter_with_password(
                tx,
                services,
                token=form.get("token", "")[:LONGEST_TOKEN],
                password=hashed,
                ticket=form.get("ticket", "")[:LONGEST_TOKEN],
                code=form.get("code", "")[:LONGEST_TOKEN],
                limits=context.limits,
                now=wall,
                browser=browser_kind(),
            )
        )
    except UnusableWord as e:
        return _ways(invited, fault=context.t(f"password.{e.facts['why']}"))
    except ManyPasswords:
        return _ways(invited, fault=context.t("error.many_passwords.text"), status=503)
    except NotSignedIn:
        return _ways(invited, fault=context.t("codes.wrong"))
    codes = render_template("account/recovery.html", codes=entered.recovery, first=True)
    response = make_response(codes)
    give_session(response, entered.token)
    return response


@bp.post("/welcome/passkey")
@page_policy("plain", signed_in=False)
def with_passkey() -> ResponseReturnValue:
    """Make a passkey, and use the invitation up."""
    context, here = current(), passkey_forms.site()
    if here is None:
        raise NotFound
    ticket, answer = passkey_forms.sent()
    try:
        invited = _invited()
    except NotSignedIn:
        return _refused()
    try:
        token = context.write(
            lambda tx: invitations.enter_with_passkey(
                tx,
                context.program.services,
                here,
                token=request.form.get("token", "")[:LONGEST_TOKEN],
                ticket=ticket,
                answer=answer,
                name=browser_in_words(browser_kind()),
                limits=context.limits,
                now=context.wall,
                browser=browser_kind(),
            )
        )
    except NotSignedIn:
        return _ways(invited, fault=context.t("passkeys.refused"))
    return go_on_signed_in(token, url_for("passkeys.page"))


def _invited() -> Invited:
    """Whose invitation the form bears.

    Raises:
        NotSignedIn: it is no good.
    """
    context = current()
    token = request.form.get("token", "").strip()[:LONGEST_TOKEN]
    with context.transaction() as tx:
        return invitations.find_invited(tx, context.program.services, token, now=context.wall)


def _refused() -> ResponseReturnValue:
    fault = current().t("welcome.wrong")
    return render_template("sign_in/welcome.html", fault=fault), 422


def _ways(invited: Invited, *, fault: str = "", status: int = 422) -> ResponseReturnValue:
    context = current()
    ticket = request.form.get("ticket", "")[:LONGEST_TOKEN]
    services, person = context.program.services, invited.viewer.person
    token = request.form.get("token", "").strip()[:LONGEST_TOKEN]
    if not one_time_codes.is_setup_of(services, ticket, person=person, now=context.wall):
        ticket = one_time_codes.begin_setup(services, person=person, now=context.wall)
    with context.transaction() as tx:
        challenge = passkey_forms.adding(tx, person=person, bound_to=token, name=invited.name)
    return render_template(
        "sign_in/first_way.html",
        challenge=challenge,
        token=token,
        name=invited.name,
        user=request.form.get("user", ""),
        setup=setup_of(ticket, invited.name),
        fault=fault,
    ), status if fault else 200
