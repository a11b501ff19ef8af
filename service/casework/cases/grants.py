"""Grants of a case: opened and ended by turns, read as the sight that `access` decides on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.access import CLASSES, NOBODY, OF_HOLDER, OF_TASK, Bars, Grant, Sight
from service.casework.cases import bars, consents, protection
from service.casework.cases.loaded_case import Submission
from service.engine import Advance, Variables
from service.forms import Form
from service.records.context import Services
from service.records.ids import ulid
from service.release.prepared import PreparedRelease
from service.release.programme.grant_rules import (
    AFTER,
    GrantChange,
    GrantRule,
    GrantRules,
    LiveGrant,
    grant_changes,
    grants_in_sight,
)
from service.release.programme.process_configuration import ProcessConfiguration
from service.store.at_hand import Read, Reader
from service.store.casefile import case_bars, cases, grants, named_persons, parties
from service.store.casefile import consents as consent_rows
from service.store.changes import Changes
from service.store.installation import people
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
    changes: Changes,
    rules: GrantRules,
    turn: TurnChange,
    given: Submission,
    *,
    stored: Collection[grants.GrantRow],
) -> list[grants.GrantRow]:
    """Change what the turn does to the grants of the case; gives all of them as they are then.

    Args:
        rules: of the release that the case is on then.
        given: what came with the stimulus; its element is the start event in the first turn.
        stored: the grants of the case as the turn found them.
    """
    at, element = given.now, given.element
    after = {grant.id: grant for grant in stored}
    case_id, live = turn.case.id, [grant for grant in stored if grant.live(at)]
    new: list[grants.GrantRow] = []
    for change, row, office in _changes(rules, turn, element):
        if change.what == "open" and not _of([*live, *new], change, office):
            new.append(_grant_row(case_id, row, change.rule, office, at))
        ending = [grant for grant in _of(live, change, office) if grant.until is None]
        if change.what == "end" and ending:
            until = at + timedelta(days=change.days)
            for grant in ending:
                after[grant.id] = grants.limit(changes, grant, until=until)
            if row.then is not None:
                new.append(_grant_row(case_id, row, change.rule + AFTER, office, until))
    for grant in _given_away(after.values(), turn.parties):
        after[grant.id] = grants.limit(changes, grant, until=at)
        new.append(replace(grant, id=ulid(at), office_id=turn.parties[grant.role], starts=at))
    grants.add(changes, *new)
    return [*after.values(), *new]


def _given_away(
    rows: Iterable[grants.GrantRow], parties: Mapping[str, str]
) -> list[grants.GrantRow]:
    """Grants without an end of offices whose role another office holds now; that one takes them
    over. Their consents are checked at each use, so that nothing opens to it before she has agreed.
    """
    return [
        row
        for row in rows
        if row.until is None and parties.get(row.role, row.office_id) != row.office_id
    ]


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
    opens = row.then if rule.endswith(AFTER) and row.then is not None else row
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


@dataclass(frozen=True, slots=True)
class SightRows:
    """What the sight of a case follows from, besides its row and its release."""

    holders: Mapping[str, str]
    """Role to the office that holds it."""
    granted: Collection[grants.GrantRow]
    purposes: Mapping[str, str]
    """Those whose consent is live, with who gave it."""
    waiting: Collection[tasks.Task]
    """Its open tasks."""
    named: frozenset[str] | None
    """As `protection.load_named` gives it."""
    barred: Bars = NOBODY
    """For whom the case does not exist."""


def load_sight(
    reader: Reader, services: Services, case: cases.Case | cases.CaseSummary, now: datetime
) -> Sight:
    """Load a case as `access` knows it at this moment: stored grants, and for each open task the
    fields of its form.
    """
    rows = SightRows(
        parties.of_case(reader, case.id),
        grants.of_case(reader, case.id),
        consents.live(reader, case.id, now),
        tasks.of_case(reader, case.id),
        protection.load_named(reader, case),
        bars.load_bars(reader, case.id),
    )
    return sight_of(services, services.release(reader, case.release_id), case, rows, now)


def reads_of_sight(case_id: str) -> list[Read]:
    """What `load_sight` reads."""
    of_case = {"case_id": case_id}
    statements = (parties.OF_CASE, grants.OF_CASE, consent_rows.OF_CASE, tasks.OF_ONE_CASE)
    more = (named_persons.OF_CASE, of_case), case_bars.read_of_case(case_id)
    return [*((one, of_case) for one in statements), *more]


def sight_of(
    services: Services,
    release: PreparedRelease,
    case: cases.Case | cases.CaseSummary,
    rows: SightRows,
    now: datetime,
) -> Sight:
    """A case as `access` knows it at this moment."""
    configuration = services.configuration(release)
    stage = configuration.stage_of_sight(case.status, case.stage)
    live = [LiveGrant(row.rule, row.office_id, row.role) for row in rows.granted if row.live(now)]
    stored = grants_in_sight(configuration.grants, live, rows.holders, stage, rows.purposes)
    duties = configuration.named_fields.duties
    managers = frozenset(
        task.claimed_by for task in rows.waiting if task.role in duties.manager and task.claimed_by
    )
    by_tasks = _of_tasks(configuration, release, case, rows.waiting, rows.purposes)
    open_tasks = {task.key: task.claimed_by or "" for task in rows.waiting}
    every = (*stored, *by_tasks)
    sight = Sight(case.id, stage, rows.holders, every, managers, rows.named, open_tasks)
    return replace(sight, barred=rows.barred)


def load_sight_before_end(
    reader: Reader,
    services: Services,
    case: cases.Case | cases.CaseSummary,
    sight: Sight,
    roles: Collection[str],
) -> Sight | None:
    """Load an ended case as some roles knew it on its last day, without what rested on a consent
    that was taken back since; None for a case that is open.

    Offices count as they hold their roles now, and nobody is its case manager any more.

    Args:
        sight: of the case now.
    """
    at = case.closed_at
    if case.status != "ended" or at is None:
        return None
    configuration = services.configuration_of(reader, case.release_id)
    stage = configuration.stage_of_sight("", case.stage)
    rows = (row for row in grants.of_case(reader, case.id) if row.role in roles and row.live(at))
    live = [LiveGrant(row.rule, row.office_id, row.role) for row in rows]
    purposes = consents.live(reader, case.id, at)
    opened = grants_in_sight(configuration.grants, live, sight.parties, stage, purposes)
    return replace(sight, stage=stage, grants=opened)


def granted_roles(
    reader: Reader, services: Services, case: cases.Case | cases.CaseSummary, now: datetime
) -> frozenset[str]:
    """Roles whose office has a live grant on the case, without the one that an open task gives.

    A grant whose consent is not live does not count: that office is asked and called no more. Nor
    does a role that nobody in its office holds, such as that of the partner at the office that took
    a call after the end: nobody there could open the task.
    """
    holders = parties.of_case(reader, case.id)
    stored = _stored(reader, services, case, holders, now)
    held = people.roles_of_offices(reader)
    return frozenset(
        grant.role
        for grant in stored
        if grant.agreed and grant.role in held.get(holders.get(grant.role, ""), ())
    )


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
    live = consents.live(reader, case.id, now) if purposes is None else purposes
    return _of_tasks(services.configuration(release), release, case, waiting, live)


def _of_tasks(
    configuration: ProcessConfiguration,
    release: PreparedRelease,
    case: cases.Case | cases.CaseSummary,
    waiting: Collection[tasks.Task],
    purposes: Mapping[str, str],
) -> tuple[Grant, ...]:
    elements = release.definitions[case.process].elements
    opened = []
    for task in waiting:
        form = release.forms.get(elements[task.element].form) if task.element in elements else None
        fields = frozenset(f.key for f in form.fields) if form is not None else frozenset()
        purpose = purpose_needed(configuration, form)
        classes = frozenset(PROCESS_FACTS if purpose and purpose not in purposes else CLASSES)
        if not task.office_id:
            continue
        opened.append(Grant(OF_TASK, task.office_id, task.role, classes, None, fields))
        panel = configuration.task_pages.get(form.id) if form is not None else None
        if panel is not None and panel.opens and task.claimed_by:
            shown = frozenset((*panel.answers, *panel.newest))
            opened.append(
                Grant(
                    OF_HOLDER,
                    task.office_id,
                    task.role,
                    classes,
                    None,
                    shown,
                    holder=task.claimed_by,
                )
            )
    return tuple(opened)


def purpose_needed(configuration: ProcessConfiguration, form: Form | None) -> str:
    """The purpose whose consent the task of a form waits for; "" when it waits for none."""
    purpose = form.purpose if form is not None else ""
    return purpose if purpose in configuration.grants.tasks_need else ""


def missing_consent(
    reader: Reader,
    services: Services,
    case: cases.Case | cases.CaseSummary,
    form: Form | None,
    now: datetime,
) -> str:
    """The purpose of a form, when its task waits for that consent; else the empty text."""
    purpose = purpose_needed(services.configuration_of(reader, case.release_id), form)
    return "" if not purpose or purpose in consents.live(reader, case.id, now) else purpose
