"""What the interface says of itself: one document, made from the table that routes; a page for
people; a page for each fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import openapi_spec_validator
import pytest
from jsonschema import Draft202012Validator

from service import errors, text
from service.web import statuses
from service.web.api import v1
from service.web.api.v1 import json_schema, openapi
from service.web.api.v1.operations import ADDRESS
from service.web.page_policy import page_policy
from tests.support.world import World


def document(world: World) -> dict[str, Any]:
    answer = world.app.test_client().get("/openapi.json")
    assert answer.mimetype == "application/json"
    told: dict[str, Any] = answer.get_json()
    return told


def routed(world: World) -> set[tuple[str, str]]:
    """Every method and address that the site answers below /v1."""
    rules = [rule for rule in world.app.url_map.iter_rules() if rule.rule.startswith("/v1/")]
    return {
        (method, re.sub("<(?:[^>:]+:)?([^>]+)>", r"{\1}", rule.rule))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_document_tells_of_every_route_and_of_no_other(world: World) -> None:
    told = {
        (method.upper(), f"{ADDRESS}{path}")
        for path, methods in document(world)["paths"].items()
        for method in methods
    }
    assert told == routed(world)
    assert len(told) == len(v1.OPERATIONS)


def test_the_document_is_one_by_the_rules_of_the_standard(world: World) -> None:
    told = document(world)
    openapi_spec_validator.validate(told)
    for part in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(part)


def test_every_reference_leads_somewhere_and_every_part_is_used(
    world: World,
) -> None:
    told = document(world)
    asked = set(re.findall(r'"#/components/(\w+)/([\w-]+)"', json.dumps(told)))
    parts = {kind: told["components"][kind] for kind in ("schemas", "examples", "headers")}
    assert asked == {(kind, name) for kind, named in parts.items() for name in named}


def test_every_schema_has_a_written_name_and_every_name_is_used(world: World) -> None:
    written = list(json_schema.NAMES.values())
    assert len(set(written)) == len(written)
    assert {*written, "Finding", "Problem"} == set(document(world)["components"]["schemas"])


def test_no_shape_has_a_subclass_with_further_fields() -> None:
    assert {shape.__name__: shape.__subclasses__() for shape in json_schema.NAMES} == {
        shape.__name__: [] for shape in json_schema.NAMES
    }


def test_every_path_parameter_and_operation_is_named(
    world: World,
) -> None:
    told = document(world)
    names = [
        operation["operationId"]
        for methods in told["paths"].values()
        for operation in methods.values()
    ]
    assert len(set(names)) == len(names)
    for path, methods in told["paths"].items():
        for operation in methods.values():
            assert {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"} == set(
                re.findall("{([^}]+)}", path)
            )
            assert operation["summary"].endswith(".")


def test_what_is_sent_may_hold_nothing_unknown(world: World) -> None:
    told = document(world)
    parts = told["components"]["schemas"]
    bodies = [
        o["requestBody"]["content"]
        for methods in told["paths"].values()
        for o in methods.values()
        if "requestBody" in o
    ]
    assert bodies
    for content in bodies:
        (kind,) = content.values()
        assert parts[kind["schema"]["$ref"].rpartition("/")[2]]["additionalProperties"] is False


def codes(error: type[errors.TrestegError]) -> set[str]:
    return {error.code}.union(*(codes(kind) for kind in error.__subclasses__()))


def test_every_code_of_the_document_has_a_page_in_plain_words(
    world: World,
) -> None:
    told = document(world)
    named = {
        (int(status), code)
        for methods in told["paths"].values()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
        for code in re.findall("`([a-z_]+)`", answer["description"] if int(status) >= 400 else "")
    }
    known = codes(errors.TrestegError) | set(statuses.CODES.values())
    assert {code for _, code in named} <= known
    browser = world.app.test_client()
    for status, code in sorted(named):
        page = browser.get(f"/problems/{code}", headers={"Accept-Language": "en"})
        assert page.status_code == 200, code
        assert code in page.text
        assert openapi.STATUS_OF[code] == status or (status, code) == (412, "stale")
    assert browser.get("/problems/error").status_code == 200
    assert browser.get("/problems/nonsense").status_code == 404


def test_an_internal_fault_is_a_problem_with_a_logged_id(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    @page_policy("plain", signed_in=False)
    def breaks() -> str:
        raise RuntimeError("KANARIE")

    world.app.add_url_rule("/v1/breaks", "breaks", breaks)
    answer = world.app.test_client().get("/v1/breaks")
    told = answer.get_json()
    assert (answer.status_code, told["code"], told["type"]) == (500, "error", "/problems/error")
    assert "KANARIE" not in answer.text
    logged = [
        json.loads(line)
        for line in capsys.readouterr().err.splitlines()
        if told["instance"] in line
    ]
    assert {line["event"] for line in logged} >= {"fault"}


def classes(root: type[errors.TrestegError]) -> list[type[errors.TrestegError]]:
    return [root, *(kind for one in root.__subclasses__() for kind in classes(one))]


def test_every_known_fault_has_its_own_status_and_code(world: World) -> None:
    made = {
        kind.code: kind
        for kind in classes(errors.TrestegError)
        if statuses.STATUSES[kind.code] != 500 and text.known(f"error.{kind.code}.title")
    }
    now: list[errors.TrestegError] = []

    @page_policy("plain", signed_in=False)
    def fails() -> str:
        raise now[-1]

    world.app.add_url_rule("/v1/fails", "fails", fails)
    facts = {"field": "x", "why": "unknown", "by": "", "minutes": 2}
    listing = (
        errors.InvalidAnswers,
        errors.BadDiagram,
        errors.DueFirst,
        errors.CannotMove,
        errors.EndNotConfirmed,
    )
    for code, kind in sorted(made.items()):
        make: Callable[..., errors.TrestegError] = kind
        now.append(make(()) if kind in listing else make(**facts))
        problem = world.app.test_client().get("/v1/fails").get_json()
        assert (problem["status"], problem["code"]) == (statuses.STATUSES[code], code)
        assert problem.get("retry_after") == (120 if "minutes" in now[-1].facts else None)
    assert len(made) > 20


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_names_every_operation_and_links_to_every_code(
    world: World, language: str
) -> None:
    page = world.app.test_client().get("/api", headers={"Accept-Language": language})
    assert page.status_code == 200
    for method, path in routed(world):
        assert f"{method} {path}" in page.text
    browser = world.app.test_client()
    links = set(re.findall('href="(/problems/[a-z_]+)"', page.text))
    assert "/problems/stale" in links
    assert {link: browser.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    assert "/openapi.json" in page.text
