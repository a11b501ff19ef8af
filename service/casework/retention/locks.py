"""Locking what an office wrote in an ended case, some classes of it, until it is erased.

What is locked stays where it is; it opens to nobody but under a hold, or where a second person has
said so (`service.access`, `Sight.closes`). Source: decisions/0120.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from service.casework.cases.locked_records import locked_by_office
from service.casework.retention.acts import add_act
from service.errors import NotFound
from service.records.context import Actor
from service.records.ids import ulid
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import DESTROY, LOCK, RetentionAct
from service.store.transaction import Tx

LOCKED = "records_locked"
"""Kind of ledger entries."""


def lock_records(
    tx: Tx,
    *,
    case_id: str,
    office: str,
    classes: Collection[str],
    rule: str,
    plan: str,
    by: Actor,
    now: datetime,
) -> RetentionAct:
    """Lock classes of what an office wrote in an ended case: those that are not locked yet, and of
    which nothing was erased.

    Whoever calls it has looked at holds, and at the rule.

    Args:
        office: "" for what no office wrote, such as the papers of a handler.
        plan: id of the release whose plan the rule is of.
    Raises:
        NotFound: no such case that has ended, or nothing is left to lock.
    """
    loaded = cases.load(tx, case_id)
    if loaded is None or loaded.case.status != "ended":
        raise NotFound
    acts = retention_acts.of_case(tx, case_id)
    locked = locked_by_office(acts).get(office, frozenset())
    gone = {
        klass
        for act in acts
        if act.office_id == office and act.does == DESTROY
        for klass in act.classes
    }
    left = {*classes} - locked - gone
    if not left:
        raise NotFound
    act = RetentionAct(ulid(now), case_id, office, sorted(left), LOCK, rule, plan, by.id, now)
    return add_act(tx, act, LOCKED, by=by, now=now)
