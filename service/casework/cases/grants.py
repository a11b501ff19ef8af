"""Grants of a case: opened and ended by turns, read as the sight that `access` decides on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.access import CLASSES, NOBODY, OF_HOLDER, OF_TASK, Bars, Grant, Sight
from service.casework.cases import bars, consents, locked_records, protection
from service.casework.cases.loaded_case import Submission
from service.casework.cases.locked_records import NONE_LOCKED, LockedRecords
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
    as the turn found them, role to office after it, and the roles that nobody holds for a while.
    """

    case: cases.Case
    outcome: Advance
    before: Variables
    parties: Mapping[str, str]
    vacant: Collection[str] = ()


def apply_grants(
    changes: Changes,
    rules: GrantRules,
    turn: TurnChange,
    given: Submission,
    *,
    stored: Collection[grants.GrantRow],
) -> list[grants.GrantRow]:
    """Change what the turn does to the grants of the case; gives all of them as they are then.

    An office that lost its role sees nothing from this moment. What was open to it without an end,
    and what opens while nobody holds the role, waits (`GrantRow.waits`), and whoever gets the role
    takes it over. Consents are checked at each use, so that nothing opens before she has agreed.

    Args:
        rules: of the release that the case is on then.
        given: what came with the stimulus; its element is the start event in the first turn.
        stored: the grants of the case as the turn found them.
    """
    after, new, at = {grant.id: grant for grant in stored}, list[grants.GrantRow](), given.now
    for grant in stored:
        if grant.ended_at is None and _is_left(grant, turn):
            after[grant.id] = grants.end(changes, grant, at=at)
    for change, row, office in _changes(rules, turn, given.element):
        there = _of([*after.values(), *new], change)
        if change.what == "open" and not any(one.live(at) or one.waits for one in there):
            new.append(_grant_row(turn.case, row, change.rule, office, at))
        ending = [one for one in there if one.until is None and one.id in after]
        if change.what == "end" and ending:
            until = at + timedelta(days=change.days)
            after |= {one.id: grants.limit(changes, one, until=until) for one in ending}
            if row.then is not None and office:
                new.append(_grant_row(turn.case, row, change.rule + AFTER, office, until))
    taken = [one for one in after.values() if one.waits and one.role in turn.parties]
    after |= {one.id: grants.limit(changes, one, until=at) for one in taken}
    new += [_taken_over(one, turn.parties[one.role], at) for one in taken]
    grants.add(changes, *new)
    return [*after.values(), *new]


def _taken_over(grant: grants.GrantRow, office: str, at: datetime) -> grants.GrantRow:
    """A grant that waited, as the office has it that holds the role now."""
    starts = max(at, grant.starts)
    return replace(grant, id=ulid(at), office_id=office, starts=starts, ended_at=None)


def _is_left(grant: grants.GrantRow, turn: TurnChange) -> bool:
    """Whether the office of a grant holds its role no more."""
    held = turn.parties.get(grant.role, grant.office_id) == grant.office_id
    return not held or grant.role in turn.vacant


def _changes(
    rules: GrantRules, turn: TurnChange, element: str
) -> Iterator[tuple[GrantChange, GrantRule, str]]:
    """Every change with its row of `grants.toml` and the office, "" for a role that nobody holds
    for a while; a role without an office else, or without a row, changes nothing.
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
        office = turn.parties.get(change.role, "" if change.role in turn.vacant else None)
        if office is None:
            continue
        row = next(iter(rules.of(change.rule, change.role)), None)
        if row is not None:
            yield change, row, office


def _of(rows: Iterable[grants.GrantRow], change: GrantChange) -> list[grants.GrantRow]:
    """The grants of a rule for a role."""
    return [row for row in rows if (row.rule, row.role) == (change.rule, change.role)]


def _grant_row(
    case: cases.Case,
    row: GrantRule,
    rule: str,
    office: str,
    starts: datetime,
) -> grants.GrantRow:
    """A grant of a rule. Without an office it waits for one: it stands under the office that began
    the case, and has ended as it begins.
    """
    opens = row.then if rule.endswith(AFTER) and row.then is not None else row
    return grants.GrantRow(
        id=ulid(starts),
        case_id=case.id,
        office_id=office or case.started_by,
        role=row.role,
        rule=rule,
        klasses=" ".join(k for k in CLASSES if k in opens.classes),
        ground=row.grounds[0],
        purpose=",".join(row.consents),
        starts=starts,
        until=None,
        ended_at=None if office else starts,
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
    locked: LockedRecords = NONE_LOCKED
    """What the plan of retention has locked of it."""


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
        locked_records.load_locked(reader, case, now),
    )
    return sight_of(services, services.release(reader, case.release_id), case, rows, now)


def reads_of_sight(case_id: str) -> list[Read]:
    """What `load_sight` reads."""
    of_case = {"case_id": case_id}
    statements = (parties.OF_CASE, grants.OF_CASE, consent_rows.OF_CASE, tasks.OF_ONE_CASE)
    more = (named_persons.OF_CASE, of_case), case_bars.read_of_case(case_id)
    locks = locked_records.reads_of_locked(case_id)
    return [*((one, of_case) for one in statements), *more, *locks]


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
    kind, locks = case.kind, rows.locked
    return replace(
        sight,
        barred=rows.barred,
        is_path=kind == cases.PATH,
        is_gone=kind == cases.PATH_ERASED,
        locked=locks.by_office,
        holding=locks.holding,
    )


def load_sight_before_end(
    reader: Reader,
    services: Services,
    case: cases.Case | cases.CaseSummary,
    sight: Sight,
    roles: Collection[str],
) -> Sight | None:
    """Load an ended case as some roles knew it on its last day, without what rested on a consent
    that was taken back since; None for a case that is open. Nothing was locked then.

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
    return replace(sight, stage=stage, grants=opened, locked={})


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
