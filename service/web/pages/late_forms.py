"""A form that came after its session had ended: kept sealed for a quarter of an hour, under a key
that lies in a cookie of the browser it came from.

Whoever signs in there finds it only if it is her own.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from service.actions.people import sessions, short_lived_texts
from service.errors import Busy, NotFound
from service.store.transaction import Tx
from service.web.page_policy import page_policy
from service.web.request_context import current, local_path

bp = Blueprint("held", __name__)
MOST = 200_000
"""Longest form that is kept, in characters."""
NOT_KEPT = frozenset({"csrf_token"})


@bp.get("/held")
@page_policy("plain")
def page() -> ResponseReturnValue:
    """What was sent too late, to be sent now."""
    at = current()
    with at.transaction() as tx:
        text = read_late_form(tx, at.someone.id)
    if text is None:
        raise NotFound
    form = json.loads(text)
    return render_template(
        "error/late_form.html",
        address=form["path"],
        fields=[(name, value) for name, values in form["fields"] for value in values],
    )


def keep() -> Response | None:
    """Keep the form of a request whose session has ended, and send the browser on to sign in; None
    when nobody knows whose it is.

    Files are not kept.
    """
    at, path = current(), local_path(request.full_path.removesuffix("?"))
    fields = [(name, values) for name, values in request.form.lists() if name not in NOT_KEPT]
    text = json.dumps({"path": path, "fields": fields}, ensure_ascii=False)
    if not at.token or not path or len(text) > MOST:
        return None
    secret = ""
    with suppress(Busy):
        secret = _hold(text)
    if not secret:
        return None
    response = redirect(url_for("auth.sign_in"), 303)
    cookie(response, secret)
    return response


def _hold(text: str) -> str:
    """Keep a form for the one whose session it came from; gives the secret that opens it, or ""
    when nobody knows whose it is.
    """
    at, secret = current(), short_lived_texts.new_name()
    with at.transaction(write=True) as tx:
        person = sessions.session_owner(tx, at.token)
        if person is None:
            return ""
        short_lived_texts.keep_text(
            tx,
            name=secret,
            secret=secret,
            person=person,
            text=text,
            until=at.wall + short_lived_texts.SENT,
            now=at.wall,
        )
    return secret


def read_late_form(tx: Tx, person: str) -> str | None:
    """The form that this browser and this person sent too late; None when there is none."""
    secret = request.cookies.get(name(), "")
    return (
        short_lived_texts.read_text(
            tx, name=secret, secret=secret, person=person, now=current().wall
        )
        if secret
        else None
    )


def forget(tx: Tx, response: Response) -> None:
    """Whoever signs out leaves nothing of her own behind; what another person sent too late still
    waits for that one.
    """
    if read_late_form(tx, current().someone.id) is not None:
        short_lived_texts.forget_text(tx, request.cookies[name()])
        response.delete_cookie(
            name(), secure=current().site.secure, httponly=True, samesite="Strict"
        )


def name() -> str:
    """Of the cookie."""
    return current().site.cookie("held", "tresteg_held")


def cookie(response: Response, secret: str) -> None:
    lasts = short_lived_texts.SENT // timedelta(seconds=1)
    response.set_cookie(
        name(),
        secret,
        max_age=lasts,
        secure=current().site.secure,
        httponly=True,
        samesite="Strict",
    )
