"""Who is who in a case: which office holds which role, from `workflows/config/parties.toml` and
what was answered.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

WAYS = frozenset({"starter", "approver", "answer", "country", "municipality", "only"})


@dataclass(frozen=True, slots=True)
class PartyRule:
    """One way in which an office comes to hold a role; the file explains the words."""

    role: str
    when: str
    to: str
    needs: str = ""
    kind: str = ""
    process: str = ""


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
        ValueError: a row without role, `when` or a known `to`; the sentence tells which.
    """
    rows = []
    for number, row in enumerate(tomllib.loads(text).get("party", []), 1):
        if not row.get("role") or not row.get("when") or row.get("to") not in WAYS:
            raise ValueError(
                f"parties.toml: row {number} needs a role, a `when`, and a `to` out of {', '.join(sorted(WAYS))}"
            )
        rows.append(
            PartyRule(
                row["role"],
                row["when"],
                row["to"],
                row.get("if", ""),
                row.get("kind", ""),
                row.get("process", ""),
            )
        )
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """What is known when parties are looked at: who began, who approves, and the answers so far."""

    process: str
    starter: str
    approver: str
    just: Collection[str]
    """`start`, or the keys answered in this turn."""
    answers: Mapping[str, object]
    """All answers of the case, the newest of each key."""


def bind_parties(
    rows: Sequence[PartyRule], places: Mapping[str, PartyOffice], moment: PartyFacts
) -> dict[str, str]:
    """Roles that get an office now: role to office.

    Later rows win; a row that finds nobody, or several, binds nothing.
    """
    found: dict[str, str] = {}
    for row in rows:
        if row.when not in moment.just or (row.process and row.process != moment.process):
            continue
        if row.needs and moment.answers.get(row.needs) is not True:
            continue
        office = _office(row, places, moment)
        if office:
            found[row.role] = office
    return found


def _office(row: PartyRule, places: Mapping[str, PartyOffice], moment: PartyFacts) -> str:
    answer = moment.answers.get(row.when)
    match row.to:
        case "starter":
            return moment.starter
        case "approver":
            return moment.approver
        case "answer":
            return str(answer) if answer in places else ""
        case "country":
            return _one(
                [p.id for p in places.values() if row.role in p.roles and answer in p.countries]
            )
        case "municipality":
            where = moment.answers.get("municipality")
            near = _one(
                [p.id for p in places.values() if row.role in p.roles and where in p.municipalities]
            )
            starter = places.get(moment.starter)
            return near or (starter.id if starter is not None and starter.kind == row.kind else "")
        case _:
            return _one([p.id for p in places.values() if row.role in p.roles])


def _one(found: list[str]) -> str:
    return found[0] if len(found) == 1 else ""
