"""Rules of grants: when a case opens to an office and when it closes again, by the rows of
`workflows/config/grants.toml`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta, Struct
from msgspec import field as named

from service.access import CLASSES, ENDED, Grant
from service.engine import Step, Variables
from service.release.programme.typed_tables import (
    OneOrMore,
    Text,
    as_texts,
    read_table,
    require_one_of,
)

MOMENTS = frozenset({"start", "entered", "left", "answered", "case_end"})
AFTER = "+"
"""A grant that follows another after its end is stored with this mark behind the rule."""


class GrantedView(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a grant opens."""

    classes: frozenset[str]
    groups: frozenset[str] | None = None
    own_only: bool = False
    headline: frozenset[str] = frozenset()


class RoutingTest(Struct, frozen=True, forbid_unknown_fields=True):
    """A routing name, and the values with which it holds; the empty text stands for a name that was
    never set.
    """

    name: Text
    values: frozenset[str]


class GrantEnd(Struct, frozen=True, forbid_unknown_fields=True):
    """When a grant ends: some days after an element's moment, if a routing name has one of these
    values.
    """

    moment: Text
    element: str = ""
    name: str = ""
    values: frozenset[str] = frozenset()
    days: Annotated[int, Meta(ge=0)] = 0


class LaterConsents(Struct, frozen=True, forbid_unknown_fields=True):
    """Consents that must be live from a stage on, to the end and after it."""

    stage: Text | int
    consent: tuple[str, ...]


