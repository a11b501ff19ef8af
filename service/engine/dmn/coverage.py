"""Coverage of a decision table: find gaps and overlaps of its rows.

The values of each input are cut into regions in which every row gives the same answer, and the
search combines the regions of all inputs. Only a column whose cells are constants can be cut; a
table with a column that cannot is not judged.
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
from service.engine.bpmn.sentences import finding
from service.engine.dmn.model import COLLECTS, Decision, Input
from service.engine.feel import Expression
from service.engine.feel.arithmetic import calculate
from service.engine.feel.conversion import written
from service.engine.feel.values import Months, Value, equal, less
from service.errors import Finding

_PLAIN: Final = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)?", re.ASCII)
_REPORTED: Final = 5
"""Overlaps of one table that are reported; more of them say nothing new."""

_STEPS: Final[Mapping[str, tuple[Value, Value]]] = {
    "number": (Decimal(0), Decimal(1)),
    "date": (date(2000, 1, 1), timedelta(days=1)),
    "date and time": (datetime(2000, 1, 1, tzinfo=UTC), timedelta(hours=1)),
    "duration": (timedelta(0), timedelta(hours=1)),
    "months": (Months(0), Months(1)),
}
"""By kind: a value to start from, and the distance from an end at which the next region begins."""


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


def coverage_findings(decision: Decision, line: int) -> Iterator[Finding]:
    """Report gaps (R202), overlaps and rows that are never reached (R203).

    Nothing is reported where a column cannot be cut or the search is too long.
    """
    try:
        budget = Budget()
        columns = [regions_of(decision, place, budget) for place in range(len(decision.inputs))]
        cut = [column for column in columns if column is not None]
        if columns and len(cut) == len(columns):
            search = Search(cut, [column.label for column in decision.inputs])
            yield from _searched(decision, search, line)
    except TooMany:
        return


def _searched(decision: Decision, search: Search, line: int) -> Iterator[Finding]:
    file, id_, name = decision.file, decision.id, decision.title
    always_answers = decision.policy in COLLECTS or any(out.default for out in decision.outputs)
    if not always_answers and (gap := search.gap(len(decision.rows))) is not None:
        yield finding("R202", file, id_, {"x": name, "values": gap}, line=line)
    if decision.policy == "UNIQUE":
        yield from _overlaps(decision, search, line)
    if decision.policy == "FIRST":
        for row in decision.rows:
            if not search.reached(row.number - 1):
                yield finding("R203.never", file, id_, {"x": name, "row": row.number}, line=line)


def _overlaps(decision: Decision, search: Search, line: int) -> Iterator[Finding]:
    texts = [column.expression.text for column in decision.inputs]
    sure = len(set(texts)) == len(texts) and all(_PLAIN.fullmatch(text) for text in texts)
    key = "R203" if sure else "R203.perhaps"
    for row, other in islice(search.meetings(len(decision.rows)), _REPORTED):
        values = search.meet(row, other)
        facts = {"x": decision.title, "row": row + 1, "other": other + 1, "values": values}
        yield finding(key, decision.file, decision.id, facts, line=line)


@dataclass(slots=True)
class Search:
    """Depth-first search over the regions of all columns, with a budget."""

    columns: list[list[Region]]
    labels: list[str]
    budget: Budget = field(default_factory=Budget)

    def gap(self, rows: int) -> str | None:
        """The first combination of values that no row takes, as a sentence names it."""
        everything = (1 << rows) - 1
        values = [[region for region in column if not region.empty] for column in self.columns]
        way = self._gap(0, everything, self._full(everything, values), ())
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
            if region.empty:
                continue
            gap = self._gap(place + 1, rows & region.rows, full, (*way, region))
            if gap is not None:
                return gap
        return None

    def reached(self, row: int) -> bool:
        """Whether there is a combination that this row takes and no row above it."""
        above = (1 << row) - 1
        mine = [[region for region in column if region.rows >> row & 1] for column in self.columns]
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
        """Pairs of rows that take the same values: each column has a region of both."""
        met = [(1 << rows) - 1] * rows
        for column in self.columns:
            together = [0] * rows
            for region in column:
                for row in () if region.empty else _bits(region.rows):
                    self.budget.spend()
                    together[row] |= region.rows
            met = [before & here for before, here in zip(met, together, strict=True)]
        pairs = ((row, other) for row, others in enumerate(met) for other in _bits(others))
        return ((row, other) for row, other in pairs if other > row)

    def meet(self, row: int, other: int) -> str:
        """Values that both rows take; `meetings` has found that there are some."""
        way = tuple(
            next(r for r in column if not r.empty and r.rows >> row & r.rows >> other & 1)
            for column in self.columns
        )
        return self._named(way)

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
            f"{label} {region.name}" for label, region in zip(self.labels, way, strict=False)
        )


def _bits(rows: int) -> Iterator[int]:
    while rows:
        lowest = rows & -rows
        yield lowest.bit_length() - 1
        rows ^= lowest


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
