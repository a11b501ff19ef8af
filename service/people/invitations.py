"""Invitations: how somebody comes in for the first time, or again when she has lost what she had.

An invitation is a link that is good for 24 hours and for one use. Opening it uses nothing up, so
that a program which looks through mail cannot: it is used when a way to sign in has been made with
it, and what the person had before ends then. So nobody ever chooses the password of another.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.access import Viewer
from service.errors import NotSignedIn, UnusableWord
from service.people import directory, one_time_codes
from service.people.accounts import new_password, open_name, viewer_of
from service.people.directory_checks import check_new_password
from service.people.passkeys import add_passkey
from service.people.sessions import SessionLimits, begin_session
from service.people.ways import record_added, record_ended
from service.records.context import Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.passkey_answers import PasskeySite
from service.security.purposes import SIGN_IN
from service.store.at_hand import Reader
from service.store.installation import credentials, offices, people, sessions
from service.store.installation.credentials import INVITATION, Credential
from service.store.transaction import Tx
from service.text import say

LIFE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who holds an invitation that is good."""

    invitation: Credential
    viewer: Viewer
    name: str
    sign_in: bytes
    """Keyed digest of the name that she signs in by."""


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who has just made her first way to sign in."""

    token: str
    """Of her session."""
    recovery: list[str]
    """Her recovery codes, to be shown once."""


def invite(tx: Tx, services: Services, *, by: Actor, now: datetime, sign_in: str) -> str:
    """Make an invitation for who signs in by a name; gives its token. One of before ends.

    Raises:
        UnusableWord: nobody signs in by that name.   Stale: she is closed.
    """
    who = directory.locked_person(tx, services, sign_in).person
    for row in credentials.of_person(tx, who.id, now=now, kinds=(INVITATION,)):
        credentials.end(tx, row, now, office=who.office_id)
    token, ends = secrets.token_urlsafe(32), now + LIFE
    row = Credential(ulid(now), who.id, INVITATION, now, by.id, _digest(token), ends_at=ends)
    credentials.add(tx, row, office=who.office_id)
    body: dict[str, ledger_lines.Canonical] = {
        "person": who.id,
        "until": ledger_lines.moment(ends),
    }
    stream = people.stream_of(who.office_id)
    append_entry(tx, stream, "invitation_made", by=by, now=now, body=body)
    return token


def find_invited(reader: Reader, services: Services, token: str, *, now: datetime) -> Invited:
    """Whose invitation a token is.

    Raises:
        NotSignedIn: it is none, was used, or is too old; or the person was closed.
    """
    found = credentials.by_digest(reader, INVITATION, _digest(token))
    row = None if found is None else people.get(reader, found.person_id)
    if found is None or row is None or not found.is_live(now):
        raise NotSignedIn
    viewer = viewer_of(row, offices.get(reader, row.person.office_id))
    if viewer is None:
        raise NotSignedIn
    return Invited(found, viewer, open_name(services, row), row.person.sign_in)


def use_invitation(tx: Tx, services: Services, token: str, *, now: datetime) -> Viewer:
    """Use an invitation up: what its person had before ends, sign-ins too. Whoever calls this adds
    the new way in the same transaction.

    Raises:
        NotSignedIn: as `find_invited`.
    """
    person = find_invited(tx, services, token, now=now).viewer.person
    people.lock(tx, person)
    invited = find_invited(tx, services, token, now=now)
    by = invited.viewer
    for row in credentials.of_person(tx, person, now=now):
        credentials.end(tx, row, now, office=by.office)
        if row.kind not in (credentials.RECOVERY, INVITATION):
            record_ended(tx, by, row, now)
    sessions.end_all(tx, person, office=by.office)
    return by


def check_choice(services: Services, invited: Invited, *, name: str, password: str) -> None:
    """Check the password that an invited person has chosen, and the name that she signs in by,
    which who has found the link does not know.

    Raises:
        UnusableWord: she does not sign in by that name; or the password is too short, too long or
            too easy to guess. `facts["why"]` is a key among the texts of `password`.
    """
    if not hmac.compare_digest(services.vault.blind(SIGN_IN, name), invited.sign_in):
        raise UnusableWord(say("password.name", "en"), why="name")
    check_new_password(password, own=(name, invited.name))


def enter_with_password(
    tx: Tx,
    services: Services,
    *,
    token: str,
    password: bytes,
    ticket: str,
    code: str,
    limits: SessionLimits,
    now: datetime,
    browser: str = "",
) -> Entered:
    """Use an invitation up for a password and an app that makes one-time codes.

    Args:
        password: as `Passwords.hash` made it.
        ticket: as `one_time_codes.begin_setup` made it for the person.
        code: of the app.
    Raises:
        NotSignedIn: the invitation is no good, or the code is wrong. The transaction must be rolled
            back then.
    """
    by = use_invitation(tx, services, token, now=now)
    row = new_password(by.person, password, by=actor(by), now=now)
    credentials.add(tx, row, office=by.office)
    record_added(tx, by, row, now)
    recovery = one_time_codes.finish_setup(tx, services, by=by, ticket=ticket, code=code, now=now)
    codes = credentials.of_person(tx, by.person, now=now, kinds=(credentials.CODES,))
    session = begin_session(
        tx,
        by=by,
        way=row.kind,
        limits=limits,
        now=now,
        browser=browser,
        begun_by=[row, *codes],
    )
    return Entered(session, recovery)


def enter_with_passkey(
    tx: Tx,
    services: Services,
    site: PasskeySite,
    *,
    token: str,
    ticket: str,
    answer: str,
    name: str,
    limits: SessionLimits,
    now: datetime,
    browser: str = "",
) -> str:
    """Use an invitation up for a passkey; gives the token of the session.

    Args:
        ticket, answer, name: as `passkeys.add_passkey` takes them.
    Raises:
        NotSignedIn: the invitation is no good, or the passkey is none. The transaction must be
            rolled back then.
    """
    by = use_invitation(tx, services, token, now=now)
    row = add_passkey(
        tx,
        services,
        site,
        by=by,
        bound_to=token,
        ticket=ticket,
        answer=answer,
        name=name,
        now=now,
    )
    return begin_session(
        tx, by=by, way=row.kind, limits=limits, now=now, browser=browser, begun_by=[row]
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
