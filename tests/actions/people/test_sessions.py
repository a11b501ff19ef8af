"""The life of a session and its end."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.access import Viewer
from service.actions.people import sessions
from service.store.installation import ledger_entries
from service.store.installation import sessions as session_rows
from service.store.transaction import Tx
from tests.actions.people.conftest import LIMITS
from tests.support.directory import OFFICE
from tests.support.world import NOON, World


def alive(tx: Tx, desk: World, token: str, now: datetime) -> bool:
    services = desk.program.services
    return sessions.find_session(tx, services, token, limits=LIMITS, now=now) is not None


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
