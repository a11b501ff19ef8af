"""Rules of parties: which office holds which role in a case, from `workflows/config/parties.toml`
and the answers of the case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec import field as key_of

from service.release.programme.typed_tables import Text, read_table

ENDS = "nobody"
"""Way of a row that ends a role: whoever held it holds it no more."""
NOBODY = ""
"""In place of an office: nobody holds the role."""
WAYS = frozenset({"starter", "answer", "country", "municipality", "only", ENDS})
"""Ways to an office, besides those that the process names (`offices` in `process.toml`)."""


class PartyRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which an office comes to hold a role; the file explains its keys."""

    role: Text
    when: Text
    to: Text
    needs: str = key_of(name="if", default="")
    kind: str = ""
    process: str = ""
    optional: bool = False
    """Of an office that the process names: it binds nothing where the directory has none such."""
    letter: str = ""
    """Of a row that ends the role: the letter to the office that held it."""


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
    before: Mapping[str, Sequence[object]] = field(default_factory=dict)
    """Every earlier answer of each key."""


def bind_parties(
    rows: Sequence[PartyRule], places: Mapping[str, PartyOffice], moment: PartyFacts
) -> dict[str, str]:
    """Roles that get an office now, or lose it: role to office, or to `NOBODY`.

    Later rows win; a row that fits no office, or several, binds nothing, and neither does one that
    fits an office from which a row took the role in this case: the person has left it.
    """
    bound: dict[str, str] = {}
    just = {key: (moment.answers.get(key),) for key in moment.just}
    for row in rows:
        if row.when not in moment.just or (row.process and row.process != moment.process):
            continue
        if row.needs and moment.answers.get(row.needs) is not True:
            continue
        office = _office(row, places, moment)
        left = left_offices(rows, row.role, moment.before, just)
        if office and office not in left:
            bound[row.role] = office
        elif row.to == ENDS and moment.answers.get(row.when) is not None:
            bound[row.role] = NOBODY
    return bound


def left_offices(
    rows: Iterable[PartyRule], role: str, *answers: Mapping[str, Sequence[object]]
) -> frozenset[object]:
    """The offices from which rows took a role in a case: those that were answered in the fields
    that these rows name.

    Args:
        answers: every answer of each key.
    """
    keys = [row.when for row in rows if row.to == ENDS and row.role == role]
    return frozenset(office for key in keys for given in answers for office in given.get(key, ()))


def holders_after(before: Mapping[str, str], bound: Mapping[str, str]) -> dict[str, str]:
    """Role to the office that holds it once roles are bound as `bind_parties` says."""
    return {role: office for role, office in {**before, **bound}.items() if office != NOBODY}


def vacant_roles(rows: Iterable[PartyRule], holders: Mapping[str, str]) -> frozenset[str]:
    """Roles that can end in the course of a case, and that nobody holds now."""
    return frozenset(row.role for row in rows if row.to == ENDS and row.role not in holders)


def parting_letters(
    rows: Iterable[PartyRule],
    before: Mapping[str, str],
    after: Mapping[str, str],
    just: Collection[str],
) -> dict[str, str]:
    """The letter to each office that a row has just taken a role from, by that role.

    Args:
        before: role to office, as the turn found it; `after` as it left it.
        just: keys answered in this turn.
    """
    return {
        row.role: row.letter
        for row in rows
        if row.to == ENDS and row.letter and row.when in just
        if row.role in before and before[row.role] != after.get(row.role)
    }


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
        case _ if row.to == ENDS:
            return NOBODY
        case _:
            named = moment.named.get(row.to, "")
            return "" if row.optional and named not in places else named


def _only(places: Iterable[PartyOffice]) -> str:
    """The id of the office if there is exactly one."""
    ids = [place.id for place in places]
    return ids[0] if len(ids) == 1 else ""
