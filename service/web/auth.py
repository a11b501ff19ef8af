"""Signing in and out, and the language."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions import accounts, choices
from service.errors import NotSignedIn, SlowDown
from service.text import languages
from service.web import held
from service.web.doors import door
from service.web.here import here

bp = Blueprint("auth", __name__)
log = structlog.get_logger("web")
LONGEST = 200
A_YEAR = 365 * 24 * 3600


@bp.get("/sign-in")
@door("plain", signed_in=False)
def sign_in() -> ResponseReturnValue:
    """The page; who is signed in already goes on."""
    if here().person is not None:
        return redirect(here().back or "/", 303)
    return _page()


@bp.post("/sign-in", endpoint="sign_in_now")
@door("plain", signed_in=False)
def sign_in_now() -> ResponseReturnValue:
    """Check name and password; the same words and the same work for unknown, wrong and limited."""
    name, password = request.form.get("user", "")[:LONGEST].strip(), request.form.get("password", "")[:LONGEST]
    fault = _knock(name, password)
    return _page(fault=fault, user=name, status=429 if isinstance(fault, SlowDown) else 422) if not isinstance(fault, str) else signed_in(fault, here().back)


def _page(*, fault: Exception | None = None, user: str = "", status: int = 200) -> ResponseReturnValue:
    words = ""
    if isinstance(fault, SlowDown):
        words = here().t("sign_in.slow", n=fault.facts.get("minutes", 1))
    elif fault is not None:
        words = here().t("sign_in.wrong")
    return render_template("sign_in/page.html", fault=words, user=user, back=here().back, held=held.name() in request.cookies, demo=here().program.demo), status


def _knock(name: str, password: str) -> str | NotSignedIn | SlowDown:
    """The token of a new session, or why there is none. A wrong try is counted in a transaction of its own."""
    at, house = here(), here().program.house
    who = {"name": name, "network": network()}
    try:
        with at.transaction() as tx:
            known = accounts.recognise(tx, house, at.program.passwords, password=password, now=at.wall, **who)
        with at.transaction(write=True) as tx:
            accounts.welcome(tx, house, name)
            return accounts.begin(tx, known, limits=at.limits, now=at.wall)
    except NotSignedIn as e:
        with at.transaction(write=True) as tx:
            alarm = accounts.note_wrong(tx, house, now=at.wall, **who)
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
    """Give the browser its session, and go on; first to what the same person had sent too late, if anything."""
    with here().transaction() as tx:
        late = held.told(tx, accounts.whose(tx, token) or "") is not None
    response = redirect(url_for("held.page") if late else back or "/", 303)
    site = here().site
    response.set_cookie(site.cookie("tresteg", "tresteg_demo"), token, secure=site.secure, httponly=True, samesite="Strict")
    return response


@bp.post("/sign-out")
@door("plain", signed_in=False)
def sign_out() -> ResponseReturnValue:
    """End the session, and let the browser forget what it kept."""
    response = redirect(url_for("demo.start") if here().program.demo else url_for("auth.sign_in"), 303)
    if here().person is not None:
        with here().transaction(write=True) as tx:
            accounts.sign_out(tx, here().token, here().someone, here().wall)
            held.forget(tx, response)
    site = here().site
    response.delete_cookie(site.cookie("tresteg", "tresteg_demo"), secure=site.secure, httponly=True, samesite="Strict")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.post("/language")
@door("plain", signed_in=False)
def language() -> ResponseReturnValue:
    """Another language, and back to the same page."""
    chosen = request.form.get("language", "")
    response: Response = make_response(redirect(here().back or "/", 303))
    if chosen in languages():
        site = here().site
        response.set_cookie(site.cookie("lang", "tresteg_lang"), chosen, max_age=A_YEAR, secure=site.secure, httponly=True, samesite="Strict")
        if here().person is not None:
            with here().transaction(write=True) as tx:
                choices.choose(tx, here().someone, language=chosen)
    return response
