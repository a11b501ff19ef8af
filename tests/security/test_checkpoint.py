"""Checkpoints are signed notes of C2SP, to the byte."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.security import checkpoint
from service.security.checkpoint import Checkpoint, NoCheckpoint
from service.security.keyring import Keyring
from service.security.vault import Vault

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
"""The first key of RFC 8032, 7.1."""
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
NAME = "tresteg/0123abcd"
ROOT = sha256(b"root").digest()

KNOWN = (
    f"{NAME}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
    f"— {NAME} 8NEAh9/eEFijEOJEGNN7xeYWrzdhhfXHBKRxz4rfUj6e"
    "o79yViLdGYirZHx/gHWbgEtlAgg5MWaYSj20q/NZfmgNfgk=\n"
)


@pytest.fixture
def vault() -> Vault:
    return Vault(Keyring(False, {1: b"e" * 32}, b"i" * 32, b"r" * 32, SEED))


def note_by_hand(body: str, name: str = NAME, seed: bytes = SEED) -> str:
    """A signed note as the standard describes it, made without our module."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes_raw()
    known_by = sha256(name.encode() + b"\x0a\x01" + public).digest()[:4]
    signature = b64encode(known_by + key.sign(body.encode())).decode()
    return f"{body}\n— {name} {signature}\n"


def body(size: str = "412", root: bytes = ROOT, name: str = NAME) -> str:
    return f"{name}\n{size}\n{b64encode(root).decode()}\n"


def test_a_checkpoint_is_signed_as_the_standard_says(vault: Vault) -> None:
    note = checkpoint.sign(Checkpoint(NAME, 412, ROOT), vault)
    assert note == note_by_hand(body())
    assert vault.verifying_key() == PUBLIC
    assert checkpoint.verify(note, PUBLIC) == checkpoint.parse(note) == Checkpoint(NAME, 412, ROOT)


def test_a_note_of_the_standard_keeps_its_bytes(vault: Vault) -> None:
    """A whole note, whose signature and key id OpenSSL has made."""
    assert checkpoint.sign(Checkpoint(NAME, 0, sha256(b"").digest()), vault) == KNOWN


def test_lines_of_other_signers_are_not_checked() -> None:
    note = note_by_hand(body())
    cosigned = f"— witness.example {b64encode(b'1234' + b'x' * 72).decode()}\n"
    again = f"— {NAME} {b64encode(b'9999' + b'x' * 2420).decode()}\n"
    head, signature = note.split("\n\n")
    for text in (note + cosigned, note + again, f"{head}\n\n{cosigned}{signature}"):
        assert checkpoint.verify(text, PUBLIC).size == 412


def test_another_key_or_a_changed_note_is_refused() -> None:
    note = note_by_hand(body())
    for text in (
        note.replace("412", "411"),
        note.replace(b64encode(ROOT).decode(), b64encode(sha256(b"other").digest()).decode()),
        note_by_hand(body(), seed=b"s" * 32),
        note_by_hand(body(), name="tresteg/another"),
        note_by_hand(body(name="tresteg/another")),
    ):
        with pytest.raises(NoCheckpoint, match=r"signature"):
            checkpoint.verify(text, PUBLIC)
    for nth in range(len(note)):
        with pytest.raises(NoCheckpoint):
            checkpoint.verify(note[:nth] + chr(ord(note[nth]) ^ 1) + note[nth + 1 :], PUBLIC)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "\n",
        body(),
        f"{body()}\n",
        note_by_hand(body())[:-1],
        note_by_hand(body()) + "\n",
        note_by_hand(body()).replace("\n", "\r\n"),
        note_by_hand(body() + "an extension line\n"),
        note_by_hand(body("0412")),
        note_by_hand(body("+412")),
        note_by_hand(body("-1")),
        note_by_hand(body("٤")),
        note_by_hand(body("9" * 20)),
        note_by_hand(body("")),
        note_by_hand(body(root=b"short")),
        note_by_hand(body(name="another/0123abcd"), name="another/0123abcd"),
        note_by_hand(body(name="tresteg/a b"), name="tresteg/a b"),
        note_by_hand(f"{NAME}\n412\n{b64encode(ROOT).decode()[:-1]}\n"),
        note_by_hand(body()) + "- no dash\n",
        note_by_hand(body()) + "— name\n",
        note_by_hand(body()) + "— name ####\n",
        note_by_hand(body()) + "—  AAAAAAAA\n",
        note_by_hand(body()) + "— name AAAA\n",
        note_by_hand(body()) + "x" * 70_000 + "\n",
    ],
    ids=range(24),
)
def test_a_text_that_is_no_checkpoint_is_refused(wrong: str) -> None:
    with pytest.raises(NoCheckpoint):
        checkpoint.verify(wrong, PUBLIC)


def test_base64_is_read_in_its_one_right_form_only() -> None:
    root = b64encode(ROOT).decode()
    last = chr(ord(root[-2]) + 1)
    assert b64decode(root[:-2] + last + "=") == ROOT, "the same bytes, written differently"
    with pytest.raises(NoCheckpoint, match="root"):
        checkpoint.parse(note_by_hand(f"{NAME}\n412\n{root[:-2]}{last}=\n"))


def test_the_name_of_a_log_is_one_word() -> None:
    assert checkpoint.origin("0123abcd") == NAME
    for wrong in ("", "a b", "a+b", "å", "a\nb"):
        with pytest.raises(ValueError, match="letters, digits"):
            checkpoint.origin(wrong)
