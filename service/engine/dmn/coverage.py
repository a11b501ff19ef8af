"""Gaps and overlaps of a table: each input is cut into its distinct regions, and every row says
which of them it takes.

A region stands for all values that no cell tells apart. Only columns whose cells are constants can
be cut; a table with others is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice, pairwise
from typing import Final

from service.engine import limits
from service.engine.bpmn.messages import finding
from service.engine.dmn.model import COLLECTS, Decision, Input
from service.engine.feel import Expression, plain
from service.engine.feel.arithmetic import calculate
from service.engine.feel.values import Months, Value, equal, less
from service.errors import Finding

_PLAIN: Final = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)?", re.ASCII)
_SAID: Final = 5
"""So many overlaps are named; more of them say nothing new."""


@dataclass(frozen=True, slots=True)
class Region:
    """Values of one input that no row tells apart: how a sentence names them, and a bit for each
    row that takes them.
    """

    said: str
    rows: int
    empty: bool = False
    """The input has no value."""


class TooMany(Exception):
    """The search would take too long; nothing is said then."""


@dataclass(slots=True)
class Budget:
    """Looks at regions and cells that are left for one table."""

    left: int = limits.RULE_REGIONS

    def spend(self, work: int = 1) -> None:
        self.left -= work
        if self.left < 0:
            raise TooMany


def doubts(decision: Decision, line: int) -> Iterator[Finding]:
    """R202 gaps, R203 overlaps and rows that are never reached; nothing where columns cannot be cut
    or the search is too long.
    """
    try:
        cutting = Budget()
        columns = [_regions(decision, place, cutting) for place in range(len(decision.inputs))]
        cut = [column for column in columns if column is not None]
        if columns and len(cut) == len(columns):
            yield from _found(
                decision, Search(cut, [column.label for column in decision.inputs]), line
            )
    except TooMany:
        return


def _found(decision: Decision, search: Search, line: int) -> Iterator[Finding]:
    default = any(output.default for output in decision.outputs)
    if (
        decision.policy not in COLLECTS
        and not default
        and (gap := search.gap(len(decision.rows))) is not None
    ):
        yield finding(
            "R202", decision.file, decision.id, {"x": decision.id, "values": gap}, line=line
        )
    if decision.policy == "UNIQUE":
        yield from _overlaps(decision, search, line)
    if decision.policy == "FIRST":
        for row in decision.rows:
            if not search.reached(row.number - 1):
                yield finding(
                    "R203.never",
                    decision.file,
                    decision.id,
                    {"x": decision.id, "row": row.number},
                    line=line,
                )


def _overlaps(decision: Decision, search: Search, line: int) -> Iterator[Finding]:
    texts = [column.expression.text for column in decision.inputs]
    sure = len(set(texts)) == len(texts) and all(_PLAIN.fullmatch(text) for text in texts)
    for one, other in islice(search.meetings(len(decision.rows)), _SAID):
        facts = {
            "x": decision.id,
            "row": one + 1,
            "other": other + 1,
            "values": search.meet(one, other),
        }
        yield finding(
            "R203" if sure else "R203.perhaps", decision.file, decision.id, facts, line=line
        )


@dataclass(slots=True)
class Search:
    """Depth first over the regions of all columns, with a budget."""

    columns: list[list[Region]]
    labels: list[str]
    budget: Budget = field(default_factory=Budget)

    def gap(self, rows: int) -> str | None:
        """The first combination of values that no row takes, as a sentence names it."""
        full = self._full(
            (1 << rows) - 1,
            [[region for region in column if not region.empty] for column in self.columns],
        )
        way = self._gap(0, (1 << rows) - 1, full, ())
        return None if way is None else self._named(way)

    def _gap(
        self, place: int, rows: int, full: list[int], way: tuple[Region, ...]
    ) -> tuple[Region, ...] | None:
        if not rows:
            return way
        if place == len(self.columns) or rows & full[place]:
            return None
        for region in self.columns[place]:
            self.budget.spend()
            if (
                not region.empty
                and (found := self._gap(place + 1, rows & region.rows, full, (*way, region)))
                is not None
            ):
                return found
        return None

    def reached(self, row: int) -> bool:
        """Is there a combination that this row takes and no row above it?"""
        above, mine = (
            (1 << row) - 1,
            [[region for region in column if region.rows >> row & 1] for column in self.columns],
        )
        return self._reached(0, above, self._full(above, mine), mine)

    def _reached(self, place: int, above: int, full: list[int], mine: list[list[Region]]) -> bool:
        if not above:
            return all(mine[place:])
        if place == len(mine) or above & full[place]:
            return False
        for region in mine[place]:
            self.budget.spend()
            if self._reached(place + 1, above & region.rows, full, mine):
                return True
        return False

    def meetings(self, rows: int) -> Iterator[tuple[int, int]]:
        """Pairs of rows that take the same values: in each column there is a region of both."""
        met = [(1 << rows) - 1] * rows
        for column in self.columns:
            named_fields = [0] * rows
            for region in column:
                for row in () if region.empty else _bits(region.rows):
                    self.budget.spend()
                    named_fields[row] |= region.rows
            met = [one & other for one, other in zip(met, named_fields, strict=True)]
        return (
            (row, other) for row, others in enumerate(met) for other in _bits(others) if other > row
        )

    def meet(self, one: int, other: int) -> str:
        """Values that two rows take both; `meetings` has found that there are some."""
        way = (
            next(
                region
                for region in column
                if not region.empty and region.rows >> one & region.rows >> other & 1
            )
            for column in self.columns
        )
        return self._named(tuple(way))

    def _full(self, rows: int, columns: list[list[Region]]) -> list[int]:
        """From each column on, the rows that take everything that is left."""
        full = [rows]
        for column in reversed(columns):
            taken = full[-1]
            for region in column:
                taken &= region.rows
            full.append(taken)
        return full[::-1]

    def _named(self, way: tuple[Region, ...]) -> str:
        return ", ".join(
            f"{label} {region.said}" for label, region in zip(self.labels, way, strict=False)
        )


def _bits(rows: int) -> Iterator[int]:
    while rows:
        lowest = rows & -rows
        yield lowest.bit_length() - 1
        rows ^= lowest


# ---- cutting one column


def _regions(decision: Decision, place: int, budget: Budget) -> list[Region] | None:
    """The regions of one input, or None when its cells hold more than constants."""
    column, tests = decision.inputs[place], [row.tests[place] for row in decision.rows]
    told = [test for test in tests if test is not None]
    if any(test.reads or test.clock or "?" in test.text for test in told):
        return None
    if not told:
        return [Region("-", (1 << len(tests)) - 1)]
    budget.spend(sum(len(test.constants) for test in set(told)) * len(set(told)))
    values = _representatives(column, told)
    if values is None:
        return None
    allowed = [
        (said, value)
        for said, value in values
        if column.allowed is None or column.allowed.matches({}, value)
    ]
    rows: dict[Expression | None, int] = {}
    for row, test in enumerate(tests):
        rows[test] = rows.get(test, 0) | 1 << row
    return [
        *(Region(said, _taking(rows, value, budget)) for said, value in allowed),
        Region("null", _taking(rows, None, budget), empty=True),
    ]


def _taking(rows: Mapping[Expression | None, int], value: Value, budget: Budget) -> int:
    """The rows that take a value; a test that stands in several rows is asked once."""
    budget.spend(len(rows))
    return sum(bits for test, bits in rows.items() if test is None or test.matches({}, value))


def _representatives(column: Input, told: list[Expression]) -> list[tuple[str, Value]] | None:
    constants: list[Value] = []
    for test in (*told, *((column.allowed,) if column.allowed else ())):
        constants += [
            value
            for value in test.constants
            if not any(equal(value, one) is True for one in constants)
        ]
    match column.type.kind:
        case "boolean":
            return [("true", True), ("false", False)]
        case "string":
            texts = [f'"{text}"' for text in constants if isinstance(text, str)]
            listed = [
                (f'"{text}"', text)
                for text in column.type.values or constants
                if isinstance(text, str)
            ]
            return (
                listed
                if column.type.values
                else [*listed, (f"not({', '.join(texts)})" if texts else "-", "another text")]
            )
        case kind if kind in _STEPS:
            return _between(constants, *_STEPS[kind], whole=column.whole)
        case _:
            return None


_STEPS: Final[Mapping[str, tuple[Value, Value]]] = {
    "number": (Decimal(0), Decimal(1)),
    "date": (date(2000, 1, 1), timedelta(days=1)),
    "date and time": (datetime(2000, 1, 1, tzinfo=UTC), timedelta(hours=1)),
    "duration": (timedelta(0), timedelta(hours=1)),
    "months": (Months(0), Months(1)),
}
"""Some value of each kind, and how far from an end the next region is looked at."""


def _between(
    constants: list[Value], some: Value, step: Value, *, whole: bool
) -> list[tuple[str, Value]] | None:
    """Each constant, a value between each two, and one beyond either end, named as a cell would;
    any value at all when there are no constants.
    """
    if any(less(one, constants[0]) is None for one in constants):
        return None
    if not constants:
        return [("-", some)]
    ends = sorted(constants)
    found = [
        (f"< {_text(ends[0])}", calculate("-", ends[0], step)),
        (f"> {_text(ends[-1])}", calculate("+", ends[-1], step)),
    ]
    found += [(_text(end), end) for end in ends]
    found += [
        (f"({_text(one)}..{_text(other)})", _middle(one, other, whole=whole))
        for one, other in pairwise(ends)
    ]
    return [(said, value) for said, value in found if value is not None]


def _middle(one: Value, other: Value, *, whole: bool) -> Value:
    """Some value between two; None when there is none."""
    apart = calculate("-", other, one)
    half = calculate("/", apart, Decimal(2))
    middle = calculate("+", one, half)
    if whole and isinstance(middle, Decimal):
        middle = middle.to_integral_value("ROUND_FLOOR")
    return middle if less(one, middle) is True and less(middle, other) is True else None


def _text(value: Value) -> str:
    return str(plain(value))
