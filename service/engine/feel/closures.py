"""Closures of compiled nodes that take more than a line.

Variables, list items, the current time, and loops over lists.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from service.engine import limits
from service.engine.feel.errors import FuelSpent
from service.engine.feel.evaluation import Code, Evaluation
from service.engine.feel.values import Value


def variable(name: str) -> Code:
    def run(now: Evaluation) -> Value:
        now.fuel -= 1
        if now.fuel < 0:
            raise FuelSpent
        return now.values.get(name)

    return run


def item_at(now: Evaluation, place: int) -> Value:
    now.spend()
    return now.items[place]


def of_subject(code: Code, now: Evaluation, value: Value) -> bool | None:
    outer, now.tested = now.tested, value
    answer = code(now)
    now.tested = outer
    return answer if answer is True or answer is False else None


def short(value: Value) -> Value:
    if type(value) is str and len(value) > limits.FEEL_TEXT:
        raise FuelSpent
    return value


def today(now: Evaluation) -> Value:
    now.spend()
    return None if now.now is None else now.now.astimezone(now.zone).date()


def now_of(now: Evaluation) -> datetime | None:
    now.spend()
    return None if now.now is None else now.now.astimezone(now.zone)


def quantified(
    source: Code,
    test: Code,
    place: int,
    join: Callable[[bool | None, Value], bool | None],
    *,
    until: bool,
) -> Code:
    """Evaluate `some` (until one item is true) or `every` (until one is false)."""

    def run(now: Evaluation) -> bool | None:
        items = now.visit(source(now))
        if type(items) is not list:
            return None
        answer: bool | None = not until
        for item in items:
            now.items[place] = item
            answer = join(answer, test(now))
            if answer is until:
                break
        return answer

    return run


def _listed(now: Evaluation, source: Code) -> list[Value] | None:
    """The value as a list; a value that is no list becomes a list of itself."""
    items = now.visit(source(now))
    return items if items is None or type(items) is list else [items]


def _at_place(items: list[Value], at: Value) -> Value:
    """The item at a place, from 1, or from the end for a negative one; None outside."""
    if (
        type(at) is not Decimal
        or at != at.to_integral_value()
        or not 1 <= at.copy_abs() <= len(items)
    ):
        return None
    return items[int(at) - (at > 0)]


def pick(source: Code, test: Code, place: int) -> Code:
    def run(now: Evaluation) -> Value:
        items = _listed(now, source)
        if items is None:
            return None
        now.items[place] = items[0] if items else None
        return _at_place(items, test(now))

    return run


def kept(source: Code, test: Code, place: int) -> Code:
    def run(now: Evaluation) -> Value:
        items = _listed(now, source)
        if items is None:
            return None
        kept = []
        for item in items:
            now.items[place] = item
            if test(now) is True:
                kept.append(item)
        return kept

    return run


def picked_or_kept(source: Code, test: Code, place: int) -> Code:
    """Evaluate `list[x]`; the first result tells whether `x` is an index or a condition."""
    place_of, keep = pick(source, test, place), kept(source, test, place)

    def run(now: Evaluation) -> Value:
        items = _listed(now, source)
        if items is None:
            return None
        now.items[place] = items[0] if items else None
        return place_of(now) if type(test(now)) is Decimal else keep(now)

    return run
