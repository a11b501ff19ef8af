"""Signing in and out, and choosing a language."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.people import preferences, rate_limits, sessions
from service.errors import NotSignedIn, SlowDown
from service.text import languages
from service.web.late_form_store import forget_late_form, has_late_form
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.session_cookie import delete_session_cookie, go_on_signed_in

bp = Blueprint("auth", __name__)
log = structlog.get_logger("web")
LONGEST = 200
"""Longest name and password that are looked at, in characters."""
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
    """Check name and password; an unknown name costs the same work and gets the same words."""
    name = request.form.get("user", "")[:LONGEST].strip()
    password = request.form.get("password", "")[:LONGEST]
    try:
        token = _begin_session(name, password)
    except SlowDown as e:
        refused = current().t("sign_in.slow", n=e.facts.get("minutes", 1))
        return _page(refused=refused, user=name, status=429)
    except NotSignedIn:
        return _page(refused=current().t("sign_in.wrong"), user=name, status=422)
    return go_on_signed_in(token, current().back)


def _page(*, refused: str = "", user: str = "", status: int = 200) -> ResponseReturnValue:
    return render_template(
        "sign_in/page.html",
        fault=refused,
        user=user,
        back=current().back,
        form_kept=has_late_form(),
        demo=current().program.demo,
    ), status


def _begin_session(name: str, password: str) -> str:
    """Check a password and begin a session; gives its token.

    The password is checked in a transaction that only reads: hashing is slow, and a writer would
    hold up everybody. A wrong try is counted in a transaction of its own, so that it stays counted.

    Raises:
        NotSignedIn: the name is unknown, or the password is wrong.
        SlowDown: too many wrong tries.
    """
    at, services = current(), current().program.services
    who = {"name": name, "network": network()}
    try:
        with at.transaction() as tx:
            viewer = sessions.check_password(
                tx, services, at.program.passwords, password=password, now=at.wall, **who
            )
        with at.transaction(write=True) as tx:
            rate_limits.clear_wrong_tries(tx, services, name)
            return sessions.begin_session(tx, by=viewer, limits=at.limits, now=at.wall)
    except NotSignedIn:
        with at.transaction(write=True) as tx:
            alarm = sessions.record_wrong_try(tx, services, now=at.wall, **who)
        if alarm:
            log.warning("sign_in_alarm")
        raise


def network() -> str:
    """The /24 or /64 that the request came from."""
    address = request.remote_addr or ""
    return ":".join(address.split(":")[:4]) if ":" in address else address.rpartition(".")[0]


@bp.post("/sign-out")
@page_policy("plain", signed_in=False)
def sign_out() -> ResponseReturnValue:
    """End the session, and let the browser forget what it has of it."""
    response = redirect(
        url_for("demo.start") if current().program.demo else url_for("auth.sign_in"), 303
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
                preferences.save_preferences(tx, by=current().viewer, language=chosen)
    return response
