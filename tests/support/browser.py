"""A browser of tests: keeps cookies, and sends the hidden fields of the page it is on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD: Final = "correct horse battery staple"
ONCE: Final = re.compile(r'name="_once" value="([0-9A-Z]{26})"')
SECRET: Final = re.compile(r'<code class="t-mono">([A-Z2-7 ]{39})</code>')
TICKET: Final = re.compile(r'name="ticket" value="([^"]+)"')
TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')


def shown(answer: TestResponse) -> TestResponse:
    """A page with white space as a browser shows it: one space where its template breaks a line
    before an indent.
    """
    if answer.mimetype == "text/html":
        answer.set_data(re.sub(r"\n +", " ", answer.get_data(as_text=True)))
    return answer


def code_at(secret: str, at: datetime) -> str:
    """The code that an app with a secret shows at a moment."""
    return pyotp.TOTP(secret).at(at)


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

    def enter(self, token: str, name: str, password: str, at: datetime, **more: Any) -> str:
        """Use an invitation up for a password and an app; gives the secret of the app.

        Args:
            at: the moment on the clock of the phone.
        """
        self.get("/welcome", **more)
        page = self.post("/welcome", {"token": token}, **more).text
        secret = SECRET.search(page)
        ticket = TICKET.search(page)
        assert secret is not None
        assert ticket is not None
        key = secret[1].replace(" ", "")
        form = {"token": token, "ticket": ticket[1], "user": name, "code": code_at(key, at)}
        form |= {"password": password, "again": password}
        answer = self.post("/welcome/password", form, **more)
        assert answer.status_code == 200, answer.text
        return key

    def type_code(self, name: str, code: str, **more: Any) -> TestResponse:
        """Type the code that the page after the password asks for."""
        assert self.page is not None
        ticket = TICKET.search(self.page.text)
        assert ticket is not None
        return self.post("/sign-in/code", {"user": name, "ticket": ticket[1], "code": code}, **more)

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", {"user": name, "password": password})
