"""Find gaps and overlaps of a decision table.

The search combines the regions of all inputs (`regions.py`). A table with a column that cannot be
cut is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from service.engine.bpmn.messages import finding
from service.engine.dmn.model import COLLECTS, Decision
from service.engine.dmn.regions import Budget, Region, TooMany, regions_of
from service.errors import Finding

_PLAIN: Final = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)?", re.ASCII)
_REPORTED: Final = 5
"""Overlaps of one table that are reported; more of them say nothing new."""


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
