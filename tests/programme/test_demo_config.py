"""The demo's offices and people fit the programme."""

from __future__ import annotations

import json

from tests.programme.test_config import COUNTIES, MUNICIPALITIES, table

from .picture import WORKFLOWS


def test_all_swedish_municipalities_are_there_by_code() -> None:
    rows = table("municipalities")
    assert len(rows) == MUNICIPALITIES
    assert len({row["county"] for row in rows.values()}) == COUNTIES
    assert (rows["0180"]["name"], rows["1480"]["name"], rows["2584"]["name"]) == (
        "Stockholm",
        "Göteborg",
        "Kiruna",
    )
    assert all(
        len({row["county"] for code, row in rows.items() if code[:2] == county}) == 1
        for county in {code[:2] for code in rows}
    )


def test_the_demo_has_an_office_and_a_person_for_every_role() -> None:
    demo, roles = table("demo"), table("roles")
    offices = {row["id"]: row for row in demo["office"]}
    assert {role for row in offices.values() for role in row["roles"]} == {
        id_ for id_, row in roles.items() if not row.get("house")
    }
    assert {role for row in demo["person"] for role in row["roles"]} == set(roles)
    assert [row["id"] for row in demo["person"] if row["office"] not in offices] == []
    assert all("(demo)" in row["name"] for row in [*demo["office"], *demo["person"]])


def test_offices_of_the_demo_are_of_a_kind_for_their_roles() -> None:
    roles = table("roles")
    wrong = [
        (row["id"], role)
        for row in table("demo")["office"]
        for role in row["roles"]
        if row["kind"] not in roles[role]["offices"]
    ]
    assert wrong == []


def test_offices_of_the_demo_have_a_calendar_in_their_zone() -> None:
    zones = {
        path.stem: json.loads(path.read_bytes())["zone"]
        for path in (WORKFLOWS / "calendars").glob("*.json")
    }
    assert [
        row["id"] for row in table("demo")["office"] if zones.get(row["calendar"]) != row["zone"]
    ] == []


def test_the_installation_names_offices_and_countries_that_exist() -> None:
    programme, offices = table("programme"), {row["id"]: row for row in table("demo")["office"]}
    assert {programme["approver_office"], programme["iom_office"]} <= set(offices)
    covered = {country for row in offices.values() for country in row.get("countries", [])}
    assert covered == set(table("countries"))
    assert {row["status"] for row in table("countries").values()} <= {
        "OPEN",
        "RESTRICTED",
        "SUSPENDED",
    }
    assert sum(bool(row.get("default")) for row in programme["funding"]) == 1
