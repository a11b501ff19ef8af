"""Offices and persons of the directory: names and addresses are sealed and open to services."""

from __future__ import annotations

from typing import Any

import pytest

from service.errors import NotFound
from service.people import accounts
from service.store.installation import ledger_entries, offices, people
from service.store.writing import write_last
from tests.support.by_hand import person
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, SEED, World


def test_a_person_has_her_office_roles_and_sealed_name(desk: World) -> None:
    with desk.database.transaction(write=False) as tx:
        sara = accounts.load_viewer(tx, "p_sara")
        stored = people.get(tx, "p_sara")
    assert sara is not None
    assert (sara.person, sara.office, sara.roles) == ("p_sara", OFFICE, frozenset({ROLE}))
    assert stored is not None
    assert accounts.open_name(desk.program.services, stored) == "Sara"
    assert b"Sara" not in stored.person.name


def test_nobody_and_a_closed_person_are_none(desk: World) -> None:
    with desk.database.transaction() as tx:
        people.close(tx, person(tx, "p_sara"), NOON)
        assert accounts.load_viewer(tx, "p_sara") is None
        assert accounts.load_viewer(tx, "p_nobody") is None


def test_names_of_unknown_people_are_left_out(desk: World) -> None:
    with desk.database.transaction(write=False) as tx:
        names = accounts.names(tx, desk.program.services, ["p_stina", "p_nobody"])
    assert names == {"p_stina": "Stina"}


def test_colleagues_are_sorted_by_name_and_cut_to_a_role(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction(write=False) as tx:
        everybody = accounts.colleagues(tx, services, OFFICE)
        assert everybody == [("p_sara", "Sara"), ("p_stina", "Stina")]
        assert accounts.colleagues(tx, services, OFFICE, ROLE) == everybody
        assert accounts.colleagues(tx, services, OFFICE, "Another") == []


def test_an_address_is_sealed_and_can_be_taken_away(desk: World) -> None:
    services = desk.program.services
    who: dict[str, Any] = {"by": SEED, "now": NOON}
    with desk.database.transaction() as tx:
        accounts.set_address(tx, services, office_id=OFFICE, address="a@example.org", **who)
        office, key = offices.get(tx, OFFICE), services.key(tx, f"office:{OFFICE}")
        assert office is not None
        assert office.address is not None
        assert key is not None
        place = {"table": "office", "column": "address", "row": OFFICE}
        assert key.open("contact", office.address, **place) == b"a@example.org"
        accounts.set_address(tx, services, office_id=OFFICE, address="", **who)
        emptied = offices.get(tx, OFFICE)
        assert emptied is not None
        assert emptied.address is None
        write_last(tx)
        kinds = [entry.kind for entry in ledger_entries.latest(tx, "system", limit=2)]
    assert kinds == ["office_address", "office_address"]


def test_an_unknown_office_gets_no_address(desk: World) -> None:
    services = desk.program.services
    who: dict[str, Any] = {"by": SEED, "now": NOON}
    with desk.database.transaction() as tx, pytest.raises(NotFound):
        accounts.set_address(tx, services, office_id="nowhere", address="a@example.org", **who)


def test_ids_of_persons_differ_and_hold_no_name() -> None:
    assert accounts.new_person_id(NOON) != accounts.new_person_id(NOON)
    assert accounts.new_person_id(NOON).startswith("p_")
