"""An authenticator in software: makes a passkey and signs challenges, as a device does (ES256)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Final

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from service.security.passkey_answers import PasskeySite

PRESENT: Final = 0x01
VERIFIED: Final = 0x04
NEW_KEY: Final = 0x40
ES256: Final = -7


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Authenticator:
    """One device with one passkey."""

    site: PasskeySite
    """Where the browser believes that it is."""
    verified: bool = True
    """Whether it sees a finger or a PIN."""
    counts: bool = True
    count: int = 0
    handle: bytes | None = b""
    """By which the site knows the person; None where it does not say."""
    framed: bool = False
    """Whether the page lies within one of another site."""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)

    def renew_key(self) -> None:
        """Take another key, which nobody knows."""
        self.key = _new_key()

    def make(self, options: str, *, verified: bool = True) -> str:
        """Make the passkey that a site asks for; gives the credential as JSON."""
        asked = json.loads(options)
        self.handle = base64url_to_bytes(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: ES256, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        about = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(public)
        data = self._data(NEW_KEY, verified=verified) + about
        made = {"fmt": "none", "attStmt": {}, "authData": data}
        client = self._client("webauthn.create", asked["challenge"])
        return self._credential(clientDataJSON=client, attestationObject=cbor2.dumps(made))

    def show(self, options: str) -> str:
        """Sign the challenge of a site; gives the credential as JSON."""
        client = self._client("webauthn.get", json.loads(options)["challenge"])
        data = self._data(0, verified=self.verified)
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        said = {} if self.handle is None else {"userHandle": self.handle}
        return self._credential(
            clientDataJSON=client, authenticatorData=data, signature=signature, **said
        )

    def _data(self, flags: int, *, verified: bool) -> bytes:
        self.count += self.counts
        flags |= PRESENT | (VERIFIED if verified else 0)
        site = hashlib.sha256(self.site.host.encode()).digest()
        return site + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        said: dict[str, object] = {"type": kind, "challenge": challenge, "origin": self.site.origin}
        said |= {"crossOrigin": True} if self.framed else {}
        return json.dumps(said).encode()

    def _credential(self, **response: bytes) -> str:
        id_ = bytes_to_base64url(self.id)
        fields = {name: bytes_to_base64url(value) for name, value in response.items()}
        whole = {"id": id_, "rawId": id_, "type": "public-key", "response": fields}
        return json.dumps(whole, separators=(",", ":"))
