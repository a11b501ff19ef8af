"""Gaps and overlaps of decision tables."""

from __future__ import annotations

import pytest

from service.engine.dmn.rule_files import read_rules
from service.engine.feel.types import Type
from tests.engine.dmn.tables import AGE, FLAG, RISK, codes, file, read, table

# ---- gaps and overlaps


def messages(drawn: str) -> list[str]:
    return [one.message for one in read(drawn)[1]]


def test_a_gap_is_named_by_its_values() -> None:
    assert messages(table(['< 18 | "A"', '> 18 | "B"'])) == [
        "No row of the rule “rule” fits age 18."
    ]
    assert messages(table(['"LOW" | true | "A"', '"HIGH" | - | "B"'], inputs=[RISK, FLAG])) == [
        'No row of the rule “rule” fits risk "LOW", flag false.'
    ]
    assert messages(table(['"x" | "A"'], inputs=[("word", "string", "")])) == [
        'No row of the rule “rule” fits word not("x").'
    ]
    assert messages(
        table(['[1..2] | "A"', '[3..4] | "B"'], inputs=[("age", "number", "[1..4]")])
    ) == ["No row of the rule “rule” fits age (2..3)."]


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("date", '< @"2026-01-01"', "> 2026-01-01"),
        ("dateTime", '< @"2026-01-01T00:00:00Z"', "> 2026-01-01T00:00:00+00:00"),
        ("dayTimeDuration", '< @"P3D"', "> P3D"),
        ("yearMonthDuration", '< @"P3M"', "> P3M"),
        ("boolean", "true", "false"),
    ],
)
def test_gaps_are_found_in_columns_of_every_kind(kind: str, cell: str, value: str) -> None:
    assert messages(table([f'{cell} | "A"'], inputs=[("free", kind, "")])) == [
        f"No row of the rule “rule” fits free {value}."
    ]


def test_a_column_without_tests_or_constants_has_one_region() -> None:
    assert messages(table(['- | "LOW" | "A"'], inputs=[AGE, RISK])) == [
        'No row of the rule “rule” fits age -, risk "HIGH".'
    ]
    assert messages(table(['null | "A"'], inputs=[AGE])) == [
        "No row of the rule “rule” fits age -."
    ]


def test_columns_that_cannot_be_cut_are_not_judged() -> None:
    assert messages(table(['"x" | "A"'], inputs=[("free", "Any", "")])) == []
    assert (
        messages(
            table(
                ['< @"2026-01-01T00:00:00" | "A"', '< @"2026-02-01T00:00:00Z" | "B"'],
                inputs=[("free", "dateTime", "")],
            )
        )
        == []
    )


def test_a_file_may_name_types_of_its_own() -> None:
    level = (
        '<itemDefinition name="tLevel"><typeRef>string</typeRef>'
        '<allowedValues><text>"LOW", "HIGH"</text></allowedValues></itemDefinition>'
    )
    again = '<itemDefinition name="tAgain"><typeRef>tLevel</typeRef></itemDefinition>'
    bad = (
        '<itemDefinition name="tBad"><typeRef>string</typeRef>'
        '<allowedValues><text>"LOW" or</text></allowedValues></itemDefinition>'
    )
    round_ = '<itemDefinition name="tRound"><typeRef>tRound</typeRef></itemDefinition>'
    person = (
        '<itemDefinition name="tPerson"><itemComponent name="age"><typeRef>number</typeRef>'
        "</itemComponent></itemDefinition>"
    )
    many = (
        '<itemDefinition name="tMany" isCollection="true"><typeRef>string</typeRef>'
        "</itemDefinition>"
    )
    defined = (level, again, bad, round_, person, many)

    def result(kind: str, cell: str) -> Type:
        decisions, findings = read(*defined, table([f"- | {cell}"], outputs=[("out", kind, "")]))
        assert [one.message for one in findings if one.severity == "E"] == []
        return decisions["rule"].result_type

    assert result("tLevel", '"LOW"').values == ("LOW",)
    assert codes(
        *defined, table(['"LWO" | "A"', '- | "B"'], inputs=[("free", "tAgain", "")], policy="FIRST")
    ) == ["R201"]
    assert result("tBad", '"MEDIUM"') == Type("string", ("MEDIUM",))
    assert result("tRound", "age").kind == "number"
    assert result("tMany", '["x"]').kind == "list"
    assert codes(*defined, table(['- | "A"'], inputs=[("free.age > 3", "boolean", "")])) == []


def test_whole_numbers_and_defaults_and_lists_have_no_such_gaps() -> None:
    assert (
        messages(table(['[1..2] | "A"', '[3..4] | "B"'], inputs=[("age", "integer", "[1..4]")]))
        == []
    )
    assert messages(table(['< 18 | "A"'], default='"B"')) == []
    assert messages(table(['< 18 | "A"'], policy="COLLECT")) == []


def test_an_overlap_of_a_unique_table_is_refused() -> None:
    (found,) = read(table(['< 18 | "A"', '>= 17 | "B"']))[1]
    assert (found.code, found.severity, found.message) == (
        "R203",
        "E",
        "Rows 1 and 2 of the rule “rule” both fit age 17.",
    )


def test_an_overlap_of_dependent_columns_is_only_a_warning() -> None:
    drawn = table(
        ['> 5 | - | "A"', '- | > 5 | "B"'],
        inputs=[("age", "number", ""), ("age * 2", "number", "")],
        default='"C"',
    )
    (found,) = read(drawn)[1]
    assert (found.facts["sentence"], found.severity) == ("R203.perhaps", "W")


def test_a_row_that_is_never_reached_is_a_warning() -> None:
    (found,) = read(table(['< 18 | "A"', '< 10 | "B"', '- | "C"'], policy="FIRST"))[1]
    assert (found.severity, found.message) == ("W", "Row 2 of the rule “rule” is never reached.")


def test_a_last_row_that_catches_missing_values_is_reached() -> None:
    assert (
        messages(table(['"LOW" | "A"', '"HIGH" | "B"', '- | "C"'], inputs=[RISK], policy="FIRST"))
        == []
    )


def test_cells_that_read_variables_are_not_judged() -> None:
    assert messages(table(['< free | "A"'])) == []


def test_a_wide_table_is_searched_only_as_far_as_the_limit() -> None:
    rows = [
        " | ".join(["-"] * place + ["true"] + ["-"] * (19 - place) + ['"A"']) for place in range(20)
    ]
    names = dict.fromkeys((f"f{n}" for n in range(20)), Type("boolean"))
    drawn = table(rows, inputs=[(name, "boolean", "") for name in names], policy="FIRST")
    _, findings = read_rules({"a.dmn": file(drawn)}, names)
    assert {one.code for one in findings} <= {"R202"}


def test_a_net_of_circles_and_a_table_of_many_constants_end_soon() -> None:
    net = [table(['- | "A"'], id=f"r{n}", requires=[f"r{m}" for m in range(30)]) for n in range(30)]
    assert set(codes(*net)) == {"R103"}
    rows = [f'{n} | {n} | "A"' for n in range(900)]
    assert codes(table(rows, inputs=[AGE, ("free", "number", "")])) == []
