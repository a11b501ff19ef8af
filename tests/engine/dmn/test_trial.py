"""A decision asked by hand: the rows that fire are named, and a stop says why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from service.engine.dmn.evaluator import Trial, try_decision
from service.engine.feel.values import Value
from tests.engine.dmn.tables import AGE, OUT, RISK, D, read, table

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def tried(drawn: str, values: Mapping[str, Value]) -> Trial:
    decisions, _ = read(drawn)
    return try_decision(decisions, "rule", values, now=NOON)


def test_the_row_that_fires_is_named_with_what_it_gives() -> None:
    drawn = table(['< 18 | "A"', '>= 18 | "B"'])
    assert tried(drawn, {"age": D(20)}) == Trial((2,), (("B",),), "B")


def test_no_row_gives_nothing_or_what_stands_for_it() -> None:
    assert tried(table(['< 18 | "A"']), {"age": D(20)}) == Trial()
    assert tried(table(['< 18 | "A"'], default='"C"'), {"age": D(20)}) == Trial(result="C")


def test_rows_that_fit_at_once_are_all_named() -> None:
    drawn = table(['> 10 | "A"', '> 15 | "B"', '< 5 | "C"'])
    said = tried(drawn, {"age": D(20)})
    assert (said.rows, said.outputs, said.stopped) == ((1, 2), (("A",), ("B",)), "rule_unique")
    several = tried(table(['> 10 | "A"', '> 15 | "B"'], policy="ANY"), {"age": D(20)})
    assert (several.rows, several.stopped) == ((1, 2), "rule_any")


def test_a_value_that_the_rule_does_not_know_names_its_column() -> None:
    said = tried(table(['"LOW" | "A"'], inputs=[RISK]), {"risk": "ODD"})
    assert (said.rows, said.stopped, said.about) == ((), "rule_input", "rule, risk")


def test_an_overlap_in_a_required_rule_is_a_stop_of_that_rule() -> None:
    inner = table(['> 10 | "A"', '> 15 | "B"'], id="inner")
    outer = table(['"A" | "X"'], inputs=[("inner", "string", "")], requires=["inner"])
    said = tried(inner + outer, {"age": D(20)})
    assert (said.rows, said.stopped, said.about) == ((), "rule_unique", "inner, rows 1, 2")


def test_collected_rows_give_one_result_together() -> None:
    number = (OUT[0], "number", "")
    drawn = table(
        ["> 10 | 2", "> 15 | 3"],
        inputs=[AGE],
        outputs=[number],
        policy="COLLECT",
        aggregation="SUM",
    )
    assert tried(drawn, {"age": D(20)}) == Trial((1, 2), ((2,), (3,)), 5)
