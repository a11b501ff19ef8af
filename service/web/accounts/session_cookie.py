"""Cookies of a browser that signs in: the one that names its session, and the one that lets the
accounts that have signed in from it know it again. Also a browser's kind and its network.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from service.people import known_browsers, new_browsers, sessions
from service.store.installation.people import Person
from service.web.late_form_store import read_late_form
from service.web.request_context import Site, current

BROWSERS: Final = {
    "Edg": "edge",
    "OPR/": "opera",
    "Firefox/": "firefox",
    "FxiOS/": "firefox",
    "CriOS/": "chrome",
    "Chrome/": "chrome",
    "Safari/": "safari",
}
"""Word of a User-Agent to the code of a browser. The first that fits is right: many browsers name
others too."""
SYSTEMS: Final = {
    "Windows": "windows",
    "Android": "android",
    "iPhone": "ios",
    "iPad": "ios",
    "Mac OS X": "macos",
    "CrOS": "chromeos",
    "Linux": "linux",
}
BETWEEN: Final = "~"
"""Stands between the marks of a browser."""


def go_on_signed_in(token: str, back: str, *, card: bool = False) -> Response:
    """Give the browser its session, as `give_session` does, and redirect to `back`.

    First to what the same person had sent after an earlier session had ended, if anything.

    Args:
        token: of the new session.
        back: a path of this site; "" for the first page.
        card: whether it was begun by a card of a demo, where anybody comes in as anybody, so that
            no browser is new.
    """
    with current().transaction() as tx:
        person = sessions.session_person(tx, token)
        late = read_late_form(tx, person.id if person is not None else "") is not None
    if not card:
        note_browser(person, token)
    response = redirect(url_for("late_forms.page") if late else back or "/", 303)
    _give(response, token, person)
    return response


def give_session(response: Response, token: str) -> None:
    """Give the browser its session. From then on its person's account knows the browser, in
    whatever way she has signed in.
    """
    with current().transaction() as tx:
        person = sessions.session_person(tx, token)
    note_browser(person, token)
    _give(response, token, person)


def note_browser(person: Person | None, token: str) -> None:
    """Note a sign-in from a browser that the account of its person does not know.

    Args:
        token: of the session that it began.
    """
    context = current()
    if person is None:
        return
    services, marks = context.program.services, browser_marks()
    if not new_browsers.is_to_note(services, person, marks, context.wall):
        return
    kind = browser_kind()
    with context.transaction(write=True) as tx:
        new_browsers.note(tx, person.id, token=token, browser=kind, now=context.wall)


def _give(response: Response, token: str, person: Person | None) -> None:
    secure = current().site.secure
    response.set_cookie(_name(), token, secure=secure, httponly=True, samesite="Strict")
    if person is not None:
        _remember(response, person.sign_in)


def delete_session_cookie(response: Response) -> None:
    """Let the browser forget its session."""
    secure = current().site.secure
    response.delete_cookie(_name(), secure=secure, httponly=True, samesite="Strict")


def browser_marks() -> tuple[str, ...]:
    """The marks of the accounts that have signed in from this browser."""
    return marks_in(request.cookies.get(known_name(current().site), ""))


def marks_in(kept: str) -> tuple[str, ...]:
    """The marks that a cookie holds."""
    return tuple(filter(None, kept.split(BETWEEN)))


def _remember(response: Response, account: bytes) -> None:
    """Let the account that has signed in know this browser again.

    The cookie outlives the session and says nothing of anybody; it signs nobody in.
    """
    context = current()
    marks = known_browsers.marks_with(
        context.program.services, browser_marks(), account=account, now=context.wall
    )
    response.set_cookie(
        known_name(current().site),
        BETWEEN.join(marks),
        max_age=known_browsers.LIFE // timedelta(seconds=1),
        secure=context.site.secure,
        httponly=True,
        samesite="Strict",
    )


def browser_kind() -> str:
    """The kind of browser and system, as `firefox-windows`; "" when either is not known.

    Without version or anything else of the User-Agent: that would tell one browser from another.
    """
    says = request.headers.get("User-Agent", "")
    browser = next((code for word, code in BROWSERS.items() if word in says), "")
    system = next((code for word, code in SYSTEMS.items() if word in says), "")
    return f"{browser}-{system}" if browser and system else ""


def _name() -> str:
    return current().site.cookie("tresteg", "tresteg_demo")


def known_name(site: Site) -> str:
    """The name of the cookie with the marks of accounts."""
    return site.cookie("known", "tresteg_known")
