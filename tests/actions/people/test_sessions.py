"""Sign-in and sessions: right and wrong passwords, the life of a session, its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from service.access import Viewer
from service.actions.people import accounts, rate_limits, sessions
from service.errors import NotSignedIn, SlowDown
from service.store.installation import ledger_entries, people
from service.store.installation import sessions as session_rows
from service.store.transaction import Tx
from tests.actions.people.conftest import LIMITS
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, SEED, World

PASSWORD = "correct horse battery"


@pytest.fixture
def siv(desk: World) -> None:
    """A person with a password."""
    hashed = desk.program.passwords.hash(PASSWORD)
    who: dict[str, Any] = {
        "id_": "p_siv",
        "sign_in": "siv",
        "name": "Siv",
        "office": OFFICE,
        "language": "sv",
    }
    with desk.database.transaction() as tx:
        accounts.add_person(
            tx, desk.program.services, **who, roles=[ROLE], password=hashed, by=SEED, now=NOON
        )


def sign_in(tx: Tx, desk: World, name: str, password: str) -> Viewer:
    return sessions.check_password(
        tx,
        desk.program.services,
        desk.program.passwords,
        name=name,
        password=password,
        network="n",
        now=NOON,
    )


def alive(tx: Tx, desk: World, token: str, now: datetime) -> bool:
    services = desk.program.services
    return sessions.find_session(tx, services, token, limits=LIMITS, now=now) is not None


@pytest.mark.usefixtures("siv")
def test_the_right_password_gives_the_person(desk: World) -> None:
    with desk.database.transaction(write=False) as tx:
        assert sign_in(tx, desk, "siv", PASSWORD).person == "p_siv"


@pytest.mark.usefixtures("siv")
@pytest.mark.parametrize(
    ("name", "password"), [("siv", "wrong"), ("nobody", PASSWORD), ("sara", PASSWORD)]
)
def test_a_wrong_name_or_password_signs_nobody_in(desk: World, name: str, password: str) -> None:
    with desk.database.transaction(write=False) as tx, pytest.raises(NotSignedIn):
        sign_in(tx, desk, name, password)


@pytest.mark.usefixtures("siv")
def test_a_closed_person_cannot_sign_in(desk: World) -> None:
    with desk.database.transaction() as tx:
        people.close(tx, "p_siv", NOON)
        with pytest.raises(NotSignedIn):
            sign_in(tx, desk, "siv", PASSWORD)


@pytest.mark.usefixtures("siv")
def test_after_too_many_tries_the_right_password_waits_too(desk: World) -> None:
    who: dict[str, Any] = {"name": "siv", "network": "n", "now": NOON}
    with desk.database.transaction() as tx:
        for _ in range(rate_limits.ACCOUNT_WRONG):
            assert not sessions.record_wrong_try(tx, desk.program.services, **who)
        with pytest.raises(SlowDown) as slow:
            sign_in(tx, desk, "siv", PASSWORD)
        entries = ledger_entries.latest(tx, "system", kinds=["sign_in_failed"])
    assert slow.value.facts["minutes"] == 1
    assert len(entries) == rate_limits.ACCOUNT_WRONG


def test_a_session_lives_until_it_is_idle_or_over(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, limits=LIMITS, now=NOON)
        assert alive(tx, desk, token, NOON + LIMITS.idle - timedelta(seconds=1))
        assert not alive(tx, desk, token, NOON + LIMITS.idle)
        last = NOON + LIMITS.whole - timedelta(minutes=1)
        sessions.extend_session(tx, now=last, token=token)
        assert alive(tx, desk, token, last)
        assert not alive(tx, desk, token, NOON + LIMITS.whole)


def test_a_session_knows_its_person_and_form_token(desk: World, sara: Viewer) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, limits=LIMITS, now=NOON)
        session = sessions.find_session(tx, services, token, limits=LIMITS, now=NOON)
        stored = session_rows.get(tx, sessions.token_digest(token))
        assert sessions.session_owner(tx, token) == "p_sara"
    assert session is not None
    assert stored is not None
    assert (session.viewer, session.csrf) == (sara, stored[0].csrf.hex())
    assert (session.name, session.office.id) == ("Sara", OFFICE)
    assert session.idle_until == NOON + LIMITS.idle


def test_a_session_ends_with_sign_out_and_both_are_entries(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, limits=LIMITS, now=NOON)
        sessions.sign_out(tx, by=sara, now=NOON, token=token)
        assert not alive(tx, desk, token, NOON)
        assert sessions.session_owner(tx, token) is None
        entries = ledger_entries.latest(tx, f"office/{OFFICE}", limit=2)
    assert [(entry.kind, entry.actor) for entry in entries] == [
        ("sign_out", "p_sara"),
        ("sign_in", "p_sara"),
    ]


def test_no_session_has_another_token(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, limits=LIMITS, now=NOON)
        assert not alive(tx, desk, token + "x", NOON)
        assert session_rows.get(tx, token.encode()) is None, "the token itself is not stored"
