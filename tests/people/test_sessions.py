"""The life of a session and its end."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, text, update
from structlog.testing import capture_logs

from service.access import Viewer
from service.people import accounts, sessions
from service.store.installation import ledger_entries, people
from service.store.installation import sessions as session_rows
from service.store.row_mapping import values
from service.store.row_scope import as_system
from service.store.tables import metadata
from service.store.transaction import Tx
from service.store.writing import write_last
from tests.people.conftest import LIMITS
from tests.support.directory import OFFICE
from tests.support.world import NOON, World


def alive(tx: Tx, desk: World, token: str, now: datetime) -> bool:
    services = desk.program.services
    return sessions.find_session(tx, services, token, limits=LIMITS, now=now) is not None


def test_a_session_lives_until_it_is_idle_or_over(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        assert alive(tx, desk, token, NOON + LIMITS.idle - timedelta(seconds=1))
        assert not alive(tx, desk, token, NOON + LIMITS.idle)
        last = NOON + LIMITS.whole - timedelta(minutes=1)
        sessions.extend_session(tx, now=last, token=token)
        assert alive(tx, desk, token, last)
        assert not alive(tx, desk, token, NOON + LIMITS.whole)


def test_a_session_knows_its_person_and_form_token(desk: World, sara: Viewer) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
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
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        sessions.sign_out(tx, by=sara, now=NOON, token=token)
        assert not alive(tx, desk, token, NOON)
        assert sessions.session_owner(tx, token) is None
        write_last(tx)
        entries = ledger_entries.latest(tx, f"office/{OFFICE}", limit=2)
    assert [(entry.kind, entry.actor) for entry in entries] == [
        ("sign_out", "p_sara"),
        ("sign_in", "p_sara"),
    ]


def test_no_session_has_another_token(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        assert not alive(tx, desk, token + "x", NOON)
        assert session_rows.get(tx, token.encode()) is None, "the token itself is not stored"


def forged(tx: Tx, table: str, row: object, **change: object) -> None:
    """Put a row into a table as somebody could who has the database and no key."""
    made = {**values(row), "mac": bytes(16), **change}
    tx.run(insert(metadata.tables[table]).values(made))


def test_a_session_that_was_put_in_signs_nobody_in(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx, capture_logs() as logged:
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        stored = session_rows.get(tx, sessions.token_digest(token))
        assert stored is not None
        forged(tx, "login_session", stored[0], token_hash=sessions.token_digest("mine"))
        assert not alive(tx, desk, "mine", NOON)
        assert alive(tx, desk, token, NOON)
    assert [(line["event"], line["where"], line["person"]) for line in logged] == [
        ("row_refused", "login_session", "p_sara")
    ]


def test_a_session_of_one_person_is_none_of_another(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        changed = update(metadata.tables["login_session"]).values(person_id="p_stina")
        assert tx.run(changed) == 1
        assert not alive(tx, desk, token, NOON)
        assert sessions.session_owner(tx, token) is None


def test_changed_rows_of_a_sign_in_are_checked_again(desk: World, sara: Viewer) -> None:
    """Each in a transaction of its own, as requests come: what was found before helps nobody."""
    services, tables = desk.program.services, metadata.tables

    def found() -> Viewer | None:
        with desk.database.transaction(write=False) as tx:
            session = sessions.find_session(tx, services, token, limits=LIMITS, now=NOON)
            return session.viewer if session is not None else None

    with desk.database.transaction() as tx:
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
    person, role, row = tables["person"], tables["membership"], tables["login_session"]
    added = {"person_id": "p_sara", "role": "process_owner", "mac": bytes(16)}
    mine = update(person).where(person.c.id == "p_sara")
    for change, back, then in (
        (mine.values(password=b"mine"), mine.values(password=None), None),
        (insert(role).values(added), delete(role).where(role.c.role == "process_owner"), sara),
        (update(row).values(person_id="p_stina"), update(row).values(person_id="p_sara"), None),
        (update(row).values(csrf=bytes(32)), None, None),
    ):
        assert [found(), found()] == [sara, sara]
        with desk.database.transaction() as tx:
            assert tx.run(change) == 1
        with capture_logs() as logged:
            assert [found(), found()] == [then, then]
        assert [line["event"] for line in logged] == ["row_refused"] * 2, "each look says so"
        if back is not None:
            with desk.database.transaction() as tx:
                assert tx.run(back) == 1


def test_a_role_that_was_put_in_is_not_held(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        role = {"person_id": "p_sara", "role": "process_owner", "mac": bytes(16)}
        tx.run(insert(metadata.tables["membership"]).values(role))
        assert accounts.load_viewer(tx, "p_sara") == sara
        mine = update(metadata.tables["membership"]).where(text("role = 'process_owner'"))
        theirs = select(metadata.tables["membership"].c.mac).where(text("person_id = 'p_stina'"))
        tx.run(as_system("schema", mine.values(mac=theirs.limit(1).scalar_subquery())))
        assert accounts.load_viewer(tx, "p_sara") == sara


def test_a_person_with_another_password_is_none(desk: World) -> None:
    with desk.database.transaction() as tx:
        person = metadata.tables["person"]
        assert tx.run(update(person).where(person.c.id == "p_sara").values(password=b"mine")) == 1
        assert accounts.load_viewer(tx, "p_sara") is None
        assert {known.person.id for known in people.of_office(tx, OFFICE)} & {"p_sara"} == set()


def test_a_token_is_256_bits_and_never_the_same(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        tokens = [
            sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
            for _ in range(20)
        ]
        assert all(alive(tx, desk, token, NOON) for token in tokens)
    assert len(set(tokens)) == len(tokens)
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in tokens} == {32}
