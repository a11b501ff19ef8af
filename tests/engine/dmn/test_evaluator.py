"""Decision tables: what each policy gives, what is refused, and which gaps and overlaps are seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import pytest

from service.engine.dmn.evaluator import Decided, Decision, decide, read_rules
from service.engine.dmn.parser import SPACE
from service.engine.feel import Expression
from service.engine.feel.types import ANY, Type
from service.engine.feel.values import equal
from service.errors import EngineStopped, Finding
from tests.support.approved import approved, finding_line
from tests.support.scale import figure

Column = tuple[str, str, str]
"""Expression or name, type, allowed values."""

AGE: Column = ("age", "number", "")
RISK: Column = ("risk", "string", '"LOW", "HIGH"')
FLAG: Column = ("flag", "boolean", "")
OUT: Column = ("out", "string", "")
NAMES = {
    "age": Type("number"),
    "risk": Type("string", ("LOW", "HIGH")),
    "flag": Type("boolean"),
    "free": ANY,
    "word": Type("string"),
}
D = Decimal


def table(
    rows: Sequence[str],
    *,
    inputs: Sequence[Column] = (AGE,),
    outputs: Sequence[Column] = (OUT,),
    policy: str = "UNIQUE",
    aggregation: str = "",
    default: str = "",
    id: str = "rule",
    requires: Sequence[str] = (),
) -> str:
    """A decision; a row is cells and results, divided by `|`."""

    def values(tag: str, text: str) -> str:
        return f"<{tag}><text>{escape(text)}</text></{tag}>" if text else ""

    heads = [
        f"<input><inputExpression typeRef={quoteattr(kind)}><text>{escape(text)}</text></inputExpression>{values('inputValues', allowed)}</input>"
        for text, kind, allowed in inputs
    ]
    heads += [
        f"<output name={quoteattr(name)} typeRef={quoteattr(kind)}>{values('outputValues', allowed)}{values('defaultOutputEntry', default)}</output>"
        for name, kind, allowed in outputs
    ]
    drawn = []
    for row in rows:
        cells = [cell.strip() for cell in row.split("|")]
        entries = [
            ("inputEntry" if place < len(inputs) else "outputEntry", cell)
            for place, cell in enumerate(cells)
        ]
        drawn.append(
            "<rule><description>a note</description>"
            + "".join(f"<{tag}><text>{escape(cell)}</text></{tag}>" for tag, cell in entries)
            + "</rule>"
        )
    needs = "".join(
        f'<informationRequirement><requiredDecision href="#{one}"/></informationRequirement>'
        for one in requires
    )
    how = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decision id="{id}" name="{id}">{needs}<decisionTable hitPolicy="{policy}"{how}>{"".join(heads)}{"".join(drawn)}</decisionTable></decision>'


def file(*decisions: str, space: str = SPACE) -> bytes:
    return f'<definitions xmlns="{space}" id="d" name="d" namespace="n">{"".join(decisions)}</definitions>'.encode()


def read(*decisions: str) -> tuple[dict[str, Decision], list[Finding]]:
    return read_rules({"a.dmn": file(*decisions)}, NAMES)


def ready(*decisions: str) -> dict[str, Decision]:
    found, findings = read(*decisions)
    assert [one.message for one in findings if one.severity == "E"] == []
    return found


def ask(drawn: str, **values: Any) -> Decided:
    return decide(
        ready(drawn),
        "rule",
        {name: D(value) if type(value) is int else value for name, value in values.items()},
    )


def codes(*decisions: str) -> list[str]:
    return [str(one.facts.get("sentence", one.code)) for one in read(*decisions)[1]]


# ---- policies


def test_unique_gives_the_one_row_that_fits_and_says_which() -> None:
    drawn = table(['< 18 | "CHILD"', '>= 18 | "ADULT"'])
    assert ask(drawn, age=17) == Decided("CHILD", (("rule", (1,)),))
    assert ask(drawn, age=18) == Decided("ADULT", (("rule", (2,)),))
    assert ask(drawn) == Decided(None, (("rule", ()),))


def test_unique_stops_when_two_rows_fit() -> None:
    drawn = table(['< free | "A"', '> 1 | "B"'])
    with pytest.raises(EngineStopped) as caught:
        ask(drawn, age=5, free=9)
    assert (caught.value.kind, caught.value.element, caught.value.detail) == (
        "rule_unique",
        "",
        "rule, rows 1, 2",
    )


def test_any_takes_rows_that_agree_and_stops_when_they_do_not() -> None:
    drawn = table(['< 10 | "A"', '< 20 | "A"', '> 5 | "B"'], policy="ANY")
    assert ask(drawn, age=3) == Decided("A", (("rule", (1, 2)),))
    with pytest.raises(EngineStopped) as caught:
        ask(drawn, age=7)
    assert caught.value.kind == "rule_any"


def test_first_gives_the_first_row_in_the_table() -> None:
    drawn = table(['< 10 | "A"', '< 20 | "B"', '- | "C"'], policy="FIRST")
    assert [ask(drawn, age=age) for age in (5, 15, 25)] == [
        Decided(value, (("rule", (row,)),)) for value, row in (("A", 1), ("B", 2), ("C", 3))
    ]


def test_first_does_not_look_at_rows_behind_the_one_that_fits() -> None:
    drawn = table(
        ['< 10 | "A"', "- | free"], outputs=[("out", "string", '"A", "B"')], policy="FIRST"
    )
    assert ask(drawn, age=5, free="Z") == Decided("A", (("rule", (1,)),))
    with pytest.raises(EngineStopped):
        ask(drawn, age=15, free="Z")


def test_allowed_values_may_be_compared_with_variables() -> None:
    drawn = table(['- | "A"'], inputs=[("age", "number", "<= free")])
    assert ask(drawn, age=5, free=6).value == "A"
    with pytest.raises(EngineStopped) as caught:
        ask(drawn, age=7, free=6)
    assert (caught.value.kind, caught.value.detail) == ("rule_input", "rule, age")


def test_a_rule_knows_the_day_of_the_case_in_its_cells_and_in_its_allowed_values() -> None:
    late, second = datetime(2026, 3, 1, 23, 30, tzinfo=UTC), date(2026, 3, 2)
    decisions = ready(
        table(
            ['= today() | "A"', '- | "B"'], inputs=[("free", "date", "<= today()")], policy="FIRST"
        )
    )
    assert (
        decide(
            decisions, "rule", {"free": second}, now=late, zone=ZoneInfo("Europe/Stockholm")
        ).value
        == "A"
    )
    with pytest.raises(EngineStopped, match="rule_input"):
        decide(decisions, "rule", {"free": second}, now=late, zone=UTC)


def test_priority_gives_the_output_that_stands_first_in_the_allowed_values() -> None:
    drawn = table(
        ['> 1 | "LOW"', '> 5 | "HIGH"', '> 5 | "HIGH"'],
        outputs=[("out", "string", '"HIGH", "LOW"')],
        policy="PRIORITY",
    )
    assert ask(drawn, age=9) == Decided("HIGH", (("rule", (2,)),))
    assert ask(drawn, age=2) == Decided("LOW", (("rule", (1,)),))


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER"])
def test_collect_and_rule_order_give_a_list_in_the_order_of_the_table(policy: str) -> None:
    drawn = table(['> 1 | "B"', '> 5 | "A"', '> 9 | "C"'], policy=policy)
    assert ask(drawn, age=6) == Decided(["B", "A"], (("rule", (1, 2)),))
    assert ask(drawn, age=0) == Decided([], (("rule", ()),))


@pytest.mark.parametrize(
    ("aggregation", "several", "nothing"),
    [("SUM", D(30), None), ("COUNT", D(2), D(0)), ("MIN", D(10), None), ("MAX", D(20), None)],
)
def test_collect_can_count_add_and_choose(
    aggregation: str, several: Decimal, nothing: Decimal | None
) -> None:
    drawn = table(
        ["> 1 | 10", "> 5 | 20"],
        outputs=[("out", "number", "")],
        policy="COLLECT",
        aggregation=aggregation,
    )
    assert ask(drawn, age=6).value == several
    assert ask(drawn, age=0).value == nothing
    assert ready(drawn)["rule"].result_type == Type("number")


def test_several_outputs_are_a_context_whose_fields_conditions_can_read() -> None:
    drawn = table(
        ['< 18 | "HIGH" | 7', '>= 18 | "LOW" | 14'],
        outputs=[("level", "string", ""), ("days", "number", "")],
    )
    assert ask(drawn, age=3).value == {"level": "HIGH", "days": D(7)}
    kind = ready(drawn)["rule"].result_type
    assert kind == Type(
        "context", fields={"level": Type("string", ("HIGH", "LOW")), "days": Type("number")}
    )
    assert Expression('risk.level = "HIHG"', {"risk": kind}).warnings[0].facts["near"] == ("HIGH",)


def test_the_default_counts_when_no_row_fits() -> None:
    drawn = table(['> 5 | "A"'], default='"NONE"')
    assert ask(drawn, age=0) == Decided("NONE", (("rule", ()),))
    assert ready(drawn)["rule"].result_type.values == ("A", "NONE")


def test_a_default_outside_the_allowed_values_stops() -> None:
    drawn = table(['< 10 | "A"'], outputs=[("out", "string", '"A", "B"')], default="free")
    assert ask(drawn, age=15, free="B").value == "B"
    with pytest.raises(EngineStopped) as caught:
        ask(drawn, age=15, free="Z")
    assert (caught.value.kind, caught.value.detail) == ("rule_input", "rule, out")


def test_results_may_be_calculated() -> None:
    drawn = table(["> 5 | age * 2 + free"], outputs=[("out", "number", "")])
    assert ask(drawn, age=6, free=1).value == D(13)
    assert ready(drawn)["rule"].reads == {"age", "free"}


# ---- inputs


def test_an_input_outside_its_allowed_values_stops_and_nothing_does_not() -> None:
    drawn = table(
        ['"LOW" | "A"', '- | "B"'], inputs=[("word", "string", '"LOW", "HIGH"')], policy="FIRST"
    )
    with pytest.raises(EngineStopped) as caught:
        ask(drawn, word="MEDIUM")
    assert (caught.value.kind, caught.value.detail) == ("rule_input", "rule, word")
    assert ask(drawn, word=None).value == "B"


def test_a_value_of_another_kind_stops() -> None:
    with pytest.raises(EngineStopped, match="rule_input"):
        ask(table(['- | "A"'], inputs=[("free", "number", "")]), free="text")
    with pytest.raises(EngineStopped, match="rule_input"):
        ask(table(["- | free"], outputs=[("out", "number", "1, 2")]), age=1, free=3)


def test_an_input_may_be_any_expression_and_cells_may_use_the_tested_value() -> None:
    drawn = table(
        ['? > 10 and ? < 20 | "A"', 'not(? > 10 and ? < 20) | "B"'],
        inputs=[("age * 2", "number", "")],
    )
    assert [ask(drawn, age=age).value for age in (7, 3)] == ["A", "B"]


# ---- requirements


def test_a_decision_asks_those_it_requires_once_and_names_their_rows() -> None:
    base = table(['< 18 | "HIGH"', '>= 18 | "LOW"'], id="level")
    other = table(
        ['"HIGH" | 1', '"LOW" | 2'],
        inputs=[("level", "string", "")],
        outputs=[("out", "number", "")],
        id="days",
        requires=["level"],
    )
    top = table(
        ['"HIGH" | 1 | "A"', '- | - | "B"'],
        inputs=[("level", "string", ""), ("days", "number", "")],
        policy="FIRST",
        requires=["days", "level"],
    )
    decisions = ready(top, other, base)
    assert decide(decisions, "rule", {"age": D(3)}) == Decided(
        "A", (("level", (1,)), ("days", (1,)), ("rule", (1,)))
    )
    assert decisions["rule"].reads == {"age"}
    assert list(decisions) == ["level", "days", "rule"]


def test_required_decisions_may_lie_in_another_file() -> None:
    base, top = (
        table(['- | "A"'], id="level"),
        table(['"A" | "B"'], inputs=[("level", "string", "")], requires=["level"]),
    )
    decisions, findings = read_rules({"a.dmn": file(top), "b.dmn": file(base)}, NAMES)
    assert not [one for one in findings if one.severity == "E"]
    assert decide(decisions, "rule", {}).value == "B"


def test_circles_missing_ones_and_deep_ones_are_refused() -> None:
    assert "R103" in codes(
        table(["-|1"], outputs=[("out", "number", "")], requires=["b"]),
        table(["-|1"], outputs=[("o", "number", "")], id="b", requires=["rule"]),
    )
    assert codes(table(['- | "A"'], requires=["nowhere"])) == ["R102.missing"]
    deep = [table(['- | "A"'], id=f"r{n}", requires=[f"r{n - 1}"] if n else []) for n in range(6)]
    assert codes(*deep) == ["R103.deep"]


# ---- what is refused


BAD: list[tuple[str, list[str]]] = [
    (table(['< 18 | "A"'], policy="OUTPUT ORDER"), ["R206"]),
    (table(['- | "A"'], policy="PRIORITY"), ["R204"]),
    (table(['- | "A" | "B"'], outputs=[OUT, ("b", "string", "")], policy="COLLECT"), ["R205"]),
    (table(['"x" | "A"']), ["R201"]),
    (table(['< | "A"']), ["R201"]),
    (table(["- | nothing"]), ["R201"]),
    (table(["- | 3"]), ["R201.kind"]),
    (table(['- | "C"'], outputs=[("out", "string", '"A", "B"')]), ["R201.value"]),
    (table(['- | "A"'], inputs=[("unknown", "number", "")]), ["R201.head"]),
    (table(['- | "A"'], inputs=[("word", "number", "")]), ["R201.asked"]),
    (table(['"MEDUIM" | "A"', '- | "B"'], inputs=[RISK], policy="FIRST"), ["R201"]),
    (table(["-"]), ["R201.count"]),
    (table(['- | "A"'] * 1001), ["R101"]),
    (table(["|".join(["-"] * 30 + ['"A"'])], inputs=[AGE] * 30), ["R101"]),
]


@pytest.mark.parametrize(("drawn", "expected"), BAD)
def test_a_table_is_refused_with_its_code(drawn: str, expected: list[str]) -> None:
    assert [code for code in codes(drawn) if not code.startswith(("R202", "R203"))] == expected


def test_what_is_said_of_tables_has_been_read_and_approved() -> None:
    """Each table above, and those with gaps, overlaps, circles and unreadable parts: code, line,
    and the sentence in both languages.
    """
    whole = [
        (table(['< 18 | "A"', '>= 17 | "B"']),),
        (table(['< 18 | "A"', '> 18 | "B"']),),
        (
            table(
                ['> 5 | - | "A"', '- | > 5 | "B"'],
                inputs=[("age", "number", ""), ("age * 2", "number", "")],
                default='"C"',
            ),
        ),
        (table(['< 18 | "A"', '< 10 | "B"', '- | "C"'], policy="FIRST"),),
        (
            table(["-|1"], outputs=[("out", "number", "")], requires=["b"]),
            table(["-|1"], outputs=[("o", "number", "")], id="b", requires=["rule"]),
        ),
        (table(['- | "A"'], requires=["nowhere"]),),
        tuple(
            table(['- | "A"'], id=f"r{n}", requires=[f"r{n - 1}"] if n else []) for n in range(6)
        ),
        tuple(table(['- | "A"'], id=f"r{n}") for n in range(51)),
        (table(['- | "A"']), table(['- | "A"'])),
        (
            '<decision id="r" name="r"><context/></decision>',
            '<import name="i" namespace="n" importType="t"/>',
        ),
    ]
    lines = [
        f"{n} {finding_line(one)}"
        for n, drawn in enumerate([*((drawn,) for drawn, _ in BAD), *whole])
        for one in read(*drawn)[1]
    ]
    approved(Path(__file__).with_name("approved_findings.txt"), lines)


def test_a_bad_cell_is_named_by_row_and_column() -> None:
    (found,) = [one for one in read(table(['< 3 | "A"', '"x" | "B"']))[1] if one.code == "R201"]
    assert (found.facts["row"], found.facts["column"], found.facts["code"]) == (2, "age", "D905")
    assert (
        found.message
        == "Row 2, age of the rule rule, character 1: This compares a number with a text, which is never true. Compare values of one kind."
    )


@pytest.mark.parametrize(
    "drawn",
    [
        '<decision id="r"><literalExpression><text>1</text></literalExpression></decision>',
        '<decision id="r"><context/></decision>',
        '<decision id="r"/>',
        '<businessKnowledgeModel id="r"/>',
        '<decisionService id="r"/>',
        '<import name="i" namespace="n" importType="t"/>',
        '<itemDefinition name="r"><functionItem/></itemDefinition>',
    ],
)
def test_all_that_is_no_table_is_refused_by_name(drawn: str) -> None:
    assert codes(drawn) == ["R102"]


def test_other_files_are_refused() -> None:
    def first(data: bytes) -> str:
        return read_rules({"a.dmn": data}, NAMES)[1][0].code

    assert first(file(space="https://www.omg.org/spec/DMN/20230324/MODEL/")) == "R102"
    assert first(b"no xml") == "X102"
    assert first(b'<!DOCTYPE d [<!ENTITY a "b">]><d/>') == "X103"
    assert codes(table(['- | "A"']), table(['- | "A"'])) == ["R102.twice"]
    assert codes(*(table(['- | "A"'], id=f"r{n}") for n in range(51))) == ["R101.release"]


# ---- gaps and overlaps


def said(drawn: str) -> list[str]:
    return [one.message for one in read(drawn)[1]]


def test_a_gap_is_named_by_its_values() -> None:
    assert said(table(['< 18 | "A"', '> 18 | "B"'])) == ["No row of the rule rule fits age 18."]
    assert said(table(['"LOW" | true | "A"', '"HIGH" | - | "B"'], inputs=[RISK, FLAG])) == [
        'No row of the rule rule fits risk "LOW", flag false.'
    ]
    assert said(table(['"x" | "A"'], inputs=[("word", "string", "")])) == [
        'No row of the rule rule fits word not("x").'
    ]
    assert said(table(['[1..2] | "A"', '[3..4] | "B"'], inputs=[("age", "number", "[1..4]")])) == [
        "No row of the rule rule fits age (2..3)."
    ]


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
    assert said(table([f'{cell} | "A"'], inputs=[("free", kind, "")])) == [
        f"No row of the rule rule fits free {value}."
    ]


def test_a_column_without_tests_or_constants_has_one_region() -> None:
    assert said(table(['- | "LOW" | "A"'], inputs=[AGE, RISK])) == [
        'No row of the rule rule fits age -, risk "HIGH".'
    ]
    assert said(table(['null | "A"'], inputs=[AGE])) == ["No row of the rule rule fits age -."]


def test_nothing_is_said_of_columns_that_cannot_be_cut() -> None:
    assert said(table(['"x" | "A"'], inputs=[("free", "Any", "")])) == []
    assert (
        said(
            table(
                ['< @"2026-01-01T00:00:00" | "A"', '< @"2026-02-01T00:00:00Z" | "B"'],
                inputs=[("free", "dateTime", "")],
            )
        )
        == []
    )


def test_a_file_may_name_types_of_its_own() -> None:
    level = '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"LOW", "HIGH"</text></allowedValues></itemDefinition>'
    again = '<itemDefinition name="tAgain"><typeRef>tLevel</typeRef></itemDefinition>'
    bad = '<itemDefinition name="tBad"><typeRef>string</typeRef><allowedValues><text>"LOW" or</text></allowedValues></itemDefinition>'
    round_ = '<itemDefinition name="tRound"><typeRef>tRound</typeRef></itemDefinition>'
    person = '<itemDefinition name="tPerson"><itemComponent name="age"><typeRef>number</typeRef></itemComponent></itemDefinition>'
    many = '<itemDefinition name="tMany" isCollection="true"><typeRef>string</typeRef></itemDefinition>'
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
        said(table(['[1..2] | "A"', '[3..4] | "B"'], inputs=[("age", "integer", "[1..4]")])) == []
    )
    assert said(table(['< 18 | "A"'], default='"B"')) == []
    assert said(table(['< 18 | "A"'], policy="COLLECT")) == []


def test_an_overlap_of_a_unique_table_is_refused() -> None:
    (found,) = read(table(['< 18 | "A"', '>= 17 | "B"']))[1]
    assert (found.code, found.severity, found.message) == (
        "R203",
        "E",
        "Rows 1 and 2 of the rule rule both fit age 17.",
    )


def test_an_overlap_is_only_a_warning_when_columns_depend_on_each_other() -> None:
    drawn = table(
        ['> 5 | - | "A"', '- | > 5 | "B"'],
        inputs=[("age", "number", ""), ("age * 2", "number", "")],
        default='"C"',
    )
    (found,) = read(drawn)[1]
    assert (found.facts["sentence"], found.severity) == ("R203.perhaps", "W")


def test_a_row_that_is_never_reached_is_a_warning() -> None:
    (found,) = read(table(['< 18 | "A"', '< 10 | "B"', '- | "C"'], policy="FIRST"))[1]
    assert (found.severity, found.message) == ("W", "Row 2 of the rule rule is never reached.")


def test_a_last_row_that_catches_missing_values_is_reached() -> None:
    assert (
        said(table(['"LOW" | "A"', '"HIGH" | "B"', '- | "C"'], inputs=[RISK], policy="FIRST")) == []
    )


def test_nothing_is_said_of_cells_that_read_variables() -> None:
    assert said(table(['< free | "A"'])) == []


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


# ---- against a small reference


def reference(decision: Decision, policy: str, order: Sequence[str], values: dict[str, Any]) -> Any:
    """Try every rule, as the page says it."""
    fits = [
        row.results[0].evaluate(values)
        for row in decision.rows
        if all(
            test is None or test.matches(values, column.expression.evaluate(values))
            for test, column in zip(row.tests, decision.inputs, strict=True)
        )
    ]
    if policy in {"COLLECT", "RULE ORDER"}:
        return fits
    if not fits:
        return None
    if policy == "UNIQUE" and len(fits) > 1:
        return "rule_unique"
    if policy == "ANY" and any(one != fits[0] for one in fits):
        return "rule_any"
    return min(fits, key=order.index) if policy == "PRIORITY" else fits[0]


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY", "FIRST", "PRIORITY", "COLLECT", "RULE ORDER"])
def test_random_tables_give_what_a_small_reference_gives(policy: str) -> None:
    chance = Random(policy)
    numbers = ["-", "< 3", ">= 3", "[1..4]", "(1..4)", "2", "1, 5", "not(2)", "not(< 3)", "null"]
    words = ["-", '"LOW"', '"HIGH"', 'not("LOW")', '"LOW", "HIGH"', "null"]
    flags = ["-", "true", "false", "not(true)"]
    order = ["A", "B", "C"]
    for _ in range(figure("tables")):
        rows = [
            f'{chance.choice(numbers)} | {chance.choice(words)} | {chance.choice(flags)} | "{chance.choice(order)}"'
            for _ in range(chance.randint(1, 6))
        ]
        drawn = table(
            rows,
            inputs=[AGE, RISK, FLAG],
            outputs=[("out", "string", '"A", "B", "C"')],
            policy=policy,
        )
        decisions, findings = read(drawn)
        sure = {
            (found.facts["row"], found.facts["other"])
            for found in findings
            if found.code == "R203" and found.severity == "E"
        }
        never = {
            found.facts["row"] for found in findings if found.facts.get("sentence") == "R203.never"
        }
        gap = any(found.code == "R202" for found in findings)
        for _ in range(12):
            values = {
                "age": chance.choice([None, D(1), D(2), D(3), D("2.5"), D(5)]),
                "risk": chance.choice([None, "LOW", "HIGH"]),
                "flag": chance.choice([None, True, False]),
            }
            expected = reference(decisions["rule"], policy, order, values)
            try:
                decided = decide(decisions, "rule", values)
                found = decided.value
                assert not never & set(decided.fired[0][1])
            except EngineStopped as stop:
                found = stop.kind
            assert equal(found, expected) is True, (rows, values)
            if policy == "UNIQUE" and None not in values.values():
                assert (found != "rule_unique") or sure
                assert found is not None or gap


# ---- work


def test_all_cells_of_a_table_and_of_those_it_asks_share_their_work() -> None:
    long = "some x in free satisfies x = ?"
    many = [D(n) for n in range(900)]
    few = table([f'{long} | "A"'] * 50, policy="FIRST")
    assert ask(few, age=-1, free=many).value is None
    heavy = ready(
        table([f'{long} | "A"'] * 40, policy="FIRST"),
        table([f'{long} | "B"'] * 40, policy="FIRST", id="top", requires=["rule"]),
    )
    assert decide(heavy, "rule", {"age": D(-1), "free": many}).value is None
    with pytest.raises(EngineStopped, match="fuel"):
        decide(heavy, "top", {"age": D(-1), "free": [*many, *many[:90]]})
