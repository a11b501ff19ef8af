"""Published tables in words: numbers, `<11`, what is hidden with it, and the margins."""

from __future__ import annotations

from service.audit.reporting.published import make_tables
from service.audit.reporting.published_text import cell_text, published_tables
from service.audit.reporting.suppression import ALSO, SMALL
from tests.audit.reporting.rules import RULES, counted
from tests.audit.reporting.test_published import USUAL


def test_a_cell_is_a_number_or_says_why_not() -> None:
    assert [cell_text(cell, 11, "en") for cell in (40, SMALL, ALSO)] == ["40", "<11", "hidden"]
    assert cell_text(ALSO, 11, "sv") == "dolt"


def test_tables_have_names_and_totals() -> None:
    made = make_tables(RULES, counted(*USUAL), 11)
    assert made is not None
    colour, size, crossed = published_tables(made, "en")
    assert colour.rows == (("Red", "70"), ("Blue", "35"), ("None", "50"), ("All", "155"))
    assert size.rows == (("Big", "95"), ("Little", "hidden"), ("None", "<11"), ("All", "155"))
    assert crossed.title == "Colour and size"
    assert crossed.heads == ("Colour", "Big", "Other groups together", "All")
    assert crossed.rows[-1] == ("All", "95", "60", "155")
    assert [row[-1] for row in crossed.rows] == ["70", "35", "50", "155"]


def test_a_table_that_is_withheld_says_so() -> None:
    made = make_tables(RULES, counted(("red", "big", 12), ("blue", "big", 3)), 11)
    assert made is not None
    for table in published_tables(made, "sv"):
        assert (table.rows, table.empty) == ((), "För få ärenden för tabellen.")
