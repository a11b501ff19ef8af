"""A way to sign in that ends takes the sign-ins with it that were begun by it, and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access import Viewer
from service.errors import NotSignedIn
from service.people import (
    accounts,
    one_time_codes,
    passkeys,
    provider_sign_in,
    second_factor,
    sign_in,
)
from service.people.sessions import begin_session, session_owner, token_digest
from service.records.context import actor
from service.records.ledger_append import append_entry
from service.store.installation import credentials, sessions
from service.store.installation.credentials import CODES, PASSKEY, PASSWORD, PROVIDER, Credential
from tests.people.conftest import LIMITS, add_siv
from tests.support.browser import code_at
from tests.support.directory import OFFICE
from tests.support.world import NOON, SEED, World

NEXT = NOON + timedelta(seconds=one_time_codes.STEP)
FREJA = "freja"


@pytest.fixture
def siv(desk: World) -> Viewer:
    """A person with a password."""
    return add_siv(desk)


def have(desk: World, id_: str, kind: str, **about: str) -> Credential:
    """Siv has one more way to sign in."""
    row = Credential(id_, "p_siv", kind, NOON, "p_siv", id_.encode(), about=about)
    with desk.database.transaction() as tx:
        credentials.add(tx, row, office=OFFICE)
        append_entry(tx, f"office/{OFFICE}", "proof_given", by=SEED, now=NOON)
    return row


def begin(desk: World, *shown: Credential) -> str:
    """Begin a session of Siv by ways that she has shown; gives its token."""
    *before, last = shown
    with desk.database.transaction() as tx:
        return sign_in.begin_session_by(
            tx, desk.program.services, shown=last, after=before, limits=LIMITS, now=NEXT
        )


def going_on(desk: World, *tokens: str) -> list[bool]:
    with desk.database.transaction(write=False) as tx:
        return [session_owner(tx, token) is not None for token in tokens]


def end_passkey(desk: World, siv: Viewer, id_: str, *, here: str = "") -> None:
    with desk.database.transaction() as tx:
        passkeys.end_passkey(
            tx,
            by=siv,
            id_=id_,
            second_factor=second_factor.OPTIONAL,
            now=NEXT,
            but=token_digest(here),
        )


def test_a_passkey_that_ends_takes_its_sign_ins_and_the_one_that_asks_goes_on(
    desk: World, siv: Viewer
) -> None:
    lost, kept = have(desk, "lost", PASSKEY), have(desk, "kept", PASSKEY)
    tokens = [begin(desk, lost), begin(desk, kept), begin(desk, lost)]
    end_passkey(desk, siv, "lost", here=tokens[2])
    assert going_on(desk, *tokens) == [False, True, True]


def test_one_that_may_be_copied_takes_every_sign_in(desk: World, siv: Viewer) -> None:
    copied, kept = have(desk, "copied", PASSKEY, copied="then"), have(desk, "kept", PASSKEY)
    tokens = [begin(desk, copied), begin(desk, kept)]
    end_passkey(desk, siv, "copied")
    assert going_on(desk, *tokens) == [False, False]


def test_a_sign_in_that_does_not_say_by_what_it_was_begun_ends_too(
    desk: World, siv: Viewer
) -> None:
    have(desk, "lost", PASSKEY)
    row = sessions.Session(
        token_digest("old"), siv.person, NOON, NOON, NOON + LIMITS.whole, bytes(32)
    )
    with desk.database.transaction() as tx:
        sessions.add(tx, row, office=OFFICE)
        append_entry(tx, f"office/{OFFICE}", "sign_in", by=actor(siv), now=NOON)
    assert going_on(desk, "old") == [True]
    end_passkey(desk, siv, "lost")
    assert going_on(desk, "old") == [False]


def test_a_way_that_ended_while_it_was_shown_begins_nothing(desk: World, siv: Viewer) -> None:
    shown = have(desk, "lost", PASSKEY)
    end_passkey(desk, siv, "lost")
    with pytest.raises(NotSignedIn):
        begin(desk, shown)


def test_a_link_to_a_provider_takes_its_own_sign_ins(desk: World, siv: Viewer) -> None:
    link, other = have(desk, "link", PROVIDER, provider=FREJA), have(desk, "key", PASSKEY)
    tokens = [begin(desk, link), begin(desk, other)]
    with desk.database.transaction() as tx:
        provider_sign_in.unlink(
            tx, by=siv, provider=FREJA, second_factor=second_factor.REQUIRED, now=NEXT
        )
    assert going_on(desk, *tokens) == [False, True]


def set_up(desk: World, siv: Viewer) -> tuple[str, list[str]]:
    """Set up an app; gives a code that is good next, and the recovery codes."""
    services = desk.program.services
    ticket = one_time_codes.begin_setup(services, person=siv.person, now=NOON)
    secret = one_time_codes.secret_of(services, ticket)
    with desk.database.transaction() as tx:
        recovery = one_time_codes.finish_setup(
            tx, services, by=siv, ticket=ticket, code=code_at(secret, NOON), now=NOON
        )
    return code_at(secret, NEXT), recovery


def after_password(desk: World) -> str:
    """The ticket for the step of the code."""
    services = desk.program.services
    with desk.database.transaction() as tx:
        tried = sign_in.begin_try(tx, services, name="siv", network="n", marks=(), now=NEXT)
        second = second_factor.REQUIRED
        return sign_in.after_password(
            tx, services, tried=tried, second_factor=second, limits=LIMITS, now=NEXT
        ).ticket


def with_code(desk: World, ticket: str, code: str) -> str:
    with desk.database.transaction() as tx:
        return sign_in.try_code(
            tx,
            desk.program.services,
            ticket=ticket,
            code=code,
            network="n",
            marks=(),
            limits=LIMITS,
            now=NEXT,
        )


def test_recovery_codes_and_an_app_take_the_sign_ins_of_their_codes(
    desk: World, siv: Viewer
) -> None:
    code, recovery = set_up(desk, siv)
    tokens = [
        with_code(desk, after_password(desk), code),
        with_code(desk, after_password(desk), recovery[0]),
        begin(desk, have(desk, "key", PASSKEY)),
    ]
    with desk.database.transaction() as tx:
        one_time_codes.new_recovery_codes(tx, desk.program.services, by=siv, now=NEXT)
    assert going_on(desk, *tokens) == [True, False, True], "also of a code that was used up"
    with desk.database.transaction() as tx:
        one_time_codes.end_codes(tx, by=siv, second_factor=second_factor.OPTIONAL, now=NEXT)
    assert going_on(desk, *tokens) == [False, False, True]


def test_a_session_names_password_and_code(desk: World, siv: Viewer) -> None:
    code, _ = set_up(desk, siv)
    token = with_code(desk, after_password(desk), code)
    with desk.database.transaction(write=False) as tx:
        kinds = {row.id: row.kind for row in credentials.ever_of_person(tx, siv.person)}
        (row,) = sessions.of_person(tx, siv.person)
    assert row.token_hash == token_digest(token)
    assert [kinds[id_] for id_ in (row.begun_by or "").split()] == [PASSWORD, CODES]


def test_another_password_ends_every_sign_in_and_one_that_waits_for_its_code(
    desk: World, siv: Viewer
) -> None:
    code, _ = set_up(desk, siv)
    tokens = [begin(desk, have(desk, "key", PASSKEY))]
    ticket = after_password(desk)
    with desk.database.transaction() as tx:
        accounts.renew_password(tx, siv.person, b"another", office=OFFICE, by=actor(siv), now=NEXT)
        tokens.append(begin_session(tx, by=siv, way="card", limits=LIMITS, now=NEXT))
    assert going_on(desk, *tokens) == [False, True]
    with pytest.raises(NotSignedIn):
        with_code(desk, ticket, code)
