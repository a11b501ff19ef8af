"""Signing in and out, and choosing a language."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import ManyPasswords, NotSignedIn, SecondFactorMissing, SlowDown
from service.people import own_account, sessions
from service.people import sign_in as password_sign_in
from service.people.sign_in import AfterPassword
from service.security.passwords import PlaceInLine
from service.store.transaction import Tx
from service.text import languages
from service.web.accounts import passkey_forms
from service.web.accounts.provider_choices import sign_in_choices
from service.web.accounts.session_cookie import (
    browser_kind,
    browser_marks,
    delete_session_cookie,
    go_on_signed_in,
)
from service.web.accounts.sign_in_source import LONGEST, TURNED_AWAY, typed_name
from service.web.error_pages import note_cause
from service.web.late_form_store import forget_late_form, has_late_form
from service.web.networks import network
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.workshop.release_news import begin_reading

bp = Blueprint("sign_in", __name__)
log = structlog.get_logger("web")
A_YEAR = 365 * 24 * 3600


@bp.get("/sign-in")
@page_policy("plain", signed_in=False)
def sign_in() -> ResponseReturnValue:
    """The form to sign in with; who is signed in already is redirected."""
    if current().session is not None:
        return redirect(current().back or "/", 303)
    return _page()


@bp.post("/sign-in", endpoint="sign_in_now")
@page_policy("plain", signed_in=False)
def sign_in_now() -> ResponseReturnValue:
    """Check name and password.

    An unknown name, a wrong password and too many tries get the same words and status, and an
    unknown name costs the same work as a wrong password: whoever tries does not learn whether there
    is an account. Too many tries are counted for names that nobody has as well, and cost no hash.
    """
    name = typed_name(request.form.get("user", ""))
    password = request.form.get("password", "")[:LONGEST]
    try:
        after = _signed_in(name, password)
    except ManyPasswords as e:
        note_cause(e)
        return _page(refused=current().t("error.many_passwords.text"), user=name, status=503)
    except (NotSignedIn, SlowDown):
        return _page(refused=current().t("sign_in.wrong"), user=name, status=422)
    except SecondFactorMissing as e:
        note_cause(e)
        return _page(refused=current().t("sign_in.second_factor"), user=name, status=403)
    if after.ticket:
        return _code_page(after.ticket, name)
    return go_on_signed_in(after.token, current().back)


@bp.post("/sign-in/code")
@page_policy("plain", signed_in=False)
def code() -> ResponseReturnValue:
    """Check the code that follows a password."""
    context, form = current(), request.form
    name, ticket = typed_name(form.get("user", "")), form.get("ticket", "")[:LONGEST]
    try:
        token = context.write(
            lambda tx: password_sign_in.try_code(
                tx,
                context.program.services,
                ticket=ticket,
                code=form.get("code", "")[:LONGEST],
                network=network(),
                marks=browser_marks(),
                limits=context.limits,
                now=context.wall,
                browser=browser_kind(),
            )
        )
    except NotSignedIn:
        return _page(refused=context.t("sign_in.code_late"), user=name, status=422)
    except SlowDown:
        return _code_page(ticket, name, refused=context.t("sign_in.code_wrong"))
    if not token:
        return _code_page(ticket, name, refused=context.t("sign_in.code_wrong"))
    return go_on_signed_in(token, current().back)


def _code_page(ticket: str, name: str, *, refused: str = "") -> ResponseReturnValue:
    return render_template(
        "sign_in/code.html", ticket=ticket, user=name, fault=refused, back=current().back
    ), 422 if refused else 200


def _page(*, refused: str = "", user: str = "", status: int = 200) -> ResponseReturnValue:
    if request.args.get("passkey") == "refused":
        refused = refused or current().t("passkeys.refused")
    challenge = passkey_forms.showing()
    return render_template(
        "sign_in/page.html",
        challenge=challenge,
        fault=refused,
        user=user,
        back=current().back,
        providers=sign_in_choices(),
        form_kept=has_late_form(),
        form_lost="late" in request.args,
        demo=current().program.demo,
    ), status


def _signed_in(name: str, password: str) -> AfterPassword:
    """What follows name and password: a session, or the step of the code.

    Raises:
        ManyPasswords: too many wait to be checked.
        NotSignedIn, SecondFactorMissing, SlowDown: as `_begin_session`.
    """
    if request.environ.get(TURNED_AWAY):
        raise ManyPasswords
    with current().program.passwords.place() as place:
        return _begin_session(place, name, password)


def _begin_session(place: PlaceInLine, name: str, password: str) -> AfterPassword:
    """Count a try, check its password, and begin a session or the step of the code.

    The password is checked outside the two transactions: hashing is slow, and a writer would hold
    up everybody.

    Raises:
        NotSignedIn: the name is unknown, the password is wrong, or it was changed meanwhile.
        SecondFactorMissing: it is right, and not enough here.
        SlowDown: too many tries.
    """
    context = current()
    services = current().program.services
    tried = context.write(
        lambda tx: password_sign_in.begin_try(
            tx, services, name=name, network=network(), marks=browser_marks(), now=context.wall
        )
    )
    if not place.fits(tried.stored, password):
        if context.write(
            lambda tx: password_sign_in.record_wrong_try(
                tx, services, tried=tried, now=context.wall
            )
        ):
            log.warning("sign_in_alarm")
        raise NotSignedIn

    def begin(tx: Tx) -> AfterPassword:
        after = password_sign_in.after_password(
            tx,
            services,
            tried=tried,
            second_factor=context.program.second_factor,
            limits=context.limits,
            now=context.wall,
            browser=browser_kind(),
        )
        if after.token:
            begin_reading(tx, services, tried.person)
        return after

    return context.write(begin)


@bp.post("/sign-out")
@page_policy("plain", signed_in=False)
def sign_out() -> ResponseReturnValue:
    """End the session, and let the browser forget what it has of it."""
    response = redirect(
        url_for("demo.start") if current().program.demo else url_for("sign_in.sign_in"), 303
    )
    if current().session is not None:
        with current().transaction(write=True) as tx:
            sessions.sign_out(tx, by=current().viewer, now=current().wall, token=current().token)
            forget_late_form(tx, response)
    delete_session_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.post("/language")
@page_policy("plain", signed_in=False)
def language() -> ResponseReturnValue:
    """Choose a language, and go back to the same page."""
    chosen = request.form.get("language", "")
    response: Response = make_response(redirect(current().back or "/", 303))
    if chosen in languages():
        site = current().site
        response.set_cookie(
            site.cookie("lang", "tresteg_lang"),
            chosen,
            max_age=A_YEAR,
            secure=site.secure,
            httponly=True,
            samesite="Strict",
        )
        if current().session is not None:
            with current().transaction(write=True) as tx:
                own_account.save_preferences(tx, by=current().viewer, language=chosen)
    return response
