"""A program that uses the interface for a person: it signs in, takes the token that each answer lends, and sends JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.test import TestResponse

from service.actions.ids import ulid
from tests.web.conftest import NOON, Town


class Program:
    """One program, signed in."""

    def __init__(self, town: Town, name: str) -> None:
        self.client = town.browser(name).client if name else town.app.test_client()
        self.token = ""

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None, **more: Any) -> TestResponse:
        """One request; without JSON when `data` is given."""
        if method != "GET" and not self.token:
            self.token = self.client.get("/v1/cases").headers.get("X-CSRF-Token", "")
        sent = {"Origin": "http://localhost", "X-CSRF-Token": self.token} if method != "GET" else {}
        if body is not None:
            more["json"] = body
        return self.client.open(path, method=method, headers={**sent, **(headers or {})}, **more)

    def post(self, path: str, body: Mapping[str, Any] | None = None, key: str = "", **more: Any) -> TestResponse:
        """A change that happens once, by a key of its own if none is given."""
        return self.ask("POST", path, body, {"Idempotency-Key": key or ulid(NOON)}, **more)

    def put(self, path: str, rev: int | None, body: Mapping[str, Any] | None = None, method: str = "PUT") -> TestResponse:
        """A change of what stands at a revision."""
        return self.ask(method, path, body, {"If-Match": f'"r{rev}"'} if rev is not None else {})


def code_of(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a fault."""
    assert answer.mimetype == "application/problem+json", answer.text
    told = answer.get_json()
    assert told["status"] == answer.status_code
    assert told["type"] == f"/problems/{told['code']}"
    assert len(told["instance"]) == 26
    return answer.status_code, told["code"]
