"""Rules of grants: when a case opens to an office and when it closes again, by the rows of
`workflows/config/grants.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from service.access import CLASSES, ENDED, Grant
from service.engine import Step, Variables

MOMENTS = frozenset({"start", "entered", "left", "answered", "case_end"})
AFTER = "+"
"""A grant that follows another after its end is stored with this mark behind the rule."""


@dataclass(frozen=True, slots=True)
class GrantedView:
    """What a grant opens."""

    classes: frozenset[str]
    groups: frozenset[str] | None = None
    own_only: bool = False
    headline: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GrantEnd:
    """When a grant ends: some days after an element's moment, if a routing name has one of these
    values.
    """

    moment: str
    element: str = ""
    name: str = ""
    values: frozenset[str] = frozenset()
    days: int = 0


@dataclass(frozen=True, slots=True)
class GrantRule:
    """One row of `grants.toml`; the file explains its keys."""

    rule: str
    element: str
    moment: str
    role: str
    opens: GrantedView
    ground: str
    consents: tuple[str, ...] = ()
    consent_by: frozenset[str] = frozenset()
    from_stage: tuple[frozenset[str], tuple[str, ...]] | None = None
    """Stages in which other consents than `consents` must be live."""
    only_if: tuple[str, frozenset[str]] | None = None
    """A routing name and its values before the turn; the empty text stands for a name that was
    never set."""
    until: GrantEnd | None = None
    then: GrantedView | None = None

    def purposes(self, stage: str) -> tuple[str, ...]:
        """Consents that must be live for the grant to count, in this stage."""
        later, instead = self.from_stage or ((), ())
        return instead if stage in later else self.consents


@dataclass(frozen=True, slots=True)
class ReferralRule:
    """A step that passes sight of a case to another office."""

    element: str
    to: str
    purpose: str
    form: str
    answer: str = ""
    """The receiver's step that answers it."""
    name: str = ""
    """The answer there that decides."""
    accepted: frozenset[str] = frozenset()
    """Its values that accept; every other refuses."""


@dataclass(frozen=True, slots=True)
class GrantRules:
    """All rows of `grants.toml`: grants, and steps that refer."""

    grants: tuple[GrantRule, ...]
    referrals: Mapping[str, ReferralRule] = field(default_factory=dict)
    tasks_need: frozenset[str] = frozenset()
    """Consents without which a task waits whose form has that purpose."""

    def of(self, rule: str, role: str) -> list[GrantRule]:
        """Rows of that rule for that role."""
        return [g for g in self.grants if g.rule == rule and g.role == role]


def read_grants(text: str, stages: Sequence[str]) -> GrantRules:
    """Read `grants.toml`.

    Args:
        stages: those of the programme, in their order.
    Raises:
        ValueError: a row that lacks something or names what there is not; it tells which row.
    """
    data = tomllib.loads(text)
    rows = []
    for number, row in enumerate(data.get("grant", []), 1):
        try:
            rows.append(_rule(row, stages))
        except (KeyError, ValueError, TypeError) as e:
            raise ValueError(
                f"grants.toml: row {number} ({row.get('rule', 'without rule')}): {e}"
            ) from e
    referrals = {r["element"]: _referral(r) for r in data.get("referral", [])}
    return GrantRules(tuple(rows), referrals, frozenset(_texts(data.get("tasks_need"))))


def _referral(row: Mapping[str, object]) -> ReferralRule:
    answer = _table(row, "answer")
    return ReferralRule(
        element=str(row["element"]),
        to=str(row["to"]),
        purpose=str(row["purpose"]),
        form=str(row["form"]),
        answer=str(answer.get("element", "")),
        name=str(answer.get("name", "")),
        accepted=frozenset(_texts(answer.get("accepted"))),
    )


def _rule(row: Mapping[str, object], stages: Sequence[str]) -> GrantRule:
    moment = str(row["moment"])
    if moment not in MOMENTS:
        raise ValueError(f"there is no moment {moment}")
    until, only, stage = (_table(row, key) for key in ("until", "only_if", "from_stage"))
    return GrantRule(
        rule=str(row["rule"]),
        element=str(row["element"]),
        moment=moment,
        role=str(row["role"]),
        opens=_opening(row),
        ground=str(row["ground"]),
        consents=tuple(_texts(row.get("consent"))),
        consent_by=frozenset(_texts(row.get("consent_by"))),
        from_stage=_from_stage(stage, stages) if stage else None,
        only_if=(str(only["name"]), frozenset(_texts(only["values"]))) if only else None,
        until=_until(until) if until else None,
        then=_opening(_table(row, "then")) if "then" in row else None,
    )


def _from_stage(
    row: Mapping[str, object], stages: Sequence[str]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """A stage, those after it and the end, with the consents that must be live from then on."""
    if (stage := str(row["stage"])) not in stages:
        raise ValueError(f"there is no stage {stage}")
    return frozenset({*stages[stages.index(stage) :], ENDED}), tuple(_texts(row["consent"]))


def _until(row: Mapping[str, object]) -> GrantEnd:
    moment = str(row["moment"])
    if moment not in MOMENTS:
        raise ValueError(f"there is no moment {moment}")
    element = str(row.get("element", ""))
    name = str(row.get("name", ""))
    values = frozenset(_texts(row.get("values")))
    return GrantEnd(moment, element, name, values, int(str(row.get("days", 0))))


def _opening(row: Mapping[str, object]) -> GrantedView:
    classes = frozenset(_texts(row["classes"]))
    if unknown := classes - set(CLASSES):
        raise ValueError(f"there is no class {', '.join(sorted(unknown))}")
    groups = frozenset(_texts(row["groups"])) if "groups" in row else None
    return GrantedView(
        classes, groups, bool(row.get("own_only", False)), frozenset(_texts(row.get("headline")))
    )


def _table(row: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = row.get(name, {})
    if not isinstance(table, dict):
        raise TypeError(f"{name} must be a table")
    return table


def _texts(values: object) -> Iterable[str]:
    return [str(v) for v in values] if isinstance(values, list) else []


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
        if opens and _holds(row.only_if, before):
            changes.append(GrantChange("open", row.rule, row.role))
        until = row.until
        if until is None or not _holds((until.name, until.values), after):
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


def _holds(test: tuple[str, frozenset[str]] | None, variables: Variables) -> bool:
    if test is None or not test[0]:
        return True
    value = variables.get(test[0])
    return ("" if value is None else str(value)) in test[1]


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
        if (grant := _grant(stored, row, stage, consents)) is not None
    )


def _grant(
    stored: LiveGrant, row: GrantRule, stage: str, consents: Mapping[str, str]
) -> Grant | None:
    follows = stored.rule.endswith(AFTER)
    view = row.then if follows else row.opens
    if view is None:
        return None
    purposes = () if follows else row.purposes(stage)
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
    )
