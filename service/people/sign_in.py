"""Sign-in with a password, and with a code where one is asked for: count the try, check it, then
begin the session or write the failure.

The check is slow and must hold up nobody who writes, so it runs between two transactions. The
second reads again what the first had handed to the check, and refuses when it has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.errors import NotSignedIn, SecondFactorMissing, SlowDown
from service.people import rate_limits, tickets
from service.people.accounts import viewer_of
from service.people.known_browsers import account_of, browser_of
from service.people.one_time_codes import asks_code, take_code
from service.people.rate_limits import SITE_WRONG, TryLane
from service.people.second_factor import is_needed
from service.people.sessions import SessionLimits, begin_session
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry
from service.store.installation import credentials, offices, people
from service.store.installation.credentials import Credential
from service.store.transaction import Tx

SIGN_IN_PAGE = Actor("door")
"""Who writes an entry when nobody is signed in; the id is part of stored entries."""
CODE_STEP: Final = "sign_in/code"
"""Purpose of the ticket between a right password and the code."""
FAILED_ACCOUNT: Final = "sign_in_failed/account"
FAILED_NETWORK: Final = "sign_in_failed/network"
"""Kinds of values of `Vault.blind`: what the entry of a failed sign-in holds."""


@dataclass(frozen=True, slots=True)
class SignInTry:
    """A try that is counted, and what its password is to be checked against."""

    name: str
    network: str
    lane: TryLane
    person: str
    """Id of the person who signs in by the name; "" when nobody does."""
    stored: bytes | None
    """Hash of her password; None when nobody can sign in by the name."""


def begin_try(
    tx: Tx, services: Services, *, name: str, network: str, marks: Sequence[str], now: datetime
) -> SignInTry:
    """Count a try, and read what its password is to be checked against.

    Args:
        network: the /24 or /64 that the request came from.
        marks: of the accounts that know the browser.
    Raises:
        SlowDown: too many tries; `facts["minutes"]`. The transaction must be rolled back then.
    """
    lane = _counted_lane(tx, services, name, network, marks, now)
    row = people.by_sign_in(tx, account_of(services, name))
    person = row.person.id if row is not None else ""
    usable = _usable(tx, row, now)
    return SignInTry(name, network, lane, person, usable.proof if usable is not None else None)


def _counted_lane(
    tx: Tx, services: Services, name: str, network: str, marks: Sequence[str], now: datetime
) -> TryLane:
    """The counter that took the try: of a browser that the account knows, as long as it takes any;
    else that of strangers.
    """
    browser = browser_of(services, marks, account=account_of(services, name), now=now)
    if browser:
        known = TryLane(f"{name}|{browser}")
        with suppress(SlowDown):
            rate_limits.count_try(tx, services, lane=known, now=now)
            return known
    stranger = TryLane(f"{name}|{network}", network)
    rate_limits.count_try(tx, services, lane=stranger, now=now)
    return stranger


@dataclass(frozen=True, slots=True)
class AfterPassword:
    """What follows a right password: a session, or the step that asks for a code."""

    token: str = ""
    """Of the new session."""
    ticket: str = ""
    """That the step of the code takes (`try_code`); lives for minutes."""


def after_password(
    tx: Tx,
    services: Services,
    *,
    tried: SignInTry,
    second_factor: str,
    limits: SessionLimits,
    now: datetime,
    browser: str = "",
) -> AfterPassword:
    """Begin the session of a try whose password was right, or ask for a code first: of who has an
    app that makes them.

    Args:
        second_factor: `Settings.second_factor`.
    Raises:
        NotSignedIn: the password was changed, or the person closed, since it was read.
        SecondFactorMissing: a password alone is not enough, and she has no app.
        SlowDown: more sign-ins than anybody needs.
    """
    people.lock(tx, tried.person)
    row = people.get(tx, tried.person)
    stored = _usable(tx, row, now)
    viewer = viewer_of(row, offices.get(tx, row.person.office_id)) if row is not None else None
    if viewer is None or stored is None or stored.proof != tried.stored:
        raise NotSignedIn
    if asks_code(tx, tried.person, now=now):
        rate_limits.give_back_try(tx, services, lane=tried.lane)
        about = f"{tried.person} {stored.id}"
        ticket = tickets.issue(services, purpose=CODE_STEP, about=about, now=now)
        return AfterPassword(ticket=ticket)
    if is_needed(tx, setting=second_factor, now=now):
        raise SecondFactorMissing
    rate_limits.count_right_try(tx, services, lane=tried.lane, now=now)
    way = credentials.PASSWORD
    token = begin_session(
        tx, by=viewer, way=way, limits=limits, now=now, browser=browser, begun_by=[stored]
    )
    return AfterPassword(token)


def try_code(
    tx: Tx,
    services: Services,
    *,
    ticket: str,
    code: str,
    network: str,
    marks: Sequence[str],
    limits: SessionLimits,
    now: datetime,
    browser: str = "",
) -> str:
    """Try a code after a right password; gives the token of a new session, or "" where the code was
    wrong, which is counted and written.

    Args:
        ticket: as `after_password` gave it.
        marks: of the accounts that know the browser.
    Raises:
        NotSignedIn: the ticket is too old, or was spent; or the person was closed, or has another
            password by now.
        SlowDown: too many tries; `facts["minutes"]`. The transaction must be rolled back then.
    """
    person, _, typed_before = tickets.read(services, ticket, purpose=CODE_STEP, now=now).partition(
        " "
    )
    row = people.get(tx, person)
    if row is None:
        raise NotSignedIn
    known = browser_of(services, marks, account=row.person.sign_in, now=now)
    lane = TryLane(f"code|{person}|{known or network}", "" if known else network)
    if not known:
        rate_limits.require_few_codes(tx, services, person=person, now=now)
    rate_limits.count_try(tx, services, lane=lane, now=now)
    shown = take_code(tx, services, person=person, code=code, now=now)
    if shown is None:
        if not known:
            rate_limits.count_wrong_code(tx, services, person=person, now=now)
        record_wrong_try(tx, services, tried=SignInTry("", network, lane, person, None), now=now)
        return ""
    rate_limits.give_back_try(tx, services, lane=lane)
    tickets.spend(tx, services, ticket, now=now)
    password = credentials.password_of(tx, person, now=now)
    if password is None or password.id != typed_before:
        raise NotSignedIn
    return begin_session_by(
        tx, services, shown=shown, after=[password], limits=limits, now=now, browser=browser
    )


def begin_session_by(
    tx: Tx,
    services: Services,
    *,
    shown: Credential,
    limits: SessionLimits,
    now: datetime,
    browser: str = "",
    after: Sequence[Credential] = (),
) -> str:
    """Begin the session of whoever has shown a credential that needs no other (any more): a
    passkey, an identity at a provider, a code after a password; gives its token.

    Args:
        after: what was shown before.
    Raises:
        NotSignedIn: the person is closed, or has ended it meanwhile.
        SlowDown: more sign-ins than anybody needs.
    """
    people.lock(tx, shown.person_id)
    row = people.get(tx, shown.person_id)
    viewer = viewer_of(row, offices.get(tx, row.person.office_id)) if row is not None else None
    if viewer is None or not _is_live_still(tx, shown, now):
        raise NotSignedIn
    lane = TryLane(f"{shown.kind}|{shown.person_id}")
    rate_limits.count_right_try(tx, services, lane=lane, now=now)
    credentials.used(tx, shown.id, now)
    return begin_session(
        tx,
        by=viewer,
        way=shown.kind,
        limits=limits,
        now=now,
        browser=browser,
        begun_by=[*after, shown],
    )


def _is_live_still(tx: Tx, shown: Credential, now: datetime) -> bool:
    """Whether what was found before its person was locked has not ended meanwhile; codes are taken
    under the lock.
    """
    if shown.kind not in (credentials.PASSKEY, credentials.PROVIDER) or shown.digest is None:
        return True
    found = credentials.by_digest(tx, shown.kind, shown.digest)
    return found is not None and found.is_live(now)


def _usable(tx: Tx, row: people.PersonWithKey | None, now: datetime) -> Credential | None:
    """The password that one must fit; None when none signs in."""
    found = credentials.password_of(tx, row.person.id if row is not None else "", now=now)
    closed = row is None or row.person.closed_at is not None
    return None if closed else found


def record_wrong_try(
    tx: Tx, services: Services, *, tried: SignInTry, now: datetime, by: Actor = SIGN_IN_PAGE
) -> bool:
    """Write a wrong try into the ledger: account and network as keyed digests, nothing else.

    Args:
        by: the person, where she has signed in already and is asked for her password again.

    Returns: whether the whole site has had so many by now that somebody should look; that is an
    entry of its own.
    """
    alarm = rate_limits.count_wrong_try(tx, services, now=now)
    account = services.vault.blind(FAILED_ACCOUNT, tried.person or tried.name)
    place = services.vault.blind(FAILED_NETWORK, tried.network)
    body = {"account": account.hex(), "network": place.hex()}
    append_entry(tx, "system", "sign_in_failed", by=by, now=now, body=body)
    if alarm:
        wrong = {"wrong": SITE_WRONG}
        append_entry(tx, "system", "sign_in_alarm", by=SIGN_IN_PAGE, now=now, body=wrong)
    return alarm
