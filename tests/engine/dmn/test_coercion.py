"""The result of a decision becomes what its variable is declared to be, or nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from service.engine.dmn.coercion import coerced
from service.engine.dmn.evaluator import decide
from service.engine.feel import types
from service.engine.feel.types import ANY, BOOLEAN, LIST, NUMBER, STRING, Type, list_of
from tests.engine.dmn.tables import ask, codes, read, ready, table

D = Decimal
NUMBERS, TEXTS = list_of(NUMBER), list_of(STRING)
PERSON = Type("context", fields={"name": STRING, "age": NUMBER})


def listed(name: str, of: str) -> str:
    """The definition of a list type."""
    head = f'<itemDefinition name="{name}" isCollection="true">'
    return f"{head}<typeRef>{of}</typeRef></itemDefinition>"


@pytest.mark.parametrize(
    ("value", "declared", "result"),
    [
        (D(1), NUMBER, D(1)),
        (D(1), STRING, None),
        ("1", NUMBER, None),
        (True, NUMBER, None),
        (None, NUMBER, None),
        (None, NUMBERS, None),
        (D(1), ANY, D(1)),
        (D(1), LIST, [D(1)]),
        (D(1), NUMBERS, [D(1)]),
        ("a", NUMBERS, None),
        ([D(1)], NUMBER, D(1)),
        (["a"], NUMBER, None),
        ([D(1), D(2)], NUMBER, None),
        ([], NUMBER, None),
        ([D(1), D(2)], NUMBERS, [D(1), D(2)]),
        ([D(1), None], NUMBERS, [D(1), None]),
        ([D(1), "a"], NUMBERS, None),
        ([D(1), "a"], LIST, [D(1), "a"]),
        ([[D(1)]], NUMBERS, None),
        ([[D(1)]], NUMBER, None),
        (date(2026, 1, 1), types.MOMENT, None),
        ({"name": "a", "age": D(1)}, PERSON, {"name": "a", "age": D(1)}),
        ({"name": "a", "age": None}, PERSON, {"name": "a", "age": None}),
        ({"name": "a", "age": D(1), "x": 1}, PERSON, {"name": "a", "age": D(1), "x": 1}),
        ({"name": "a"}, PERSON, None),
        ({"name": "a", "age": "1"}, PERSON, None),
        ([{"name": "a", "age": D(1)}], PERSON, {"name": "a", "age": D(1)}),
        ({"name": "a", "age": D(1)}, list_of(PERSON), [{"name": "a", "age": D(1)}]),
        ([{"name": "a"}], list_of(PERSON), None),
    ],
)
def test_a_value_is_converted_or_becomes_nothing(value: Any, declared: Type, result: Any) -> None:
    assert coerced(value, declared) == result


def test_one_output_becomes_a_list_where_a_list_is_declared() -> None:
    kind = listed("tTexts", "string")
    decisions, findings = read(kind, table(['- | "A"'], gives="tTexts"))
    assert [found.code for found in findings] == []
    assert decisions["rule"].result_type.kind == "list"
    assert decide(decisions, "rule", {"age": D(1)}).value == ["A"]


def test_a_list_that_a_cell_gives_must_have_the_declared_items() -> None:
    kind = listed("tNumbers", "number")
    drawn = table(["- | free"], outputs=[("out", "", "")], gives="tNumbers")
    decisions = ready(kind, drawn)
    for given, result in ([[D(1)], [D(1)]], [["a"], None], [D(2), [D(2)]]):
        assert decide(decisions, "rule", {"age": D(1), "free": given}).value == result


def test_a_required_decision_gives_what_it_is_declared_to_give() -> None:
    inner = table(["- | free"], outputs=[("inner", "", "")], id="inner", gives="boolean")
    outer = table(
        ['true | "yes"', 'null | "nothing"'],
        inputs=[("inner", "boolean", "")],
        outputs=[("rule", "string", "")],
        requires=["inner"],
    )
    decisions = ready(inner, outer)
    values = {"age": D(1)}
    assert decide(decisions, "rule", {**values, "free": [True]}).value == "yes"
    assert decide(decisions, "rule", {**values, "free": D(1)}).value == "nothing"
    assert decisions["inner"].result_type == BOOLEAN


def test_a_declared_type_that_never_fits_is_a_finding() -> None:
    assert codes(table(['- | "A"'], gives="number")) == ["R201.gives"]
    assert codes(table(['- | "A"'], gives="string")) == []
    assert ask(table(['- | "A"'], gives="Any"), age=1).value == "A"
