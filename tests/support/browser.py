"""A browser of tests: keeps cookies, and sends the hidden fields of the page it is on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD: Final = "correct horse battery staple"
ONCE: Final = re.compile(r'name="_once" value="([0-9A-Z]{26})"')
TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')


def shown(answer: TestResponse) -> TestResponse:
    """A page with white space as a browser shows it: one space where its template breaks a line
    before an indent.
    """
    if answer.mimetype == "text/html":
        answer.set_data(re.sub(r"\n +", " ", answer.get_data(as_text=True)))
    return answer


def without_tokens(page: str) -> str:
    """A page without the tokens of its forms: they are drawn anew for each look, so that any few
    letters can stand in them.
    """
    return TOKEN.sub("", page)


@dataclass
class Browser:
    """One person's browser."""

    client: FlaskClient
    page: TestResponse | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    def get(self, path: str, **more: Any) -> TestResponse:
        answer = shown(self.client.get(path, **more))
        if answer.mimetype == "text/html":
            self.page = answer
        return answer

    def hidden(self) -> dict[str, str]:
        """The token and the key of the first form on the page."""
        assert self.page is not None
        once, token = ONCE.search(self.page.text), TOKEN.search(self.page.text)
        return {"_once": once[1] if once else "", "csrf_token": token[1] if token else ""}

    def post(self, path: str, data: Mapping[str, object], **more: Any) -> TestResponse:
        fields = {**self.hidden(), **data}
        answer = shown(self.client.post(path, data=fields, headers=self.headers, **more))
        if answer.mimetype == "text/html" and answer.status_code != 303:
            self.page = answer
        return answer

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", {"user": name, "password": password})
