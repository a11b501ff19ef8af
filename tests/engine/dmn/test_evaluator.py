"""Evaluation of decision tables: hit policies, inputs, required decisions, work."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from service.engine.dmn.evaluator import Decided, decide
from service.engine.dmn.rule_files import read_rules
from service.engine.feel import Expression
from service.engine.feel.types import Type
from service.errors import EngineStopped
from tests.engine.dmn.tables import NAMES, D, ask, codes, file, ready, table

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


def test_cells_and_allowed_values_know_the_day_of_the_case() -> None:
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


def test_priority_gives_the_output_listed_first_as_allowed() -> None:
    drawn = table(
        ['> 1 | "LOW"', '> 5 | "HIGH"', '> 5 | "HIGH"'],
        outputs=[("out", "string", '"HIGH", "LOW"')],
        policy="PRIORITY",
    )
    assert ask(drawn, age=9) == Decided("HIGH", (("rule", (2,)),))
    assert ask(drawn, age=2) == Decided("LOW", (("rule", (1,)),))


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER"])
def test_collect_and_rule_order_give_a_list_in_table_order(policy: str) -> None:
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


def test_several_outputs_are_a_context_with_readable_fields() -> None:
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


def test_an_input_not_allowed_stops_and_null_does_not() -> None:
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


def test_an_input_is_any_expression_and_cells_use_its_value() -> None:
    drawn = table(
        ['? > 10 and ? < 20 | "A"', 'not(? > 10 and ? < 20) | "B"'],
        inputs=[("age * 2", "number", "")],
    )
    assert [ask(drawn, age=age).value for age in (7, 3)] == ["A", "B"]


# ---- requirements


def test_required_decisions_are_evaluated_once_and_named() -> None:
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


# ---- work


def test_cells_of_a_table_and_its_requirements_share_the_fuel() -> None:
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
