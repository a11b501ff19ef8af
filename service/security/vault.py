"""The vault: seals and opens values. The only module that touches a cipher; it reads no file.

Each case, person and office has a key of its own, wrapped by an epoch of the keyring. Sub-keys by
purpose come from it with HKDF-SHA256; sealed values are AES-256-GCM, bound to the table, column,
row and owner that they were made for. A second key with it is of digests. Whoever deletes the
wrapped row has erased the owner.
"""

from __future__ import annotations

import hmac
import os
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from service.errors import CannotOpen
from service.security.keyring import Keyring
from service.security.packing import fill_up, pack, take_out, unpack
from service.security.purposes import PLACES
from service.security.records import WrappedKey

SEAL_VERSION: Final = b"\x02"
KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 8
COMMITMENT_KEY_BYTES: Final = 16
NONCE_BYTES: Final = 12
HEAD_BYTES: Final = len(SEAL_VERSION) + KEY_ID_BYTES
"""Bytes in front of a wrapped key: the version of the seal, and the id of the key."""
CHECK_BYTES: Final = 16
BLIND_BYTES: Final = 16
DIGEST_BYTES: Final = 16
REMEMBERED: Final = 1024
"""Open keys that a process keeps. Each purpose of one is a cipher of 2.5 kB that OpenSSL holds."""


@dataclass(frozen=True, slots=True)
class CommittedSeal:
    """A sealed value with a commitment key inside: it can be proven without opening any other."""

    sealed: bytes = field(repr=False)
    key: bytes = field(repr=False)


class OwnerKey:
    """The open key of one owner. Safe to share between threads."""

    def __init__(self, owner: str, key_id: str, secret: bytes, digest_key: bytes) -> None:
        self.owner = owner
        self.key_id = key_id
        self._secret = secret
        self._digest_key = digest_key
        self._ciphers: dict[str, AESGCM] = {}
        self._digest_keys: dict[str, bytes] = {}

    def seal(
        self, purpose: str, plain: bytes, *, table: str, column: str, row: str, extra: str = ""
    ) -> bytes:
        """Seal bytes for this table, column, row, owner and `extra`; they open nowhere else;
        they are packed and filled up first.

        Args:
            purpose: one of `PLACES`.
            extra: what else the value is bound to: rev and release of a snapshot,
                number and class of answers, recipient of a letter.
        """
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._cipher(purpose)
        bound = self._place(table, column, row, extra)
        if (table, column) not in PLACES[purpose]:
            raise ValueError(f"nothing of {table}.{column} is sealed for {purpose}")
        return SEAL_VERSION + nonce + cipher.encrypt(nonce, fill_up(pack(plain)), bound)

    def open(
        self, purpose: str, sealed: bytes, *, table: str, column: str, row: str, extra: str = ""
    ) -> bytes:
        """Open a sealed value.

        Raises:
            CannotOpen: another key, another place, or changed bytes; which of them is not said.
        """
        head, rest = sealed[:1], sealed[1:]
        if head != SEAL_VERSION:
            raise CannotOpen(owner=self.owner, table=table, column=column)
        bound = self._place(table, column, row, extra)
        try:
            filled = self._cipher(purpose).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound)
            return unpack(take_out(filled))
        except (InvalidTag, ValueError):
            raise CannotOpen(owner=self.owner, table=table, column=column) from None

    def seal_committed(
        self, purpose: str, plain: bytes, *, table: str, column: str, row: str, extra: str = ""
    ) -> CommittedSeal:
        """As `seal`, with 16 random bytes inside.

        The ledger's commitment is `ledger.commitment(key, plain)`.
        """
        key = os.urandom(COMMITMENT_KEY_BYTES)
        return CommittedSeal(
            self.seal(purpose, plain + key, table=table, column=column, row=row, extra=extra), key
        )

    def open_committed(
        self, purpose: str, sealed: bytes, *, table: str, column: str, row: str, extra: str = ""
    ) -> tuple[bytes, bytes]:
        """The content and the commitment key of what `seal_committed` made."""
        found = self.open(purpose, sealed, table=table, column=column, row=row, extra=extra)
        return found[:-COMMITMENT_KEY_BYTES], found[-COMMITMENT_KEY_BYTES:]

    def digest(self, what: str, plain: bytes) -> str:
        """A keyed digest of bytes, hex: proves that they are the same to who has the key alone.

        It is gone with the owner's key.

        Args:
            what: kind of the bytes, for example `packet`; equal bytes of two kinds differ.
        """
        key = self._digest_keys.get(what)
        if key is None:
            key = self._digest_keys[what] = _derived(self._digest_key, f"digest/{what}")
        return _hmac(key, plain)[:DIGEST_BYTES].hex()

    def check_value(self) -> bytes:
        """What tells this key from every other, its digest key included."""
        return _check(self._secret + self._digest_key)

    def _cipher(self, purpose: str) -> AESGCM:
        """The cipher of a purpose, derived once."""
        cipher = self._ciphers.get(purpose)
        if cipher is None:
            if purpose not in PLACES:
                raise ValueError(f"no such purpose: {purpose}")
            cipher = self._ciphers[purpose] = AESGCM(_derived(self._secret, purpose))
        return cipher

    def _place(self, table: str, column: str, row: str, extra: str) -> bytes:
        return _bound(table, column, row, owner=self.owner, key_id=self.key_id, extra=extra)


