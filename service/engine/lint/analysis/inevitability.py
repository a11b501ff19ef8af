"""Steps that surely follow another on every way to the end of the case, and within which time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from operator import and_, or_

from service.engine.bpmn.model import Node
from service.engine.feel import Expression
from service.engine.feel.values import Months, Value
from service.engine.lint.analysis.graph import ordered, settle, trail
from service.engine.lint.analysis.net import waits
from service.engine.lint.analysis.writes import own_writes
from service.engine.lint.context import once
from service.engine.lint.rules_dataflow import DataflowContext
from service.engine.lint.scopes import JOBS, ScopeView
from service.engine.timing.durations import MixedDuration, time_of

_MONTH = timedelta(days=31)
_FOR_EVER = timedelta.max
_DEPTH = 200
"""Steps of a way that are measured; longer ways are watched."""


class Inevitability:
    """What surely follows each step, as long as no sub-process around it is interrupted."""

    def __init__(self, flows: DataflowContext) -> None:
        self.context = flows.context
        self.bits = {node.id: 1 << n for n, (_, node) in enumerate(self.context.nodes())}
        self.following = {id_: self._next(id_) for id_ in self.bits}
        """Where a token may be next after each step."""
        self.ahead = dict.fromkeys(self.bits, (1 << len(self.bits)) - 1)
        self._settle()

    def surely(self, step: str, place: str) -> bool:
        """Whether the step comes after the place on every way."""
        return bool(self._behind(place) & self.bits[step])

    def way_past(self, place: str, step: str) -> tuple[str, ...]:
        """A way from a place to an end that does not pass the step."""
        before: dict[str, str] = {}
        todo = [place]
        for id_ in todo:  # grows while it is walked: breadth first
            following = [n for n in self.following[id_] if n != step]
            if id_ != place and not self.following[id_]:
                return trail(before, id_)
            for other in following:
                if other not in before and other != place:
                    before[other] = id_
                    todo.append(other)
        return (place,)

    def longest(self, place: str, step: str) -> timedelta:
        """The longest time from a place to a step that deadlines allow.

        For ever when a step between them has no deadline.
        """
        known: dict[str, timedelta] = {}
        self._measure(place, step, known, 0)
        return known[place]

    def _measure(self, id_: str, step: str, known: dict[str, timedelta], depth: int) -> timedelta:
        """Depth first; a place that is met again is on a loop, which may take for ever."""
        if id_ in known:
            return known[id_]
        known[id_] = _FOR_EVER
        if id_ == step:
            node = self.context.home[id_][1]
            # a sub-process is done when all its steps are, so its own deadline says nothing
            known[id_] = _FOR_EVER if node.scope or node.calls else self._deadline(id_)
        elif depth < _DEPTH:
            own = self._deadline(id_) if depth else timedelta(0)
            rest = [
                self._measure(following, step, known, depth + 1)
                for following in (self.following[id_] if depth else self._done(id_))
            ]
            far = (min if self.context.home[id_][1].kind == "parallelGateway" else max)(
                rest, default=_FOR_EVER
            )
            known[id_] = _FOR_EVER if _FOR_EVER in {own, far} else own + far
        return known[id_]

    def _deadline(self, id_: str) -> timedelta:
        """How long a token can stay at a step.

        Zero for a sub-process or a call: its steps are measured one by one.
        """
        view, node = self.context.home[id_]
        if (
            node.kind in JOBS
            or not waits(node)
            or (node.scope.id if node.scope else node.calls) in self.context.view
        ):
            return timedelta(0)
        own = [node] if node.kind == "intermediateCatchEvent" else []
        timers = [
            n for n in (*own, *view.borders[id_]) if n.event.kind == "timer" and n.interrupting
        ]
        return min((self._length(timer) for timer in timers), default=_FOR_EVER)

    def _length(self, timer: Node) -> timedelta:
        """The longest time that a timer can take.

        A constant, or the longest that any row of the rule behind it gives. Working days have no
        fixed length.
        """
        if timer.event.ref != "duration" or timer.properties.get("days") == "working":
            return _FOR_EVER
        if not timer.event.text.startswith("="):
            return _days(time_of(timer.event.text))
        expressions = (e for text, e in self.context.expressions if text.place is timer)
        expression = next((e for e in expressions if isinstance(e, Expression)), None)
        if expression is None or len(expression.reads) > 1:
            return _FOR_EVER
        values = self._rows(*expression.reads)
        return max((_days(expression.try_evaluate(row)) for row in values), default=_FOR_EVER)

    def _rows(self, name: str = "") -> list[dict[str, Value]]:
        """The values of a variable, one row of its rule each; empty with other writers."""
        if not name:
            return [{}]
        writers = [
            node for _, node in self.context.nodes() if name in own_writes(self.context, node).names
        ]
        decisions = [self.context.decisions.get(node.decision) for node in writers]
        rows = [
            (decision, row.results) for decision in decisions if decision for row in decision.rows
        ]
        if None in decisions or any(
            len(d.outputs) == 1 or any(result.reads for result in results) for d, results in rows
        ):
            return []
        return [
            {
                name: {
                    output.name: result.try_evaluate({})
                    for output, result in zip(d.outputs, results, strict=True)
                }
            }
            for d, results in rows
        ]

    def _settle(self) -> None:
        """Solve backwards to a fixpoint.

        At a choice what all ways bring, behind a parallel split what any brings.
        """

        def changes(id_: str) -> bool:
            bits = self._behind(id_) | self.bits[id_]
            changed = bits != self.ahead[id_]
            self.ahead[id_] = bits
            return changed

        order = ordered(self.bits, self.following.__getitem__)
        settle(order, self.following, changes)

    def _behind(self, id_: str) -> int:
        following = self.following[id_]
        if not following:
            return 0
        _, node = self.context.home[id_]
        merge = or_ if node.kind == "parallelGateway" else and_
        return reduce(merge, (self.ahead[other] for other in following))

    def _next(self, id_: str) -> list[str]:
        """Where a token may be next: inside a sub-process, or past an interrupting event."""
        view, node = self.context.home[id_]
        inside = self.context.inside(node) if node.kind in {"subProcess", "callActivity"} else None
        if inside is None or node.event_sub:
            return self._done(id_)
        starts = [n.id for n in inside.scope.nodes if n.kind == "startEvent"]
        return starts + [border.id for border in view.borders[id_] if border.interrupting]

    def _done(self, id_: str) -> list[str]:
        """Where a token goes from a step that is done or interrupted, whatever is inside it."""
        view, node = self.context.home[id_]
        if node.kind == "endEvent":
            code = node.event.ref if node.event.kind == "error" else None
            return list(self._out_of(view, code))
        return [flow.target for flow in view.out[id_]] + [
            border.id for border in view.borders[id_] if border.interrupting
        ]

    def _out_of(self, view: ScopeView, code: str | None) -> tuple[str, ...]:
        """Where a token goes from an end event of a scope, each place once.

        Behind the sub-process, behind the calls, or to the boundary event that catches the error.

        Args:
            code: of the error that the end event throws; None when it throws none.
        """
        key = ("out of", view.id, "" if code is None else f"error {code}")
        return once(self.context, key, lambda: tuple(dict.fromkeys(self._around(view, code))))

    def _around(self, view: ScopeView, code: str | None) -> Iterator[str]:
        owners = (
            [(view.outer, view.owner)]
            if view.owner and view.outer
            else list(self.context.callers.get(view.process.id, ()))
        )
        for outer, owner in owners:
            if owner.event_sub:
                continue
            catches = [
                b.id
                for b in outer.borders[owner.id]
                if b.event.kind == "error" and b.event.ref in {"", code}
            ]
            if code is None:
                yield from (flow.target for flow in outer.out[owner.id])
            elif catches:
                yield from catches
            else:
                yield from self._out_of(outer, code)


def _days(length: object) -> timedelta:
    if isinstance(length, Months):
        return int(length) * _MONTH
    if isinstance(length, MixedDuration):
        return int(length.months) * _MONTH + length.rest
    return length if isinstance(length, timedelta) else _FOR_EVER
