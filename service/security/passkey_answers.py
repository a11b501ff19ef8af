"""What an authenticator answers (WebAuthn): what it is asked, and whether what it signed is right.

Taken are signatures of ES256, EdDSA and RS256, and only those for which the authenticator has made
sure who holds it. What kind of authenticator it is, nobody asks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

LONGEST: Final = 16_384
"""Characters of an answer that are looked at; one with an RSA key has some 2,000."""
ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
FORMATS: Final = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
"""What a browser gives when it is asked for no attestation; the second is a key that signed itself.
Others bring certificates, which would be read for nothing."""
PORTS: Final = {"http": 80, "https": 443}
WAIT: Final = 300_000
"""Milliseconds that a browser waits for the person."""
REQUIRED: Final = UserVerificationRequirement.REQUIRED


class AnswerRefused(Exception):
    """What came is no answer, or not to what was asked, or its signature is wrong."""


@dataclass(frozen=True, slots=True)
class PasskeySite:
    """The site that passkeys are for."""

    host: str
    """Relying party id: a passkey is offered there alone."""
    origin: str

    @classmethod
    def of(cls, base_url: str) -> PasskeySite | None:
        """The site of an address; None where browsers make no passkey: they do for no number."""
        parts = urlsplit(base_url)
        host = (parts.hostname or "").lower()
        try:
            ipaddress.ip_address(host)
        except ValueError:
            port = "" if parts.port in (None, PORTS.get(parts.scheme)) else f":{parts.port}"
            return cls(host, f"{parts.scheme}://{host}{port}") if host else None
        return None


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that an authenticator has just made."""

    id: bytes
    key: bytes
    """Its public key, in COSE."""
    count: int


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """An answer of a passkey, which is not checked yet."""

    parsed: AuthenticationCredential

    @property
    def id(self) -> bytes:
        """Of the passkey that it says it is of."""
        return self.parsed.raw_id

    @property
    def person(self) -> bytes | None:
        """Whose the passkey is, by the handle that it was made with; None when it does not say."""
        return self.parsed.response.user_handle


def options_to_add(
    site: PasskeySite,
    *,
    title: str,
    challenge: bytes,
    handle: bytes,
    name: str,
    known: Collection[bytes],
) -> str:
    """What a browser is asked so that it makes a passkey, as JSON.

    Args:
        title: how the browser calls the site.
        handle: of the person, by which no other site knows her.
        name: how the browser calls the account.
        known: ids of her passkeys; their authenticators make no second one.
    """
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=title,
        user_id=handle,
        user_name=name,
        challenge=challenge,
        timeout=WAIT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
        ),
        exclude_credentials=_described(known),
        supported_pub_key_algs=ALGORITHMS,
    )
    return webauthn.options_to_json(options)


def options_to_show(site: PasskeySite, *, challenge: bytes, known: Collection[bytes]) -> str:
    """What a browser is asked so that a passkey signs, as JSON.

    Args:
        known: ids, one of which signs; none where nobody knows yet whose it is.
    """
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=WAIT,
        allow_credentials=_described(known),
        user_verification=REQUIRED,
    )
    return webauthn.options_to_json(options)


def check_new(answer: str, site: PasskeySite, *, challenge: bytes) -> NewPasskey:
    """Check that a passkey was made here, to a challenge, by who holds the authenticator.

    Args:
        answer: JSON of the browser's credential.
    Raises:
        AnswerRefused: it was not.
    """
    with _refused():
        parsed = parse_registration_credential_json(_short(answer))
        _require_own_page(parsed.response.client_data_json)
        if parse_attestation_object(parsed.response.attestation_object).fmt not in FORMATS:
            raise AnswerRefused
        made = webauthn.verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count)


def read_shown(answer: str) -> ShownPasskey:
    """Read the answer of a passkey without believing it.

    Args:
        answer: JSON of the browser's credential.
    Raises:
        AnswerRefused: it is none.
    """
    with _refused():
        return ShownPasskey(parse_authentication_credential_json(_short(answer)))


def check_shown(shown: ShownPasskey, site: PasskeySite, *, challenge: bytes, key: bytes) -> int:
    """Check that a passkey signed a challenge here, by the will of who holds it; gives its counter,
    which the caller compares with the one that it had.

    Args:
        key: public key of the passkey, in COSE.
    Raises:
        AnswerRefused: it did not.
    """
    with _refused():
        _require_own_page(shown.parsed.response.client_data_json)
        checked = webauthn.verify_authentication_response(
            credential=shown.parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key,
            # compared by the caller: here it would hide that the signature was right
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        return checked.new_sign_count


@contextmanager
def _refused() -> Iterator[None]:
    """Any fault of the libraries with what a stranger has sent means that it is refused: they raise
    what the parsers of CBOR, of keys and of JSON raise.
    """
    try:
        yield
    except Exception as e:
        raise AnswerRefused from e


def _short(answer: str) -> str:
    if len(answer) > LONGEST:
        raise AnswerRefused
    return answer


def _require_own_page(client_data: bytes) -> None:
    """Refuse what was asked within a page of another site."""
    if parse_client_data_json(client_data).cross_origin:
        raise AnswerRefused


def _described(known: Collection[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in known]
