"""Random decision tables give what a small reference gives."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from service.engine.dmn.evaluator import Decision, decide
from service.engine.feel.values import equal
from service.errors import EngineStopped
from tests.engine.dmn.tables import AGE, FLAG, RISK, D, read, table
from tests.support.scale import figure

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
    chance = Random(policy)  # noqa: S311 - a repeatable test
    numbers = ["-", "< 3", ">= 3", "[1..4]", "(1..4)", "2", "1, 5", "not(2)", "not(< 3)", "null"]
    words = ["-", '"LOW"', '"HIGH"', 'not("LOW")', '"LOW", "HIGH"', "null"]
    flags = ["-", "true", "false", "not(true)"]
    order = ["A", "B", "C"]
    for _ in range(figure("tables")):
        columns = (numbers, words, flags, [f'"{text}"' for text in order])
        rows = [
            " | ".join(chance.choice(column) for column in columns)
            for _ in range(chance.randint(1, 6))
        ]
        outputs = [("out", "string", '"A", "B", "C"')]
        drawn = table(rows, inputs=[AGE, RISK, FLAG], outputs=outputs, policy=policy)
        decisions, findings = read(drawn)
        sure = [f for f in findings if f.code == "R203" and f.severity == "E"]
        never = {f.facts["row"] for f in findings if f.facts.get("sentence") == "R203.never"}
        gap = any(f.code == "R202" for f in findings)
        for _ in range(12):
            values = {
                "age": chance.choice([None, D(1), D(2), D(3), D("2.5"), D(5)]),
                "risk": chance.choice([None, "LOW", "HIGH"]),
                "flag": chance.choice([None, True, False]),
            }
            expected = reference(decisions["rule"], policy, order, values)
            try:
                decided = decide(decisions, "rule", values)
                result = decided.value
                assert not never & set(decided.fired[0][1])
            except EngineStopped as stop:
                result = stop.kind
            assert equal(result, expected) is True, (rows, values)
            if policy == "UNIQUE" and None not in values.values():
                assert (result != "rule_unique") or sure
                assert result is not None or gap
