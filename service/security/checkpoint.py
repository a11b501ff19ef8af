"""Checkpoints of the ledger: size and root of its tree, as a signed note of C2SP.

    tresteg/<installation>
    <size>
    <root in base64>

    — tresteg/<installation> <key id and Ed25519 signature in base64>

Lines of other signers may stand among the signatures; they are not checked.
Source: C2SP signed-note and tlog-checkpoint.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.security.merkle_tree import HASH_BYTES
from service.security.vault import Vault

ED25519: Final = b"\x01"
KEY_ID_BYTES: Final = 4
MOST_BYTES: Final = 64 * 1024
"""A longer text is no checkpoint."""
SIGNER: Final = "\u2014 "
"""What a signature line begins with: an em dash and a space."""
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_ORIGIN: Final = re.compile(r"tresteg/[0-9A-Za-z._-]{1,100}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note says: the log, how many entries it had, and the root of their tree."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


class NoCheckpoint(ValueError):
    """A text is no checkpoint, or this installation has not signed it."""


def origin(installation: str) -> str:
    """The name of an installation's log.

    Raises:
        ValueError: the id has other signs than letters, digits, dots, dashes and underscores.
    """
    name = f"tresteg/{installation}"
    if not _ORIGIN.fullmatch(name):
        raise ValueError("the id of an installation is letters, digits, '.', '_' and '-'")
    return name


def sign(checkpoint: Checkpoint, vault: Vault) -> str:
    """The signed note of a checkpoint."""
    body = checkpoint.body()
    signed = key_id(checkpoint.origin, vault.verifying_key()) + vault.sign(body.encode())
    return f"{body}\n{SIGNER}{checkpoint.origin} {b64encode(signed).decode()}\n"


def key_id(name: str, public_key: bytes) -> bytes:
    """The first four bytes of SHA-256(name, newline, 0x01, public key)."""
    return sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:KEY_ID_BYTES]


def parse(note: str) -> Checkpoint:
    """Read what a note says, without asking who signed it.

    Raises:
        NoCheckpoint: it is none, to the last sign.
    """
    return _divided(note)[0]


def verify(note: str, public_key: bytes) -> Checkpoint:
    """Read a note that the owner of a key has signed.

    Args:
        public_key: Ed25519, 32 bytes.
    Raises:
        NoCheckpoint: it is none, or has no signature of that key, or one that does not fit.
    """
    found, signatures = _divided(note)
    own = key_id(found.origin, public_key)
    fits = False
    for name, signed in signatures:
        if name == found.origin and signed[:KEY_ID_BYTES] == own:
            _require_fit(public_key, signed[KEY_ID_BYTES:], found.body().encode())
            fits = True
    if not fits:
        raise NoCheckpoint("it has no signature of this installation")
    return found


def _require_fit(public_key: bytes, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        raise NoCheckpoint("its signature does not fit") from None


def _divided(note: str) -> tuple[Checkpoint, list[tuple[str, bytes]]]:
    """What a note says, and its signatures as (name, key id and signature)."""
    if len(note) > MOST_BYTES or not note.endswith("\n"):
        raise NoCheckpoint("it is no signed note")
    body, divider, rest = note.rpartition("\n\n")
    lines = body.split("\n")
    if not divider or len(lines) != len(("origin", "size", "root")):
        raise NoCheckpoint("it is no signed note of three lines")
    if not _ORIGIN.fullmatch(lines[0]):
        raise NoCheckpoint("it names no log of Tresteg")
    if not _SIZE.fullmatch(lines[1]):
        raise NoCheckpoint("it names no size")
    root = _bytes(lines[2])
    if root is None or len(root) != HASH_BYTES:
        raise NoCheckpoint("it names no root")
    signatures = [_signature(line) for line in rest.removesuffix("\n").split("\n")]
    return Checkpoint(lines[0], int(lines[1]), root), signatures


def _signature(line: str) -> tuple[str, bytes]:
    """Name, and key id with signature, of one line of a note."""
    name, gap, text = line.removeprefix(SIGNER).partition(" ")
    signed = _bytes(text)
    if (
        not line.startswith(SIGNER)
        or not gap
        or not name
        or "+" in name
        or signed is None
        or len(signed) <= KEY_ID_BYTES
    ):
        raise NoCheckpoint("a line of it is no signature")
    return name, signed


def _bytes(text: str) -> bytes | None:
    """The bytes of a text in base64 that is written in the one right way."""
    try:
        found = b64decode(text.encode("ascii"), validate=True)
    except (ValueError, NotBase64):
        return None
    return found if b64encode(found).decode() == text else None
