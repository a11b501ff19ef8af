"""What the programme report counts, from `workflows/config/report.toml`: dimensions with their
groups, the pairs that are crossed, and where the result of a case stands.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.release.programme.typed_tables import Words

FILE: Final = "report.toml"
_LANGUAGES: Final = ("sv", "en")
_SPECIAL: Final = ("otherwise", "several", "missing")


@dataclass(frozen=True, slots=True)
class ReportGroup:
    """A group of a dimension, and the answers that lie in it."""

    id: str
    words: Words
    values: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()

    def holds(self, value: str) -> bool:
        """Whether an answer lies in it."""
        return value in self.values or value.startswith(self.prefixes)


@dataclass(frozen=True, slots=True)
class ReportDimension:
    """What persons are counted by; each is in exactly one of its groups.

    `groups` are in the order of the tables, those of the other attributes last. These name a group:
    of an answer that lies in none, of several that lie in different ones, of no answer.
    """

    id: str
    words: Words
    fields: tuple[str, ...]
    groups: tuple[ReportGroup, ...]
    otherwise: str
    several: str
    missing: str

    def group_of(self, answer: object) -> str:
        """The group of an answer; that of none for None and an empty one, and where the file names
        no group for such an answer.
        """
        given = answer if isinstance(answer, list) else [answer]
        values = [str(one) for one in given if one not in (None, "")]
        found = {self._group_of(value) for value in values}
        if not found:
            return self.missing
        return found.pop() if len(found) == 1 else self.several or self.otherwise or self.missing

    def _group_of(self, value: str) -> str:
        rest = self.otherwise or self.missing
        return next((one.id for one in self.groups if one.holds(value)), rest)


@dataclass(frozen=True, slots=True)
class ReportRules:
    """What the programme report counts. A programme without the file has open figures alone."""

    outcome: str = ""
    """Key of the field of class C0 that says how a case ended."""
    leaves: str = ""
    """Purpose whose consent, once taken back, leaves a case out of all sums."""
    dimensions: tuple[ReportDimension, ...] = ()
    crossings: tuple[tuple[str, str], ...] = ()
    """(dimension of the rows, of the columns)."""

    def dimension(self, id_: str) -> ReportDimension:
        return next(one for one in self.dimensions if one.id == id_)


def read_report(text: str) -> ReportRules:
    """Read `report.toml`; an empty text counts nothing that is sealed.

    Raises:
        ValueError: it is no TOML, or what it names would let a person be worked out; the sentence
            says where and what to do.
    """
    table = tomllib.loads(text)
    dimensions = tuple(_dimension(row) for row in table.get("dimension", ()))
    crossings = tuple(
        (_need(row, "rows", "a crossing"), _need(row, "columns", "a crossing"))
        for row in table.get("crossing", ())
    )
    _check_once("dimensions", [one.id for one in dimensions])
    _check_fields(dimensions)
    _check_crossings([one.id for one in dimensions], crossings)
    return ReportRules(
        outcome=str(table.get("outcome", {}).get("field", "")),
        leaves=str(table.get("count", {}).get("leaves", "")),
        dimensions=dimensions,
        crossings=crossings,
    )


def _dimension(row: Mapping[str, Any]) -> ReportDimension:
    id_ = _need(row, "id", "a dimension")
    where = f"the dimension {id_}"
    groups = [_group(group, where) for group in row.get("group", ())]
    _check_groups(where, groups)
    special = {key: _group(row[key], where) for key in _SPECIAL if key in row}
    if "missing" not in special:
        raise ValueError(f"{where} lacks missing: the group of who did not answer")
    fields = tuple(map(str, row.get("fields", ())))
    if not fields:
        raise ValueError(f"{where} lacks fields: the keys of the answers that it counts")
    known = {group.id for group in groups}
    further = {group.id: group for group in special.values() if group.id not in known}
    return ReportDimension(
        id_,
        _words(row, where),
        fields,
        (*groups, *further.values()),
        **{key: special[key].id if key in special else "" for key in _SPECIAL},
    )


def _group(row: Mapping[str, Any], where: str) -> ReportGroup:
    id_ = _need(row, "id", f"a group of {where}")
    values, prefixes = (tuple(map(str, row.get(key, ()))) for key in ("values", "prefixes"))
    return ReportGroup(id_, _words(row, f"the group {id_} of {where}"), frozenset(values), prefixes)


def _check_groups(where: str, groups: Sequence[ReportGroup]) -> None:
    """Refuse groups without answers, and an answer that lies in two of them."""
    _check_once(f"groups of {where}", [group.id for group in groups])
    seen: dict[str, str] = {}
    for group in groups:
        if not group.values and not group.prefixes:
            raise ValueError(f"the group {group.id} of {where} needs values or prefixes")
        for value in (*sorted(group.values), *group.prefixes):
            other = next((one.id for one in groups if one is not group and one.holds(value)), "")
            if other or value in seen:
                raise ValueError(
                    f"{where}: {value} lies in {group.id} and in {other or seen[value]}; "
                    "every answer belongs to one group"
                )
            seen[value] = group.id


def _check_fields(dimensions: Sequence[ReportDimension]) -> None:
    """Refuse two dimensions of one field: the groups of one would be sums of the other's."""
    seen: dict[str, str] = {}
    for one in dimensions:
        for key in one.fields:
            if key in seen:
                raise ValueError(
                    f"the dimensions {seen[key]} and {one.id} both read {key}: hidden numbers of "
                    "one could be worked out from the other; keep one of them"
                )
            seen[key] = one.id


def _check_crossings(known: Sequence[str], crossings: Sequence[tuple[str, str]]) -> None:
    """Refuse pairs that form a circle, by joining the dimensions that each pair connects."""
    part = {id_: id_ for id_ in known}
    for pair in crossings:
        for id_ in pair:
            if id_ not in part:
                raise ValueError(f"a crossing names {id_}, and there is no such dimension")
        first, second = (part[id_] for id_ in pair)
        if first == second:
            raise ValueError(
                f"the crossing of {pair[0]} and {pair[1]} closes a circle: hidden numbers could be "
                "worked out from several crossings together; leave one of them out"
            )
        part = {id_: first if other == second else other for id_, other in part.items()}


def _check_once(what: str, ids: Sequence[str]) -> None:
    for id_ in ids:
        if ids.count(id_) > 1:
            raise ValueError(f"{what}: {id_} is there twice")


def _need(row: Mapping[str, Any], key: str, where: str) -> str:
    if not row.get(key):
        raise ValueError(f"{where} lacks {key}")
    return str(row[key])


def _words(row: Mapping[str, Any], where: str) -> Words:
    return {lang: _need(row, lang, where) for lang in _LANGUAGES}
