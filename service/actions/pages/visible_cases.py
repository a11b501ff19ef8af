"""The cases that a viewer may see, with their parties and open tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.access import OF_TASK, Grant, Resource, Sight, Viewer, can_see
from service.actions.context import Services
from service.actions.programme.grant_rules import LiveGrant, grants_in_sight
from service.store.casefile import cases, grants, parties
from service.store.keyset import PageRequest
from service.store.read_models import inbox
from service.store.transaction import Tx
from service.store.work import tasks

MOST = 500
"""Newest cases of an office that its search reaches."""


@dataclass(frozen=True, slots=True)
class VisibleCase:
    """A case with its parties (role to office) and its open tasks."""

    case: cases.CaseSummary
    parties: Mapping[str, str]
    waiting: Sequence[tasks.Task]


def load_visible_cases(
    tx: Tx, services: Services, viewer: Viewer, now: datetime
) -> list[VisibleCase]:
    """Cases that a grant opens to a role of the viewer, or in which a task waits for her."""
    briefs = cases.visible(tx, office=viewer.office, roles=viewer.lane_roles, now=now, limit=MOST)
    reader = inbox.InboxReader(viewer.person, viewer.office, viewer.lane_roles, now)
    waiting = inbox.page(tx, reader, inbox.InboxFilter(), PageRequest(), limit=MOST)
    more = {row.task.case_id for row in waiting.rows} - {case.id for case in briefs}
    briefs += cases.of_ids(tx, sorted(more)) if more else []
    return only_visible(tx, services, viewer, now, briefs)


def only_visible(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, briefs: Sequence[cases.CaseSummary]
) -> list[VisibleCase]:
    """Those of several cases that the viewer may see, in the same order."""
    ids = [case.id for case in briefs]
    if not ids:
        return []
    holders, open_tasks = parties.of_cases(tx, ids), tasks.of_cases(tx, ids)
    granted: dict[str, list[LiveGrant]] = {}
    office, roles = viewer.office, viewer.lane_roles
    for grant in grants.of_cases(tx, ids, office=office, roles=roles, now=now):
        live = LiveGrant(grant.rule, grant.office_id, grant.role)
        granted.setdefault(grant.case_id, []).append(live)
    loaded = [VisibleCase(case, holders[case.id], open_tasks[case.id]) for case in briefs]

    def visible(row: VisibleCase) -> bool:
        sight = _sight(services, row, granted.get(row.case.id, []))
        return can_see(services.programme.matrix, viewer, sight, Resource()).ok

    return [row for row in loaded if visible(row)]


def _sight(services: Services, row: VisibleCase, live: Iterable[LiveGrant]) -> Sight:
    """The case as far as its process facts go: those rest on no consent."""
    stage = services.programme.stage_of_sight(row.case.status, row.case.stage)
    by_task = [
        Grant(OF_TASK, task.office_id, task.role, frozenset({"C0"}), None, frozenset())
        for task in row.waiting
        if task.office_id
    ]
    by_rule = grants_in_sight(services.programme.grants, live, row.parties, stage, {})
    return Sight(row.case.id, stage, row.parties, (*by_rule, *by_task))
