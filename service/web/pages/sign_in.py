"""Signing in and out, and the language."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.people import preferences, rate_limits, sessions
from service.errors import NotSignedIn, SlowDown
from service.text import languages
from service.web.page_policy import page_policy
from service.web.pages import late_forms
from service.web.request_context import current

bp = Blueprint("auth", __name__)
log = structlog.get_logger("web")
LONGEST = 200
A_YEAR = 365 * 24 * 3600


@bp.get("/sign-in")
@page_policy("plain", signed_in=False)
def sign_in() -> ResponseReturnValue:
    """The page; who is signed in already goes on."""
    if current().person is not None:
        return redirect(current().back or "/", 303)
    return _page()


@bp.post("/sign-in", endpoint="sign_in_now")
@page_policy("plain", signed_in=False)
def sign_in_now() -> ResponseReturnValue:
    """Check name and password; the same words and the same work for unknown, wrong and limited."""
    name, password = (
        request.form.get("user", "")[:LONGEST].strip(),
        request.form.get("password", "")[:LONGEST],
    )
    fault = _knock(name, password)
    return (
        _page(fault=fault, user=name, status=429 if isinstance(fault, SlowDown) else 422)
        if not isinstance(fault, str)
        else signed_in(fault, current().back)
    )


def _page(
    *, fault: Exception | None = None, user: str = "", status: int = 200
) -> ResponseReturnValue:
    words = ""
    if isinstance(fault, SlowDown):
        words = current().t("sign_in.slow", n=fault.facts.get("minutes", 1))
    elif fault is not None:
        words = current().t("sign_in.wrong")
    return render_template(
        "sign_in/page.html",
        fault=words,
        user=user,
        back=current().back,
        form_kept=late_forms.name() in request.cookies,
        demo=current().program.demo,
    ), status


def _knock(name: str, password: str) -> str | NotSignedIn | SlowDown:
    """The token of a new session, or why there is none.

    A wrong try is counted in a transaction of its own.
    """
    at, services = current(), current().program.services
    who = {"name": name, "network": network()}
    try:
        with at.transaction() as tx:
            known = sessions.check_password(
                tx, services, at.program.passwords, password=password, now=at.wall, **who
            )
        with at.transaction(write=True) as tx:
            rate_limits.clear_wrong_tries(tx, services, name)
            return sessions.begin_session(tx, known, limits=at.limits, now=at.wall)
    except NotSignedIn as e:
        with at.transaction(write=True) as tx:
            alarm = sessions.record_wrong_try(tx, services, now=at.wall, **who)
        if alarm:
            log.warning("sign_in_alarm")
        return e
    except SlowDown as e:
        return e


def network() -> str:
    """The /24 or /64 that the request came from."""
    address = request.remote_addr or ""
    return ":".join(address.split(":")[:4]) if ":" in address else address.rpartition(".")[0]


def signed_in(token: str, back: str) -> ResponseReturnValue:
    """Give the browser its session, and go on; first to what the same person had sent too late, if
    anything.
    """
    with current().transaction() as tx:
        late = late_forms.read_late_form(tx, sessions.session_owner(tx, token) or "") is not None
    response = redirect(url_for("held.page") if late else back or "/", 303)
    site = current().site
    response.set_cookie(
        site.cookie("tresteg", "tresteg_demo"),
        token,
        secure=site.secure,
        httponly=True,
        samesite="Strict",
    )
    return response


@bp.post("/sign-out")
@page_policy("plain", signed_in=False)
def sign_out() -> ResponseReturnValue:
    """End the session, and let the browser forget what it kept."""
    response = redirect(
        url_for("demo.start") if current().program.demo else url_for("auth.sign_in"), 303
    )
    if current().person is not None:
        with current().transaction(write=True) as tx:
            sessions.sign_out(
                tx, token=current().token, person=current().someone, now=current().wall
            )
            late_forms.forget(tx, response)
    site = current().site
    response.delete_cookie(
        site.cookie("tresteg", "tresteg_demo"), secure=site.secure, httponly=True, samesite="Strict"
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.post("/language")
@page_policy("plain", signed_in=False)
def language() -> ResponseReturnValue:
    """Another language, and back to the same page."""
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
        if current().person is not None:
            with current().transaction(write=True) as tx:
                preferences.save_preferences(tx, current().someone, language=chosen)
    return response
