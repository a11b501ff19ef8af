"""Passkeys in pages: the challenge of a form, and what is taken back with it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from service.people import passkeys
from service.people.passkeys import Challenge, Shown
from service.records.context import Actor
from service.security.passkey_answers import PasskeySite
from service.store.installation.credentials import Credential
from service.store.transaction import Tx
from service.web.page_policy import allow_passkeys
from service.web.request_context import current

LONGEST_TICKET, LONGEST_ANSWER = 300, 20_000
"""Characters that are looked at."""


def site() -> PasskeySite | None:
    """This site as passkeys know it; None where its address is in numbers."""
    return PasskeySite.of(current().program.settings.base_url)


def adding(tx: Tx, *, person: str, bound_to: str, name: str) -> Challenge | None:
    """The challenge of a form that makes a passkey; None where there can be none.

    Args:
        bound_to: token of the session, or of the invitation.
    """
    here = site()
    if here is None:
        return None
    allow_passkeys()
    services, wall = current().program.services, current().wall
    return passkeys.begin_adding(
        tx, services, here, person=person, bound_to=bound_to, name=name, now=wall
    )


def showing(*, person: str = "", own: Iterable[Credential] = ()) -> Challenge | None:
    """The challenge of a form that shows a passkey; None where there can be none."""
    here = site()
    if here is None:
        return None
    allow_passkeys()
    services, wall = current().program.services, current().wall
    return passkeys.begin_showing(
        services, here, person=person, bound_to=current().token, own=own, now=wall
    )


def sent() -> tuple[str, str]:
    """Ticket and answer of the form."""
    form = request.form
    return form.get("challenge", "")[:LONGEST_TICKET], form.get("answer", "")[:LONGEST_ANSWER]


def shown(tx: Tx, *, by: Actor, person: str = "") -> Shown:
    """Check the passkey that the form shows.

    Raises:
        NotSignedIn: as `passkeys.show_passkey`.
    """
    here, (ticket, answer) = site(), sent()
    if here is None:
        return Shown(None)
    services, wall = current().program.services, current().wall
    return passkeys.show_passkey(
        tx,
        services,
        here,
        ticket=ticket,
        answer=answer,
        person=person,
        bound_to=current().token,
        now=wall,
        by=by,
    )
