"""ULIDs sort by time, differ within a moment, and are told from other texts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.records.ids import is_ulid, ulid
from tests.support.world import NOON


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [ulid(NOON + timedelta(milliseconds=n)) for n in range(50)]
    assert ids == sorted(ids)


def test_ids_of_one_moment_differ() -> None:
    assert len({ulid(NOON) for _ in range(50)}) == 50


def test_an_id_has_the_form_of_a_ulid() -> None:
    assert is_ulid(ulid(NOON))


@pytest.mark.parametrize("text", ["", "0" * 25, "0" * 27, "8" + "0" * 25, "o" * 26, "U" * 26])
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_ulid(text)
