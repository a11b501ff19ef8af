"""Backup files are encrypted in chunks; whatever is changed, cut or swapped in them is named."""

from __future__ import annotations

import io
import os
import re

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import UnusableFile
from service.security import backup_cipher as c
from tests.support.machine import ROOT

PRIVATE, PUBLIC = c.make_backup_keys()
KEY = c.read_private_key(PRIVATE.encode())
TOWARDS = c.read_public_key(PUBLIC.encode())
PLAIN = os.urandom(3 * c.CHUNK_BYTES + 5)
SEALED_CHUNK = c.CHUNK_BYTES + c.TAG_BYTES


def encrypted(plain: bytes, *, pieces: int = 50_000) -> bytes:
    out = io.BytesIO()
    writer = c.ChunkWriter(out, TOWARDS)
    for start in range(0, len(plain), pieces):
        writer.write(plain[start : start + pieces])
    writer.finish()
    return out.getvalue()


def decrypted(sealed: bytes, key: c.PrivateKey = KEY) -> bytes:
    read = io.BytesIO(sealed)
    return b"".join(c.opened_chunks(read, c.open_content_key(read, key)))


SEALED = encrypted(PLAIN)


@pytest.mark.parametrize("size", [0, 1, c.CHUNK_BYTES - 1, c.CHUNK_BYTES, c.CHUNK_BYTES + 1])
def test_what_was_encrypted_comes_back(size: int) -> None:
    assert decrypted(encrypted(PLAIN[:size])) == PLAIN[:size]
    assert decrypted(SEALED) == PLAIN


def test_two_backups_of_the_same_bytes_share_nothing() -> None:
    one, other = encrypted(b"same"), encrypted(b"same")
    head = len(c.MAGIC) + c.KEY_ID_BYTES
    assert one[:head] == other[:head]
    assert one[head:] != other[head:]
    assert b"same" not in one


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (3, "is no backup of Tresteg"),
        (len(c.MAGIC) + 2, "was made for the key"),
        (len(c.MAGIC) + c.KEY_ID_BYTES + 1, "where its content key stands"),
        (c.HEAD_BYTES - 1, "where its content key stands"),
        (c.HEAD_BYTES, "in its chunk 1, from byte"),
        (c.HEAD_BYTES + SEALED_CHUNK - 1, "in its chunk 1, from byte"),
        (c.HEAD_BYTES + 2 * SEALED_CHUNK + 9, "in its chunk 3, from byte"),
        (len(SEALED) - 1, "in its chunk 4, from byte"),
    ],
)
def test_a_changed_bit_is_named_by_its_place(at: int, says: str) -> None:
    changed = bytearray(SEALED)
    changed[at] ^= 1
    with pytest.raises(UnusableFile, match=says):
        decrypted(bytes(changed))


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(SEALED) - 1), bit=st.integers(0, 7))
def test_no_changed_bit_goes_unseen(at: int, bit: int) -> None:
    changed = bytearray(SEALED)
    changed[at] ^= 1 << bit
    with pytest.raises(UnusableFile):
        decrypted(bytes(changed))


@settings(max_examples=100, deadline=None)
@given(size=st.integers(0, len(SEALED) - 1))
def test_a_file_that_is_cut_off_is_never_taken_for_whole(size: int) -> None:
    with pytest.raises(UnusableFile):
        decrypted(SEALED[:size])


def test_a_cut_between_two_chunks_is_called_a_cut() -> None:
    with pytest.raises(UnusableFile, match="is cut off after its chunk 2"):
        decrypted(SEALED[: c.HEAD_BYTES + 2 * SEALED_CHUNK])
    with pytest.raises(UnusableFile, match="is cut off after its first bytes"):
        decrypted(SEALED[: c.HEAD_BYTES - 1])


def test_chunks_cannot_be_swapped_or_added() -> None:
    head, body = SEALED[: c.HEAD_BYTES], SEALED[c.HEAD_BYTES :]
    first, second = body[:SEALED_CHUNK], body[SEALED_CHUNK : 2 * SEALED_CHUNK]
    with pytest.raises(UnusableFile, match="is damaged in its chunk 1"):
        decrypted(head + second + first + body[2 * SEALED_CHUNK :])
    whole = encrypted(PLAIN[: c.CHUNK_BYTES])
    with pytest.raises(UnusableFile, match="goes on after its end, in its chunk 2"):
        decrypted(whole + b"x" * 40)


def test_another_key_opens_nothing_and_is_named() -> None:
    other = c.read_private_key(c.make_backup_keys()[0].encode())
    with pytest.raises(UnusableFile, match=f"was made for the key {c.key_id(TOWARDS)}"):
        decrypted(SEALED, other)


def test_the_content_key_is_sealed_as_rfc_9180_says() -> None:
    sealed = SEALED[len(c.MAGIC) + c.KEY_ID_BYTES : c.HEAD_BYTES]
    assert len(c.SUITE.decrypt(sealed, KEY, c.INFO)) == c.KEY_BYTES
    with pytest.raises(InvalidTag):
        c.SUITE.decrypt(sealed, KEY, b"tresteg/1|another use")


def test_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(UnusableFile, match="holds a private key, which must not lie"):
        c.read_public_key(PRIVATE.encode())
    for wrong in (b"", b"\xff", b"-----BEGIN PUBLIC KEY-----\n"):
        with pytest.raises(UnusableFile, match="is no public key"):
            c.read_public_key(wrong)
        with pytest.raises(UnusableFile, match="is no private key"):
            c.read_private_key(wrong)
    with pytest.raises(UnusableFile, match="is no private key"):
        c.read_private_key(PUBLIC.encode())


def test_two_modules_alone_touch_a_cipher() -> None:
    """The vault, and the cipher of backups, which must open without the vault's keys."""
    touching = re.compile(r"primitives\.(?:ciphers|hpke)")
    modules = [
        path for path in (ROOT / "service").rglob("*.py") if "node_modules" not in path.parts
    ]
    assert {path.name for path in modules if touching.search(path.read_text("utf-8"))} == {
        "backup_cipher.py",
        "vault.py",
    }
