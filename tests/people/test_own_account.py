"""A person's own password and sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access import Viewer
from service.errors import NotFound, NotSignedIn, UnusableWord
from service.people import own_account, sessions
from tests.people.conftest import LIMITS, add_siv
from tests.support.directory import give_password
from tests.support.world import NOON, SEED, World

NEW = "staple battery horse correct"


@pytest.fixture
def siv(desk: World) -> Viewer:
    """A person with a password, whose sign-in name is not her name."""
    return add_siv(desk, sign_in="kulan77")


def test_only_sessions_that_are_alive_are_listed(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        old = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        later = NOON + timedelta(minutes=10)
        token = sessions.begin_session(
            tx, by=sara, way="password", limits=LIMITS, now=later, browser="edge-ios"
        )
        for now, number in ((later, 2), (NOON + LIMITS.idle, 1)):
            found = own_account.list_sessions(
                tx, by=sara, token=token, ways=(), limits=LIMITS, now=now
            )
            assert len(found) == number
    assert (found[0].this, found[0].browser, found[0].made_at) == (True, "edge-ios", later)
    assert found[0].handle not in token + old


def test_the_session_that_asks_is_not_ended_by_its_handle(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        (own,) = own_account.list_sessions(
            tx, by=sara, token=token, ways=(), limits=LIMITS, now=NOON
        )
        own_account.end_session(tx, by=sara, token=token, handle=own.handle, now=NOON)
        assert sessions.session_owner(tx, token) == "p_sara"


@pytest.mark.parametrize("password", ["kulan77 kulan77", "KULAN77KULAN77!"])
def test_the_own_sign_in_name_is_found_in_a_password(
    desk: World, siv: Viewer, password: str
) -> None:
    with desk.database.transaction() as tx, pytest.raises(UnusableWord) as refused:
        own_account.begin_change(
            tx, desk.program.services, by=siv, network="n", password=password, now=NOON
        )
    assert refused.value.facts["why"] == "own"


def test_a_password_that_changed_meanwhile_is_not_changed(desk: World, siv: Viewer) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        tried = own_account.begin_change(tx, services, by=siv, network="n", password=NEW, now=NOON)
        give_password(tx, services, by=SEED, sign_in="kulan77", password=b"another", now=NOON)
        with pytest.raises(NotSignedIn):
            own_account.change_password(
                tx, services, by=siv, tried=tried, password=b"new", limits=LIMITS, now=NOON
            )


def test_who_has_no_password_changes_none(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        assert not own_account.has_password(tx, by=sara, now=NOON)
        with pytest.raises(NotFound):
            own_account.begin_change(
                tx, desk.program.services, by=sara, network="n", password=NEW, now=NOON
            )
