"""The cases that a viewer may see, with their parties and open tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import OF_TASK, Grant, Resource, Sight, Viewer, can_see
from service.casework.cases import bars, locked_records, protection
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.grants import of_tasks
from service.casework.cases.locked_records import NONE_LOCKED
from service.casework.tasks.inbox_list import desk_reader
from service.records.context import Services
from service.release.programme.grant_rules import LiveGrant, grants_in_sight
from service.release.programme.process_configuration import ProcessConfiguration
from service.store.at_hand import Reader
from service.store.casefile import cases
from service.store.lists import visibility_rows
from service.store.lists.visibility_rows import VisibilityRows
from service.store.read_models import case_search
from service.store.transaction import Tx
from service.store.work import tasks

MOST = 500
"""Newest cases of an office that its search reaches."""


@dataclass(frozen=True, slots=True)
class VisibleCase:
    """A case with what decides what the viewer may see of it."""

    case: cases.CaseSummary
    rows: VisibilityRows
    live: Sequence[LiveGrant] = ()
    """Live grants of the viewer's office to roles of hers."""

    @property
    def parties(self) -> Mapping[str, str]:
        """Role to office."""
        return self.rows.parties

    @property
    def waiting(self) -> Sequence[tasks.Task]:
        """Its open tasks, oldest first."""
        return self.rows.waiting


def load_visible_cases(
    tx: Tx, services: Services, viewer: Viewer, now: datetime
) -> list[VisibleCase]:
    """Cases that a grant opens to a role of the viewer, or in which a task waits for her."""
    return only_visible(tx, services, viewer, now, newest_cases(tx, viewer, now))


def newest_cases(tx: Tx, viewer: Viewer, now: datetime) -> list[cases.CaseSummary]:
    """The newest cases of the viewer's office, whether or not she may see them."""
    reader = desk_reader(viewer, now)
    return case_search.newest(tx, reader, limit=MOST)


def only_visible(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    now: datetime,
    briefs: Sequence[cases.CaseSummary],
    *,
    listed: bool = False,
) -> list[VisibleCase]:
    """Select the cases that the viewer may see, in the same order.

    Args:
        listed: whether nothing but process facts is going to be shown of them.
    """
    if not briefs:
        return []
    found = visibility_rows.of_cases(
        reader,
        [case.id for case in briefs],
        office=viewer.office,
        roles=viewer.lane_roles,
        now=now,
        listed=listed,
    )
    loaded = [
        VisibleCase(
            case,
            found[case.id],
            [LiveGrant(one.rule, one.office_id, one.role) for one in found[case.id].granted],
        )
        for case in briefs
    ]

    def visible(row: VisibleCase) -> bool:
        configuration = services.configuration_of(reader, row.case.release_id)
        sight = _sight(configuration, row)
        return can_see(configuration.matrix, viewer, sight, Resource()).ok

    return [row for row in loaded if visible(row)]


def load_visibilities(
    reader: Reader, services: Services, viewer: Viewer, now: datetime, rows: Sequence[VisibleCase]
) -> dict[str, CaseVisibility]:
    """What the viewer may see of several cases, by id; it is the same as
    `case_visibility.load_unexplained_visibility` says of each, for this viewer. What is locked is
    asked for once, where any of them has ended.
    """
    ended = [row.case.id for row in rows if row.case.status == "ended"]
    locked = locked_records.load_locked_of_cases(reader, ended, now)

    def visibility(row: VisibleCase) -> CaseVisibility:
        case, release = row.case, services.release(reader, row.case.release_id)
        configuration = services.configuration(release)
        stage = configuration.stage_of_sight(case.status, case.stage)
        purposes = row.rows.purposes
        by_rule = grants_in_sight(configuration.grants, row.live, row.parties, stage, purposes)
        managing = configuration.named_fields.duties.manager
        claimed = [task for task in row.waiting if task.role in managing]
        protected = protection.is_protected(case.marking)
        persons = frozenset(row.rows.named) if protected else None
        sight = Sight(
            case.id,
            stage,
            row.parties,
            (*by_rule, *of_tasks(reader, services, case, row.waiting, now, purposes)),
            frozenset(task.claimed_by for task in claimed if task.claimed_by),
            persons,
            {task.key: task.claimed_by or "" for task in row.waiting},
            barred=bars.as_bars(row.rows.barred),
            is_path=case.kind == cases.PATH,
            is_gone=case.kind == cases.PATH_ERASED,
        )
        locks = locked.get(case.id, NONE_LOCKED)
        sight = replace(sight, locked=locks.by_office, holding=locks.holding)
        definition = release.definitions[case.process]
        return CaseVisibility(viewer, configuration.matrix, sight, release, definition)

    return {row.case.id: visibility(row) for row in rows}


def _sight(configuration: ProcessConfiguration, row: VisibleCase) -> Sight:
    """The case as far as its process facts go: those rest on no consent."""
    stage = configuration.stage_of_sight(row.case.status, row.case.stage)
    by_task = [
        Grant(OF_TASK, task.office_id, task.role, frozenset({"C0"}), None, frozenset())
        for task in row.waiting
        if task.office_id
    ]
    by_rule = grants_in_sight(configuration.grants, row.live, row.parties, stage, {})
    barred = bars.as_bars(row.rows.barred)
    return Sight(
        row.case.id,
        stage,
        row.parties,
        (*by_rule, *by_task),
        barred=barred,
        is_path=row.case.kind == cases.PATH,
        is_gone=row.case.kind == cases.PATH_ERASED,
    )
