"""A program that uses the interface for a person.

It signs in, takes the token that each answer lends, and sends JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from service.records.ids import ulid
from service.settings import Settings
from service.web.api import v1
from service.web.api.v1 import openapi
from service.web.api.v1.operations import ADDRESS
from tests.support.world import NOON, World


@cache
def document() -> dict[str, Any]:
    """The document of the interface, in which no shape may have other fields than it names."""
    described = openapi.document(v1.OPERATIONS, Settings(base_url="http://localhost"))
    for part in described["components"]["schemas"].values():
        part["additionalProperties"] = False
    return described


def conforms(world: World, method: str, path: str, answer: TestResponse) -> None:
    """Check an answer against the document: its status, its code, every field of its body."""
    try:
        rule, _ = world.app.url_map.bind("localhost").match(
            path.partition("?")[0], method=method, return_rule=True
        )
    except HTTPException:
        return
    address = re.sub("<(?:path:)?([^>]+)>", r"{\1}", rule.rule)
    responses = document()["paths"][address.removeprefix(ADDRESS)][method.lower()]["responses"]
    response = responses.get(str(answer.status_code))
    assert response is not None, (method, rule.rule, answer.status_code, answer.text)
    if answer.mimetype == "application/problem+json":
        code = f"`{answer.get_json()['code']}`"
        assert code in response["description"], (method, rule.rule, answer.text)
    empty: dict[str, Any] | None = {} if answer.status_code == 204 else None
    content = response.get("content", {}).get(answer.mimetype, empty)
    assert content is not None, (method, rule.rule, answer.mimetype)
    text = answer.get_data().decode(errors="replace")  # a file is no text
    assert not re.search(r'"\d{4}-\d\d-\d\dT[^"]*(?<!Z)"', text), "a time that is not in UTC"
    if "schema" in content:
        Draft202012Validator(
            {**content["schema"], "components": document()["components"]},
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        ).validate(answer.get_json())


class Program:
    """One program, signed in."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.client = world.browser(name).client if name else world.app.test_client()
        self.token = ""

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        """One request; without JSON when `data` is given."""
        if method != "GET" and not self.token:
            self.token = self.client.get("/v1/cases").headers.get("X-CSRF-Token", "")
        sent = {"Origin": "http://localhost", "X-CSRF-Token": self.token} if method != "GET" else {}
        if body is not None:
            more["json"] = body
        answer = self.client.open(path, method=method, headers={**sent, **(headers or {})}, **more)
        conforms(self.world, method, path, answer)
        return answer

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, key: str = "", **more: Any
    ) -> TestResponse:
        """A change that happens once, by a key of its own if none is given."""
        return self.ask("POST", path, body, {"Idempotency-Key": key or ulid(NOON)}, **more)

    def put(
        self, path: str, rev: int | None, body: Mapping[str, Any] | None = None, method: str = "PUT"
    ) -> TestResponse:
        """A change of what stands at a revision."""
        return self.ask(method, path, body, {"If-Match": f'"r{rev}"'} if rev is not None else {})


def code_of(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a fault."""
    assert answer.mimetype == "application/problem+json", answer.text
    problem = answer.get_json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert len(problem["instance"]) == 26
    return answer.status_code, problem["code"]
