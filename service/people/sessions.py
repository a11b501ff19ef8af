"""Sessions: begin, find, extend and end one. `sign_in` says who may have one.

A session is a random token in a cookie; the database keeps the token's digest. Every sign-in and
sign-out is an entry of the ledger.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from service.access import Viewer
from service.errors import NotSignedIn
from service.people.accounts import open_name, viewer_of
from service.records.context import Services, actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.records import WrappedKey
from service.store.at_hand import Read, Reader
from service.store.changes import Writer
from service.store.installation import offices, sessions
from service.store.installation.credentials import Credential
from service.store.installation.people import Person
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """Who is signed in, and the token that form posts must bear."""

    viewer: Viewer
    open_name: Callable[[], str]
    """Gives her name, opened now: few answers show it."""
    office: offices.Office
    key: WrappedKey | None
    """The person's; None when it was erased."""
    settings: Mapping[str, str]
    csrf: str
    ends_at: datetime
    idle_until: datetime
    proven_at: datetime
    """When she last showed that it is she: with the sign-in, or since."""
    operations: frozenset[str] | None = None
    """Ids of the operations that the token of a program is for; None for a person."""

    @property
    def name(self) -> str:
        """Her name; empty when she was erased."""
        return self.open_name()


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lives: without a request, and in all."""

    idle: timedelta
    whole: timedelta


def begin_session(
    writer: Writer,
    *,
    by: Viewer,
    way: str,
    limits: SessionLimits,
    now: datetime,
    browser: str = "",
    begun_by: Collection[Credential] = (),
) -> str:
    """Begin a session; gives the token that the cookie bears. Only its digest is kept.

    Args:
        way: kind of the credential that was shown, as `installation.credentials` has them; "card"
            in a demo.
        browser: kind of browser by code; "" when it is not known.
        begun_by: the credentials that were shown: when one ends, the session ends with it.
    """
    token = secrets.token_urlsafe(32)
    row = sessions.Session(
        token_hash=token_digest(token),
        person_id=by.person,
        made_at=now,
        seen_at=now,
        ends_at=now + limits.whole,
        csrf=secrets.token_bytes(32),
        verified_at=now,
        browser=browser,
        begun_by=" ".join(row.id for row in begun_by),
    )
    sessions.add(writer, row, office=by.office)
    body = {"until": ledger_lines.moment(row.ends_at), "way": way}
    append_entry(writer, f"office/{by.office}", "sign_in", by=actor(by), now=now, body=body)
    return token


def read_of_session(token: str) -> Read:
    """What `find_session` reads."""
    return sessions.read_of_sign_in(token_digest(token))


def find_session(
    reader: Reader,
    services: Services,
    token: str,
    *,
    limits: SessionLimits,
    now: datetime,
    checked: dict[bytes, Any] | None = None,
) -> SignedInSession | None:
    """The session of a token, if it is still alive: not signed out, not idle too long, the person
    not closed.

    Args:
        checked: as `sessions.get` of the store takes it.
    """
    found = sessions.get(reader, token_digest(token), checked)
    if found is None:
        return None
    session, row, office, barred = found
    idle_until = session.seen_at + limits.idle
    if session.ends_at <= now or idle_until <= now:
        return None
    viewer = viewer_of(row, office)
    if viewer is None:
        return None
    return SignedInSession(
        replace(viewer, barred=barred),
        partial(open_name, services, row),
        office,
        row.key,
        row.person.settings,
        session.csrf.hex(),
        session.ends_at,
        idle_until,
        session.verified_at or session.made_at,
    )


def session_person(tx: Tx, token: str) -> Person | None:
    """Whose session a token is or was; None when it was signed out, or never was one."""
    found = sessions.get(tx, token_digest(token), tx.checked)
    return found[1].person if found is not None else None


def session_owner(tx: Tx, token: str) -> str | None:
    """The id of `session_person`."""
    person = session_person(tx, token)
    return person.id if person is not None else None


def extend_session(writer: Writer, *, now: datetime, token: str) -> None:
    """Begin the idle time of a session anew, because the person did something."""
    sessions.seen(writer, token_digest(token), now)


def prove(tx: Tx, *, by: Viewer, way: str, now: datetime, token: str) -> None:
    """Note that whoever is signed in has shown once more that it is she.

    Args:
        way: kind of the credential that she has shown.
    Raises:
        NotSignedIn: the session has ended meanwhile.
    """
    found = sessions.get(tx, token_digest(token))
    if found is None or found[1].person.id != by.person:
        raise NotSignedIn
    sessions.verified(tx, found[0], now, office=by.office)
    stream, body = f"office/{by.office}", {"way": way}
    append_entry(tx, stream, "proof_given", by=actor(by), now=now, body=body)


def sign_out(tx: Tx, *, by: Viewer, now: datetime, token: str) -> None:
    """End a session."""
    sessions.end(tx, token_digest(token), office=by.office)
    append_entry(tx, f"office/{by.office}", "sign_out", by=actor(by), now=now)


def token_digest(token: str) -> bytes:
    """The digest by which the database knows a token."""
    return hashlib.sha256(token.encode()).digest()
