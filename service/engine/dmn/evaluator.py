"""Decisions of DMN 1.3: evaluate one by the hit policies of its tables, or try it and see which
rows fire.

A run of a case stops where several rows fit and one may; a trial names those rows instead.

Source: DMN 1.3, chapter 8; hit policies, 8.2.8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Final

from service.engine import limits
from service.engine.dmn.coercion import coerced
from service.engine.dmn.model import COLLECTS, Decision, Input, Output, Rule
from service.engine.feel import Expression, FuelSpent, plain, types
from service.engine.feel.evaluation import Fuel
from service.engine.feel.functions import FUNCTIONS, call
from service.engine.feel.values import Value, equal, kind_of
from service.errors import EngineStopped

__all__ = ["Decided", "Decision", "decide"]


Fired = tuple[Rule, tuple[Value, ...]]
"""A row that fits, and what it gives."""

SEVERAL = frozenset({"rule_unique", "rule_any"})
"""Stops because of the rows that fit together."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The result of a decision.

    Attributes:
        value: the FEEL value.
        fired: decision id and numbers of its rows, from 1; required decisions first.
    """

    value: Value
    fired: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a decision said.

    Attributes:
        rows: the rows that fired, from 1; of a stop because of several, all that fit.
        outputs: of each of those rows, JSON of its outputs, in the order of the columns.
        result: JSON of the whole, which is the default or nothing where no row fits.
        stopped: "", or why it has no result: `rule_unique`, `rule_any`, `rule_input`, `fuel`.
        about: where it stopped, as the engine names it: the decision, and the column.
    """

    rows: tuple[int, ...] = ()
    outputs: tuple[tuple[object, ...], ...] = ()
    result: object = None
    stopped: str = ""
    about: str = ""


def decide(
    decisions: Mapping[str, Decision],
    id: str,
    values: Mapping[str, Value],
    *,
    now: datetime | None = None,
    zone: tzinfo = UTC,
) -> Decided:
    """Evaluate a decision and those it requires, each once.

    Args:
        values: FEEL values of the variables it reads; a missing one is null.
    Raises:
        EngineStopped: `rule_unique` several rows fit where one may, `rule_any` several with
            different outputs, `rule_input` a value that is not among the allowed ones or of another
            kind, `fuel`. The place is for the caller to add.
    """
    run = DecisionRun(decisions, dict(values), now, zone)
    try:
        value = run.ask(id)
    except FuelSpent as error:
        raise EngineStopped("fuel", detail=id) from error
    return Decided(value, tuple(run.fired.items()))


def decided_columns(
    decisions: Mapping[str, Decision],
    id: str,
    values: Mapping[str, Value],
    *,
    now: datetime | None = None,
    zone: tzinfo = UTC,
) -> dict[str, Value]:
    """What a decision says, by the names of its output columns; also when it has one alone.

    A decision that gives a list says nothing by column.

    Raises:
        EngineStopped: as `decide`.
    """
    value, outputs = decide(decisions, id, values, now=now, zone=zone).value, decisions[id].outputs
    if len(outputs) == 1 and not isinstance(value, list):
        return {outputs[0].name: value}
    return value if isinstance(value, dict) else {}


def try_decision(
    decisions: Mapping[str, Decision],
    id_: str,
    values: Mapping[str, Value],
    *,
    now: datetime,
    zone: tzinfo = UTC,
) -> Trial:
    """Evaluate a decision and those that it requires.

    Args:
        values: FEEL values of the variables that it reads; a missing one is null.
    """
    run = TrialRun(decisions, dict(values), now, zone)
    try:
        return _tried(run, id_)
    except FuelSpent:
        return Trial(stopped="fuel", about=id_)
    except EngineStopped as stop:
        return Trial(stopped=stop.kind, about=stop.detail)


def _tried(run: TrialRun, id_: str) -> Trial:
    try:
        result = run.ask(id_)
    except EngineStopped as stop:
        of_itself = stop.detail.partition(",")[0] == id_
        if stop.kind not in SEVERAL or not of_itself:
            raise
        rows = run.fitting(id_)
        return Trial(rows, _outputs(run, id_, rows), None, stop.kind, stop.detail)
    rows = run.fired[id_]
    return Trial(rows, _outputs(run, id_, rows), plain(result))


def _outputs(run: TrialRun, id_: str, rows: tuple[int, ...]) -> tuple[tuple[object, ...], ...]:
    return tuple(tuple(plain(value) for value in run.outputs(id_, row)) for row in rows)


