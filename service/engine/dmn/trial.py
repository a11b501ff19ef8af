"""Ask one decision by hand: which rows fire, and what each of them gives.

A run of a case stops where several rows fit and one may; here the rows are named instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from service.engine.dmn.evaluator import DecisionRun
from service.engine.dmn.model import Decision
from service.engine.feel import FuelSpent, plain
from service.engine.feel.values import Value
from service.errors import EngineStopped

SEVERAL = frozenset({"rule_unique", "rule_any"})
"""Stops because of the rows that fit together."""


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
