"""Hit policies of a decision table: which of the rows that fit give the result.

Source: DMN 1.3, 8.2.8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from service.engine.dmn.model import Decision, Output, Rule
from service.engine.feel.functions import FUNCTIONS, call
from service.engine.feel.values import Value, equal
from service.errors import EngineStopped

Fired = tuple[Rule, tuple[Value, ...]]
"""A row that fits, and what it gives."""


def _unique(decision: Decision, fired: list[Fired]) -> list[Fired]:
    if len(fired) > 1:
        numbers = ", ".join(str(row.number) for row, _ in fired)
        raise EngineStopped("rule_unique", detail=f"{decision.id}, rows {numbers}")
    return fired


def _any(decision: Decision, fired: list[Fired]) -> list[Fired]:
    for row, values in fired[1:]:
        if equal(list(values), list(fired[0][1])) is not True:
            numbers = f"{fired[0][0].number} and {row.number}"
            raise EngineStopped("rule_any", detail=f"{decision.id}, rows {numbers}")
    return fired


def _first(_decision: Decision, fired: list[Fired]) -> list[Fired]:
    return fired[:1]


def _priority(decision: Decision, fired: list[Fired]) -> list[Fired]:
    """The row whose outputs come first in the lists of allowed values.

    Outputs are compared from left to right; of equal rows the upper one wins.
    """

    def rank(row: Fired) -> tuple[int, ...]:
        outputs = zip(decision.outputs, row[1], strict=True)
        return tuple(_place(output, value) for output, value in outputs if output.order)

    return [min(fired, key=rank)] if fired else []


def _place(output: Output, value: Value) -> int:
    places = (n for n, allowed in enumerate(output.order) if equal(allowed, value) is True)
    return next(places, len(output.order))


def _collect(_decision: Decision, fired: list[Fired]) -> list[Fired]:
    return fired


POLICIES: Final[Mapping[str, Callable[[Decision, list[Fired]], list[Fired]]]] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "FIRST": _first,
    "PRIORITY": _priority,
    "COLLECT": _collect,
    "RULE ORDER": _collect,
}
"""Which of the rows that fit give the result, by hit policy."""


_AGGREGATIONS: Final = {"SUM": "sum", "COUNT": "count", "MIN": "min", "MAX": "max"}
"""The function of FEEL that makes one value of all."""


def aggregated(name: str, values: list[Value]) -> Value:
    """Make one value of all that the rows gave.

    Args:
        name: SUM, COUNT, MIN or MAX.
    """
    return call(FUNCTIONS[_AGGREGATIONS[name]], [values])
