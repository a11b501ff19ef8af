"""The tables of the reference are those of the code."""

from __future__ import annotations

from tests.tools.reference import PAGE, written


def test_the_tables_of_the_reference_are_those_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    assert written(page) == page, "run `python -m tests.tools.reference`"
