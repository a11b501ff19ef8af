"""Cut the values of one input into regions, within which every row gives the same answer.

Only a column whose cells are constants can be cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from service.engine import limits
from service.engine.dmn.model import Decision, Input
from service.engine.feel import Expression
from service.engine.feel.arithmetic import calculate
from service.engine.feel.conversion import written
from service.engine.feel.values import Months, Value, equal, less


@dataclass(frozen=True, slots=True)
class Region:
    """Values of one input that no row treats differently."""

    name: str
    """How a sentence names them."""
    rows: int
    """A bit for each row that takes them."""
    empty: bool = False
    """The region of null."""


class TooMany(Exception):
    """The search would take too long; nothing is reported then."""


@dataclass(slots=True)
class Budget:
    """Work that is left for the search in one table, in regions and cells."""

    left: int = limits.RULE_REGIONS

    def spend(self, work: int = 1) -> None:
        self.left -= work
        if self.left < 0:
            raise TooMany


def regions_of(decision: Decision, place: int, budget: Budget) -> list[Region] | None:
    """Cut the values of one input into regions.

    None when the cells of its column hold more than constants.
    """
    column, cells = decision.inputs[place], [row.tests[place] for row in decision.rows]
    tests = [cell for cell in cells if cell is not None]
    if any(test.reads or test.clock or "?" in test.text for test in tests):
        return None
    if not tests:
        return [Region("-", (1 << len(cells)) - 1)]
    distinct = set(tests)
    budget.spend(sum(len(test.constants) for test in distinct) * len(distinct))
    values = _representatives(column, tests)
    if values is None:
        return None
    allowed = [
        (name, value)
        for name, value in values
        if column.allowed is None or column.allowed.try_matches(value)
    ]
    rows: dict[Expression | None, int] = {}
    for row, cell in enumerate(cells):
        rows[cell] = rows.get(cell, 0) | 1 << row
    return [
        *(Region(name, _taking(rows, value, budget)) for name, value in allowed),
        Region("null", _taking(rows, None, budget), empty=True),
    ]


def _taking(rows: Mapping[Expression | None, int], value: Value, budget: Budget) -> int:
    """The rows that take a value; a test of several rows is evaluated once."""
    budget.spend(len(rows))
    return sum(bits for test, bits in rows.items() if test is None or test.try_matches(value))


def _representatives(column: Input, tests: list[Expression]) -> list[tuple[str, Value]] | None:
    """One value of each region with its name; None for kinds that have no order."""
    constants: list[Value] = []
    for test in (*tests, *((column.allowed,) if column.allowed else ())):
        for value in test.constants:
            if not any(equal(value, known) is True for known in constants):
                constants.append(value)
    match column.type.kind:
        case "boolean":
            return [("true", True), ("false", False)]
        case "string":
            return _texts(column, constants)
        case kind if kind in _STEPS:
            return _between(constants, *_STEPS[kind], whole=column.whole)
        case _:
            return None


def _texts(column: Input, constants: list[Value]) -> list[tuple[str, Value]]:
    """The allowed texts; without a list of them, the texts of the cells and any other."""
    if column.type.values:
        return [(f'"{text}"', text) for text in column.type.values]
    named: list[tuple[str, Value]] = [
        (f'"{text}"', text) for text in constants if isinstance(text, str)
    ]
    other = f"not({', '.join(name for name, _ in named)})" if named else "-"
    return [*named, (other, "another text")]


_STEPS: Final[Mapping[str, tuple[Value, Value]]] = {
    "number": (Decimal(0), Decimal(1)),
    "date": (date(2000, 1, 1), timedelta(days=1)),
    "date and time": (datetime(2000, 1, 1, tzinfo=UTC), timedelta(hours=1)),
    "duration": (timedelta(0), timedelta(hours=1)),
    "months": (Months(0), Months(1)),
}
"""By kind: a value to start from, and the distance from an end at which the next region begins."""


def _between(
    constants: list[Value], some: Value, step: Value, *, whole: bool
) -> list[tuple[str, Value]] | None:
    """Each constant, a value between each two, and one beyond either end.

    Each is named as a cell would name it. Without constants any value will do.
    """
    if any(less(constant, constants[0]) is None for constant in constants):
        return None
    if not constants:
        return [("-", some)]
    ends = sorted(constants)
    values = [
        (f"< {written(ends[0])}", calculate("-", ends[0], step)),
        (f"> {written(ends[-1])}", calculate("+", ends[-1], step)),
    ]
    values += [(written(end), end) for end in ends]
    values += [
        (f"({written(low)}..{written(high)})", _middle(low, high, whole=whole))
        for low, high in pairwise(ends)
    ]
    return [(name, value) for name, value in values if value is not None]


def _middle(low: Value, high: Value, *, whole: bool) -> Value:
    """A value between two; None when there is none."""
    half = calculate("/", calculate("-", high, low), Decimal(2))
    middle = calculate("+", low, half)
    if whole and isinstance(middle, Decimal):
        middle = middle.to_integral_value("ROUND_FLOOR")
    return middle if less(low, middle) is True and less(middle, high) is True else None
