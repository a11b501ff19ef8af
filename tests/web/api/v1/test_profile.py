"""The document by the rules of Sweden's REST API profile (DIGG, 1.2.0), as DIGG's own checker
RAP-LP reads them; docs/conformance.md says which are not met, and why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from service import VERSION
from service.people.rate_limits import WRITES
from service.settings import Settings
from service.web.api import v1
from service.web.api.v1 import examples, openapi
from tests.support.world import World
from tests.web.program import Program

BASE = "https://tresteg.example.org"
SETTINGS = Settings(
    base_url=BASE,
    host_name="Länsstyrelsen Exempel",
    help_contact="IT support, help@example.org, 08-465 004 00",
    upload_max_mb=7,
    session_idle_minutes=11,
)
PARTS = ("path", "query")
WORD = re.compile("[a-z][a-z0-9_]*")


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return openapi.document(v1.OPERATIONS, SETTINGS)


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Address, method and description of each operation."""
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def bodies(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each body that is described by a schema: its status ("" when it is sent), its kind, what is
    said of it.
    """
    for _, _, operation in operations(told):
        answers = {**operation["responses"], "": operation.get("requestBody", {})}
        for status, answer in answers.items():
            for kind, body in answer.get("content", {}).items():
                if "schema" in body:
                    yield status, kind, body


def test_it_says_what_it_is_whose_it_is_and_whom_to_ask(told: dict[str, Any]) -> None:
    info = told["info"]  # DOK.03, DOK.06, DOK.07, DOK.11
    assert (info["title"], info["version"]) == ("Tresteg", VERSION)
    assert {"Programs can do here", "Program kan göra här"} <= {
        text[:20] for text in info["description"].split("\n\n")
    }
    assert info["contact"] == {
        "name": "Länsstyrelsen Exempel",
        "url": f"{BASE}/help",
        "email": "help@example.org",
    }
    assert info["license"]["name"] == "MIT"
    assert told["externalDocs"]["url"] == f"{BASE}/api"  # DOK.01


def test_without_an_address_of_the_installation_its_help_page_is_the_contact() -> None:
    contact = openapi.document([], Settings(base_url=BASE))["info"]["contact"]
    assert contact == {"name": "whoever runs this installation", "url": f"{BASE}/help"}


def test_limits_and_service_level_are_those_of_the_installation(told: dict[str, Any]) -> None:
    limits = " ".join(told["info"]["x-limitations"])  # DOK.09
    for figure in (f"{WRITES} changes", "2 MiB", "7 MiB", "200", "7 days", "11 minutes"):
        assert figure in limits, figure
    level = told["info"]["x-sla"]  # DOK.08
    assert set(level) == {"availability", "responseTime", "support"}
    assert "Länsstyrelsen Exempel" in level["availability"]
    assert SETTINGS.help_contact in level["support"]


@pytest.mark.parametrize(
    ("lang", "promise"),
    [("sv", "Tresteg utlovar inga tider"), ("en", "Tresteg promises no hours")],
)
def test_people_read_the_same_limits_where_the_terms_lead(
    world: World, lang: str, promise: str
) -> None:
    page = world.app.test_client().get("/api", headers={"Accept-Language": lang}).text
    terms = openapi.document(v1.OPERATIONS, world.program.settings)["info"]["termsOfService"]
    assert terms.endswith("/api#terms")
    assert 'id="terms"' in page
    assert f" {WRITES} " in page
    assert promise in page


def test_every_operation_and_answer_is_described(told: dict[str, Any]) -> None:
    for path, method, operation in operations(told):  # DOK.19, DOK.20
        assert operation["description"].startswith(operation["summary"]), (path, method)
        assert all(answer["description"] for answer in operation["responses"].values()), path
        assert method != "get" or "requestBody" not in operation  # FOR.02


def test_every_body_has_an_example_that_its_schema_allows(told: dict[str, Any]) -> None:
    kinds = set()
    for status, kind, body in bodies(told):  # DOK.15
        schema = {**body["schema"], "components": told["components"]}
        known = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        if kind == "application/problem+json":
            for code, one in body["examples"].items():
                name = one["$ref"].removeprefix("#/components/examples/")
                problem = told["components"]["examples"][name]["value"]
                known.validate(problem)
                assert (problem["code"], str(problem["status"])) == (code, status)
        else:
            known.validate(body["example"])
        kinds.add(kind)
    assert kinds == {"application/json", "application/problem+json", "multipart/form-data"}


def test_nobody_in_an_example_could_be_somebody() -> None:
    text = json.dumps(examples.VALUES, default=str)
    assert set(re.findall(r"@([\w.]+)", text)) == {"example.org"}
    assert set(re.findall(r"\b0\d\d?-[\d ]{6,}\d", text)) == {"08-465 004 00"}
    for name in (examples.OFFICER, examples.COLLEAGUE):
        assert name.endswith(" Exempel")
    assert not re.search(r"\d{6}[-+]\d{4}", text), "a personal number"


def test_addresses_and_names_are_written_in_one_way(told: dict[str, Any]) -> None:
    assert [one["url"] for one in told["servers"]] == [f"{BASE}/v1"]  # UFN.01, UFN.02, VER.05
    for path, _, operation in operations(told):
        assert re.fullmatch(r"(/([a-z0-9-]+|\{[a-z]+\}))+", path), path  # RES.06, UFN.07 to 09
        for one in operation.get("parameters", ()):
            assert one["in"] not in PARTS or WORD.fullmatch(one["name"])  # FNS.01, FNS.03
            assert one["in"] != "query" or not one.get("required")  # FNS.05
    for name, part in told["components"]["schemas"].items():  # AME.05, but for the profile's own
        odd = [field for field in part["properties"] if not WORD.fullmatch(field)]
        assert odd == [] or name == "ApiInfo", (name, odd)


def test_every_fault_is_a_problem_of_rfc_9457(told: dict[str, Any]) -> None:
    needed = set(told["components"]["schemas"]["Problem"]["required"])
    assert needed >= {"type", "title", "status", "detail", "instance"}  # FEL.01
    for path, _, operation in operations(told):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert set(answer["content"]) == {"application/problem+json"}, path  # FEL.02


def test_a_program_shows_its_token_in_a_header(told: dict[str, Any]) -> None:
    schemes = told["components"]["securitySchemes"]
    bearer = {name for name, one in schemes.items() if one.get("scheme") == "bearer"}  # ARQ.02
    assert [one for one in told["security"] if bearer & set(one)]  # SAK.10, SAK.16


def test_a_key_stands_in_no_address(told: dict[str, Any]) -> None:
    for scheme in told["components"]["securitySchemes"].values():  # SAK.09, SAK.15
        assert scheme.get("scheme") not in ("basic", "digest")
        assert scheme.get("in") != "query"


def test_a_stranger_learns_name_version_and_state(world: World) -> None:
    info = Program(world, "").get("/v1/api-info")  # VER.06, VER.07
    assert info == {
        "apiName": "Tresteg",
        "apiVersion": VERSION,
        "apiReleased": "2026-11-27",
        "apiDocumentation": f"{world.program.settings.base_url}/api",
        "apiStatus": "active",
    }
    assert "/api-info" in openapi.document(v1.OPERATIONS, SETTINGS)["paths"]
