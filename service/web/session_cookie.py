"""The cookie that names the session of a browser: set at sign-in, deleted at sign-out."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from service.actions.people import sessions
from service.web.late_form_store import read_late_form
from service.web.request_context import current


def go_on_signed_in(token: str, back: str) -> ResponseReturnValue:
    """Give the browser its session and redirect to `back`.

    First to what the same person had sent after an earlier session had ended, if anything.

    Args:
        token: of the new session.
        back: a path of this site; "" for the first page.
    """
    with current().transaction() as tx:
        late = read_late_form(tx, sessions.session_owner(tx, token) or "") is not None
    response = redirect(url_for("late_forms.page") if late else back or "/", 303)
    secure = current().site.secure
    response.set_cookie(_name(), token, secure=secure, httponly=True, samesite="Strict")
    return response


def delete_session_cookie(response: Response) -> None:
    """Let the browser forget its session."""
    secure = current().site.secure
    response.delete_cookie(_name(), secure=secure, httponly=True, samesite="Strict")


def _name() -> str:
    return current().site.cookie("tresteg", "tresteg_demo")
