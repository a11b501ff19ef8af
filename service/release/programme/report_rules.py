"""What the programme report counts, from `workflows/config/report.toml`: dimensions with their
groups, the pairs that are crossed, and where the result of a case stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct, field

from service.release.programme.typed_tables import (
    Text,
    Texts,
    Worded,
    WrongTable,
    read_table,
    refuse_twice,
    require_one_of,
)

FILE: Final = "report.toml"


class ReportGroup(Worded, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of a dimension, and the answers that lie in it."""

    id: Text
    values: frozenset[str] = frozenset()
    prefixes: tuple[Text, ...] = ()

    def holds(self, value: str) -> bool:
        """Whether an answer lies in it."""
        return value in self.values or value.startswith(self.prefixes)


class ReportDimension(Worded, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What persons are counted by; each is in exactly one of its groups."""

    id: Text
    fields: Texts
    own: tuple[ReportGroup, ...] = field(name="group", default=())
    otherwise: ReportGroup | None = None
    """The group of an answer that lies in none."""
    several: ReportGroup | None = None
    """That of several answers that lie in different ones."""
    missing: ReportGroup
    """That of no answer."""

    @property
    def groups(self) -> tuple[ReportGroup, ...]:
        """Every group in the order of the tables: those that are named for a case of their own come
        last.
        """
        special = (self.otherwise, self.several, self.missing)
        further = {one.id: one for one in special if one is not None}
        known = {one.id for one in self.own}
        return (*self.own, *(one for id_, one in further.items() if id_ not in known))

    def group_of(self, answer: object) -> str:
        """The group of an answer; that of none for None and an empty one, and where the file names
        no group for such an answer.
        """
        given = answer if isinstance(answer, list) else [answer]
        values = [str(one) for one in given if one not in (None, "")]
        found = {self._group_of(value) for value in values}
        if not found:
            return self.missing.id
        return found.pop() if len(found) == 1 else (self.several or self._rest).id

    @property
    def _rest(self) -> ReportGroup:
        return self.otherwise or self.missing

    def _group_of(self, value: str) -> str:
        return next((one.id for one in self.groups if one.holds(value)), self._rest.id)


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


class _Crossing(Struct, forbid_unknown_fields=True):
    rows: Text
    columns: Text


class _Outcome(Struct, frozen=True, forbid_unknown_fields=True):
    field: str = ""


class _Count(Struct, frozen=True, forbid_unknown_fields=True):
    leaves: str = ""


class _ReportFile(Struct, forbid_unknown_fields=True):
    outcome: _Outcome = _Outcome()
    count: _Count = _Count()
    dimension: tuple[ReportDimension, ...] = ()
    crossing: tuple[_Crossing, ...] = ()


def read_report(text: str) -> ReportRules:
    """Read `report.toml`; an empty text counts nothing that is sealed.

    Raises:
        WrongTable: it is no TOML, what it names would let a person be worked out, or a key means
            nothing: were `leaves` misspelt, a consent that was taken back would leave nobody out.
    """
    file = read_table(text, _ReportFile)
    crossings = tuple((one.rows, one.columns) for one in file.crossing)
    ids = [one.id for one in file.dimension]
    refuse_twice(ids, "dimension")
    for one in file.dimension:
        _check_groups(one)
    _check_fields(file.dimension)
    _check_crossings(ids, crossings)
    return ReportRules(file.outcome.field, file.count.leaves, file.dimension, crossings)


def _check_groups(dimension: ReportDimension) -> None:
    """Refuse groups without answers, and an answer that lies in two of them."""
    place, groups = f"dimension {dimension.id}", dimension.own
    refuse_twice((group.id for group in groups), place)
    seen: dict[str, str] = {}
    for group in groups:
        if not group.values and not group.prefixes:
            raise WrongTable("no_answers", place, group.id)
        for value in (*sorted(group.values), *group.prefixes):
            other = next((one.id for one in groups if one is not group and one.holds(value)), "")
            if other or value in seen:
                both = {"first": group.id, "second": other or seen[value]}
                raise WrongTable("two_groups", place, name=value, **both)
            seen[value] = group.id


def _check_fields(dimensions: Sequence[ReportDimension]) -> None:
    """Refuse two dimensions of one field: the groups of one would be sums of the other's."""
    seen: dict[str, str] = {}
    for one in dimensions:
        for key in one.fields:
            if key in seen:
                raise WrongTable("two_dimensions", name=key, first=seen[key], second=one.id)
            seen[key] = one.id


def _check_crossings(known: Sequence[str], crossings: Sequence[tuple[str, str]]) -> None:
    """Refuse pairs that form a circle, by joining the dimensions that each pair connects."""
    part = {id_: id_ for id_ in known}
    for number, pair in enumerate(crossings, 1):
        for id_ in pair:
            require_one_of(id_, part, f"crossing {number}")
        first, second = (part[id_] for id_ in pair)
        if first == second:
            raise WrongTable("circle", first=pair[0], second=pair[1])
        part = {id_: first if other == second else other for id_, other in part.items()}
