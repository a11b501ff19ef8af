"""Roads of appeal: how a decision is appealed, by kind of decision and of the office that made it.

Read from `workflows/config/appeals.toml`, which explains its keys. Source: decisions/0131.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct, field

from service.release.programme.signatures import digest_of, signs
from service.release.programme.typed_tables import (
    Id,
    Text,
    Texts,
    Worded,
    read_table,
    refuse_twice,
    require_one_of,
    require_order,
)

FILE: Final = "appeals.toml"
REQUEST, DOCUMENT, SUPPORT = DECISIONS = ("request", "document", "support")
"""Kinds of decisions: on what a person asks about her own data, on a public document, on support
in the programme."""
OFFICE: Final = "office"
PLACES: Final = frozenset({OFFICE})
"""Names of what is filled into a text: the office that hands it over."""
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
ANY: Final = "any"
"""Owner of a road for decisions of every kind of office."""


class AppealRoad(Worded, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one kind of decision is appealed: the text, whose decisions, and when it is in force."""

    id: Id
    decision: Text = field(name="for")
    """One of `DECISIONS`."""
    owner: Texts
    """Kinds of office that decide."""
    start: date = field(name="from")
    end: date | None = field(name="to", default=None)
    """Last day on which it is in force; None: until further notice."""

    def is_for(self, decision: str, kind: str) -> bool:
        """Whether it is for decisions of that kind, made by that kind of office."""
        return self.decision == decision and (ANY in self.owner or kind in self.owner)

    def in_force(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= on and (self.end is None or on <= self.end)

    def meets(self, other: AppealRoad) -> bool:
        """Whether both are in force on some day."""
        first, second = sorted((self, other), key=lambda one: one.start)
        return first.in_force(second.start)


class AppealRoads(Struct, frozen=True, forbid_unknown_fields=True):
    """All roads of appeal, and which lawyer has confirmed which."""

    confirmed: Mapping[str, str] = {}
    """Id of a road to who has confirmed it: name, role, day and digest."""
    roads: tuple[AppealRoad, ...] = field(name="appeal", default=())

    def road(self, id_: str) -> AppealRoad | None:
        """The road of that id."""
        return next((one for one in self.roads if one.id == id_), None)

    def of(self, decision: str, kind: str, *, on: date) -> AppealRoad | None:
        """How a decision is appealed; None where nothing says so.

        Args:
            decision: one of `DECISIONS`.
            kind: kind of the office that made it.
            on: the day on which it was made.
        """
        mine = (one for one in self.roads if one.is_for(decision, kind) and one.in_force(on))
        return next(mine, None)

    def digest(self, id_: str) -> str:
        """What the confirmation of a road is for: its row."""
        road = self.road(id_)
        return digest_of(id_, (road,)) if road is not None else ""

    def is_confirmed(self, id_: str) -> bool:
        """Whether a lawyer has confirmed a road as it is."""
        return signs(self.confirmed.get(id_, ""), self.digest(id_))


def places(text: str) -> frozenset[str]:
    """Names in braces of a text, whether anything fills them in or not."""
    return frozenset(_PLACE.findall(text))


def read_appeals(text: str) -> AppealRoads:
    """Read `appeals.toml`.

    Raises:
        WrongTable: a row lacks something, names what there is not, or contradicts itself.
    """
    file = read_table(text, AppealRoads)
    refuse_twice((one.id for one in file.roads), "appeal")
    for road in file.roads:
        place = f"appeal {road.id}"
        require_one_of(road.decision, DECISIONS, place, "for")
        refuse_twice(road.owner, place, "owner")
        require_order(road.start, road.end, place)
    for id_ in file.confirmed:
        require_one_of(id_, [one.id for one in file.roads], "confirmed")
    return file
