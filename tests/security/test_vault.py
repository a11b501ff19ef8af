"""A sealed value opens where it was sealed alone, and never once its key is destroyed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import CannotOpen
from service.security.keyring import Keyring, make_keyring, with_next_epoch, without_epochs
from service.security.ledger_lines import commitment
from service.security.purposes import PLACES, PURPOSES
from service.security.records import WrappedKey
from service.security.vault import OwnerKey, Vault

PLACE = {"table": "fact_payload", "column": "c2", "row": "c", "extra": "1"}
SECRET = b"Amina B."


@pytest.fixture
def key(vault: Vault) -> OwnerKey:
    return vault.open_key(vault.new_key("case:1"))


def test_what_was_sealed_opens_in_its_place(key: OwnerKey) -> None:
    box = key.seal("answers/C2", SECRET, **PLACE)
    assert SECRET not in box
    assert key.open("answers/C2", box, **PLACE) == SECRET


def test_the_same_content_never_looks_the_same(key: OwnerKey) -> None:
    assert key.seal("answers/C2", SECRET, **PLACE) != key.seal("answers/C2", SECRET, **PLACE)


@pytest.mark.parametrize(
    "moved", [{"table": "note"}, {"column": "name"}, {"row": "d"}, {"extra": "2"}]
)
def test_a_box_moved_to_another_place_does_not_open(key: OwnerKey, moved: dict[str, str]) -> None:
    box = key.seal("answers/C2", SECRET, **PLACE)
    with pytest.raises(CannotOpen):
        key.open("answers/C2", box, **{**PLACE, **moved})


def test_a_box_of_one_purpose_does_not_open_as_another(key: OwnerKey) -> None:
    box = key.seal("answers/C2", SECRET, **PLACE)
    for purpose in PURPOSES - {"answers/C2"}:
        with pytest.raises(CannotOpen):
            key.open(purpose, box, **PLACE)


def test_a_box_of_one_case_does_not_open_in_another(vault: Vault, key: OwnerKey) -> None:
    other = vault.open_key(vault.new_key("case:2"))
    with pytest.raises(CannotOpen):
        other.open("answers/C2", key.seal("answers/C2", SECRET, **PLACE), **PLACE)


def test_a_keyed_digest_tells_apart_contents_kinds_and_owners(vault: Vault, key: OwnerKey) -> None:
    other = vault.open_key(vault.new_key("case:2"))
    assert key.digest("packet", SECRET) == key.digest("packet", SECRET)
    assert (
        len(
            {
                key.digest("packet", SECRET),
                key.digest("packet", b"x"),
                key.digest("other", SECRET),
                other.digest("packet", SECRET),
            }
        )
        == 4
    )


def test_every_changed_byte_is_noticed(key: OwnerKey) -> None:
    box = key.seal("answers/C2", SECRET, **PLACE)
    for at in range(len(box)):
        with pytest.raises(CannotOpen):
            key.open("answers/C2", box[:at] + bytes([box[at] ^ 1]) + box[at + 1 :], **PLACE)


def test_a_cut_or_lengthened_box_is_noticed(key: OwnerKey) -> None:
    box = key.seal("answers/C2", SECRET, **PLACE)
    for length in range(len(box)):
        with pytest.raises(CannotOpen):
            key.open("answers/C2", box[:length], **PLACE)
    with pytest.raises(CannotOpen):
        key.open("answers/C2", box + b"\0", **PLACE)


def test_a_place_with_a_bar_is_refused(key: OwnerKey) -> None:
    with pytest.raises(ValueError, match="bar"):
        key.seal("notes", SECRET, table="note", column="sealed|x", row="1")
    with pytest.raises(ValueError, match="purpose"):
        key.seal("anything", SECRET, **PLACE)


def test_each_purpose_seals_under_a_key_of_its_own(key: OwnerKey) -> None:
    for purpose in PURPOSES:
        for table, column in PLACES[purpose]:
            key.seal(purpose, SECRET, table=table, column=column, row="1")
    assert len({id(cipher) for cipher in key._ciphers.values()}) == sum(
        bool(places) for places in PLACES.values()
    )


def test_a_place_that_its_purpose_does_not_have_is_refused(key: OwnerKey) -> None:
    with pytest.raises(ValueError, match=r"note\.sealed"):
        key.seal("files", SECRET, table="note", column="sealed", row="1")


def test_a_commitment_proves_one_content_and_needs_its_key(key: OwnerKey) -> None:
    first, second = (key.seal_committed("answers/C2", SECRET, **PLACE) for _ in range(2))
    content, opened = key.open_committed("answers/C2", first.sealed, **PLACE)
    assert (content, opened) == (SECRET, first.key)
    assert commitment(first.key, SECRET) != commitment(second.key, SECRET)
    assert commitment(opened, content) == commitment(first.key, SECRET)
    assert commitment(opened, b"Amina C.") != commitment(first.key, SECRET)


def test_a_wrapped_key_opens_again_after_a_restart(keyring: Keyring) -> None:
    before = Vault(keyring)
    wrapped = before.new_key("case:1")
    box = before.open_key(wrapped).seal("answers/C2", SECRET, **PLACE)
    assert Vault(keyring).open_key(wrapped).open("answers/C2", box, **PLACE) == SECRET


@pytest.mark.parametrize(
    "changed",
    [
        {"owner": "case:2"},
        {"key_id": "00" * 8},
        {"epoch": 2},
        {"check_value": b"\0" * 16},
        {"wrapped": b"\x01" + b"\0" * 68},
    ],
)
def test_a_changed_row_of_a_key_does_not_open(vault: Vault, changed: dict[str, object]) -> None:
    wrapped = vault.new_key("case:1")
    vault.open_key(wrapped)
    with pytest.raises(CannotOpen):
        vault.open_key(replace(wrapped, **changed))  # type: ignore[arg-type]  # fields of the row


def test_every_changed_byte_of_a_wrapped_key_is_noticed(vault: Vault) -> None:
    wrapped = vault.new_key("case:1")
    for at in range(len(wrapped.wrapped)):
        forged = wrapped.wrapped[:at] + bytes([wrapped.wrapped[at] ^ 1]) + wrapped.wrapped[at + 1 :]
        with pytest.raises(CannotOpen):
            vault.open_key(replace(wrapped, wrapped=forged))


def test_another_installation_opens_nothing(vault: Vault) -> None:
    other = Vault(make_keyring(demo=True))
    with pytest.raises(CannotOpen):
        other.open_key(vault.new_key("case:1"))
    assert other.fingerprint() != vault.fingerprint()


def test_a_new_epoch_takes_over_and_the_old_one_can_be_dropped(keyring: Keyring) -> None:
    old = Vault(keyring)
    wrapped = old.new_key("case:1")
    box = old.open_key(wrapped).seal("answers/C2", SECRET, **PLACE)
    both = with_next_epoch(keyring)
    rewrapped = Vault(both).rewrap(wrapped)
    assert (rewrapped.epoch, rewrapped.key_id) == (keyring.epoch + 1, wrapped.key_id)
    destroyed = Vault(without_epochs(both, both.epoch))
    assert destroyed.open_key(rewrapped).open("answers/C2", box, **PLACE) == SECRET
    with pytest.raises(CannotOpen):
        destroyed.open_key(wrapped)


def test_an_opened_key_is_remembered_until_it_is_forgotten(vault: Vault) -> None:
    wrapped = vault.new_key("case:1")
    opened = vault.open_key(wrapped)
    assert vault.open_key(wrapped) is opened
    vault.forget("case:1")
    assert vault.open_key(wrapped) is not opened


def test_only_so_many_keys_are_remembered(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.security.vault.REMEMBERED", 2)
    wrapped = [vault.new_key(f"case:{n}") for n in range(3)]
    opened = [vault.open_key(one) for one in wrapped]
    assert vault.open_key(wrapped[2]) is opened[2]
    assert vault.open_key(wrapped[0]) is not opened[0]


def test_a_blind_index_depends_on_the_value_and_its_kind(vault: Vault) -> None:
    assert vault.blind("sign_in", "sara") == vault.blind("sign_in", "sara")
    assert (
        len(
            {
                vault.blind("sign_in", "sara"),
                vault.blind("passport", "sara"),
                vault.blind("sign_in", "omar"),
            }
        )
        == 3
    )


def test_keys_never_show_when_they_are_printed(vault: Vault, keyring: Keyring) -> None:
    wrapped = vault.new_key("case:1")
    shown = repr(keyring) + repr(wrapped) + repr(vault) + repr(vault.open_key(wrapped))
    assert all(
        repr(key)[2:-1] not in shown
        for key in (
            *keyring.epochs.values(),
            keyring.index,
            keyring.row,
            keyring.ledger,
            wrapped.wrapped,
        )
    )


def test_a_ledger_signature_is_checked_with_its_public_key(vault: Vault) -> None:
    assert (len(vault.sign(b"head")), len(vault.verifying_key())) == (64, 32)
    assert vault.row_mac(b"row") != vault.row_mac(b"other row")


@given(
    content=st.binary(max_size=300),
    row=st.text(st.characters(exclude_characters="|", codec="utf-8"), max_size=20),
    extra=st.text(max_size=20),
)
def test_any_content_in_any_place_opens_to_itself(content: bytes, row: str, extra: str) -> None:
    key = OwnerKey("case:1", "ab" * 8, b"\x07" * 32, b"\x08" * 32)
    box = key.seal("files", content, table="document_chunk", column="sealed", row=row, extra=extra)
    assert (
        key.open("files", box, table="document_chunk", column="sealed", row=row, extra=extra)
        == content
    )


def test_a_wrapped_key_has_the_fields_of_its_row() -> None:
    sealed = ("owner", "key_id", "epoch", "wrapped", "check_value")
    assert WrappedKey.__slots__ == (*sealed, "case_id", "office_id", "klass")


def test_a_digest_has_sixteen_bytes(key: OwnerKey) -> None:
    assert len(bytes.fromhex(key.digest("state", SECRET))) == 16
