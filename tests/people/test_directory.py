"""An operator's changes to the directory: checked first, and with all that follows from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.errors import NotAllowed, Stale, Taken, UnusableWord
from service.people import directory, sessions
from service.people.accounts import load_viewer
from service.store.installation import ledger_entries, offices
from service.store.work import tasks
from service.store.writing import write_last
from tests.people.conftest import LIMITS
from tests.support.directory import OFFICE, ROLE, give_password
from tests.support.world import NOON, SEED, World

WHO: dict[str, Any] = {"by": SEED, "now": NOON}
NEW = offices.Office(
    "ngo", "Stadsmissionen", "NGO", ["RO"], ["0180"], "sweden", "Europe/Stockholm", "sv"
)


def add_office(desk: World, office: offices.Office) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        directory.open_office(tx, services, office=office, address="", calendars={"sweden"}, **WHO)


def test_an_office_is_listed_with_its_people_and_roles(desk: World) -> None:
    add_office(desk, NEW)
    with desk.database.transaction(write=False) as tx:
        rows = {row.office.id: (row.people, row.roles) for row in directory.list_offices(tx)}
    assert rows == {"ngo": (0, ()), OFFICE: (2, (ROLE,))}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"kind": "NGOO"}, "kind of office NGOO; did you mean NGO"),
        ({"countries": ["XX"]}, "country XX"),
        ({"municipalities": ["9999"]}, "municipality 9999"),
        ({"calendar": "mars"}, "calendar mars"),
        ({"zone": "Europe/Stockholmm"}, "did you mean Europe/Stockholm"),
        ({"language": "svv"}, "language svv"),
        ({"name": " "}, "a name has 1"),
        ({"id": "NGO"}, "cannot be the id"),
    ],
)
def test_an_office_with_an_unknown_name_is_refused(
    desk: World, change: dict[str, str], what: str
) -> None:
    with pytest.raises(UnusableWord, match=what):
        add_office(desk, replace(NEW, **change))  # type: ignore[arg-type]  # fields of an office


def test_an_office_id_is_given_once(desk: World) -> None:
    with pytest.raises(Taken):
        add_office(desk, replace(NEW, id=OFFICE))


def test_gaps_are_offices_and_roles_that_cases_need(desk: World) -> None:
    with desk.database.transaction(write=False) as tx:
        gaps = directory.directory_gaps(tx, desk.program.services)
    assert any("as approver_office" in gap for gap in gaps)
    assert "nobody holds the role CaseApprover" in gaps
    assert f"nobody holds the role {ROLE}" not in gaps


def test_a_sign_in_name_is_given_once(desk: World) -> None:
    who: dict[str, Any] = {"name": "Sara", "office": OFFICE, "roles": [ROLE], "language": "sv"}
    services = desk.program.services
    with desk.database.transaction() as tx:
        with pytest.raises(Taken):
            directory.check_new_person(tx, services, sign_in="sara", **who)
        id_ = directory.add_person(tx, services, sign_in="siv", **who, **WHO)
        assert directory.find_person(tx, services, "siv").person.id == id_


def test_a_role_of_another_kind_of_office_is_not_allowed(desk: World) -> None:
    who: dict[str, Any] = {"sign_in": "x", "name": "X", "office": OFFICE, "language": "sv"}
    with desk.database.transaction() as tx, pytest.raises(NotAllowed, match="may hold the role"):
        directory.check_new_person(tx, desk.program.services, roles=["CaseApprover"], **who)


def test_another_role_ends_sessions_and_puts_tasks_back(desk: World, case_id: str) -> None:
    services, key = desk.program.services, desk.key(case_id, "a")
    with desk.database.transaction() as tx:
        sara = load_viewer(tx, "p_sara")
        assert sara is not None
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        tasks.claim(tx, key, "p_sara", NOON)
        directory.set_roles(tx, services, sign_in="sara", roles=[], **WHO)
        assert sessions.session_owner(tx, token) is None
        task = tasks.get(tx, key)
        assert task is not None
        assert task.claimed_by is None
        write_last(tx)
        entries = ledger_entries.latest(tx, f"office/{OFFICE}", kinds=["role_taken"])
        assert len(entries) == 1


def test_the_same_roles_again_sign_a_person_out_everywhere(desk: World) -> None:
    with desk.database.transaction() as tx:
        sara = load_viewer(tx, "p_sara")
        assert sara is not None
        tokens = [
            sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
            for _ in range(2)
        ]
        directory.set_roles(tx, desk.program.services, sign_in="sara", roles=sara.roles, **WHO)
        assert [sessions.session_owner(tx, token) for token in tokens] == [None, None]
        write_last(tx)
        (entry,) = ledger_entries.latest(tx, f"office/{OFFICE}", kinds=["sessions_ended"])
    assert entry.actor == SEED.id
    assert '"number":2,"person":"p_sara"' in entry.body


def test_a_closed_person_is_found_no_more(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        directory.close_person(tx, services, sign_in="sara", **WHO)
        with pytest.raises(Stale):
            directory.find_person(tx, services, "sara")
        with pytest.raises(UnusableWord):
            directory.find_person(tx, services, "nobody")


def test_another_password_ends_sessions(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        sara = load_viewer(tx, "p_sara")
        assert sara is not None
        token = sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        give_password(tx, services, sign_in="sara", password=b"h", **WHO)
        assert sessions.session_owner(tx, token) is None


def test_the_address_of_an_unknown_office_is_refused(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx, pytest.raises(UnusableWord, match=f"mean {OFFICE}"):
        directory.set_address(tx, services, office="socia", address="", **WHO)
