"""Forms that came after their session had ended, kept sealed for a quarter of an hour.

The key lies in a cookie of the browser that sent the form. Whoever signs in there finds it only if
it is her own.
"""

from __future__ import annotations

import json
from datetime import timedelta

from flask import redirect, request
from werkzeug.wrappers import Response

from service.people import page_mark, sessions, short_lived_texts
from service.store.installation import people
from service.store.transaction import Tx
from service.web.request_context import current, local_path

MOST = 200_000
"""Longest form that is kept, in characters."""
NOT_KEPT = frozenset({"csrf_token", page_mark.NAME})


def keep_late_form(then: str) -> Response | None:
    """Keep the form of a request whose session has ended, and send the browser on.

    Files are not kept. None when nobody knows whose form it is, or when it is too long.

    Args:
        then: where to, such as to sign in.
    Raises:
        Busy: the database does not answer, or its disk is full.
    """
    path = local_path(request.full_path.removesuffix("?"))
    fields = [(name, values) for name, values in request.form.lists() if name not in NOT_KEPT]
    text = json.dumps({"path": path, "fields": fields}, ensure_ascii=False)
    if not path or len(text) > MOST:
        return None
    secret = _keep(text)
    if not secret:
        return None
    response = redirect(then, 303)
    _set_cookie(response, secret)
    return response


def page_language() -> str | None:
    """The language of the page that the form came from; None when it does not say."""
    return page_mark.language_of_mark(request.form.get(page_mark.NAME, "")) or None


def is_own_page() -> bool:
    """Whether the form came from a page that was drawn for the person who is signed in."""
    context = current()
    mark = request.form.get(page_mark.NAME, "")
    return (
        context.session is not None
        and page_mark.person_of_mark(context.program.services, mark) == context.viewer.person
    )


def _keep(text: str) -> str:
    """Keep a form for the person whose session it came from, or whose page.

    Gives the secret that opens it; "" when nobody knows whose it is.
    """
    context = current()
    secret = short_lived_texts.new_name()
    with context.transaction(write=True) as tx:
        person = (sessions.session_owner(tx, context.token) if context.token else None) or _reader(
            tx
        )
        if not person:
            return ""
        short_lived_texts.keep_text(
            tx,
            name=secret,
            secret=secret,
            person=person,
            text=text,
            until=context.wall + short_lived_texts.SENT,
        )
    return secret


def _reader(tx: Tx) -> str:
    """The person for whom the page of the form was drawn; "" when it does not say."""
    mark = request.form.get(page_mark.NAME, "")
    person = page_mark.person_of_mark(current().program.services, mark)
    return person if person and people.get(tx, person) is not None else ""


def read_late_form(tx: Tx, person: str) -> str | None:
    """The form that this browser and this person sent too late; None when there is none."""
    secret = request.cookies.get(cookie_name(), "")
    if not secret:
        return None
    return short_lived_texts.read_text(
        tx, name=secret, secret=secret, person=person, now=current().wall
    )


def forget_late_form(tx: Tx, response: Response) -> None:
    """Forget the form of the person who signs out.

    What another person sent too late from this browser still waits for that one.
    """
    if read_late_form(tx, current().viewer.person) is None:
        return
    short_lived_texts.forget_text(tx, request.cookies[cookie_name()])
    secure = current().site.secure
    response.delete_cookie(cookie_name(), secure=secure, httponly=True, samesite="Strict")


def has_late_form() -> bool:
    """Whether this browser has the key of a form, whosever it is."""
    return cookie_name() in request.cookies


def cookie_name() -> str:
    """Name of the cookie that has the key."""
    return current().site.cookie("held", "tresteg_held")


def _set_cookie(response: Response, secret: str) -> None:
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=short_lived_texts.SENT // timedelta(seconds=1),
        secure=current().site.secure,
        httponly=True,
        samesite="Strict",
    )