class Vault:
    """Makes and opens owners' keys, and computes what needs a key of the installation."""

    def __init__(self, keyring: Keyring) -> None:
        self.demo = keyring.demo
        self.epoch = keyring.epoch
        """Number of the epoch that wraps; see `wrap_by`."""
        self.epochs = {number: _mark(key) for number, key in sorted(keyring.epochs.items())}
        """Number of each epoch, to a mark that tells its key from every other, hex."""
        self.opens_from = keyring.opens_from
        self._epochs = {
            number: AESGCM(_derived(key, "wrap")) for number, key in keyring.epochs.items()
        }
        self._index = keyring.index
        self._row = keyring.row
        self._signer = Ed25519PrivateKey.from_private_bytes(keyring.ledger)
        self._open: OrderedDict[tuple[str, str, int, bytes], OwnerKey] = OrderedDict()
        self._lock = Lock()

    def wrap_by(self, epoch: int) -> None:
        """Wrap by this epoch from now on: the newest that the database names. The keyring may have
        one more, which other processes do not know yet.
        """
        self.epoch = epoch

    def new_key(
        self,
        owner: str,
        *,
        case_id: str | None = None,
        office_id: str | None = None,
        klass: str | None = None,
    ) -> WrappedKey:
        """A new random key for an owner, wrapped by the epoch that wraps, and one for
        digests.

        Args:
            case_id, office_id, klass: what the key of a case is found by.
        """
        key_id = os.urandom(KEY_ID_BYTES).hex()
        made = self._wrap(owner, key_id, os.urandom(2 * KEY_BYTES))
        return replace(made, case_id=case_id, office_id=office_id, klass=klass)

    def open_key(self, wrapped: WrappedKey) -> OwnerKey:
        """The owner's open key; remembered, but found again only by who holds the same wrapped row.

        Raises:
            CannotOpen: its epoch is gone, or the row was changed.
        """
        name = (wrapped.owner, wrapped.key_id, wrapped.epoch, wrapped.wrapped)
        with self._lock:
            known = self._open.get(name)
            check = known.check_value() if known is not None else b""
            if known is not None and hmac.compare_digest(check, wrapped.check_value):
                self._open.move_to_end(name)
                return known
        both = self._unwrap(wrapped)
        key = OwnerKey(wrapped.owner, wrapped.key_id, both[:KEY_BYTES], both[KEY_BYTES:])
        with self._lock:
            self._open[name] = key
            while len(self._open) > REMEMBERED:
                self._open.popitem(last=False)
        return key

    def rewrap(self, wrapped: WrappedKey) -> WrappedKey:
        """The same key under the epoch that wraps; what it sealed stays as it is.

        Raises:
            CannotOpen: its epoch is gone, or the row was changed.
        """
        again = self._wrap(wrapped.owner, wrapped.key_id, self._unwrap(wrapped))
        return replace(wrapped, epoch=again.epoch, wrapped=again.wrapped)

    def forget(self, owner: str) -> None:
        """Drop an owner's open keys from memory, after erasure."""
        with self._lock:
            for name in [name for name in self._open if name[0] == owner]:
                del self._open[name]

    def blind(self, what: str, value: str) -> bytes:
        """Blind index: finds an exact value without storing it.

        Args:
            what: kind of the value, for example `sign_in`; equal values of two kinds differ.
            value: normalised by the caller; unique or high in entropy, never a name, birth date or
                phone number.
        """
        return _hmac(self._index, f"{what}|{value}".encode())[:BLIND_BYTES]

    def row_mac(self, canonical: bytes) -> bytes:
        """Proof that a row was written by this installation, 16 bytes."""
        return _hmac(self._row, canonical)[:DIGEST_BYTES]

    def fingerprint(self) -> str:
        """A fingerprint of the keyring, kept in the database: another is refused at start."""
        return _hmac(self._index, b"tresteg/1|installation").hex()[: 2 * CHECK_BYTES]

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature of the ledger."""
        return self._signer.sign(message)

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the ledger's key signed a message."""
        try:
            self._signer.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def verifying_key(self) -> bytes:
        """The public half of the ledger's key, 32 bytes."""
        return self._signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def _wrap(self, owner: str, key_id: str, both: bytes) -> WrappedKey:
        """Wrap an owner's key and its digest key, one after the other."""
        nonce = os.urandom(NONCE_BYTES)
        bound = _bound("vault_key", "wrapped", str(self.epoch), owner=owner, key_id=key_id)
        sealed = self._epochs[self.epoch].encrypt(nonce, both, bound)
        wrapped = SEAL_VERSION + bytes.fromhex(key_id) + nonce + sealed
        return WrappedKey(owner, key_id, self.epoch, wrapped, _check(both))

    def _unwrap(self, wrapped: WrappedKey) -> bytes:
        epoch = self._epochs.get(wrapped.epoch)
        head, rest = wrapped.wrapped[:HEAD_BYTES], wrapped.wrapped[HEAD_BYTES:]
        if epoch is None or head != SEAL_VERSION + bytes.fromhex(wrapped.key_id):
            raise CannotOpen(owner=wrapped.owner, table="vault_key", column="wrapped")
        bound = _bound(
            "vault_key", "wrapped", str(wrapped.epoch), owner=wrapped.owner, key_id=wrapped.key_id
        )
        try:
            both = epoch.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise CannotOpen(owner=wrapped.owner, table="vault_key", column="wrapped") from None
        if not hmac.compare_digest(_check(both), wrapped.check_value):
            raise CannotOpen(owner=wrapped.owner, table="vault_key", column="check_value")
        # a rotation has begun since this process did: it learns so from the first key that it meets
        self.epoch = max(self.epoch, wrapped.epoch)
        return both


def bearers_key(secret: str) -> OwnerKey:
    """The key in what somebody bears, such as the token of a session.

    It is kept nowhere, so what it seals opens for the bearer alone.

    Args:
        secret: random, of at least 256 bits; its length is not stretched.
    """
    material = secret.encode()
    key_id = _hmac(material, b"id")[:KEY_ID_BYTES].hex()
    return OwnerKey("bearer", key_id, material, _hmac(material, b"digest"))


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"tresteg/1/{purpose}".encode()).derive(secret)


def _bound(table: str, column: str, row: str, *, owner: str, key_id: str, extra: str = "") -> bytes:
    """The associated data (AEAD) that a value is bound to: its place.

    Only the last part may hold a bar, so that two places never give the same bytes.
    """
    place = f"tresteg/1|{table}|{column}|{row}|{owner}|{key_id}"
    if place.count("|") != len("|||||"):
        raise ValueError("a table, column, row or owner must not hold a bar")
    return f"{place}|{extra}".encode()


def _mark(epoch: bytes) -> str:
    return _hmac(epoch, b"tresteg/1|epoch").hex()[: 2 * CHECK_BYTES]


def _check(both: bytes) -> bytes:
    return _hmac(both, b"check")[:CHECK_BYTES]


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
