"""Tables are kept as they are published, and a version never gives a few cases away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audit.reporting.published import CLOSE, NEW, SAME, compare, make_tables
from service.audit.reporting.suppression import ALSO, SMALL
from tests.audit.reporting.rules import RULES, counted

LEAST = 11
USUAL = (
    ("red", "big", 40),
    ("red", "little", 30),
    ("blue", "big", 30),
    ("blue", "little", 5),
    ("", "big", 25),
    ("", "little", 25),
)


def tables(*rows: tuple[str, str, int]) -> dict[str, Any]:
    made = make_tables(RULES, counted(*rows), LEAST)
    assert made is not None
    return made


def but(colour: str, size: str, number: int) -> list[tuple[str, str, int]]:
    """The usual sums, with another number in one place."""
    return [(a, b, number if (a, b) == (colour, size) else n) for a, b, n in USUAL]


def test_a_small_count_is_in_no_table() -> None:
    made = tables(*USUAL)
    [crossed] = made["crossings"]
    sizes = made["dimensions"][1]
    assert made["total"] == 155
    assert dict(zip([g["id"] for g in sizes["groups"]], sizes["cells"], strict=True)) == {
        "BIG": 95,
        "LITTLE": ALSO,
        "NONE": SMALL,
    }
    assert crossed["column_ids"] == ["BIG", "*"]
    cells = [cell for row in crossed["cells"] for cell in row]
    assert cells.count(SMALL) == 1
    assert cells.count(ALSO) == 3


def test_too_few_cases_are_in_no_table_at_all() -> None:
    assert make_tables(RULES, counted(("red", "big", 10)), LEAST) is None


def test_a_crossing_of_what_is_withheld_is_withheld() -> None:
    made = tables(("red", "big", 12), ("blue", "big", 3))
    assert [one["cells"] for one in made["dimensions"]] == [None, None]
    assert made["crossings"] == [{"rows": "colour", "columns": "size", "cells": None}]


def test_equal_tables_are_no_new_version() -> None:
    assert compare(tables(*USUAL), tables(*USUAL)) == SAME


@pytest.mark.parametrize(
    ("rows", "result"),
    [
        (but("red", "big", 41), CLOSE),
        (but("red", "big", 50), CLOSE),
        (but("red", "big", 51), NEW),
        (but("blue", "little", 6), CLOSE),
        (but("blue", "little", 20), CLOSE),
        (but("red", "big", 28), NEW),
    ],
)
def test_a_version_may_differ_by_many_cases_alone(
    rows: list[tuple[str, str, int]], result: str
) -> None:
    assert compare(tables(*USUAL), tables(*rows)) == result


@given(st.lists(st.integers(0, 60), min_size=6, max_size=6), st.integers(0, 5), st.integers(1, 10))
def test_few_more_cases_in_one_place_never_make_a_version(
    numbers: list[int], at: int, more: int
) -> None:
    places = [(colour, size) for colour, size, _ in USUAL]
    before = [(*place, n) for place, n in zip(places, numbers, strict=True)]
    after = [(a, b, n + more * (k == at)) for k, (a, b, n) in enumerate(before)]
    earlier, later = (make_tables(RULES, counted(*rows), LEAST) for rows in (before, after))
    if earlier is not None and later is not None:
        assert compare(earlier, later) == CLOSE


def test_other_groups_are_no_version_of_the_same_tables() -> None:
    later = tables(*USUAL)
    later["dimensions"] = later["dimensions"][:1]
    later["crossings"] = []
    assert compare(tables(*USUAL), later) == CLOSE
