"""Opens and ends the grants of a case as a turn tells, and says what an office may see of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from service.access import CLASSES, Grant, Sight
from service.actions.cases import consents
from service.actions.context import Services
from service.actions.ids import ulid
from service.actions.programme.grant_rules import (
    AFTER,
    GrantRule,
    LiveGrant,
    grant_changes,
    grants_in_sight,
)
from service.engine import Advance, Variables
from service.store.casefile import cases, grants, parties
from service.store.transaction import Tx
from service.store.work import tasks


def apply_grants(
    tx: Tx,
    services: Services,
    case: cases.Case,
    outcome: Advance,
    *,
    stored: Collection[grants.GrantRow],
    before: Variables,
    parties: Mapping[str, str],
    at: datetime,
    element: str,
) -> frozenset[str]:
    """Write what the turn does to the grants of the case.

    Args:
        stored: the grants of the case as the turn found them.
        before: routing values as the turn found them.
        element: in the first turn, the start event.
    Returns:
        The offices that knew the case before.
    """
    started = element if case.rev == 1 else ""
    found = grant_changes(
        services.programme.grants,
        outcome.steps,
        before=before,
        after=outcome.variables,
        started=started,
        ended=outcome.finished,
    )
    live = [g for g in stored if g.live(at)]
    new: list[grants.GrantRow] = []
    for change in found:
        office = parties.get(change.role)
        if office is None:
            continue
        rows = services.programme.grants.of(change.rule, parties, office)
        row = next((r for r in rows if r.role == change.role), None)
        if row is None:
            continue
        if change.what == "open" and not any(
            g.rule == change.rule and g.office_id == office for g in [*live, *new]
        ):
            new.append(_stored(case, row, change.rule, office, at))
        if change.what == "end":
            until = at + timedelta(days=change.days)
            if any(g.rule == change.rule and g.until is None for g in live):
                grants.limit(tx, case.id, rule=change.rule, until=until)
                if row.then is not None:
                    new.append(_stored(case, row, change.rule + AFTER, office, until))
    grants.add(tx, *new)
    return frozenset(g.office_id for g in stored)


def _stored(
    case: cases.Case, row: GrantRule, rule: str, office: str, starts: datetime
) -> grants.GrantRow:
    opens = row.then if rule.endswith(AFTER) and row.then is not None else row.opens
    return grants.GrantRow(
        id=ulid(starts),
        case_id=case.id,
        office_id=office,
        rule=rule,
        klasses=" ".join(k for k in CLASSES if k in opens.classes),
        ground=row.ground,
        purpose=",".join(row.consents),
        starts=starts,
        until=None,
        ended_at=None,
    )


def load_sight(
    tx: Tx, services: Services, case: cases.Case | cases.CaseSummary, now: datetime
) -> Sight:
    """The case as `access` knows it at this moment: stored grants, and for each open task the
    fields of its form.
    """
    holders = parties.of_case(tx, case.id)
    live = [LiveGrant(g.rule, g.office_id) for g in grants.of_case(tx, case.id) if g.live(now)]
    stage = "x" if case.status == "ended" else case.stage or "1"
    given = consents.live(tx, case.id, now)
    waiting = tasks.of_case(tx, case.id)
    return Sight(
        case=case.id,
        stage=stage,
        parties=holders,
        grants=(
            *grants_in_sight(services.programme.grants, live, holders, stage, given),
            *_of_tasks(tx, services, case, waiting),
        ),
        managers=frozenset(
            t.claimed_by
            for t in waiting
            if t.role in services.programme.named_fields.duties.manager and t.claimed_by
        ),
    )


def _of_tasks(
    tx: Tx,
    services: Services,
    case: cases.Case | cases.CaseSummary,
    waiting: Collection[tasks.Task],
) -> tuple[Grant, ...]:
    """Rule G0: an open task opens the fields of its form to its office."""
    if not waiting:
        return ()
    release = services.release(tx, case.release_id)
    elements = release.definitions[case.process].elements
    found = []
    for task in waiting:
        form = release.forms.get(elements[task.element].form) if task.element in elements else None
        fields = frozenset(f.key for f in form.fields) if form is not None else frozenset()
        if task.office_id:
            found.append(Grant("G0", task.office_id, frozenset(CLASSES), None, fields))
    return tuple(found)
