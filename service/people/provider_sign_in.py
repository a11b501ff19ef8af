"""Signing in at a provider: who is linked to an identity there, how a link comes to be, and ends.

A link is by issuer and subject, never by an address or a name: those are given to others, and a
provider says them of whom it likes. Roles are ours: nothing else that a provider says is read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from service.access import Viewer
from service.errors import IdentityTaken, NotFound, NotSignedIn, ProviderRefused
from service.people import tickets
from service.people.sessions import SessionLimits
from service.people.sign_in import SIGN_IN_PAGE, begin_session_by
from service.people.ways import end_ways, require_other_way
from service.records.context import Actor, Services
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security.openid.client import Handshake, Identity, unpacked
from service.store.installation import credentials, people
from service.store.installation.credentials import Credential
from service.store.transaction import Tx

LIFE: Final = timedelta(minutes=10)
"""How long a person may be at the provider."""
PURPOSE: Final = "provider"
"""Of the ticket that a browser keeps meanwhile."""
IDENTITY: Final = "provider"
UNKNOWN: Final = "provider/unknown"
"""Kinds of values of `Vault.blind`: who is linked, and who asked to come in and is not."""
BETWEEN: Final = "~"


def keep(services: Services, handshake: Handshake, *, now: datetime) -> str:
    """What the browser keeps of a handshake: itself, and a ticket that nobody can make up."""
    packed = handshake.packed()
    about = hashlib.sha256(packed).hexdigest()
    ticket = tickets.issue(services, purpose=PURPOSE, about=about, now=now, life=LIFE)
    return base64.urlsafe_b64encode(packed).decode() + BETWEEN + ticket


def kept_handshake(services: Services, kept: str, *, now: datetime) -> tuple[Handshake, str]:
    """The handshake that a browser has kept, and its ticket, which is not spent yet.

    Raises:
        ProviderRefused: it has none, too old a one, or one that was changed.
    """
    encoded, _, ticket = kept.partition(BETWEEN)
    try:
        about = tickets.read(services, ticket, purpose=PURPOSE, now=now)
        packed = base64.urlsafe_b64decode(encoded)
    except (NotSignedIn, binascii.Error, ValueError):
        raise ProviderRefused(why="browser") from None
    if not hmac.compare_digest(hashlib.sha256(packed).hexdigest(), about):
        raise ProviderRefused(why="browser")
    return unpacked(packed), ticket


def spend(tx: Tx, services: Services, ticket: str, *, now: datetime) -> None:
    """Spend the ticket of a handshake: whatever comes of it, it is not taken a second time.

    Raises:
        ProviderRefused: it was spent before. The transaction must be rolled back then.
    """
    try:
        tickets.spend(tx, services, ticket, now=now)
    except NotSignedIn:
        raise ProviderRefused(why="replayed") from None


def begin_session_of(
    tx: Tx,
    services: Services,
    *,
    identity: Identity,
    limits: SessionLimits,
    now: datetime,
    browser: str = "",
) -> tuple[str, str]:
    """Begin the session of who is linked to an identity; gives its token, and her id.

    Raises:
        NotSignedIn: nobody is linked, or the person is closed, or is not of the provider's office.
        SlowDown: more sign-ins than anybody needs.
    """
    shown = credentials.by_digest(tx, credentials.PROVIDER, _digest(services, identity))
    if shown is None or not shown.is_live(now):
        raise NotSignedIn
    row = people.get(tx, shown.person_id)
    if row is None or row.person.office_id != identity.provider.office:
        raise NotSignedIn
    token = begin_session_by(tx, services, shown=shown, limits=limits, now=now, browser=browser)
    return token, shown.person_id


def record_unknown(tx: Tx, services: Services, *, identity: Identity, now: datetime) -> None:
    """Write that somebody came from a provider whom nobody here is linked to: which provider, and
    a keyed digest by which the same one is known again.
    """
    account = services.vault.blind(UNKNOWN, _name(identity))
    body = {"provider": identity.provider.id, "account": account.hex()}
    append_entry(tx, "system", "provider_unknown", by=SIGN_IN_PAGE, now=now, body=body)


def link(
    tx: Tx, services: Services, person: str, identity: Identity, by: Actor, now: datetime
) -> Credential:
    """Link a person to an identity; the same link a second time changes nothing.

    Raises:
        NotFound: there is no such person, or she is closed.
        IdentityTaken: somebody else is linked to it, or it is at the provider of another office.
    """
    people.lock(tx, person)
    row = people.get(tx, person)
    if row is None or row.person.closed_at is not None:
        raise NotFound
    office = row.person.office_id
    if office != identity.provider.office:
        raise IdentityTaken
    digest = _digest(services, identity)
    found = credentials.by_digest(tx, credentials.PROVIDER, digest)
    if found is not None and found.is_live(now):
        if found.person_id != person:
            raise IdentityTaken
        return found
    if found is not None:
        _free(tx, found)
    made = Credential(
        ulid(now),
        person,
        credentials.PROVIDER,
        now,
        by.id,
        digest=digest,
        about={"provider": identity.provider.id},
    )
    credentials.add(tx, made, office=office)
    body = {"person": person, "way": credentials.PROVIDER}
    append_entry(tx, people.stream_of(office), "way_added", by=by, now=now, body=body)
    return made


def unlink(
    tx: Tx, *, by: Viewer, provider: str, second_factor: str, now: datetime, but: bytes = b""
) -> None:
    """End the person's own links to a provider, and the sign-ins that were begun there; they may
    have ended already.

    Args:
        second_factor: `Settings.second_factor`.
        but: as `ways.end_ways` takes it.
    Raises:
        LastWay: she has no other way to sign in.
    """
    people.lock(tx, by.person)
    links = credentials.of_person(tx, by.person, now=now, kinds=(credentials.PROVIDER,))
    for one in links:
        if one.about.get("provider") != provider:
            continue
        require_other_way(tx, by.person, but=one, second_factor=second_factor, now=now)
        end_ways(tx, by=by, rows=[one], now=now, but=but)


def _free(tx: Tx, ended: Credential) -> None:
    """Let go of the digest of a link that has ended, so that the identity can be linked again."""
    owner = people.get(tx, ended.person_id)
    if owner is not None:
        credentials.change(tx, ended, replace(ended, digest=None), office=owner.person.office_id)


def _digest(services: Services, identity: Identity) -> bytes:
    return services.vault.blind(IDENTITY, _name(identity))


def _name(identity: Identity) -> str:
    """Issuer and subject as one text; no issuer has a bar."""
    return f"{identity.provider.issuer}|{identity.subject}"
