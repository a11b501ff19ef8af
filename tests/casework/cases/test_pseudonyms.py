"""A pseudonym is one that no case has; a number helps out when the words do not suffice."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from service.casework.cases.pseudonyms import draw_pseudonym
from service.errors import Busy


def taken(*names: str) -> Collection[str]:
    return names


def test_a_pseudonym_is_two_words() -> None:
    assert draw_pseudonym(["blue"], ["boat"], lambda _: taken()) == "blue-boat"


def test_a_pseudonym_that_a_case_has_is_not_drawn() -> None:
    drawn = draw_pseudonym(["blue", "red"], ["boat"], lambda _: taken("blue-boat"))
    assert drawn == "red-boat"


def test_a_number_is_added_when_all_words_are_taken() -> None:
    drawn = draw_pseudonym(["blue"], ["boat"], lambda _: taken("blue-boat"))
    word, _, number = drawn.rpartition("-")
    assert word == "blue-boat"
    assert 100 <= int(number) <= 999


def test_when_all_are_taken_somebody_has_to_wait() -> None:
    with pytest.raises(Busy):
        draw_pseudonym(["blue"], ["boat"], lambda names: names)
