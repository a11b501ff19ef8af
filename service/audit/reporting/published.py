"""Published tables of the programme report: sums of cases by group, the tables that are made of
them, and whether one version of tables may follow another.

A table is kept with the names of its groups and the numbers that are shown; hidden numbers are in
no table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from service.audit.reporting.suppression import (
    Cell,
    join_hidden,
    protect_groups,
    protect_pairs,
    shown_groups,
)
from service.release.programme.report_rules import ReportDimension, ReportRules

FEW: Final = "few"
"""Too few cases for any table."""
SAME: Final = "same"
"""Every number is as it was published."""
CLOSE: Final = "close"
"""So near to what was published that the difference could tell of single cases."""
NEW: Final = "new"
"""Published."""
HIDDEN: Final = "*"
"""Id of the row or column that holds all hidden groups of a dimension together."""
Tables = Mapping[str, Any]


@dataclass(slots=True)
class CaseSums:
    """Sums: number of cases by group and by pair of groups. Nothing tells of one case."""

    total: int = 0
    groups: dict[str, dict[str, int]] = field(default_factory=dict)
    """Dimension to group to cases."""
    pairs: dict[str, dict[str, int]] = field(default_factory=dict)
    """Crossing, "rows columns", to "group group" to cases."""

    def add(self, rules: ReportRules, answers: Mapping[str, Any]) -> None:
        """Count one case.

        Args:
            answers: the newest answer of each key.
        """
        groups = {one.id: one.group_of(_first(one.fields, answers)) for one in rules.dimensions}
        self.total += 1
        for id_, group in groups.items():
            _count(self.groups, id_, group)
        for rows, columns in rules.crossings:
            _count(self.pairs, f"{rows} {columns}", f"{groups[rows]} {groups[columns]}")

    def as_json(self) -> dict[str, Any]:
        return {"total": self.total, "groups": self.groups, "pairs": self.pairs}


def make_tables(rules: ReportRules, sums: CaseSums, least: int) -> dict[str, Any] | None:
    """The tables of counted cases; None when they are too few for any.

    `cells` of a table that is withheld is None.
    """
    if sums.total < least:
        return None
    groups = {one.id: _groups(one, sums, least) for one in rules.dimensions}
    return {
        "total": sums.total,
        "least": least,
        "dimensions": [
            {"id": one.id, "words": dict(one.words), "groups": _named(one), "cells": groups[one.id]}
            for one in rules.dimensions
        ],
        "crossings": [
            _crossing(rules.dimension(rows), rules.dimension(columns), sums, groups, least)
            for rows, columns in rules.crossings
        ],
    }


def compare(earlier: Tables, later: Tables) -> str:
    """Whether tables may be published after others of the same years: `SAME`, `CLOSE` or `NEW`.

    A number may stay, or change by as many as the limit says; so may the sum of what is hidden in a
    row or a column. What is hidden in one version must be hidden in the other.
    """
    was = dict(_numbers(earlier))
    becomes = dict(_numbers(later))
    if was == becomes:
        return SAME
    if was.keys() != becomes.keys():
        return CLOSE
    least = max(earlier["least"], later["least"])
    for place, number in becomes.items():
        before = was[place]
        if isinstance(number, int) and isinstance(before, int):
            if 0 < abs(number - before) < least:
                return CLOSE
        elif number != before:
            return CLOSE
    return NEW


def _first(fields: tuple[str, ...], answers: Mapping[str, Any]) -> object:
    given = (answers[key] for key in fields if answers.get(key) not in (None, "", []))
    return next(given, None)


def _count(sums: dict[str, dict[str, int]], where: str, group: str) -> None:
    counted = sums.setdefault(where, {})
    counted[group] = counted.get(group, 0) + 1


def _named(dimension: ReportDimension) -> list[dict[str, Any]]:
    return [{"id": group.id, "words": dict(group.words)} for group in dimension.groups]


def _groups(dimension: ReportDimension, sums: CaseSums, least: int) -> list[Cell] | None:
    counted = sums.groups.get(dimension.id, {})
    return protect_groups([counted.get(group.id, 0) for group in dimension.groups], least)


def _crossing(
    rows: ReportDimension,
    columns: ReportDimension,
    sums: CaseSums,
    groups: Mapping[str, list[Cell] | None],
    least: int,
) -> dict[str, Any]:
    """A table of two dimensions; withheld where one of them is."""
    of_rows, of_columns = groups[rows.id], groups[columns.id]
    made: dict[str, Any] = {"rows": rows.id, "columns": columns.id, "cells": None}
    if of_rows is None or of_columns is None:
        return made
    counted = sums.pairs.get(f"{rows.id} {columns.id}", {})
    table = [
        [counted.get(f"{down.id} {across.id}", 0) for across in columns.groups]
        for down in rows.groups
    ]
    return made | {
        "row_ids": _ids(rows, of_rows),
        "column_ids": _ids(columns, of_columns),
        "cells": protect_pairs(join_hidden(table, of_rows, of_columns), least),
    }


def _ids(dimension: ReportDimension, cells: Sequence[Cell]) -> list[str]:
    shown = shown_groups(cells)
    return [dimension.groups[at].id for at in shown] + [HIDDEN] * (len(shown) < len(cells))


def _numbers(tables: Tables) -> Iterator[tuple[str, Cell]]:
    """Every number that is published or follows from a subtraction, by its place."""
    total = int(tables["total"])
    yield "total", total
    margins: dict[str, dict[str, int]] = {}
    for one in tables["dimensions"]:
        cells = one["cells"]
        margins[one["id"]] = known = {}
        for group, cell in zip(one["groups"], cells or (), strict=False):
            yield f"{one['id']}/{group['id']}", cell
            if isinstance(cell, int):
                known[group["id"]] = cell
        if cells is not None:
            known[HIDDEN] = total - sum(known.values())
            yield f"{one['id']}/{HIDDEN}", known[HIDDEN]
    for one in tables["crossings"]:
        if one["cells"] is not None:
            yield from _of_crossing(one, margins[one["rows"]], margins[one["columns"]])


def _of_crossing(
    one: Mapping[str, Any], rows: Mapping[str, int], columns: Mapping[str, int]
) -> Iterator[tuple[str, Cell]]:
    name, cells = f"{one['rows']} {one['columns']}", one["cells"]
    for id_, row in zip(one["row_ids"], cells, strict=True):
        for other, cell in zip(one["column_ids"], row, strict=True):
            yield f"{name}/{id_}/{other}", cell
        yield f"{name}/{id_}/", rows[id_] - _shown(row)
    for other, column in zip(one["column_ids"], zip(*cells, strict=True), strict=True):
        yield f"{name}//{other}", columns[other] - _shown(column)


def _shown(cells: Sequence[Cell]) -> int:
    return sum(cell for cell in cells if isinstance(cell, int))
