"""One-time codes of an app (TOTP, RFC 6238), and ten recovery codes for when the app is gone.

Each code signs in once. The secret of an app is sealed under the key of its person; of a recovery
code only a keyed digest is kept.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pyotp

from service.access import Viewer
from service.errors import NotSignedIn, SecondFactorMissing
from service.people import tickets
from service.people.second_factor import REQUIRED
from service.people.ways import end_ways, record_added
from service.records.context import Services
from service.records.ids import LETTERS, ulid
from service.store.at_hand import Reader
from service.store.installation import credentials, people
from service.store.installation.credentials import CODES, RECOVERY, Credential
from service.store.transaction import Tx

ISSUER: Final = "Tresteg"
"""How an app calls what its codes are for."""
STEP: Final = 30
"""Seconds for which an app shows one code."""
BEFORE_AND_AFTER: Final = 1
"""Steps by which the clock of a phone may be off."""
SECRET_BYTES: Final = 20
"""As RFC 4226 recommends; more than one keyed digest has."""
SETUP: Final = "codes"
"""Purpose of the ticket that the secret of a new app is made of."""
SETUP_LIFE: Final = timedelta(minutes=30)
RECOVERY_CODES: Final = 10
RECOVERY_LETTERS: Final = 24
"""Letters and digits of a recovery code: 120 bits. From 112 on a fast digest is enough to keep one
by (OWASP ASVS 5.0, 6.5.2)."""
SEED: Final = "one_time_codes/seed"
RECOVERY_CODE: Final = "one_time_codes/recovery"
"""Kinds of values of `Vault.blind`."""


def begin_setup(services: Services, *, person: str, now: datetime) -> str:
    """A ticket to set up an app with; the secret follows from it and the keyring (`secret_of`), so
    nothing is kept before a code of the app has been typed.
    """
    return tickets.issue(services, purpose=SETUP, about=person, now=now, life=SETUP_LIFE)


def is_setup_of(services: Services, ticket: str, *, person: str, now: datetime) -> bool:
    """Whether a ticket still sets up an app for a person."""
    try:
        return tickets.read(services, ticket, purpose=SETUP, now=now) == person
    except NotSignedIn:
        return False


def secret_of(services: Services, ticket: str) -> str:
    """The secret that an app is set up with by a ticket: 160 bits in base32."""
    halves = (services.vault.blind(SEED, f"{half}|{ticket}") for half in ("first", "second"))
    return base64.b32encode(b"".join(halves)[:SECRET_BYTES]).decode()


def address_of(secret: str, name: str) -> str:
    """What the picture for an app holds.

    Args:
        name: how the app calls the account.
    """
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def finish_setup(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    ticket: str,
    code: str,
    now: datetime,
    but: bytes = b"",
) -> list[str]:
    """Let a person sign in with codes of the app that a ticket was for, once she has typed one;
    gives her recovery codes, which nobody can show again. An app and codes of before end.

    Args:
        but: as `ways.end_ways` takes it.
    Raises:
        NotSignedIn: the code is wrong, or the ticket is too old, was spent, or is another's.
    """
    if not is_setup_of(services, ticket, person=by.person, now=now):
        raise NotSignedIn
    secret = secret_of(services, ticket)
    step = _step_of(secret, code, now)
    key = services.key(tx, f"person:{by.person}")
    if step is None or key is None:
        raise NotSignedIn
    tickets.spend(tx, services, ticket, now=now)
    _end(tx, by, (CODES,), now, but)
    id_ = ulid(now)
    seed = key.seal("contact", secret.encode(), table="credential", column="seed", row=id_)
    row = Credential(id_, by.person, CODES, now, by.person, seed=seed, count=step)
    credentials.add(tx, row, office=by.office)
    record_added(tx, by, row, now)
    return new_recovery_codes(tx, services, by=by, now=now, but=but)


def end_codes(tx: Tx, *, by: Viewer, second_factor: str, now: datetime, but: bytes = b"") -> None:
    """End the app of a person, her recovery codes, and the sign-ins that were begun by a code.

    Args:
        second_factor: `Settings.second_factor`.
        but: as `ways.end_ways` takes it.
    Raises:
        SecondFactorMissing: her password needs them here.
    """
    if second_factor == REQUIRED and credentials.password_of(tx, by.person, now=now) is not None:
        raise SecondFactorMissing
    _end(tx, by, (CODES, RECOVERY), now, but)


def new_recovery_codes(
    tx: Tx, services: Services, *, by: Viewer, now: datetime, but: bytes = b""
) -> list[str]:
    """Ten recovery codes, in groups of four; those of before end, and the sign-ins that were begun
    by one of them.

    Args:
        but: as `ways.end_ways` takes it.
    """
    _end(tx, by, (RECOVERY,), now, but)
    codes = [
        "".join(secrets.choice(LETTERS) for _ in range(RECOVERY_LETTERS))
        for _ in range(RECOVERY_CODES)
    ]
    rows = [
        Credential(
            ulid(now), by.person, RECOVERY, now, by.person, _digest(services, by.person, code)
        )
        for code in codes
    ]
    credentials.add(tx, *rows, office=by.office)
    record_added(tx, by, rows[0], now)
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_LETTERS, 4)) for code in codes]


def _end(tx: Tx, by: Viewer, kinds: Collection[str], now: datetime, but: bytes) -> None:
    people.lock(tx, by.person)
    ever = credentials.ever_of_person(tx, by.person)
    end_ways(tx, by=by, rows=[row for row in ever if row.kind in kinds], now=now, but=but)


def recovery_codes_left(reader: Reader, person: str, *, now: datetime) -> int:
    """How many recovery codes of a person are still taken."""
    return len(credentials.of_person(reader, person, now=now, kinds=(RECOVERY,)))


def asks_code(reader: Reader, person: str, *, now: datetime) -> bool:
    """Whether a person types a code after her password."""
    return bool(credentials.of_person(reader, person, now=now, kinds=(CODES,)))


def take_code(
    tx: Tx, services: Services, *, person: str, code: str, now: datetime
) -> Credential | None:
    """Take a code of a person's app, or a recovery code of hers; None when it is neither, or was
    taken before.
    """
    people.lock(tx, person)
    known = people.get(tx, person)
    if known is None or known.key is None:
        return None
    typed = "".join(letter for letter in code.upper() if letter.isalnum())
    office = known.person.office_id
    for row in credentials.of_person(tx, person, now=now, kinds=(CODES, RECOVERY)):
        if row.kind == RECOVERY:
            if hmac.compare_digest(row.digest or b"", _digest(services, person, typed)):
                credentials.end(tx, row, now, office=office)
                return row
            continue
        key = services.open(known.key)
        secret = key.open(
            "contact", row.seed or b"", table="credential", column="seed", row=row.id
        ).decode()
        step = _step_of(secret, typed, now, after=row.count)
        if step is not None:
            credentials.change(tx, row, replace(row, count=step), office=office)
            return row
    return None


def _step_of(secret: str, code: str, now: datetime, *, after: int = 0) -> int | None:
    """The time step whose code was typed; None when it is none of now, or was taken already."""
    otp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    near = range(here - BEFORE_AND_AFTER, here + BEFORE_AND_AFTER + 1)
    typed = "".join(letter for letter in code if letter.isalnum())
    right = (
        step
        for step in near
        if step > after and hmac.compare_digest(otp.generate_otp(step).encode(), typed.encode())
    )
    return next(right, None)


def _digest(services: Services, person: str, code: str) -> bytes:
    return services.vault.blind(RECOVERY_CODE, f"{person}|{code}")
