"""A person's own account: her sessions, another password, a try of her own one, preferences."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.errors import NotFound, NotSignedIn
from service.people import rate_limits
from service.people.accounts import open_name, renew_password
from service.people.directory_checks import check_new_password
from service.people.rate_limits import TryLane
from service.people.sessions import SessionLimits, begin_session, token_digest
from service.people.sign_in import SignInTry
from service.records.context import Services, actor
from service.records.ledger_append import append_entry
from service.security.ledger_lines import Canonical
from service.security.purposes import SIGN_IN
from service.store.at_hand import Reader
from service.store.changes import Writer
from service.store.installation import credentials, people, sessions
from service.store.installation.credentials import Credential
from service.store.transaction import Tx

SHORTEST_NAME = 3
"""Characters of a sign-in name that is looked for in a password."""
HANDLE = 16
"""Hexadecimal digits of the name of a session on its person's page."""


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session as its person sees it. `handle` names it on her page, and says nothing of it."""

    handle: str
    made_at: datetime
    seen_at: datetime
    browser: str
    """Kind of browser by code; "" when it is not known."""
    this: bool
    begun_by: list[Credential]
    """What was shown to begin it, in that order; empty when it is not known."""


def list_sessions(
    reader: Reader,
    *,
    by: Viewer,
    token: str,
    ways: Iterable[Credential],
    limits: SessionLimits,
    now: datetime,
) -> list[OwnSession]:
    """The sessions of a person that are alive: the one that asks, then the newest.

    Args:
        ways: all ways to sign in that she ever had.
    """
    here, by_id = token_digest(token), {way.id: way for way in ways}
    found = [
        OwnSession(
            row.token_hash.hex()[:HANDLE],
            row.made_at,
            row.seen_at,
            row.browser,
            row.token_hash == here,
            [by_id[id_] for id_ in (row.begun_by or "").split() if id_ in by_id],
        )
        for row in sessions.of_person(reader, by.person)
        if row.ends_at > now and row.seen_at + limits.idle > now
    ]
    return sorted(found, key=lambda session: not session.this)


def end_session(tx: Tx, *, by: Viewer, token: str, handle: str, now: datetime) -> None:
    """End one session of the person, never the one that asks; it may have ended already."""
    here = token_digest(token)
    for row in sessions.of_person(tx, by.person):
        if row.token_hash.hex()[:HANDLE] == handle and row.token_hash != here:
            sessions.end(tx, row.token_hash, office=by.office)
            _record_ended(tx, by, 1, now)


def end_other_sessions(tx: Tx, *, by: Viewer, token: str, now: datetime) -> None:
    """End every session of the person but the one that asks."""
    ended = sessions.end_all(tx, by.person, office=by.office, but=token_digest(token))
    if ended:
        _record_ended(tx, by, ended, now)


def has_password(reader: Reader, *, by: Viewer, now: datetime) -> bool:
    """Whether the person signs in with a password; those of a demo do not."""
    return credentials.password_of(reader, by.person, now=now) is not None


def begin_change(
    tx: Tx, services: Services, *, by: Viewer, network: str, password: str, now: datetime
) -> SignInTry:
    """Judge the new password, and count a try of the old one, which is not checked yet.

    Raises:
        UnusableWord: the new one is too short, too long or too easy to guess.
        NotFound: the person has no password.
        SlowDown: too many tries; `facts["minutes"]`. The transaction must be rolled back then.
    """
    row = people.get(tx, by.person)
    if row is None or credentials.password_of(tx, by.person, now=now) is None:
        raise NotFound
    own = [open_name(services, row), _sign_in_within(services, row.person.sign_in, password)]
    check_new_password(password, own=[*filter(None, own)])
    return begin_own_try(tx, services, by=by, network=network, now=now)


def change_password(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    tried: SignInTry,
    password: bytes,
    limits: SessionLimits,
    now: datetime,
    browser: str = "",
) -> str:
    """Set the new password of a person whose old one was right; gives the token of a new session.

    Every session of hers ends, also the one that asks: who had stolen its token is out.

    Args:
        password: as `Passwords.hash` made it.
    Raises:
        NotSignedIn: the password was changed, or the person closed, since the old one was read.
    """
    people.lock(tx, by.person)
    row = people.get(tx, by.person)
    old = credentials.password_of(tx, by.person, now=now)
    if row is None or row.person.closed_at is not None or old is None or old.proof != tried.stored:
        raise NotSignedIn
    rate_limits.give_back_try(tx, services, lane=tried.lane)
    made = renew_password(tx, by.person, password, office=by.office, by=actor(by), now=now)
    body = {"person": by.person}
    append_entry(tx, f"office/{by.office}", "password_set", by=actor(by), now=now, body=body)
    return begin_session(
        tx,
        by=by,
        way=credentials.PASSWORD,
        limits=limits,
        now=now,
        browser=browser,
        begun_by=[made],
    )


def begin_own_try(
    tx: Tx, services: Services, *, by: Viewer, network: str, now: datetime
) -> SignInTry:
    """Count a try of a person who is signed in to type her own password again.

    Raises:
        NotFound: the person has no password.
        SlowDown: too many tries; `facts["minutes"]`. The transaction must be rolled back then.
    """
    known = credentials.password_of(tx, by.person, now=now)
    if known is None:
        raise NotFound
    lane = TryLane(f"own|{by.person}")
    rate_limits.count_try(tx, services, lane=lane, now=now)
    return SignInTry("", network, lane, by.person, known.proof)


def end_own_try(tx: Tx, services: Services, *, tried: SignInTry) -> None:
    """Give back a try whose password was right."""
    rate_limits.give_back_try(tx, services, lane=tried.lane)


def save_preferences(
    tx: Tx, *, by: Viewer, language: str, settings: Mapping[str, str] | None = None
) -> None:
    """Save a person's preferences; settings that are not named stay as they are.

    Raises:
        NotFound: there is no such person.
    """
    row = people.get(tx, by.person)
    if row is None:
        raise NotFound
    merged = {**row.person.settings, **(settings or {})}
    people.set_choices(tx, by.person, language=language, settings=merged)


def _record_ended(writer: Writer, by: Viewer, number: int, now: datetime) -> None:
    body: dict[str, Canonical] = {"person": by.person, "number": number}
    append_entry(writer, f"office/{by.office}", "sessions_ended", by=actor(by), now=now, body=body)


def _sign_in_within(services: Services, digest: bytes, password: str) -> str:
    """The person's sign-in name, if it is part of a password; "" when it is not.

    The name itself is kept nowhere, so each part is compared with its digest.
    """
    for text in {password, password.casefold()}:
        for start in range(len(text)):
            for end in range(start + SHORTEST_NAME, len(text) + 1):
                if hmac.compare_digest(services.vault.blind(SIGN_IN, text[start:end]), digest):
                    return text[start:end]
    return ""
