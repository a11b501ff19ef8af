"""Counts of persons in tables, with the small ones hidden so that nobody can work them out.

A count under a limit is hidden (`SMALL`), and further ones with it (`ALSO`), until from all that is
published together every hidden small count can still be any number from zero to just under the
limit. A table in which that cannot be had is withheld.

What makes this provable for tables that share their margins:

- A table of one dimension is protected first. Its hidden groups have a known sum, the rest of the
  total, which is itself no small count.
- A table of two dimensions has the shown groups as rows and columns, and all hidden groups of a
  dimension together as one more. So all its margins are known anyway, and what it hides is
  independent of every other table, as long as the pairs of dimensions form no circle.

Whether a hidden count can reach a number while all margins stay is a question of the flow in a
network, and is answered exactly. Source: Hundepool et al., Statistical Disclosure Control (2012),
4.3; Gusfield, A graph theoretic approach to statistical data security (1988).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, TypeAlias

SMALL: Final = "<"
"""A count under the limit."""
ALSO: Final = "x"
"""A count that is hidden so that no small one can be worked out; it is not under the limit."""
Cell: TypeAlias = int | str
"""A count, `SMALL` or `ALSO`."""
Place: TypeAlias = tuple[int, int]


def protect_groups(counts: Sequence[int], least: int) -> list[Cell] | None:
    """Hide the small counts of the groups of one dimension, whose total is known.

    Args:
        counts: persons of each group; every person is in one.
        least: counts below this are hidden, zero too.
    Returns: None when the total is small, or when nothing could be shown.
    """
    small = [at for at, n in enumerate(counts) if n < least]
    others = sorted((n, at) for at, n in enumerate(counts) if n >= least)
    if sum(counts) < least:
        return None
    also: list[int] = []
    while small and not _is_open(counts, small, also, least):
        if not others:
            return None
        also.append(others.pop(0)[1])
    if not others:
        return None
    hidden = {**dict.fromkeys(small, SMALL), **dict.fromkeys(also, ALSO)}
    return [hidden.get(at, n) for at, n in enumerate(counts)]


def _is_open(counts: Sequence[int], small: Sequence[int], also: Sequence[int], least: int) -> bool:
    """Whether each small one of these hidden groups can be anything, when their sum is known."""
    together = sum(counts[at] for at in (*small, *also))
    can_be_most = together - (least - 1) >= least * len(also)
    can_be_none = bool(also) or together <= (least - 1) * (len(small) - 1)
    return together >= least and can_be_most and can_be_none


def shown_groups(cells: Sequence[Cell]) -> list[int]:
    """Places of the groups that are shown."""
    return [at for at, cell in enumerate(cells) if isinstance(cell, int)]


def join_hidden(
    counts: Sequence[Sequence[int]], rows: Sequence[Cell], columns: Sequence[Cell]
) -> list[list[int]]:
    """A table in which the hidden groups of each dimension are one row and one column, the last."""
    return [
        [sum(counts[r][c] for r, c in product(down, across)) for across in _joined(columns)]
        for down in _joined(rows)
    ]


def _joined(cells: Sequence[Cell]) -> list[list[int]]:
    shown = shown_groups(cells)
    hidden = [at for at in range(len(cells)) if at not in shown]
    return [[at] for at in shown] + ([hidden] if hidden else [])


def protect_pairs(counts: Sequence[Sequence[int]], least: int) -> list[list[Cell]] | None:
    """Hide the small counts of a table of two dimensions, all of whose margins are known.

    Args:
        counts: as `join_hidden` gives them.
    Returns: None when its small counts cannot be protected, or when nothing could be shown.
    """
    if len(counts) < _TWO or len(counts[0]) < _TWO:
        return None
    table = _Table(counts, least)
    while (place := table.first_closed()) is not None:
        if not table.hide_around(place):
            return None
    table.show_needless()
    cells = table.cells()
    return cells if any(isinstance(cell, int) for row in cells for cell in row) else None


_TWO: Final = 2


class _Table:
    """A table while it is being protected: its counts, and which are hidden besides small ones."""

    def __init__(self, counts: Sequence[Sequence[int]], least: int) -> None:
        self.counts, self.least = counts, least
        self.height, self.width = len(counts), len(counts[0])
        self.total = sum(map(sum, counts))
        self.places = [*product(range(self.height), range(self.width))]
        self.small = frozenset(place for place in self.places if self.at(place) < least)
        self.also: set[Place] = set()

    def at(self, place: Place) -> int:
        return self.counts[place[0]][place[1]]

    def is_hidden(self, place: Place) -> bool:
        return place in self.small or place in self.also

    def first_closed(self) -> Place | None:
        """The first small count that cannot be anything under the limit."""
        return next((place for place in self.places if not self.is_open(place)), None)

    def is_open(self, place: Place) -> bool:
        """Whether a count is shown or protected: zero and the largest small count are possible;
        what lies between is then possible too, because flows of whole numbers are.
        """
        if place not in self.small:
            return True
        count = self.at(place)
        return self.can_move(place, self.least - 1 - count, 1) and self.can_move(place, count, -1)

    def can_move(self, place: Place, by: int, way: int) -> bool:
        """Whether a count can rise (`way` 1) or fall (-1) so far while all margins stay.

        What it gains, others in its row lose, then others in their columns gain, and so on, until
        the column of the count is reached.
        """
        moved = {one: self.at(one) for one in self.places if self.is_hidden(one) and one != place}
        while by > 0:
            path = self._path(moved, place, way)
            if not path:
                return False
            step = min(by, *(self._room(moved[one], one, sign) for one, sign in path))
            for one, sign in path:
                moved[one] += sign * step
            by -= step
        return True

    def _room(self, count: int, place: Place, sign: int) -> int:
        """How far a hidden count can rise or fall, by what its mark says."""
        lowest, highest = (
            (0, self.least - 1) if place in self.small else (self.least, self.total + self.least)
        )
        return highest - count if sign > 0 else count - lowest

    def _path(self, moved: dict[Place, int], place: Place, way: int) -> list[tuple[Place, int]]:
        """Hidden counts that take up one step of a count, each with its sign; empty when none do.

        Rows and columns are the nodes, and the search goes from the row of the count to its column.
        """
        row, column = place
        start, goal = ("row", row), ("column", column)
        came: dict[tuple[str, int], tuple[tuple[str, int], Place, int] | None] = {start: None}
        todo = deque([start])
        while todo and goal not in came:
            node = todo.popleft()
            kind, at = node
            sign = -way if kind == "row" else way
            for one, count in moved.items():
                there = ("column", one[1]) if kind == "row" else ("row", one[0])
                here = one[0] if kind == "row" else one[1]
                if here == at and there not in came and self._room(count, one, sign) > 0:
                    came[there] = (node, one, sign)
                    todo.append(there)
        return [*_walk_back(came, goal)]

    def hide_around(self, place: Place) -> bool:
        """Hide the rest of one more square around a small count, the one that costs the fewest
        persons; False when all there is around it is hidden.
        """
        row, column = place
        squares = [
            [(row, c), (r, column), (r, c)] for r, c in self.places if r != row and c != column
        ]
        fresh = [[one for one in square if not self.is_hidden(one)] for square in squares]
        cost = [(sum(map(self.at, square)), square) for square in fresh if square]
        if not cost:
            return False
        self.also.update(min(cost)[1])
        return True

    def show_needless(self) -> None:
        """Show again what need not be hidden, the largest first."""
        for place in sorted(self.also, key=lambda one: (-self.at(one), one)):
            self.also.discard(place)
            if self.first_closed() is not None:
                self.also.add(place)

    def cells(self) -> list[list[Cell]]:
        return [[self.cell((r, c)) for c in range(self.width)] for r in range(self.height)]

    def cell(self, place: Place) -> Cell:
        return SMALL if place in self.small else ALSO if place in self.also else self.at(place)


def _walk_back(
    came: dict[tuple[str, int], tuple[tuple[str, int], Place, int] | None], goal: tuple[str, int]
) -> Iterator[tuple[Place, int]]:
    step = came.get(goal)
    while step is not None:
        node, place, sign = step
        yield place, sign
        step = came[node]
