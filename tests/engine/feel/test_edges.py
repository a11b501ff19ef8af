"""The last branches of FEEL and rules: values of no declared kind, and texts that hardly anybody
writes.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from service.engine.bpmn.xml import safe_tree
from service.engine.dmn.rule_files import read_rules
from service.engine.feel import Expression, FeelError, FuelSpent, typed
from service.engine.feel.types import ANY, DATE, LIST, MOMENT, NUMBER, Type
from service.errors import BadDiagram
from tests.engine.dmn.tables import codes, file, table


def test_json_without_a_type_is_read_for_what_it_is() -> None:
    assert typed({"a": [1, "x", {"b": None}], "c": True}, ANY) == {
        "a": [Decimal(1), "x", {"b": None}],
        "c": True,
    }


def test_a_number_without_a_type_becomes_a_decimal() -> None:
    read = typed({"a": 1, "b": [2.5]}, ANY)
    assert (type(read["a"]), type(read["b"][0])) == (Decimal, Decimal)


def test_fields_of_a_context_have_types_and_times_the_zone() -> None:
    kind = Type("context", fields={"at": MOMENT, "n": NUMBER, "day": DATE})
    read = typed(
        {"at": "2026-03-01T23:30:00Z", "n": "2.5", "day": "2026-03-01", "other": "2.5"},
        kind,
        ZoneInfo("Europe/Stockholm"),
    )
    assert (read["at"].hour, read["n"], read["day"], read["other"]) == (
        0,
        Decimal("2.5"),
        date(2026, 3, 1),
        "2.5",
    )


def test_durations_are_multiplied_to_the_last_microsecond() -> None:
    long = timedelta(days=200_000, microseconds=1)
    assert Expression("long * 3", ["long"]).evaluate({"long": long}) == 3 * long


def test_a_place_may_be_the_first_item() -> None:
    """What is asked of `item` before a place is known is asked of the first."""
    assert Expression("[2, 7][item]", ()).evaluate({}) == Decimal(7)
    assert Expression("days[item + 1]", {"days": LIST}).evaluate(
        {"days": [Decimal(1), Decimal(7)]}
    ) == Decimal(7)


def test_a_part_of_a_list_is_the_list_of_the_parts() -> None:
    cases = Type("list", fields={"level": NUMBER})
    assert Expression("cases.level", {"cases": cases}).type.kind == "list"
    assert Expression("cases[1].level", {"cases": cases}).type.kind == "number"
    with pytest.raises(FeelError) as refused:
        Expression("cases[1].levle", {"cases": cases})
    assert (refused.value.code, refused.value.facts["near"]) == ("D902", ("level",))


def test_the_parts_of_a_duration_before_now_are_negative() -> None:
    assert [Expression(f'@"-P1Y2M".{name}', ()).evaluate({}) for name in ("years", "months")] == [
        Decimal(-1),
        Decimal(-2),
    ]
    assert [Expression(f'@"P1Y2M".{name}', ()).evaluate({}) for name in ("years", "months")] == [
        Decimal(1),
        Decimal(2),
    ]


def test_a_cell_with_a_list_fits_the_same_list() -> None:
    cell = Expression('["A", "B"]', (), unary=True, tested=LIST)
    assert [cell.matches({}, given) for given in (["A", "B"], ["B", "A"], [])] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("json", "kind"),
    [
        (object(), NUMBER),
        (True, NUMBER),
        ("soon", MOMENT),
        (5, MOMENT),
        ({"a": 1}, NUMBER),
        ("x", Type("context")),
        ({"a": 1}, LIST),
        ([1], Type("range")),
        ("2026-03-01", MOMENT),
        ("2026-13-01", DATE),
    ],
)
def test_json_that_does_not_fit_its_type_is_nothing(json: object, kind: object) -> None:
    assert typed(json, kind) is None  # type: ignore[arg-type] # a table of pairs


def test_a_moment_beyond_the_calendar_is_nothing() -> None:
    assert typed("0001-01-01T00:00:00+14:00", MOMENT, ZoneInfo("America/New_York")) is None
    assert isinstance(typed("2026-03-01T00:00:00Z", MOMENT), datetime)
    assert typed("2026-03-01", DATE) == date(2026, 3, 1)


def test_an_expression_shows_its_text() -> None:
    assert repr(Expression("a + 1", ["a"])) == "Expression('a + 1')"


def test_names_cost_work_too() -> None:
    with pytest.raises(FuelSpent):
        Expression("some x in a satisfies b = b and x > 900", ["a", "b"]).evaluate(
            {"a": [Decimal(n) for n in range(900)] * 1, "b": [Decimal(0)] * 900}
        )


def test_a_text_is_not_negated_and_a_scale_counts_as_whole() -> None:
    with pytest.raises(FeelError) as refused:
        Expression('-"a"', ())
    assert refused.value.code == "D905"
    assert Expression("decimal(1.5, 0.5)", ()).evaluate({}) == Decimal(2)
    assert Expression("min([])", ()).evaluate({}) is None


def test_tables_without_outputs_or_readable_lists_are_reported() -> None:
    assert "R102.empty" in codes(
        '<decision id="a" name="a"><decisionTable><input><inputExpression><text>age</text>'
        "</inputExpression></input></decisionTable></decision>"
    )
    assert "R201.head" in codes(table(['- | "A"'], inputs=[("age", "number", "< <")]))
    assert "R201.head" in codes(table(['- | "A"'], outputs=[("out", "string", "< <")]))


def test_a_recursive_type_ends_and_a_part_keeps_its_name() -> None:
    part = (
        '<itemComponent name="inner"><typeRef>tSelf</typeRef></itemComponent>'
        '<itemComponent name="n"><typeRef>number</typeRef></itemComponent>'
    )
    own = f'<itemDefinition name="tSelf">{part}</itemDefinition>'
    drawn = table(['- | "A"'], inputs=[("free", "tSelf", "")])
    assert codes(own, drawn) == []


def test_types_in_types_end_somewhere() -> None:
    own = "".join(
        f'<itemDefinition name="t{n}"><typeRef>t{n + 1}</typeRef></itemDefinition>'
        for n in range(9)
    )
    _, findings = read_rules(
        {"a.dmn": file(own, table(['- | "A"'], outputs=[("out", "t0", "")]))}, {"age": NUMBER}
    )
    assert [found.code for found in findings if found.severity == "E"] == []


def test_a_broken_file_with_a_doctype_is_refused_for_the_doctype() -> None:
    with pytest.raises(BadDiagram, match="X103"):
        safe_tree(b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;", "a.bpmn")
