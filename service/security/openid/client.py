"""A sign-in at a provider, as this side of it goes: send the person there, and take what comes
back.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Any, Final

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from service.errors import ProviderDown, ProviderRefused
from service.security.openid import id_token
from service.security.openid.id_token import Expected, PublicKey, UnknownKey
from service.security.openid.provider_requests import ask
from service.security.openid.providers_file import Provider, is_safe

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60
WELL_KNOWN: Final = "/.well-known/openid-configuration"
FRESH_SECONDS: Final = 3600.0
"""How long a discovery document and keys are taken as they were fetched."""
DOWN_SECONDS: Final = 10.0
"""How long a provider that gave no answer is not asked again: who tries meanwhile is answered at
once, and holds up no thread."""
AT_ONCE: Final = 2
"""Threads of a process that may wait for one provider: two of eight."""
LONGEST: Final = 4096
"""Characters of a code or a state."""
ERRORS: Final[Mapping[str, str]] = {
    "access_denied": "access_denied",
    "unmet_authentication_requirements": "acr",
}
"""Errors of a provider to the code that the log has."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the browser keeps while the person is at the provider; made anew for each sign-in."""

    provider: str
    state: str
    nonce: str
    verifier: str
    begun: int
    """Seconds since 1970."""
    person: str = ""
    """Who links herself; "" where somebody signs in."""
    back: str = ""

    def packed(self) -> bytes:
        """As it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()


def unpacked(content: bytes) -> Handshake:
    """A handshake as it was kept."""
    return Handshake(**json.loads(content))


@dataclass(frozen=True, slots=True)
class Response:
    """What a provider sent the browser back with; each is None where it is missing or stands there
    twice.
    """

    state: str | None
    code: str | None
    error: str | None
    issuer: str | None
    """`iss` (RFC 9207)."""
    issuers: int
    """How often that stands there."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to a provider. Nothing else of her is asked for, and nothing is kept."""

    provider: Provider
    subject: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is used of a discovery document."""

    authorization: str
    token: str
    jwks: str
    names_itself: bool
    """Whether its answers bear `iss`."""


class ProviderClient:
    """This installation at one provider. Safe to share between threads."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, list[PublicKey]] | None = None
        self._down_until = 0.0
        self._places = BoundedSemaphore(AT_ONCE)

    def begin(
        self, redirect_uri: str, *, now: datetime, person: str = "", back: str = ""
    ) -> tuple[str, Handshake]:
        """The address that a person is sent to, and what her browser keeps meanwhile.

        She is asked to sign in anew (`prompt`): else our own limits of a session would end nothing
        for who is still signed in there.

        Raises:
            ProviderDown: its discovery document cannot be had.
        """
        with self._asking():
            metadata = self._discovered()
        handshake = Handshake(
            provider=self.provider.id,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            begun=int(now.timestamp()),
            person=person,
            back=back,
        )
        address = prepare_grant_uri(
            metadata.authorization,
            client_id=self.provider.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=" ".join(self.provider.scopes),
            state=handshake.state,
            nonce=handshake.nonce,
            **_asked_levels(self.provider),
            prompt="login",
            code_challenge=create_s256_code_challenge(handshake.verifier),
            code_challenge_method="S256",
        )
        return str(address), handshake

    def check_response(self, handshake: Handshake, response: Response) -> None:
        """Whether an answer is that to this handshake, of this provider. Nobody is asked yet.

        Raises:
            ProviderRefused: `facts["why"]`.
        """
        if handshake.provider != self.provider.id:
            raise ProviderRefused(why="provider")
        if not response.state or not hmac.compare_digest(
            response.state.encode(), handshake.state.encode()
        ):
            raise ProviderRefused(why="state")

    def finish(
        self, handshake: Handshake, response: Response, redirect_uri: str, *, now: datetime
    ) -> Identity:
        """Who has signed in: the code is exchanged for a token, and that is checked.

        Raises:
            ProviderRefused: nobody, or not as it must be; `facts["why"]`.
            ProviderDown: it gave no answer.
        """
        self.check_response(handshake, response)
        with self._asking():
            metadata = self._discovered()
            self._check_issuer(response, metadata)
            if response.error is not None:
                raise ProviderRefused(why=ERRORS.get(response.error, "error"))
            if not response.code or len(response.code) > LONGEST:
                raise ProviderRefused(why="code")
            answer = self._exchange(metadata, response.code, handshake, redirect_uri, now)
            return Identity(self.provider, self._subject(metadata, answer, handshake, now))

    def _check_issuer(self, response: Response, metadata: Metadata) -> None:
        """Whether the answer comes from this provider (RFC 9207), so that a code of one is never
        shown to another.
        """
        is_named = bool(response.issuers) or metadata.names_itself
        if is_named and response.issuer != self.provider.issuer:
            raise ProviderRefused(why="response_issuer")

    def _exchange(
        self,
        metadata: Metadata,
        code: str,
        handshake: Handshake,
        redirect_uri: str,
        now: datetime,
    ) -> Mapping[str, Any]:
        provider = self.provider
        assertion = private_key_jwt_sign(
            provider.key,
            client_id=provider.client_id,
            token_endpoint=provider.issuer,  # its name, so that it is worth nothing elsewhere
            alg=provider.algorithm,
            header={"kid": provider.key.kid},
            issued_at=int(now.timestamp()),
            expires_in=ASSERTION_SECONDS,
        )
        try:
            return ask(
                metadata.token,
                {
                    "grant_type": "authorization_code",
                    "code": code,
                    "redirect_uri": redirect_uri,
                    "code_verifier": handshake.verifier,
                    "client_id": provider.client_id,
                    "client_assertion_type": ASSERTION,
                    "client_assertion": str(assertion),
                },
            )
        except ProviderDown as e:
            if str(e.facts["why"]) in ("status_400", "status_401"):
                raise ProviderRefused(why="token_refused") from e
            raise

    def _subject(
        self, metadata: Metadata, answer: Mapping[str, Any], handshake: Handshake, now: datetime
    ) -> str:
        """The subject of the token that came; the keys are fetched anew, once, for one that none of
        them has signed by name.
        """
        expected = Expected(
            self.provider,
            handshake.nonce,
            datetime.fromtimestamp(handshake.begun, UTC),
            str(answer.get("access_token") or ""),
        )
        token = answer.get("id_token")
        try:
            return id_token.check(
                token, keys=self._known_keys(metadata), expected=expected, now=now
            )
        except UnknownKey:
            self._keys = None
        try:
            return id_token.check(
                token, keys=self._known_keys(metadata), expected=expected, now=now
            )
        except UnknownKey:
            raise ProviderRefused(why="key") from None

    def _discovered(self) -> Metadata:
        """Its discovery document, fetched when it is first needed and once an hour."""
        kept = self._metadata
        if kept is not None and time.monotonic() - kept[0] < FRESH_SECONDS:
            return kept[1]
        metadata = _read_metadata(self.provider, ask(well_known(self.provider.issuer)))
        self._metadata = (time.monotonic(), metadata)
        return metadata

    def _known_keys(self, metadata: Metadata) -> list[PublicKey]:
        kept = self._keys
        if kept is not None and time.monotonic() - kept[0] < FRESH_SECONDS:
            return kept[1]
        keys = _read_keys(ask(metadata.jwks))
        self._keys = (time.monotonic(), keys)
        return keys

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """A place among those who wait for the provider.

        Raises:
            ProviderDown: it is none to ask now.
        """
        if time.monotonic() < self._down_until:
            raise ProviderDown(why="was_down")
        if not self._places.acquire(blocking=False):
            raise ProviderDown(why="many_wait")
        try:
            yield
        except ProviderDown:
            self._down_until = time.monotonic() + DOWN_SECONDS
            raise
        finally:
            self._places.release()


