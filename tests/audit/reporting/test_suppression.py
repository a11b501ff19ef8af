"""No hidden count can be worked out: every number under the limit stays possible for each.

The attacker here knows everything that is published, the rules, and which counts are small. She
lists every table there could be; no flow, no algebra, nothing of the code under test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.audit.reporting.suppression import (
    ALSO,
    SMALL,
    Cell,
    join_hidden,
    protect_groups,
    protect_pairs,
)

LEAST = 3
"""A small limit, so that all tables there could be are few enough to be listed."""


def ranges(cell: Cell, total: int) -> range:
    """What a published count says by itself."""
    if isinstance(cell, int):
        return range(cell, cell + 1)
    return range(LEAST) if cell == SMALL else range(LEAST, total + 1)


def possible_rows(cells: Sequence[Cell], total: int) -> Iterator[tuple[int, ...]]:
    """Every row that has these published counts and this total."""
    if not cells:
        if total == 0:
            yield ()
        return
    for n in ranges(cells[0], total):
        if n <= total:
            for rest in possible_rows(cells[1:], total - n):
                yield (n, *rest)


def possible_tables(
    cells: Sequence[Sequence[Cell]], rows: Sequence[int], columns: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every table that has these published counts and margins."""
    if not cells:
        if not any(columns):
            yield ()
        return
    for row in possible_rows(cells[0], rows[0]):
        left = [n - gone for n, gone in zip(columns, row, strict=True)]
        if min(left) >= 0:
            for rest in possible_tables(cells[1:], rows[1:], left):
                yield (row, *rest)


COUNTS = st.integers(0, 9)


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_a_hidden_group_can_be_any_small_number(counts: list[int]) -> None:
    cells = protect_groups(counts, LEAST)
    if cells is None:
        return
    worlds = [*possible_rows(cells, sum(counts))]
    for at, cell in enumerate(cells):
        assert (cell == SMALL) == (counts[at] < LEAST)
        if cell == SMALL:
            assert {world[at] for world in worlds} == set(range(LEAST))
        elif cell == ALSO:
            assert len({world[at] for world in worlds}) >= LEAST, "it cannot be worked out either"
        else:
            assert cell == counts[at]


@settings(max_examples=400)
@given(
    st.integers(2, 4).flatmap(
        lambda wide: st.lists(
            st.lists(COUNTS, min_size=wide, max_size=wide), min_size=2, max_size=3
        )
    )
)
def test_a_hidden_cell_of_a_table_with_margins_can_be_any(counts: list[list[int]]) -> None:
    rows, columns = [*map(sum, counts)], [*map(sum, zip(*counts, strict=True))]
    if min(*rows, *columns) < LEAST:
        return
    cells = protect_pairs(counts, LEAST)
    if cells is None:
        return
    found: dict[tuple[int, int], set[int]] = {}
    for world in possible_tables(cells, rows, columns):
        for r, c in product(range(len(rows)), range(len(columns))):
            found.setdefault((r, c), set()).add(world[r][c])
    for (r, c), numbers in found.items():
        assert (cells[r][c] == SMALL) == (counts[r][c] < LEAST)
        if cells[r][c] == SMALL:
            assert numbers == set(range(LEAST))
        elif cells[r][c] == ALSO:
            assert len(numbers) > 1, "what need not be hidden is shown"


def all_tables(total: int, cells: int) -> Iterator[tuple[int, ...]]:
    """Every way to put so many persons into so many cells."""
    if cells == 1:
        yield (total,)
        return
    for n in range(total + 1):
        for rest in all_tables(total - n, cells - 1):
            yield (n, *rest)


def fits(counts: Sequence[int], cells: Sequence[Cell], least: int) -> bool:
    """Whether counts are what was published."""
    return all(
        n == cell if isinstance(cell, int) else (n < least) == (cell == SMALL)
        for n, cell in zip(counts, cells, strict=True)
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=3, max_size=9))
def test_two_tables_and_their_crossing_together_give_nothing(places: list[int]) -> None:
    """The attacker has both tables of one dimension and the crossing, for a limit of two."""
    least, flat = 2, [places.count(at) for at in range(9)]
    rows = protect_groups([sum(flat[r : r + 3]) for r in (0, 3, 6)], least)
    columns = protect_groups([sum(flat[c::3]) for c in range(3)], least)
    if rows is None or columns is None:
        return
    table = [flat[r : r + 3] for r in (0, 3, 6)]
    cells = protect_pairs(join_hidden(table, rows, columns), least)
    published = [*rows, *columns, *(cell for row in cells or () for cell in row)]
    found: list[set[int]] = [set() for _ in published]
    for world in all_tables(len(places), 9):
        down, across = (
            [sum(world[r : r + 3]) for r in (0, 3, 6)],
            [sum(world[c::3]) for c in (0, 1, 2)],
        )
        if not fits(down, rows, least) or not fits(across, columns, least):
            continue
        joined = join_hidden([world[r : r + 3] for r in (0, 3, 6)], rows, columns)
        inner = [n for row in joined for n in row] if cells is not None else []
        if fits([*down, *across, *inner], published, least):
            for numbers, n in zip(found, [*down, *across, *inner], strict=True):
                numbers.add(n)
    for cell, numbers in zip(published, found, strict=True):
        if cell == SMALL:
            assert numbers == set(range(least))


@pytest.mark.parametrize(
    ("counts", "cells"),
    [
        ([40, 30, 20], [40, 30, 20]),
        ([40, 30, 20, 3], [40, 30, ALSO, SMALL]),
        ([40, 30, 20, 12, 3], [40, 30, ALSO, ALSO, SMALL]),
        ([40, 5, 4, 3], [40, SMALL, SMALL, SMALL]),
        ([40, 30, 8, 9], [40, ALSO, SMALL, SMALL]),
        ([40, 8, 9], None),
        ([6, 4], None),
        ([12, 3], None),
    ],
)
def test_groups_as_they_are_published(counts: list[int], cells: list[Cell] | None) -> None:
    assert protect_groups(counts, 11) == cells


def test_a_crossing_shows_what_it_can() -> None:
    counts = [[60, 40, 3], [50, 30, 20], [40, 25, 30]]
    assert protect_pairs(counts, 11) == [
        [60, ALSO, SMALL],
        [50, ALSO, ALSO],
        [40, 25, 30],
    ]


def test_a_crossing_of_few_persons_is_withheld() -> None:
    assert protect_pairs([[9, 3], [3, 9]], 11) is None


def test_hidden_groups_are_one_row_and_one_column() -> None:
    counts = [[5, 6, 1], [7, 8, 2], [1, 2, 3]]
    assert join_hidden(counts, [12, ALSO, SMALL], [13, 16, 6]) == [[5, 6, 1], [8, 10, 5]]
    assert join_hidden(counts, [12, 17, 6], [13, ALSO, SMALL]) == [[5, 7], [7, 10], [1, 5]]