@dataclass(slots=True)
class DecisionRun:
    """One evaluation of a decision with all that it requires."""

    decisions: Mapping[str, Decision]
    values: dict[str, Value]
    now: datetime | None
    zone: tzinfo
    fuel: Fuel = field(default_factory=lambda: Fuel(limits.RULE_FUEL))
    """The limit of work that all cells share."""
    fired: dict[str, tuple[int, ...]] = field(default_factory=dict)
    results: dict[str, Value] = field(default_factory=dict)

    def ask(self, id_: str) -> Value:
        """Evaluate one decision and record the rows that fired."""
        if id_ in self.results:
            return self.results[id_]
        decision = self.decisions[id_]
        names = self._names(decision)
        rows = list(self._fitting(decision, names))
        chosen = [(row, self._outputs(decision, row, names)) for row in rows]
        kept = POLICIES[decision.policy](decision, chosen)
        self.fired[id_] = tuple(row.number for row, _ in kept)
        self.results[id_] = coerced(self._result(decision, kept, names), decision.declared)
        return self.results[id_]

    def _names(self, decision: Decision) -> Mapping[str, Value]:
        results = {required: self.ask(required) for required in decision.requires}
        return {**self.values, **results} if results else self.values

    def evaluate(self, expression: Expression, names: Mapping[str, Value]) -> Value:
        return expression.evaluate(names, now=self.now, zone=self.zone, fuel=self.fuel)

    def _matches(self, test: Expression | None, names: Mapping[str, Value], value: Value) -> bool:
        """Whether a value passes a test; no test fits anything."""
        return test is None or test.matches(
            names, value, now=self.now, zone=self.zone, fuel=self.fuel
        )

    def _input(self, decision: Decision, column: Input, names: Mapping[str, Value]) -> Value:
        value = self.evaluate(column.expression, names)
        self._check(decision, column, value, names)
        return value

    def _check(
        self, decision: Decision, column: Input | Output, value: Value, names: Mapping[str, Value]
    ) -> None:
        if value is None:
            return
        kind = column.type.kind
        of_another_kind = kind not in types.OPEN_KINDS and kind_of(value) != kind
        if of_another_kind or not self._matches(column.allowed, names, value):
            raise EngineStopped("rule_input", detail=f"{decision.id}, {column.label}")

    def _fitting(self, decision: Decision, names: Mapping[str, Value]) -> Iterator[Rule]:
        """The rows that fit, as far as the policy has to look."""
        tested = [self._input(decision, column, names) for column in decision.inputs]
        for row in decision.rows:
            for test, value in zip(row.tests, tested, strict=True):
                if not self._matches(test, names, value):
                    break
            else:
                yield row
                if decision.policy == "FIRST":
                    return

    def _outputs(
        self, decision: Decision, row: Rule, names: Mapping[str, Value]
    ) -> tuple[Value, ...]:
        values = tuple(self.evaluate(result, names) for result in row.results)
        for column, value in zip(decision.outputs, values, strict=True):
            self._check(decision, column, value, names)
        return values

    def _result(self, decision: Decision, kept: list[Fired], names: Mapping[str, Value]) -> Value:
        if not kept:
            return self._nothing(decision, names)
        listed = [_shaped(decision, values) for _, values in kept]
        if decision.aggregation:
            return aggregated(decision.aggregation, listed)
        return listed if decision.policy in COLLECTS else listed[0]

    def _nothing(self, decision: Decision, names: Mapping[str, Value]) -> Value:
        """The result when no row fits: the default outputs, else null or an empty list."""
        if any(output.default for output in decision.outputs):
            values = tuple(
                self.evaluate(output.default, names) if output.default else None
                for output in decision.outputs
            )
            for column, value in zip(decision.outputs, values, strict=True):
                self._check(decision, column, value, names)
            shaped = _shaped(decision, values)
            return [shaped] if decision.policy in COLLECTS and not decision.aggregation else shaped
        if decision.aggregation == "COUNT":
            return aggregated("COUNT", [])
        return [] if decision.policy in COLLECTS and not decision.aggregation else None


class TrialRun(DecisionRun):
    """An evaluation of which the rows are asked for one by one afterwards."""

    def fitting(self, id_: str) -> tuple[int, ...]:
        """The numbers of the rows that fit, whatever the policy makes of several."""
        decision = self.decisions[id_]
        return tuple(row.number for row in self._fitting(decision, self._names(decision)))

    def outputs(self, id_: str, row: int) -> tuple[Value, ...]:
        """What one row gives, by its number, in the order of the columns."""
        decision = self.decisions[id_]
        return self._outputs(decision, decision.rows[row - 1], self._names(decision))


def _shaped(decision: Decision, values: tuple[Value, ...]) -> Value:
    return (
        values[0]
        if len(values) == 1
        else {output.name: value for output, value in zip(decision.outputs, values, strict=True)}
    )


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
