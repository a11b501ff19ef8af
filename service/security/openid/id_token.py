"""The ID token: what a provider says of who has signed in, checked before a word of it is believed.

Signature, standing claims and their kinds are checked by joserfc and Authlib; here stands what they
leave open, and the profile or an attack asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from service.errors import ProviderRefused
from service.security.openid.providers_file import Provider

ALGORITHMS: Final = (
    "RS256",
    "PS256",
    "ES256",
    "RS384",
    "PS384",
    "ES384",
    "RS512",
    "PS512",
    "ES512",
)
"""With a public key, each: neither none nor one whose key would be a secret."""
HEADER: Final = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
"""Parts that the head of a token may have: no key, and no address of one."""
TYPES: Final = frozenset({"", "JWT", "jwt"})
"""A token of another kind (`at+jwt`, `logout+jwt`) is no ID token."""
SKEW: Final = timedelta(minutes=5)
"""So old may a token be, and so far may the provider's clock be ahead of this one."""
LONGEST_SUBJECT: Final = 255
"""Characters (OpenID Connect Core 1.0, 2)."""
PublicKey = RSAKey | ECKey | OKPKey


class UnknownKey(Exception):
    """The token names a key that is not among those at hand; the provider may have a new one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must answer to."""

    provider: Provider
    nonce: str
    begun: datetime
    """When the person was sent to the provider."""
    access_token: str


def check(token: object, *, keys: Sequence[PublicKey], expected: Expected, now: datetime) -> str:
    """The subject of a token that is all it must be.

    Raises:
        ProviderRefused: it is not; `facts["why"]` is the code of what is wrong.
        UnknownKey: none of the keys has its `kid`.
    """
    if not isinstance(token, str):
        raise ProviderRefused(why="no_token")
    key = _key_of(token, keys)
    try:
        found = jwt.decode(token, key, registry=jws.JWSRegistry(algorithms=list(ALGORITHMS)))
    except (JoseError, ValueError, TypeError) as e:
        raise ProviderRefused(why="signature") from e
    _check_claims(found, expected, now)
    return str(found.claims["sub"])


def _key_of(token: str, keys: Sequence[PublicKey]) -> PublicKey:
    """The key that a token says it was signed by: one of the provider's, never one that came along.

    Without `kid` it is the only key that there is.
    """
    try:
        header: dict[str, Any] = jws.extract_compact(token.encode()).protected
    except (JoseError, ValueError, TypeError) as e:
        raise ProviderRefused(why="signature") from e
    if header.get("alg") not in ALGORITHMS:
        raise ProviderRefused(why="algorithm")
    if header.keys() - HEADER:
        raise ProviderRefused(why="header")
    if header.get("typ", "") not in TYPES:
        raise ProviderRefused(why="type")
    kid = header.get("kid")
    fitting = list(keys) if kid is None else [key for key in keys if key.kid == kid]
    if not fitting and kid is not None:
        raise UnknownKey
    if len(fitting) != 1:
        raise ProviderRefused(why="key")
    return fitting[0]


def _check_claims(found: jwt.Token, expected: Expected, now: datetime) -> None:
    provider, claims, at = expected.provider, found.claims, now.timestamp()
    standing = CodeIDToken(
        claims,
        found.header,
        options={
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "acr": {"essential": True, "values": list(provider.acr)},
            "nonce": {"essential": True, "value": expected.nonce},
        },
        params={"client_id": provider.client_id, "access_token": expected.access_token},
    )
    try:
        standing.validate(int(at), leeway=int(SKEW.total_seconds()))
    except (InvalidClaimError, MissingClaimError, ExpiredTokenError) as e:
        raise ProviderRefused(why=str(getattr(e, "claim", "") or "claims")) from e
    except (JoseError, ValueError, TypeError) as e:
        raise ProviderRefused(why="claims") from e
    if claims["aud"] not in (provider.client_id, [provider.client_id]):
        raise ProviderRefused(why="aud")  # for others too, who could have shown it here
    if claims["exp"] <= at:
        raise ProviderRefused(why="exp")
    if claims["iat"] < at - SKEW.total_seconds():
        raise ProviderRefused(why="iat")
    if not isinstance(claims["acr"], str):
        raise ProviderRefused(why="acr")
    _check_subject(claims["sub"])
    signed_in = claims.get("auth_time", at)
    if not isinstance(signed_in, int | float) or signed_in < (expected.begun - SKEW).timestamp():
        raise ProviderRefused(why="auth_time")  # she was to sign in anew, and did not


def _check_subject(subject: str) -> None:
    if not subject or len(subject) > LONGEST_SUBJECT or not subject.isascii():
        raise ProviderRefused(why="sub")
    if not subject.isprintable() or subject != subject.strip():
        raise ProviderRefused(why="sub")
