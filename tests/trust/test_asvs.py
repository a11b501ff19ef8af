"""docs/asvs.md: every row of the standard that is in scope, and tests that exist."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from typing import Final, NamedTuple

import pytest

from tests.support.tree import ROOT

PAGE: Final = (ROOT / "docs" / "asvs.md").read_text("utf-8")
IN_SCOPE: Final = {
    "6.1": "122",
    "6.2": "111111112222",
    "6.3": "1122",
    "6.4": "1122",
    "6.5": "22222",
    "6.6": "222",
    "6.8": "2222",
    "7.1": "222",
    "7.2": "1111",
    "7.3": "22",
    "7.4": "11222",
    "7.5": "22",
    "7.6": "22",
    "8.1": "12",
    "8.2": "112",
    "8.3": "1",
    "8.4": "2",
    "10.1": "22",
    "10.2": "22",
    "10.5": "22222",
}
"""Section of ASVS 5.0.0 to the levels of its rows 1, 2 and so on, as far as these are 1 or 2: in
each section the rows of level 3 come last."""
MET, IN_PART, NOT_MET, NOT_ARISING = "met", "in part", "not met", "does not arise"
TEST: Final = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


class Row(NamedTuple):
    """A row of the page."""

    id: str
    level: str
    asks: str
    state: str
    how: str
    tests: str

    @property
    def named(self) -> list[tuple[str, str]]:
        """File and name of each test."""
        return TEST.findall(self.tests)


def rows() -> list[Row]:
    """The rows of the page, in their order."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if re.match(r"\| \d", line)
    ]
    return [Row(*row) for row in cells]


@cache
def names_in(path: str) -> frozenset[str]:
    """The tests of a file."""
    module = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(one.name for one in module.body if isinstance(one, ast.FunctionDef))


def test_every_row_in_scope_stands_there_once_with_its_level() -> None:
    wanted = [
        (f"{section}.{number}", level)
        for section, levels in IN_SCOPE.items()
        for number, level in enumerate(levels, 1)
    ]
    assert [(row.id, row.level) for row in rows()] == wanted
    assert all(row.asks for row in rows())


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_a_row_is_met_by_tests_that_exist_or_says_why_not(row: Row) -> None:
    assert row.state in (MET, IN_PART, NOT_MET, NOT_ARISING)
    assert bool(row.named) == (row.state in (MET, IN_PART)), "tests, where something is done"
    assert row.how or row.state == MET, "why not, where something is left"
    for path, name in row.named:
        assert name in names_in(path), f"{path}::{name}"
    assert row.tests == ", ".join(f"`{path}::{name}`" for path, name in row.named)


def test_the_page_counts_its_rows() -> None:
    found = Counter(row.state for row in rows())
    assert (
        f"Rows: {found[MET]} met, {found[IN_PART]} in part, {found[NOT_MET]} not met, "
        f"{found[NOT_ARISING]} that do not arise."
    ) in PAGE
