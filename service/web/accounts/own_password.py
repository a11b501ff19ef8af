"""A person's own password, typed again before she approves what needs two persons.

Whoever finds a browser signed in cannot approve in another's name.
"""

from __future__ import annotations

import structlog
from flask import request

from service.errors import SlowDown
from service.people import own_account
from service.people import sign_in as password_sign_in
from service.records.context import actor
from service.security.passwords import PlaceInLine
from service.web.accounts.session_cookie import network
from service.web.request_context import current

log = structlog.get_logger("web")
FIELD = "password"


def asks_password() -> bool:
    """Whether the viewer signs in with a password; people of a demo do not."""
    with current().transaction() as tx:
        return own_account.has_password(tx, by=current().viewer, now=current().wall)


def is_confirmed() -> bool:
    """Whether the form bears the viewer's own password, or she has none.

    It is checked outside of transactions, as at sign-in, and wrong ones count.

    Raises:
        ManyPasswords: too many wait to be checked.
    """
    if not asks_password():
        return True
    with current().program.passwords.place() as place:
        return _is_right(place, request.form.get(FIELD, ""))


def _is_right(place: PlaceInLine, password: str) -> bool:
    context = current()
    services = current().program.services
    try:
        tried = context.write(
            lambda tx: own_account.begin_own_try(
                tx, services, by=context.viewer, network=network(), now=context.wall
            )
        )
    except SlowDown:
        return False
    if place.fits(tried.stored, password):
        context.write(lambda tx: own_account.end_own_try(tx, services, tried=tried))
        return True
    if context.write(
        lambda tx: password_sign_in.record_wrong_try(
            tx, services, tried=tried, now=context.wall, by=actor(context.viewer)
        )
    ):
        log.warning("sign_in_alarm")
    return False