def _asked_levels(provider: Provider) -> dict[str, str]:
    """The parameter that asks for the levels: as a wish (`acr_values`), or as an essential claim.

    A provider that reads the claim signs nobody in with another level. One of the two: what comes
    of both at once is open (OpenID Connect Core 1.0, 5.5.1.1). The token is checked anyway.
    """
    if not provider.acr_essential:
        return {"acr_values": " ".join(provider.acr)}
    asked = {"id_token": {"acr": {"essential": True, "values": list(provider.acr)}}}
    return {"claims": json.dumps(asked, separators=(",", ":"))}


def well_known(issuer: str) -> str:
    """The address of an issuer's discovery document (OpenID Connect Discovery 1.0, 4.1)."""
    return issuer.removesuffix("/") + WELL_KNOWN


def _read_metadata(provider: Provider, document: Mapping[str, Any]) -> Metadata:
    """What is used of a discovery document.

    Raises:
        ProviderRefused: it is of another issuer.
        ProviderDown: it names no address, or one without https.
    """
    if document.get("issuer") != provider.issuer:
        raise ProviderRefused(why="discovery")
    found = Metadata(
        authorization=str(document.get("authorization_endpoint", "")),
        token=str(document.get("token_endpoint", "")),
        jwks=str(document.get("jwks_uri", "")),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )
    if not all(map(is_safe, (found.authorization, found.token, found.jwks))):
        raise ProviderDown(why="discovery")
    return found


def _read_keys(document: Mapping[str, Any]) -> list[PublicKey]:
    """The public keys that sign; others, and what is none, are left out."""
    found: list[PublicKey] = []
    listed = document.get("keys")
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey) and not key.is_private:
            found.append(key)
    return found
