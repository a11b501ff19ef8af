"""A packed text comes back as it was, and a dictionary that was released never changes."""

from __future__ import annotations

import zlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.security import packing
from service.security.packing import fill_up, pack, take_out, unpack


@given(st.binary(max_size=500) | st.text(max_size=200).map(str.encode))
def test_whatever_is_packed_comes_back(plain: bytes) -> None:
    assert unpack(pack(plain)) == plain
    assert len(pack(plain)) <= len(plain) + 1


def test_what_the_program_writes_becomes_short() -> None:
    turn = b'{"open":[["task","Task_B",1]],"steps":[["left","Task_A",1,["1.1"]]],"stimulus":{}}'
    assert len(pack(turn)) < len(turn) / 2
    assert len(pack(b'{"variables":{}}')) < 6


@pytest.mark.parametrize("length", [packing.SHORT, packing.SHORT + 1, packing.LONGEST_PACKED])
def test_a_text_of_any_length_is_packed(length: int) -> None:
    plain = (b'{"text":"one word after the other"},' * 1000)[:length]
    assert len(pack(plain)) < length / 10
    assert unpack(pack(plain)) == plain


def test_a_long_text_is_kept_as_it_is() -> None:
    assert pack(b"a" * (packing.LONGEST_PACKED + 1))[:1] == packing.AS_IT_IS


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\x07unknown",
        b"\x01nothing",
        pack(b'{"variables":{}}')[:-1],
        pack(b'{"variables":{}}') + b"more",
    ],
)
def test_other_bytes_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="pack"):
        unpack(packed)


def test_a_text_that_grows_beyond_all_bounds_is_refused() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packing.DEFLATED + packer.compress(bytes(10_000_000)) + packer.flush()
    with pytest.raises(ValueError, match="too much"):
        unpack(bomb)


def test_the_dictionary_is_as_it_was_released() -> None:
    kept = "707c027f00a05dec4839248a029fd1e6cf54d33edc2e9d58f47a62ce9a197428"
    assert sha256(packing.DICTIONARY).hexdigest() == kept


@given(st.binary(max_size=100))
def test_what_is_filled_up_has_few_lengths(content: bytes) -> None:
    filled = fill_up(content)
    assert take_out(filled) == content
    assert len(filled) % packing.PAD_BYTES == 0
    assert 0 < len(filled) - len(content) <= packing.PAD_BYTES


@pytest.mark.parametrize("filled", [b"", bytes(32), b"content\x80more"])
def test_content_without_its_end_is_refused(filled: bytes) -> None:
    with pytest.raises(ValueError, match="without its end"):
        take_out(filled)
