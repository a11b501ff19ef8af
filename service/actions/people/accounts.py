"""People at the door: offices and persons of the directory, signing in, sessions."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.access import Viewer
from service.actions.context import Actor, Services
from service.actions.ids import ulid
from service.actions.ledger_entries import append_entry
from service.actions.people.rate_limits import (
    SITE_WRONG,
    clear_wrong_tries,
    count_wrong_try,
    minutes_to_wait,
)
from service.errors import NotFound, NotSignedIn, SlowDown
from service.security.passwords import Passwords
from service.security.vault import SIGN_IN
from service.store.installation import offices, people, sessions
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Who sits at the screen, as pages show her."""

    id: str
    name: str
    office: offices.Office
    roles: frozenset[str]
    language: str
    settings: Mapping[str, str]

    @property
    def viewer(self) -> Viewer:
        """The person as `access` knows her."""
        return Viewer(self.id, self.office.id, self.roles, self.language, self.office.zone)


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """A signed-in person, and the token that form posts must bear."""

    person: SignedInPerson
    csrf: str
    ends_at: datetime
    idle_until: datetime


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lives."""

    idle: timedelta
    whole: timedelta


def add_office(
    tx: Tx, services: Services, *, by: Actor, now: datetime, office: offices.Office, address: str
) -> None:
    """Put an office into the directory; its mail address is sealed under a key of its own."""
    key = services.new_key(tx, f"office:{office.id}")
    sealed = (
        key.seal("contact", address.encode(), table="office", column="address", row=office.id)
        if address
        else None
    )
    offices.add(tx, replace(office, address=sealed))
    append_entry(tx, "system", "office_added", by=by, now=now, body={"about": office.id})


def set_address(
    tx: Tx, services: Services, *, by: Actor, now: datetime, office_id: str, address: str
) -> None:
    """Put an office's mail address right; letters that gave up for the want of one can be tried
    again then.

    Raises:
        NotFound: there is no such office, or its key is gone.
    """
    office, key = offices.get(tx, office_id), services.key(tx, f"office:{office_id}")
    if office is None or key is None:
        raise NotFound
    sealed = (
        key.seal("contact", address.encode(), table="office", column="address", row=office_id)
        if address
        else None
    )
    offices.save(tx, replace(office, address=sealed))
    append_entry(tx, "system", "office_address", by=by, now=now, body={"about": office_id})


def add_person(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    id_: str,
    sign_in: str,
    name: str,
    office: str,
    roles: Collection[str],
    password: bytes | None,
    language: str,
) -> None:
    """Put a person into an office. The name is sealed; the sign-in name is kept as a keyed digest.

    Args:
        password: as `Passwords.hash` made it; None for a person who cannot sign in with one (the
            demo's cards).
    """
    sealed = services.new_key(tx, f"person:{id_}").seal(
        "contact", name.encode(), table="person", column="name", row=id_
    )
    people.add(
        tx,
        people.Person(
            id=id_,
            office_id=office,
            sign_in=services.vault.blind(SIGN_IN, sign_in),
            name=sealed,
            email=None,
            password=password,
            language=language,
            settings={},
            made_at=now,
        ),
        roles,
    )
    append_entry(
        tx,
        f"office/{office}",
        "person_added",
        by=by,
        now=now,
        body={"person": id_, "roles": (*sorted(roles),)},
    )


def person(tx: Tx, services: Services, id_: str) -> SignedInPerson | None:
    """A person with office and roles; None when there is none, or she is closed."""
    known = people.get(tx, id_)
    return None if known is None else _person(tx, services, known)


def _person(tx: Tx, services: Services, known: people.PersonWithKey) -> SignedInPerson | None:
    office = offices.get(tx, known.person.office_id)
    if known.person.closed_at is not None or office is None:
        return None
    return SignedInPerson(
        known.person.id,
        _name(services, known),
        office,
        known.roles,
        known.person.language,
        known.person.settings,
    )


def _name(services: Services, known: people.PersonWithKey) -> str:
    """A person's name, opened now; empty when she was erased."""
    if known.key is None:
        return ""
    return (
        services.open(known.key)
        .open("contact", known.person.name, table="person", column="name", row=known.person.id)
        .decode()
    )


def names(tx: Tx, services: Services, ids: Collection[str]) -> dict[str, str]:
    """Names of people by id, opened now; unknown ids are left out."""
    return {id_: _name(services, known) for id_, known in people.of(tx, set(ids)).items()}


def colleagues(tx: Tx, services: Services, office: str, role: str = "") -> list[tuple[str, str]]:
    """(person id, name) of the people of an office, by name; of those who hold a role when it is
    named.
    """
    found = people.with_role(tx, office, role) if role else people.of_office(tx, office)
    return sorted(
        ((known.person.id, _name(services, known)) for known in found), key=lambda pair: pair[1]
    )


def check_password(
    tx: Tx,
    services: Services,
    passwords: Passwords,
    *,
    name: str,
    password: str,
    network: str,
    now: datetime,
) -> SignedInPerson:
    """Check a name and password.

    Changes nothing, because the slow hash must not hold up those who write.

    Raises:
        NotSignedIn: unknown or wrong, which look and cost the same; `record_wrong_try` counts it.
        SlowDown: too many tries; `facts["minutes"]`.
    """
    minutes = minutes_to_wait(tx, services, name=name, network=network, now=now)
    if minutes:
        passwords.waste(password)
        raise SlowDown(minutes=minutes)
    known = people.by_sign_in(tx, services.vault.blind(SIGN_IN, name))
    kept = known.person.password if known is not None and known.person.closed_at is None else None
    found = (
        _person(tx, services, known)
        if passwords.fits(kept, password) and known is not None
        else None
    )
    if found is None:
        raise NotSignedIn
    return found


def forget_wrong_tries(tx: Tx, services: Services, name: str) -> None:
    """Forget the wrong tries of an account whose person has come in."""
    clear_wrong_tries(tx, services, name)


def record_wrong_try(tx: Tx, services: Services, *, name: str, network: str, now: datetime) -> bool:
    """Count a wrong try; gives whether the whole site has had so many by now that somebody should
    look.

    Both are lines.
    """
    alarm = count_wrong_try(tx, services, name=name, network=network, now=now)
    append_entry(tx, "system", "sign_in_failed", by=Actor("door"), now=now)
    if alarm:
        append_entry(
            tx, "system", "sign_in_alarm", by=Actor("door"), now=now, body={"wrong": SITE_WRONG}
        )
    return alarm


def begin_session(tx: Tx, who: SignedInPerson, *, limits: SessionLimits, now: datetime) -> str:
    """Begin a session; gives the token that the cookie bears. Only its digest is kept."""
    token = secrets.token_urlsafe(32)
    csrf = secrets.token_bytes(32)
    sessions.add(
        tx,
        sessions.Session(
            token_hash=token_digest(token),
            person_id=who.id,
            made_at=now,
            seen_at=now,
            ends_at=now + limits.whole,
            csrf=csrf,
            verified_at=now,
        ),
    )
    append_entry(tx, f"office/{who.office.id}", "sign_in", by=Actor(who.id, who.office.id), now=now)
    return token


def find_session(
    tx: Tx, services: Services, token: str, *, limits: SessionLimits, now: datetime
) -> SignedInSession | None:
    """The session of a token, if it is still alive: not signed out, not idle too long, the person
    not closed.
    """
    found = sessions.get(tx, token_digest(token))
    if found is None or found[0].ends_at <= now or found[0].seen_at + limits.idle <= now:
        return None
    row, known = found
    who = _person(tx, services, known)
    return (
        None
        if who is None
        else SignedInSession(who, row.csrf.hex(), row.ends_at, row.seen_at + limits.idle)
    )


def session_owner(tx: Tx, token: str) -> str | None:
    """Whose session a token is or was; None when it was signed out, or never was one."""
    found = sessions.get(tx, token_digest(token))
    return found[1].person.id if found is not None else None


def extend_session(tx: Tx, *, now: datetime, token: str) -> None:
    """The person did something: the idle time begins anew."""
    sessions.seen(tx, token_digest(token), now)


def sign_out(tx: Tx, *, now: datetime, token: str, person_id: SignedInPerson) -> None:
    """End a session."""
    sessions.end(tx, token_digest(token))
    append_entry(
        tx,
        f"office/{person_id.office.id}",
        "sign_out",
        by=Actor(person_id.id, person_id.office.id),
        now=now,
    )


def token_digest(token: str) -> bytes:
    """What the store knows of a token."""
    return hashlib.sha256(token.encode()).digest()


def new_person_id(now: datetime) -> str:
    """An id for a person: random, no name in it."""
    return f"p_{ulid(now)}"
