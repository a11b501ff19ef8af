"""Closures of compiled nodes that take more than a line.

Variables, list items, the current time, and loops over lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias

from service.engine import limits
from service.engine.feel.errors import FuelSpent
from service.engine.feel.evaluation import Code, Evaluation
from service.engine.feel.values import Value, part


def variable(name: str) -> Code:
    def run(now: Evaluation) -> Value:
        now.fuel -= 1
        if now.fuel < 0:
            raise FuelSpent
        return now.values.get(name)

    return run


def item(place: int) -> Code:
    def run(now: Evaluation) -> Value:
        now.fuel -= 1
        if now.fuel < 0:
            raise FuelSpent
        return now.items[place]

    return run


def of_subject(code: Code, now: Evaluation, value: Value) -> bool | None:
    outer, now.tested = now.tested, value
    answer = code(now)
    now.tested = outer
    return answer if answer is True or answer is False else None


def short(now: Evaluation, value: Value) -> Value:
    """Take work for a text that was made, by its length."""
    if type(value) is str and len(value) > _SHORT:
        if len(value) > limits.FEEL_TEXT:
            raise FuelSpent
        now.spend(len(value) // _SHORT)
    return value


_SHORT: Final = 64
"""Characters of a text that one unit of work pays for."""


def today(now: Evaluation) -> Value:
    now.spend()
    return None if now.now is None else now.now.astimezone(now.zone).date()


def now_of(now: Evaluation) -> datetime | None:
    now.spend()
    return None if now.now is None else now.now.astimezone(now.zone)


Source: TypeAlias = tuple[int, Code]
"""The place of a name's item, and the list that it goes through."""


class _NoList(Exception):
    """What a name shall go through is no list."""


def _rounds(now: Evaluation, sources: tuple[Source, ...]) -> Iterator[None]:
    """Put every combination of items at their places, the last name changing fastest."""
    (place, source), *others = sources
    items = now.visit(source(now))
    if type(items) is not list:
        raise _NoList
    inner = tuple(others)
    for item in items:
        now.items[place] = item
        if inner:
            yield from _rounds(now, inner)
        else:
            yield


def quantified(
    sources: tuple[Source, ...],
    test: Code,
    join: Callable[[bool | None, Value], bool | None],
    *,
    until: bool,
) -> Code:
    """Evaluate `some` (until one combination is true) or `every` (until one is false)."""
    if len(sources) == 1:
        return _quantified_once(sources[0], test, join, until=until)

    def run(now: Evaluation) -> bool | None:
        answer: bool | None = not until
        try:
            for _ in _rounds(now, sources):
                answer = join(answer, test(now))
                if answer is until:
                    break
        except _NoList:
            return None
        return answer

    return run


def _quantified_once(
    from_one: Source,
    test: Code,
    join: Callable[[bool | None, Value], bool | None],
    *,
    until: bool,
) -> Code:
    """The same for one list, which nearly all have, without a generator."""
    place, source = from_one

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


def looped(sources: tuple[Source, ...], so_far: int, body: Code) -> Code:
    """Evaluate `for`: the results of all combinations in a list; None where one is no list."""

    def run(now: Evaluation) -> list[Value] | None:
        results: list[Value] = []
        try:
            for _ in _rounds(now, sources):
                now.spend()
                now.items[so_far] = results
                results.append(now.visit(body(now)))
                if len(results) > limits.FEEL_LIST:
                    raise FuelSpent
        except _NoList:
            return None
        return results

    return run


def copied(now: Evaluation, place: int) -> Value:
    """The results so far, as they are now."""
    results = now.visit(now.items[place])
    return list(results)


def counted(low: Code, high: Code) -> Code:
    """Evaluate `a..b` behind `in`: the whole numbers between, also downwards."""

    def run(now: Evaluation) -> list[Value] | None:
        ends = low(now), high(now)
        if any(type(end) is not Decimal or end != end.to_integral_value() for end in ends):
            return None
        if max(end.adjusted() for end in ends) > _DIGITS:
            raise FuelSpent
        start, end = (int(end) for end in ends)
        if abs(end - start) >= limits.FEEL_LIST:
            raise FuelSpent
        step = 1 if end >= start else -1
        return [Decimal(number) for number in range(start, end + step, step)]

    return run


_DIGITS: Final = 34


def part_of(now: Evaluation, place: int, name: str) -> Value:
    """A part of the item of a filter, whose type has that part."""
    now.spend()
    return part(now.items[place], name)


def part_or(place: int, name: str, outer: Code | None) -> Code:
    """Evaluate a name in a filter: a part of the item that has it, else what it is outside."""

    def run(now: Evaluation) -> Value:
        now.spend()
        item = now.items[place]
        if type(item) is dict and name in item:
            return item[name]
        return None if outer is None else outer(now)

    return run


def made_context(entries: tuple[tuple[str, int, Code], ...]) -> Code:
    """Evaluate a context; each value stands at its place for the entries behind it."""

    def run(now: Evaluation) -> dict[str, Value]:
        now.spend()
        made: dict[str, Value] = {}
        for key, place, code in entries:
            now.items[place] = made[key] = now.visit(code(now))
        return made

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
    place_of = pick(source, test, place)
    keep = kept(source, test, place)

    def run(now: Evaluation) -> Value:
        items = _listed(now, source)
        if items is None:
            return None
        now.items[place] = items[0] if items else None
        return place_of(now) if type(test(now)) is Decimal else keep(now)

    return run
