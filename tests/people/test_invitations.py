"""Invitations: used once, for a day, and not by opening them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from service.access import Viewer
from service.errors import NotSignedIn, UnusableWord
from service.people import directory, invitations, one_time_codes, sessions
from service.people.invitations import Entered
from service.store.installation import credentials
from tests.people.conftest import LIMITS
from tests.support.browser import PASSWORD, code_at
from tests.support.world import NOON, SEED, World


@pytest.fixture
def token(desk: World) -> str:
    """Sara's invitation."""
    return invite(desk)


def invite(desk: World) -> str:
    with desk.database.transaction() as tx:
        return invitations.invite(tx, desk.program.services, by=SEED, now=NOON, sign_in="sara")


def found(desk: World, token: str, now: datetime = NOON) -> Viewer:
    with desk.database.transaction() as tx:
        return invitations.find_invited(tx, desk.program.services, token, now=now).viewer


def enter(desk: World, token: str, *, code: str = "") -> Entered:
    """Use it up for a password and an app."""
    services = desk.program.services
    ticket = one_time_codes.begin_setup(services, person="p_sara", now=NOON)
    right = code_at(one_time_codes.secret_of(services, ticket), NOON)
    with desk.database.transaction() as tx:
        return invitations.enter_with_password(
            tx,
            services,
            token=token,
            password=b"hash",
            ticket=ticket,
            code=code or right,
            limits=LIMITS,
            now=NOON,
        )


def test_opening_uses_nothing_up_and_using_it_does(desk: World, token: str) -> None:
    for _ in range(3):
        assert found(desk, token).person == "p_sara"
    entered = enter(desk, token)
    with desk.database.transaction() as tx:
        assert sessions.session_owner(tx, entered.token) == "p_sara"
        kinds = {row.kind for row in credentials.of_person(tx, "p_sara", now=NOON)}
    assert kinds == {credentials.PASSWORD, credentials.CODES, credentials.RECOVERY}
    with pytest.raises(NotSignedIn):
        found(desk, token)
    with pytest.raises(NotSignedIn):
        enter(desk, token)


def test_a_wrong_code_uses_nothing_up(desk: World, token: str) -> None:
    with pytest.raises(NotSignedIn):
        enter(desk, token, code="000000")
    assert enter(desk, token).token


def test_it_is_good_for_a_day_and_a_newer_one_ends_it(desk: World, token: str) -> None:
    found(desk, token, NOON + invitations.LIFE - timedelta(seconds=1))
    with pytest.raises(NotSignedIn):
        found(desk, token, NOON + invitations.LIFE)
    invite(desk)
    for wrong in (token, "", "made up"):
        with pytest.raises(NotSignedIn):
            found(desk, wrong)


def test_what_there_was_ends_with_its_sessions(desk: World, token: str) -> None:
    first = enter(desk, token)
    with desk.database.transaction() as tx:
        before = {row.id for row in credentials.of_person(tx, "p_sara", now=NOON)}
    second = enter(desk, invite(desk))
    with desk.database.transaction() as tx:
        assert sessions.session_owner(tx, first.token) is None
        assert sessions.session_owner(tx, second.token) == "p_sara"
        now = {row.id for row in credentials.of_person(tx, "p_sara", now=NOON)}
    assert not before & now


def test_who_is_closed_comes_in_no_more(desk: World, token: str) -> None:
    with desk.database.transaction() as tx:
        directory.close_person(tx, desk.program.services, sign_in="sara", by=SEED, now=NOON)
    with pytest.raises(NotSignedIn):
        found(desk, token)


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [("stina", PASSWORD, "name"), ("sara", "short", "length"), ("sara", "sarasarasarasara", "own")],
)
def test_name_and_password_are_judged(
    desk: World, token: str, name: str, password: str, why: str
) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        invited = invitations.find_invited(tx, services, token, now=NOON)
    with pytest.raises(UnusableWord) as refused:
        invitations.check_choice(services, invited, name=name, password=password)
    assert refused.value.facts["why"] == why
