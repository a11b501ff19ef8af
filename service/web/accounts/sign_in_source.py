"""Where a sign-in comes from, known before a thread is found for it: so that those of one network
do not keep all others out, and a browser that the account knows goes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from flask import Flask
from werkzeug.http import parse_cookie
from werkzeug.middleware.proxy_fix import ProxyFix

from service.clock import wall_clock
from service.people.known_browsers import account_of, browser_of
from service.web.accounts.session_cookie import known_name, marks_in
from service.web.networks import network_of
from service.web.request_context import Site

PATH: Final = "/sign-in"
LONGEST: Final = 200
"""Longest name and password that are looked at, in characters."""
LOOKED_AT: Final = 8 * 1024
"""Bytes of a form in which the name is looked for."""
TURNED_AWAY: Final = "tresteg.turned_away"
"""Set in the environment of a sign-in for which there was no place to wait."""


@dataclass(frozen=True, slots=True)
class SignInSource:
    """The source of a sign-in, which gets its share of the turns: a network, or a browser that the
    account knows.
    """

    key: str
    known: bool = False


def typed_name(text: str) -> str:
    """A sign-in name as it was typed."""
    return text[:LONGEST].strip()


class SignInSources:
    """Finds the source of a sign-in from the raw request."""

    def __init__(self, app: Flask) -> None:
        self._site: Site = app.extensions["tresteg"]
        self._wall = wall_clock(self._site.program.clock)
        self._proxies = self._site.program.settings.trusted_proxies

    def find(self, *, address: str, headers: Mapping[str, str], body: bytes) -> SignInSource:
        """The source of a sign-in.

        Args:
            address: of the connection.
            headers: `HTTP_COOKIE` and the like, as WSGI names them.
            body: the first bytes of its form.
        """
        services, cookies = self._site.program.services, parse_cookie(headers.get("HTTP_COOKIE"))
        form = parse_qs(body[:LOOKED_AT].decode("utf-8", "replace"), max_num_fields=None)
        name = typed_name(form.get("user", [""])[0])
        marks = marks_in(cookies.get(known_name(self._site), ""))
        account = account_of(services, name)
        if browser := browser_of(services, marks, account=account, now=self._wall.now()):
            return SignInSource(browser, known=True)
        return SignInSource(network_of(self._client(address, headers)))

    def _client(self, address: str, headers: Mapping[str, str]) -> str:
        """The address of the client, as the proxies that are trusted say."""
        if not self._proxies:
            return address
        environ = {**headers, "REMOTE_ADDR": address}
        ProxyFix(lambda *_: [], x_for=self._proxies, x_proto=0)(environ, lambda *_: lambda _: None)
        return str(environ["REMOTE_ADDR"])
