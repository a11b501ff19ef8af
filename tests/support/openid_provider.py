"""A provider of OpenID Connect on this machine, over real HTTP: right in everything, but for what a
test changes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64encode

LEVEL: Final = "http://id.elegnamnden.se/loa/1.0/loa3"
CLIENT: Final = "tresteg"
Claims: TypeAlias = dict[str, Any]


@cache
def made_key(kid: str) -> ECKey:
    """A key, made once in a process."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def signed(header: Claims, claims: Claims, key: ECKey) -> str:
    """A token as a provider signs it."""
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


@dataclass
class SmallProvider:
    """A provider. What is public may be changed by a test before it is asked."""

    now: Callable[[], datetime]
    client_key: ECKey
    """The public half is what the provider knows of the installation."""
    issuer: str = ""
    names_itself: bool = True
    key: ECKey = field(default_factory=lambda: made_key("one"))
    subject: str = "anna"
    published: list[Claims] = field(default_factory=list)
    """Keys as they are published; those that sign if none are given."""
    change_claims: Callable[[Claims], object] = lambda _: None
    change_document: Callable[[Claims], object] = lambda _: None
    make_token: Callable[[Claims, Claims, ECKey], str] = signed
    """Header, claims and key to a token."""
    header: Claims = field(default_factory=dict)
    status: int = 200
    """Of every answer."""
    asked: list[str] = field(default_factory=list)
    """Paths that were asked for."""
    _given: dict[str, Claims] = field(default_factory=dict)
    """Code to the request that it was given for."""

    def authorize(self, address: str, *, acr: str = LEVEL) -> list[tuple[str, str]]:
        """What somebody who signs in here is sent back with."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.issuer}/authorize?")
        assert asked["code_challenge_method"] == "S256"
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        assert _asked_levels(asked) == [LEVEL]
        code = secrets.token_urlsafe(16)
        self._given[code] = {**asked, "acr": acr}
        answer = [("code", code), ("state", asked["state"])]
        return [*answer, ("iss", self.issuer)] if self.names_itself else answer

    def document(self) -> Claims:
        """The discovery document."""
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_response_iss_parameter_supported": self.names_itself,
        }
        self.change_document(found)
        return found

    def keys(self) -> Claims:
        """The published keys."""
        return {"keys": self.published or [self.key.as_dict(private=False)]}

    def exchange(self, form: dict[str, str]) -> Claims | None:
        """The tokens for a code; None where it is refused."""
        given = self._given.pop(form["code"], None)
        if given is None or not self._is_client(form) or not _is_proven(given, form):
            return None
        at = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": at + 300,
            "iat": at,
            "auth_time": at,
            "nonce": given["nonce"],
            "acr": given["acr"],
        }
        self.change_claims(claims)
        header = {"alg": "ES256", "kid": self.key.kid, **self.header}
        token = self.make_token(header, claims, self.key)
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}

    def _is_client(self, form: dict[str, str]) -> bool:
        """Whether a request for tokens is signed by the installation, for this provider, now."""
        claims = jwt.decode(form["client_assertion"], self.client_key, algorithms=["ES256"]).claims
        at = self.now().timestamp()
        return (
            claims["iss"] == claims["sub"] == form["client_id"] == CLIENT
            and claims["aud"] == self.issuer
            and at < claims["exp"] <= at + timedelta(minutes=5).total_seconds()
            and bool(claims["jti"])
        )


def _asked_levels(asked: dict[str, str]) -> object:
    """The levels that a request names: as a wish, or as an essential claim; never both."""
    assert ("acr_values" in asked) != ("claims" in asked)
    if "claims" not in asked:
        return asked["acr_values"].split()
    claim = json.loads(asked["claims"])["id_token"]["acr"]
    assert claim["essential"] is True
    return claim["values"]


def _is_proven(given: Claims, form: dict[str, str]) -> bool:
    """Whether who shows a code is who asked for it (PKCE)."""
    digest = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode()
    found = {"code_challenge": digest, "redirect_uri": form["redirect_uri"]}
    return found == {name: given[name] for name in found}


@contextmanager
def serve(provider: SmallProvider) -> Iterator[SmallProvider]:
    """Serve a provider on a free port while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            self._say(provider.keys() if self.path == "/jwks" else provider.document())

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found = provider.exchange({name: one for name, (one,) in parse_qs(content).items()})
            self._say(found or {"error": "invalid_grant"}, 200 if found else 400)

        def _say(self, what: Claims, status: int = 200) -> None:
            self.send_response(provider.status if status == 200 else status)
            if provider.status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(what).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def query(answer: list[tuple[str, str]]) -> str:
    """An answer as it stands in an address."""
    return urlencode(answer)
