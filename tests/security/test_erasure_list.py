"""The list of erasures outside the database: lines of this installation alone, and none missing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from service.security.erasure_list import DONE, UNDONE, ErasureList, ListedErasure
from service.security.keyring import make_keyring
from service.security.vault import Vault

ONE = ListedErasure(
    id="01A",
    case_id="01CASE",
    office="north",
    classes=("C1", "C3"),
    keys=("00ff00ff00ff00ff",),
    rule="R6",
    plan="ab",
    approval="",
    by="seed",
    at="2026-03-02T12:00:00+00:00",
)
TWO = replace(ONE, id="01B", office="south")


@pytest.fixture
def kept(tmp_path: Path) -> ErasureList:
    return ErasureList(tmp_path / "erasures", Vault(make_keyring(demo=True)).row_mac)


def test_a_list_that_is_not_there_is_empty(kept: ErasureList) -> None:
    record = kept.read()
    assert (record.erasures, record.untrusted) == ({}, ())


def test_the_last_word_about_an_erasure_counts(kept: ErasureList) -> None:
    for one in (ONE, TWO):
        kept.begin(one)
    record = kept.read()
    assert record.unsettled == [ONE, TWO]
    assert (record.named(begun=True), record.named(begun=False)) == ([ONE, TWO], [])
    kept.settle(ONE.id, UNDONE)
    kept.settle(TWO.id, DONE)
    record = kept.read()
    assert dict(record.states) == {ONE.id: UNDONE, TWO.id: DONE}
    assert record.named(begun=True) == record.named(begun=False) == [TWO]
    assert (record.unsettled, record.untrusted) == ([], ())


def test_nobody_else_reads_it(kept: ErasureList) -> None:
    kept.begin(ONE)
    assert kept.file.stat().st_mode & 0o777 == 0o600


def test_a_line_of_another_installation_names_nothing(kept: ErasureList) -> None:
    kept.begin(ONE)
    other = ErasureList(kept.file, Vault(make_keyring(demo=True)).row_mac)
    other.begin(TWO)
    other.settle(ONE.id, UNDONE)
    record = kept.read()
    assert record.named(begun=True) == [ONE]
    assert record.untrusted == (2, 3)


@pytest.mark.parametrize("line", [b"", b"erase everything", b"00 00 {}", b"g" * 80, b"\xff" * 90])
def test_what_is_no_line_names_nothing(kept: ErasureList, line: bytes) -> None:
    kept.begin(ONE)
    with kept.file.open("ab") as out:
        out.write(line + b"\n")
    kept.begin(TWO)
    record = kept.read()
    assert record.named(begun=True) == [ONE, TWO]
    assert record.untrusted[0] == 2


def test_each_changed_letter_is_noticed(kept: ErasureList) -> None:
    kept.begin(ONE)
    whole = kept.file.read_bytes()
    for at in range(len(whole) - 1):
        changed = bytearray(whole)
        changed[at] ^= 1
        kept.file.write_bytes(changed)
        record = kept.read()
        assert record.untrusted or record.erasures == {ONE.id: ONE}, at
        assert all(one == ONE for one in record.erasures.values())


def test_a_line_that_was_taken_out_is_missed(kept: ErasureList) -> None:
    for one in (ONE, TWO):
        kept.begin(one)
    kept.settle(TWO.id, DONE)
    first, _, last = kept.file.read_bytes().splitlines(keepends=True)
    kept.file.write_bytes(first + last)
    record = kept.read()
    assert (record.named(begun=True), record.untrusted) == ([ONE], (2,))


def test_a_line_that_a_crash_has_cut_is_cut_off(kept: ErasureList) -> None:
    kept.begin(ONE)
    kept.begin(TWO)
    os.truncate(kept.file, kept.file.stat().st_size - 10)
    record = kept.read()
    assert (record.named(begun=True), record.untrusted) == ([ONE], ())
    kept.settle(ONE.id, DONE)
    record = kept.read()
    assert (dict(record.states), record.untrusted) == ({ONE.id: DONE}, ())
