"""What whoever has a whole database and its keyring can still read of what was sealed.

Every sealed value is tried with every key that is left and for every purpose, without looking at
the place for which it was sealed: a value of which nobody thought is found as well.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from service.errors import CannotOpen
from service.security import vault
from service.security.packing import take_out, unpack
from service.security.purposes import PURPOSES
from service.security.records import WrappedKey
from service.store.installation import keys
from service.store.read_models import whole_rows
from service.store.tables import metadata
from service.store.transaction import Tx
from tests.support.world import World

TAG, FIRST = 16, b"\x00\x00\x00\x02"
"""Bytes at the end of a value of AES-GCM that prove it, and its counter for the first block."""
TEXT = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")


def places_of(desk: World, mark: str) -> set[tuple[str, str]]:
    """Table and column of everything in which a mark can be read, sealed or in the open."""
    with desk.database.transaction(write=False) as tx:
        secrets = [*_secrets(desk, tx)]
        return {
            (table.name, column.name)
            for table in metadata.sorted_tables
            for row in whole_rows.stored(tx, table.name)
            for column in table.c
            if _is_in(mark.encode(), _bytes(row[column.name]), secrets)
        }


def _secrets(desk: World, tx: Tx) -> Iterator[bytes]:
    """The key of each owner that is left, for each purpose."""
    for wrapped in tx.all(WrappedKey, keys.ALL):
        try:
            key = desk.program.services.vault.open_key(wrapped)
        except CannotOpen:
            continue
        for purpose in PURPOSES:
            yield vault._derived(key._secret, purpose)


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def _is_in(mark: bytes, value: bytes, secrets: list[bytes]) -> bool:
    boxes = [value, *(_from_text(found) for found in TEXT.findall(value))]
    return mark in value or any(
        mark in _opened(box, secret)
        for box in boxes
        if box[:1] == vault.SEAL_VERSION
        for secret in secrets
    )


def _from_text(found: bytes) -> bytes:
    whole = found[: len(found) // 4 * 4]
    return base64.b64decode(whole)


def _opened(box: bytes, secret: bytes) -> bytes:
    """What is in a sealed value by a key: the plain bytes, or noise."""
    nonce, sealed = box[1 : 1 + vault.NONCE_BYTES], box[1 + vault.NONCE_BYTES : -TAG]
    cipher = Cipher(AES(secret), CTR(nonce + FIRST)).decryptor()
    try:
        return unpack(take_out(cipher.update(sealed) + cipher.finalize()))
    except ValueError:
        return b""
