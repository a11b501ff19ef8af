"""Sums over cases: how many lie in each group of a dimension, and in each pair of groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.release.programme.report_rules import ReportRules


@dataclass(slots=True)
class CaseSums:
    """How many cases were counted, by group and by pair of groups. Nothing tells of one case."""

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


def _first(fields: tuple[str, ...], answers: Mapping[str, Any]) -> object:
    given = (answers[key] for key in fields if answers.get(key) not in (None, "", []))
    return next(given, None)


def _count(sums: dict[str, dict[str, int]], where: str, group: str) -> None:
    counted = sums.setdefault(where, {})
    counted[group] = counted.get(group, 0) + 1