class GrantRule(GrantedView, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of `grants.toml`, which says what it opens; the file explains its keys."""

    rule: Text
    element: Text
    moment: Text
    role: Text
    ground: OneOrMore
    consents: tuple[str, ...] = named(name="consent", default=())
    consent_by: frozenset[str] = frozenset()
    from_stage: LaterConsents | None = None
    only_if: RoutingTest | None = None
    """Values before the turn."""
    until: GrantEnd | None = None
    then: GrantedView | None = None

    @property
    def grounds(self) -> tuple[str, ...]:
        """Ids of its grounds: each counts for the records of those who may use it."""
        return as_texts(self.ground)

    def purposes(self, stage: str, stages: Sequence[str]) -> tuple[str, ...]:
        """Consents that must be live for the grant to count, in a stage out of those in order."""
        later = self.from_stage
        if later is None or stage not in {*stages[stages.index(str(later.stage)) :], ENDED}:
            return self.consents
        return later.consent


class ReferralAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """The receiver's step that answers a referral by step."""

    element: str = ""
    name: str = ""
    """The answer there that decides."""
    accepted: frozenset[str] = frozenset()
    """Its values that accept; every other refuses."""


class ReferralRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A step that passes sight of a case to another office."""

    element: Text
    to: Text
    purpose: Text
    form: Text
    answer: ReferralAnswer = ReferralAnswer()


@dataclass(frozen=True, slots=True)
class GrantRules:
    """All rows of `grants.toml`: grants, and steps that refer."""

    grants: tuple[GrantRule, ...]
    referrals: Mapping[str, ReferralRule] = field(default_factory=dict)
    tasks_need: frozenset[str] = frozenset()
    """Consents without which a task waits whose form has that purpose."""
    stages: tuple[str, ...] = ()
    """Those of the programme, in their order."""

    def of(self, rule: str, role: str) -> list[GrantRule]:
        """Rows of that rule for that role."""
        return [g for g in self.grants if g.rule == rule and g.role == role]


class _GrantsFile(Struct, forbid_unknown_fields=True):
    grant: tuple[GrantRule, ...] = ()
    referral: tuple[ReferralRule, ...] = ()
    tasks_need: frozenset[str] = frozenset()


def read_grants(text: str, stages: Sequence[str]) -> GrantRules:
    """Read `grants.toml`.

    A key that it does not know is refused: a consent that is misspelt would not be asked for.

    Args:
        stages: those of the programme, in their order.
    Raises:
        WrongTable: a row that lacks something or names what there is not.
    """
    file = read_table(text, _GrantsFile)
    for number, row in enumerate(file.grant, 1):
        place = f"grant {number}"
        require_one_of(row.moment, MOMENTS, place, "moment")
        if row.until is not None:
            require_one_of(row.until.moment, MOMENTS, place, "until", "moment")
        for klass in (*row.classes, *(row.then.classes if row.then is not None else ())):
            require_one_of(klass, CLASSES, place, "classes")
        if row.from_stage is not None:
            require_one_of(str(row.from_stage.stage), stages, place, "from_stage", "stage")
    referrals = {row.element: row for row in file.referral}
    return GrantRules(file.grant, referrals, file.tasks_need, tuple(stages))


@dataclass(frozen=True, slots=True)
class GrantChange:
    """One change that a turn brings: `what` is "open", or "end" after some days."""

    what: str
    rule: str
    role: str
    days: int = 0


def grant_changes(
    rules: GrantRules,
    steps: Iterable[Step],
    *,
    before: Variables,
    after: Variables,
    started: str = "",
    ended: bool = False,
) -> list[GrantChange]:
    """Grants that a turn opens and ends, in the order of the file.

    Args:
        before: routing values as the turn found them; `only_if` reads these, since a handler's
            answer may take the choice back.
        after: routing values as the turn left them; `until` reads these.
        started: the start event, in the turn that begins the case.
        ended: whether the case ended in this turn.
    """
    happened = {(s.what, s.element) for s in steps}
    changes: list[GrantChange] = []
    for row in rules.grants:
        opens = _happened(row.moment, row.element, happened, started, ended=ended)
        only = row.only_if
        if opens and (only is None or _holds(only.name, only.values, before)):
            changes.append(GrantChange("open", row.rule, row.role))
        until = row.until
        if until is None or not _holds(until.name, until.values, after):
            continue
        if _happened(until.moment, until.element, happened, "", ended=ended):
            changes.append(GrantChange("end", row.rule, row.role, until.days))
    return changes


def _happened(
    moment: str, element: str, happened: Collection[tuple[str, str]], started: str, *, ended: bool
) -> bool:
    if moment == "case_end":
        return ended
    if moment == "start":
        return element == started
    return ({"answered": "left"}.get(moment, moment), element) in happened


def _holds(name: str, values: Collection[str], variables: Variables) -> bool:
    if not name:
        return True
    value = variables.get(name)
    return ("" if value is None else str(value)) in values


@dataclass(frozen=True, slots=True)
class LiveGrant:
    """A stored grant in force: its rule (perhaps with the mark), the office, the role there."""

    rule: str
    office: str
    role: str


def grants_in_sight(
    rules: GrantRules,
    live: Iterable[LiveGrant],
    parties: Mapping[str, str],
    stage: str,
    consents: Mapping[str, str],
) -> tuple[Grant, ...]:
    """Stored grants as `access` reads them; one whose consent is not live counts no more, and
    neither does one of an office that gave the role away.

    Args:
        consents: purposes that are live now, with who gave each (SELF, GUARDIAN, BOTH).
    """
    return tuple(
        grant
        for stored in live
        if parties.get(stored.role) == stored.office
        for row in rules.of(stored.rule.removesuffix(AFTER), stored.role)
        if (grant := _grant(rules, stored, row, stage, consents)) is not None
    )


def _grant(
    rules: GrantRules, stored: LiveGrant, row: GrantRule, stage: str, consents: Mapping[str, str]
) -> Grant | None:
    follows = stored.rule.endswith(AFTER)
    view = row.then if follows else row
    if view is None:
        return None
    purposes = () if follows else row.purposes(stage, rules.stages)
    allowed = all(
        purpose in consents and (not row.consent_by or consents[purpose] in row.consent_by)
        for purpose in purposes
    )
    return Grant(
        stored.rule,
        stored.office,
        stored.role,
        view.classes if allowed else view.classes & {"C0"},
        view.groups,
        own_only=view.own_only,
        headline=view.headline,
        agreed=allowed,
    )
