"""Grants of a case: opened and ended by turns, read as the sight that `access` decides on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.access import CLASSES, OF_TASK, Grant, Sight
from service.casework.cases import consents, protection
from service.casework.cases.loaded_case import Submission
from service.engine import Advance, Variables
from service.forms import Form
from service.records.context import Services
from service.records.ids import ulid
from service.release.programme.grant_rules import (
    AFTER,
    GrantChange,
    GrantRule,
    GrantRules,
    LiveGrant,
    grant_changes,
    grants_in_sight,
)
from service.store.at_hand import Reader
from service.store.casefile import cases, grants, parties
from service.store.transaction import Tx
from service.store.work import tasks

PROCESS_FACTS = ("C0",)
"""Classes that rest on no consent."""


@dataclass(frozen=True, slots=True)
class TurnChange:
    """A turn as grants look at it: the case's row after it, what the engine did, the routing values
    as the turn found them, and role to office.
    """

    case: cases.Case
    outcome: Advance
    before: Variables
    parties: Mapping[str, str]


def apply_grants(
    tx: Tx,
    services: Services,
    turn: TurnChange,
    given: Submission,
    *,
    stored: Collection[grants.GrantRow],
) -> list[grants.GrantRow]:
    """Write what the turn does to the grants of the case; gives all of them as they are then.

    Args:
        given: what came with the stimulus; its element is the start event in the first turn.
        stored: the grants of the case as the turn found them.
    """
    at, element = given.now, given.element
    after = {grant.id: grant for grant in stored}
    case_id, live = turn.case.id, [grant for grant in stored if grant.live(at)]
    new: list[grants.GrantRow] = []
    rules = services.configuration_of(tx, turn.case.release_id).grants
    for change, row, office in _changes(rules, turn, element):
        if change.what == "open" and not _of([*live, *new], change, office):
            new.append(_grant_row(case_id, row, change.rule, office, at))
        ending = [grant for grant in _of(live, change, office) if grant.until is None]
        if change.what == "end" and ending:
            until = at + timedelta(days=change.days)
            for grant in ending:
                after[grant.id] = grants.limit(tx, grant, until=until)
            if row.then is not None:
                new.append(_grant_row(case_id, row, change.rule + AFTER, office, until))
    grants.add(tx, *new)
    return [*after.values(), *new]


def _changes(
    rules: GrantRules, turn: TurnChange, element: str
) -> Iterator[tuple[GrantChange, GrantRule, str]]:
    """Every change with its row of `grants.toml` and the office; a role without an office, or
    without a row, changes nothing.
    """
    found = grant_changes(
        rules,
        turn.outcome.steps,
        before=turn.before,
        after=turn.outcome.variables,
        started=element if turn.case.rev == 1 else "",
        ended=turn.outcome.finished,
    )
    for change in found:
        office = turn.parties.get(change.role)
        if office is None:
            continue
        row = next(iter(rules.of(change.rule, change.role)), None)
        if row is not None:
            yield change, row, office


def _of(rows: Iterable[grants.GrantRow], change: GrantChange, office: str) -> list[grants.GrantRow]:
    """The grants of a rule for a role in an office."""
    return [
        row
        for row in rows
        if (row.rule, row.role, row.office_id) == (change.rule, change.role, office)
    ]


def _grant_row(
    case_id: str, row: GrantRule, rule: str, office: str, starts: datetime
) -> grants.GrantRow:
    opens = row.then if rule.endswith(AFTER) and row.then is not None else row.opens
    return grants.GrantRow(
        id=ulid(starts),
        case_id=case_id,
        office_id=office,
        role=row.role,
        rule=rule,
        klasses=" ".join(k for k in CLASSES if k in opens.classes),
        ground=row.ground,
        purpose=",".join(row.consents),
        starts=starts,
        until=None,
        ended_at=None,
    )


def load_sight(
    reader: Reader, services: Services, case: cases.Case | cases.CaseSummary, now: datetime
) -> Sight:
    """Load a case as `access` knows it at this moment: stored grants, and for each open task the
    fields of its form.
    """
    configuration = services.configuration_of(reader, case.release_id)
    holders = parties.of_case(reader, case.id)
    stage = configuration.stage_of_sight(case.status, case.stage)
    stored = _stored(reader, services, case, holders, now)
    waiting, duties = tasks.of_case(reader, case.id), configuration.named_fields.duties
    managers = frozenset(t.claimed_by for t in waiting if t.role in duties.manager and t.claimed_by)
    by_tasks = of_tasks(reader, services, case, waiting, now)
    named = protection.load_named(reader, case)
    open_tasks = {task.key: task.claimed_by or "" for task in waiting}
    return Sight(case.id, stage, holders, (*stored, *by_tasks), managers, named, open_tasks)


def granted_roles(
    reader: Reader, services: Services, case: cases.Case | cases.CaseSummary, now: datetime
) -> frozenset[str]:
    """Roles whose office has a live grant on the case, without the one that an open task gives."""
    holders = parties.of_case(reader, case.id)
    return frozenset(grant.role for grant in _stored(reader, services, case, holders, now))


def _stored(
    reader: Reader,
    services: Services,
    case: cases.Case | cases.CaseSummary,
    holders: Mapping[str, str],
    now: datetime,
) -> tuple[Grant, ...]:
    rows = (row for row in grants.of_case(reader, case.id) if row.live(now))
    live = [LiveGrant(row.rule, row.office_id, row.role) for row in rows]
    purposes = consents.live(reader, case.id, now)
    configuration = services.configuration_of(reader, case.release_id)
    stage = configuration.stage_of_sight(case.status, case.stage)
    return grants_in_sight(configuration.grants, live, holders, stage, purposes)


def of_tasks(
    reader: Reader,
    services: Services,
    case: cases.Case | cases.CaseSummary,
    waiting: Collection[tasks.Task],
    now: datetime,
    purposes: Mapping[str, str] | None = None,
) -> tuple[Grant, ...]:
    """Rule G0: an open task opens the fields of its form to its role in its office; process facts
    alone while a consent that it rests on is not live.

    Args:
        purposes: those whose consent is live, where they are loaded already.
    """
    if not waiting:
        return ()
    release = services.release(reader, case.release_id)
    elements = release.definitions[case.process].elements
    opened = []
    for task in waiting:
        form = release.forms.get(elements[task.element].form) if task.element in elements else None
        fields = frozenset(f.key for f in form.fields) if form is not None else frozenset()
        missing = missing_consent(reader, services, case, form, now, purposes)
        classes = frozenset(PROCESS_FACTS if missing else CLASSES)
        if task.office_id:
            opened.append(Grant(OF_TASK, task.office_id, task.role, classes, None, fields))
    return tuple(opened)


def missing_consent(
    reader: Reader,
    services: Services,
    case: cases.Case | cases.CaseSummary,
    form: Form | None,
    now: datetime,
    purposes: Mapping[str, str] | None = None,
) -> str:
    """The purpose of a form, when its task waits for that consent; else the empty text."""
    purpose = form.purpose if form is not None else ""
    if not purpose:
        return ""
    if purpose not in services.configuration_of(reader, case.release_id).grants.tasks_need:
        return ""
    live = consents.live(reader, case.id, now) if purposes is None else purposes
    return "" if purpose in live else purpose
