"""Every address and method, asked for by a stranger, by people of every role and by programs: who
passes its door. What is seen behind it is `test_matrix.py`'s.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask, Response
from werkzeug.routing import IntegerConverter, Rule

from service.web.application import create_app
from service.web.request_context import INTERFACE
from tests.trust.staged_world import PROGRAMS, StagedWorld

TABLE: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("doors.toml").read_text(encoding="utf-8")
)
PEOPLE: Final = {
    "sara": "ReferringPartner",
    "omar": "CaseApprover",
    "aino": "IomHelsinki",
    "mirja": "IomMedical",
    "iva": "IomLocal",
    "berit": "ChildServices",
    "kim": "RegionalCoordinator",
    "maja": "owner",
    "nils": "reviewer",
    "greta": "auditor",
    "tor": "operator",
    "disa": "data-protection",
    "tyra": "desk",
    "eero": "records-officer",
}
BESIDES: Final = {"eero": "IomHelsinki"}
"""A role that somebody holds besides: nobody is a records officer alone."""
PASSED: Final = 299
"""What a request gets behind the last door, in place of the page."""
NOT_SIGNED_IN: Final = {303, 401}
NOT_FOR_HER: Final = {404}
NOT_OF_THE_TOKEN: Final = {403}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def doors(staged: StagedWorld) -> Flask:
    """The application of the staged world, which answers behind its last door. Form tokens are no
    door: whose they are is told in `tests/web/test_form_token.py`.
    """
    app = create_app(staged.program)
    app.config["WTF_CSRF_METHODS"] = set()
    app.before_request(lambda: Response(status=PASSED))
    return app


def addresses(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every address with each of its methods, and the name of its door."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            named = [
                door
                for door, rows in TABLE["doors"].items()
                if method in rows.get(rule.endpoint, "").split()
            ]
            assert len(named) == 1, (rule.endpoint, method, named)
            yield rule, method, named[0]


def path_of(app: Flask, rule: Rule, method: str) -> str:
    """An address of this kind; of a thing that there is not."""
    parts = {
        name: 1 if isinstance(rule._converters[name], IntegerConverter) else "x"
        for name in rule.arguments
    }
    return app.url_map.bind("localhost").build(rule.endpoint, parts, method)


def outcome(name: str, door: str, rule: Rule) -> set[int]:
    """The statuses that the table allows for somebody at a door."""
    interface = rule.rule.startswith(INTERFACE)
    if door in ("open", "other_host"):
        return {PASSED} if door == "open" else NOT_FOR_HER
    if name in PROGRAMS and interface:
        _, role, operations = PROGRAMS[name]
        if door != "signed_in" and role not in TABLE["who"][door]:
            return NOT_FOR_HER
        named = rule.endpoint.removeprefix("v1.") in operations
        return {PASSED} if named else NOT_OF_THE_TOKEN
    if name not in PEOPLE:
        return NOT_SIGNED_IN
    roles = {PEOPLE[name], BESIDES.get(name)}
    return {PASSED} if roles & {*TABLE["who"][door]} else NOT_FOR_HER


def test_every_row_is_an_address(doors: Flask) -> None:
    known = {(rule.endpoint, method) for rule, method, _ in addresses(doors)}
    written = {
        (endpoint, method)
        for rows in TABLE["doors"].values()
        for endpoint, methods in rows.items()
        for method in methods.split()
    }
    assert written == known


def test_the_table_has_every_role(staged: StagedWorld) -> None:
    assert {*TABLE["who"]["signed_in"]} == {*PEOPLE.values()}
    assert {*staged.program.services.programme.roles} == {*PEOPLE.values()}


@pytest.mark.parametrize("name", ["", *PEOPLE, *PROGRAMS])
def test_nobody_passes_a_door_that_the_table_does_not_open(
    staged: StagedWorld, doors: Flask, name: str
) -> None:
    client = staged.client(name, doors)
    for rule, method, door in addresses(doors):
        path = path_of(doors, rule, method)
        answer = client.open(path, method=method, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code in outcome(name, door, rule), (name, method, path)
