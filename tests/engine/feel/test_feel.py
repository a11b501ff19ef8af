"""What FEEL texts mean: a table of texts, variables and results, one story each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from service.engine.feel import Expression, Months, plain, typed
from service.engine.feel.types import Type
from tests.engine.feel.additions import ADDITIONS
from tests.engine.feel.calculations import CALCULATIONS
from tests.engine.feel.meanings import COMPARISONS, NOW, STOCKHOLM, VALUES, D


@pytest.mark.parametrize(("text", "result"), [*COMPARISONS, *CALCULATIONS, *ADDITIONS])
def test_a_text_means(text: str, result: Any) -> None:
    expression = Expression("= " + text, list(VALUES))
    found = expression.evaluate(VALUES, now=NOW, zone=STOCKHOLM)
    assert found == result
    assert isinstance(found, bool) == isinstance(result, bool)
    assert expression.reads <= set(VALUES)


def test_the_table_is_large() -> None:
    assert len([*COMPARISONS, *CALCULATIONS]) + len(CELLS) >= 200


CELLS: list[tuple[str, Any, bool]] = [
    ("-", D(1), True),
    ("-", None, True),
    ("1", D(1), True),
    ("1, 2", D(2), True),
    ("- 1", D(-1), True),
    ("-1, -2", D(-2), True),
    ("< 18", D(17), True),
    ("< 18, > 65", D(70), True),
    ("< 18, > 65", D(40), False),
    ("< 18", None, False),
    ("!= 3", D(4), True),
    ("= 3", D(3), True),
    ("[1..5]", D(5), True),
    ("[1..5)", D(5), False),
    ("(1..5)", D(1), False),
    ('"A"', "A", True),
    ('"A"', None, False),
    ('"A", "B"', "C", False),
    ('not("A", "B")', "C", True),
    ('not("A", "B")', "A", False),
    ('not("A")', None, True),
    ("not(< 3)", None, False),
    ("null", None, True),
    ("not(null)", None, False),
    ("not(null)", D(1), True),
    ("true", True, True),
    ("true", False, False),
    ("false", None, False),
    ("? > 2 and ? < 4", D(3), True),
    ("? > 2 and ? < 4", D(5), False),
    ("? > 2", None, False),
    ("not(? > 2)", D(1), True),
    ("modulo(?, 2) = 0", D(4), True),
    ("limit", D(10), True),
    ("> limit", D(11), True),
    ("[1..limit]", D(10), True),
    ("days", D(2), True),
    ("(1, 2)", D(2), True),
    ("? in (1, 2)", D(2), True),
    ('date("2026-01-01")', date(2026, 1, 1), True),
    ('>= @"P1D"', timedelta(days=2), True),
]


@pytest.mark.parametrize(("cell", "value", "fits"), CELLS)
def test_a_cell_fits(cell: str, value: Any, fits: bool) -> None:  # noqa: FBT001 - a row of the table
    names = {"limit": D(10), "days": [D(1), D(2)]}
    assert Expression(cell, list(names), unary=True).matches(names, value) is fits


def test_hours_are_hours_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=STOCKHOLM)
    later = Expression('t + @"PT24H"', ["t"]).evaluate({"t": before})
    assert later.hour == 13
    assert Expression("a - b", ["a", "b"]).evaluate({"a": later, "b": before}) == timedelta(
        hours=24
    )


@pytest.mark.parametrize(
    ("json", "kind", "value"),
    [
        (3, "number", D(3)),
        ("2.50", "number", D("2.50")),
        ("NaN", "number", None),
        ("1e999999", "number", None),
        (True, "number", None),
        (1, "boolean", None),
        ("2026-03-01", "date", date(2026, 3, 1)),
        ("2026-03-01T08:00:00", "date", None),
        ("2026-03-01T08:00:00", "date and time", datetime(2026, 3, 1, 8, tzinfo=STOCKHOLM)),
        (
            "2026-03-01T23:30:00+00:00",
            "date and time",
            datetime(2026, 3, 2, 0, 30, tzinfo=STOCKHOLM),
        ),
        ("P1M", "months", Months(1)),
        ("P1M", "duration", None),
        ("P2D", "duration", timedelta(days=2)),
        (["a", 1], "list", ["a", D(1)]),
        (None, "date", None),
        ("2026-03-01", "any", "2026-03-01"),
        (3, "string", None),
    ],
)
def test_json_becomes_a_value_of_its_declared_type(json: Any, kind: str, value: Any) -> None:
    assert typed(json, Type(kind), STOCKHOLM) == value


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (D(3), 3),
        (D("3.0"), 3),
        (D("2.5"), "2.5"),
        (date(2026, 3, 1), "2026-03-01"),
        (Months(14), "P1Y2M"),
        (Months(-1), "-P1M"),
        (Months(0), "P0M"),
        (timedelta(days=1, hours=2), "P1DT2H"),
        (timedelta(0), "PT0S"),
        (timedelta(seconds=-1.5), "-PT1.5S"),
        ([D(1), None, True], [1, None, True]),
        ({"a": D(1)}, {"a": 1}),
    ],
)
def test_a_value_becomes_json_and_comes_back(value: Any, json: Any) -> None:
    kinds = {
        Decimal: "number",
        date: "date",
        Months: "months",
        timedelta: "duration",
        list: "list",
        dict: "context",
    }
    declared = Type(kinds[type(value)])
    assert plain(value, declared) == json
    assert typed(json, declared) == value
