"""Rules of parties: which office holds which role in a case, from `workflows/config/parties.toml`
and the answers of the case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct, field

from service.release.programme.typed_tables import Text, read_table

WAYS = frozenset({"starter", "answer", "country", "municipality", "only"})
"""Ways to an office, besides those that the process names (`offices` in `process.toml`)."""


class PartyRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which an office comes to hold a role; the file explains its keys."""

    role: Text
    when: Text
    to: Text
    needs: str = field(name="if", default="")
    kind: str = ""
    process: str = ""
    optional: bool = False
    """Of an office that the process names: it binds nothing where the directory has none such."""


class _PartiesFile(Struct):
    party: tuple[PartyRule, ...] = ()


@dataclass(frozen=True, slots=True)
class PartyOffice:
    """An office of the directory as far as parties need it."""

    id: str
    kind: str
    countries: tuple[str, ...]
    municipalities: tuple[str, ...]
    roles: frozenset[str]
    """Lane roles that its people hold."""


def read_parties(text: str) -> tuple[PartyRule, ...]:
    """Read `parties.toml`.

    Raises:
        WrongTable: a row without role, `when` or `to`, or with a key that means nothing.
    """
    return read_table(text, _PartiesFile).party


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """What is known when parties are bound: who began, which offices the programme names for what,
    and the answers so far.
    """

    process: str
    starter: str
    named: Mapping[str, str]
    just: Collection[str]
    """`start`, or the keys answered in this turn."""
    answers: Mapping[str, object]
    """All answers of the case, the newest of each key."""


def bind_parties(
    rows: Sequence[PartyRule], places: Mapping[str, PartyOffice], moment: PartyFacts
) -> dict[str, str]:
    """Roles that get an office now: role to office.

    Later rows win; a row that fits no office, or several, binds nothing.
    """
    bound: dict[str, str] = {}
    for row in rows:
        if row.when not in moment.just or (row.process and row.process != moment.process):
            continue
        if row.needs and moment.answers.get(row.needs) is not True:
            continue
        office = _office(row, places, moment)
        if office:
            bound[row.role] = office
    return bound


def _office(row: PartyRule, places: Mapping[str, PartyOffice], moment: PartyFacts) -> str:
    answer = moment.answers.get(row.when)
    able = [place for place in places.values() if row.role in place.roles]
    match row.to:
        case "starter":
            return moment.starter
        case "answer":
            return str(answer) if answer in places else ""
        case "country":
            return _only(p for p in able if answer in p.countries)
        case "municipality":
            where = moment.answers.get("municipality")
            near = _only(p for p in able if where in p.municipalities)
            starter = places.get(moment.starter)
            return near or (starter.id if starter is not None and starter.kind == row.kind else "")
        case "only":
            return _only(able)
        case _:
            named = moment.named.get(row.to, "")
            return "" if row.optional and named not in places else named


def _only(places: Iterable[PartyOffice]) -> str:
    """The id of the office if there is exactly one."""
    ids = [place.id for place in places]
    return ids[0] if len(ids) == 1 else ""
