"""Grounds in law on which something is given, referred, struck out or refused, and the secrecy that
binds the records of an office.

Read from `workflows/config/grounds.toml`, which explains its keys. Source: decisions/0126.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from msgspec import Struct, field

from service.access import CLASSES
from service.release.programme.signatures import digest_of, signs
from service.release.programme.typed_tables import (
    Id,
    Text,
    Texts,
    Worded,
    WrongTable,
    read_table,
    refuse_twice,
    require_one_of,
    require_order,
)

FILE: Final = "grounds.toml"
GRANT, REFERRAL, MASK, REFUSAL, DUTY = USES = ("grant", "referral", "mask", "refusal", "duty")
"""What a ground may be for: to open a case, to refer it, to strike something out of a copy or a
document, to refuse a document, to give what a law demands without her yes."""
GIVING: Final = frozenset({GRANT, REFERRAL, DUTY})
"""Uses that give something to somebody, and so lift a secrecy."""
ANY: Final = "any"
"""Owner of a ground that every kind of office may use."""


class Secrecy(Worded, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A secrecy in law, and whose records it covers."""

    id: Id
    paragraph: Text
    owner: tuple[Text, ...] = ()
    """Kinds of office whose records it covers; none: no office of the programme has such."""
    classes: tuple[Text, ...] = ()
    """Classes of answers that it covers; none named: all."""

    def covers(self, kind: str, classes: Collection[str]) -> bool:
        """Whether it covers something of these classes in records of that kind of office."""
        return kind in self.owner and (not self.classes or not {*self.classes}.isdisjoint(classes))


class SecrecyGround(
    Worded, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A ground in words and by its paragraph: when it is in force, for what, and for whom."""

    id: Id
    paragraph: Text
    start: date = field(name="from")
    end: date | None = field(name="to", default=None)
    """Last day on which it is in force; None: until further notice."""
    uses: Texts = field(name="for")
    owner: Texts
    lifts: tuple[Text, ...] = ()
    """Ids of the secrecy that it lifts."""

    def is_for(self, kind: str) -> bool:
        """Whether that kind of office may use it."""
        return ANY in self.owner or kind in self.owner

    def in_force(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= on and (self.end is None or on <= self.end)


class SecrecyGrounds(Struct, frozen=True, forbid_unknown_fields=True):
    """All grounds, every secrecy, who has confirmed which, and what consents say of duties."""

    confirmed: Mapping[str, str] = {}
    """Id of a ground to who has confirmed it: name, role, day and digest."""
    consents: Mapping[str, str] = {}
    """Language to the sentence with which every text of a consent says that there are duties in law
    to give something, also without her yes."""
    secrecies: tuple[Secrecy, ...] = field(name="secrecy", default=())
    grounds: tuple[SecrecyGround, ...] = field(name="ground", default=())

    def ground(self, id_: str) -> SecrecyGround | None:
        """The ground of that id."""
        return next((one for one in self.grounds if one.id == id_), None)

    def for_use(self, use: str, kind: str, *, on: date) -> tuple[SecrecyGround, ...]:
        """The grounds that somebody may choose from, in the order of the file.

        Args:
            use: one of `USES`.
            kind: kind of the office that would use it.
        """
        return tuple(
            one for one in self.grounds if use in one.uses and one.is_for(kind) and one.in_force(on)
        )

    def of_office(self, ids: Collection[str], kind: str) -> str:
        """The first of some grounds that a kind of office may use; none fits: the first."""
        found = (id_ for id_ in ids if (one := self.ground(id_)) is not None and one.is_for(kind))
        return next(found, next(iter(ids), ""))

    def not_lifted(self, id_: str, kind: str, classes: Collection[str]) -> tuple[Secrecy, ...]:
        """Every secrecy over such records of that kind of office that a ground does not lift."""
        one = self.ground(id_)
        lifted = one.lifts if one is not None else ()
        covering = (secrecy for secrecy in self.secrecies if secrecy.covers(kind, classes))
        return tuple(secrecy for secrecy in covering if secrecy.id not in lifted)

    def digest(self, id_: str) -> str:
        """What the confirmation of a ground is for: the ground, and what it lifts."""
        ground = self.ground(id_)
        if ground is None:
            return ""
        lifted = (one for one in self.secrecies if one.id in ground.lifts)
        return digest_of(id_, (*lifted, ground))

    def is_confirmed(self, id_: str) -> bool:
        """Whether a lawyer has confirmed a ground as it is."""
        return signs(self.confirmed.get(id_, ""), self.digest(id_))


def read_grounds(text: str) -> SecrecyGrounds:
    """Read `grounds.toml`.

    A key that means nothing is refused: with a misspelt `lifts` a ground would give nothing, with
    a misspelt `to` it would never end.

    Raises:
        WrongTable: a row lacks something, names what the file does not have, or contradicts itself.
    """
    file = read_table(text, SecrecyGrounds)
    refuse_twice((one.id for one in file.secrecies), "secrecy")
    refuse_twice((one.id for one in file.grounds), "ground")
    for secrecy in file.secrecies:
        for klass in secrecy.classes:
            require_one_of(klass, CLASSES, f"secrecy {secrecy.id}", "classes")
    known = [one.id for one in file.secrecies]
    for ground in file.grounds:
        _check(ground, known, f"ground {ground.id}")
    for id_ in file.confirmed:
        require_one_of(id_, [one.id for one in file.grounds], "confirmed")
    return file


def _check(ground: SecrecyGround, known: Collection[str], place: str) -> None:
    require_order(ground.start, ground.end, place)
    for key, names, choices in (("for", ground.uses, USES), ("lifts", ground.lifts, known)):
        refuse_twice(names, place, key)
        for name in names:
            require_one_of(name, choices, place, key)
    if ground.lifts and GIVING.isdisjoint(ground.uses):
        raise WrongTable("unknown", place, name="lifts")
