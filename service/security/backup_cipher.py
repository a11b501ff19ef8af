"""The cipher of backup files, and the pair of keys that they are made for and opened with.

Everything before the content stands in plain: what kind of file it is, which key it was made for,
and the random content key, sealed with HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM). The
content follows in chunks of AES-256-GCM. The nonce of a chunk is its number and whether it is the
last, so that chunks cannot be swapped, repeated or cut off; each is bound to what stands before the
content.

Beside the vault the only module that touches a cipher: the vault's keys are those of the
installation, and a backup must open without them. It reads and writes open files, and names none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO, Final, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from service.errors import UnusableFile

PublicKey: TypeAlias = X25519PublicKey
PrivateKey: TypeAlias = X25519PrivateKey
MAGIC: Final = b"tresteg backup\n\x01"
SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
INFO: Final = b"tresteg/1|backup"
KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 8
TAG_BYTES: Final = 16
SEALED_KEY_BYTES: Final = KEY_BYTES + KEY_BYTES + TAG_BYTES
HEAD_BYTES: Final = len(MAGIC) + KEY_ID_BYTES + SEALED_KEY_BYTES
CHUNK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class ContentKey:
    """The key of one backup file, and what its chunks are bound to."""

    key: bytes = field(repr=False)
    head: bytes

    def nonce(self, number: int, *, last: bool) -> bytes:
        """The nonce of a chunk; no two chunks of a file share one, and no two files a key."""
        return number.to_bytes(11) + bytes([last])


class ChunkWriter:
    """Seals what is written to it, chunk by chunk; `finish` writes the last one."""

    def __init__(self, out: BinaryIO, public: PublicKey) -> None:
        key = os.urandom(KEY_BYTES)
        head = MAGIC + bytes.fromhex(key_id(public)) + SUITE.encrypt(key, public, INFO)
        self.content_key = ContentKey(key, sha256(head).digest())
        self._out, self._cipher = out, AESGCM(key)
        self._waiting, self._number = bytearray(), 0
        self.head_bytes = len(head)
        out.write(head)

    def write(self, plain: bytes) -> None:
        """Take more of the content."""
        self._waiting += plain
        while len(self._waiting) > CHUNK_BYTES:
            chunk = bytes(self._waiting[:CHUNK_BYTES])
            del self._waiting[:CHUNK_BYTES]
            self._seal(chunk, last=False)

    def finish(self) -> None:
        """Seal what is left as the last chunk."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        nonce = self.content_key.nonce(self._number, last=last)
        self._out.write(self._cipher.encrypt(nonce, chunk, self.content_key.head))
        self._number += 1


def open_content_key(sealed: BinaryIO, private: PrivateKey) -> ContentKey:
    """Read what stands before the content, and open the content key in it.

    Raises:
        UnusableFile: the file is no backup, was made for another key, or is damaged there.
    """
    head = sealed.read(HEAD_BYTES)
    if not head.startswith(MAGIC):
        raise UnusableFile("is no backup of Tresteg, or its first bytes are damaged")
    if len(head) < HEAD_BYTES:
        raise UnusableFile("is cut off after its first bytes")
    made_for = head[len(MAGIC) : len(MAGIC) + KEY_ID_BYTES].hex()
    own = key_id(private.public_key())
    if made_for != own:
        raise UnusableFile(
            f"was made for the key {made_for}, and this private key is {own}: name the other one"
        )
    try:
        key = SUITE.decrypt(head[-SEALED_KEY_BYTES:], private, INFO)
    except (InvalidTag, ValueError):
        raise UnusableFile("is damaged where its content key stands: take another copy") from None
    return ContentKey(key, sha256(head).digest())


def opened_chunks(sealed: BinaryIO, content: ContentKey) -> Iterator[bytes]:
    """The content of a file that is read behind its first part, chunk by chunk.

    Raises:
        UnusableFile: at the first chunk that is damaged, missing or too much.
    """
    cipher, number = AESGCM(content.key), 0
    chunk = sealed.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = sealed.read(CHUNK_BYTES + TAG_BYTES)
        last = not following
        try:
            yield cipher.decrypt(content.nonce(number, last=last), chunk, content.head)
        except (InvalidTag, ValueError):
            raise UnusableFile(_damage(cipher, content, number, chunk, last=last)) from None
        if last:
            return
        chunk, number = following, number + 1


def _damage(cipher: AESGCM, content: ContentKey, number: int, chunk: bytes, *, last: bool) -> str:
    """What is wrong with a chunk that does not open."""
    try:
        cipher.decrypt(content.nonce(number, last=not last), chunk, content.head)
    except (InvalidTag, ValueError):
        at = HEAD_BYTES + number * (CHUNK_BYTES + TAG_BYTES)
        ends = " or cut off" if last else ""
        return f"is damaged{ends} in its chunk {number + 1}, from byte {at} on: take another copy"
    if last:
        return f"is cut off after its chunk {number + 1}: take another copy"
    return f"goes on after its end, in its chunk {number + 2}: take another copy"


def make_backup_keys() -> tuple[str, str]:
    """A new pair of keys for backups, as PEM: the private one and the public one."""
    private = X25519PrivateKey.generate()
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret.decode(), public_pem(private)


def public_pem(private: PrivateKey) -> str:
    """The public half of a key, as PEM."""
    public = private.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(public: PublicKey) -> str:
    """A short name of a pair of keys, hex: a backup says which it was made for."""
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return sha256(INFO + raw).hexdigest()[: 2 * KEY_ID_BYTES]


def read_public_key(pem: bytes) -> PublicKey:
    """Read the public key that backups are made for.

    Raises:
        UnusableFile: it is none; a private key is refused too, for it must not lie on the host.
    """
    if b"PRIVATE KEY" in pem:
        raise UnusableFile(
            "holds a private key, which must not lie on this machine: name the public one"
        )
    try:
        found = load_pem_public_key(pem)
    except ValueError:
        found = None
    if not isinstance(found, X25519PublicKey):
        raise UnusableFile("is no public key for backups: `tresteg keys backup` makes a pair")
    return found


def read_private_key(pem: bytes) -> PrivateKey:
    """Read the private key that opens backups.

    Raises:
        UnusableFile: it is none.
    """
    try:
        found = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, X25519PrivateKey):
        raise UnusableFile("is no private key for backups: `tresteg keys backup` makes a pair")
    return found
