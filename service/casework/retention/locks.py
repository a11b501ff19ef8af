"""Locking what an office wrote in an ended case, some classes of it, and opening it again.

What is locked stays where it is; it opens to nobody but under a hold, or where a second person has
said so (`service.access`, `Sight.closes`). Source: decisions/0120.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from service.casework.cases.locked_records import lasting_locks, locked_by_office
from service.errors import NotFound
from service.records.context import Actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import DESTROY, LOCK, RetentionAct
from service.store.transaction import Tx

LOCKED, UNLOCKED = "records_locked", "records_unlocked"
"""Kinds of ledger entries."""


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
    act = RetentionAct(
        id=ulid(now),
        case_id=case_id,
        office_id=office,
        classes=sorted(left),
        does=LOCK,
        rule=rule,
        plan=plan,
        by=by.id,
        approval_id="",
        at=now,
        keys=[],
        commitments={},
        counts={},
    )
    retention_acts.add(tx, act)
    body: dict[str, ledger_lines.Canonical] = {
        "act": act.id,
        "to": office,
        "classes": (*act.classes,),
        "rule": rule,
        "plan": plan,
    }
    append_entry(tx, f"case/{case_id}", LOCKED, by=by, now=now, body=body)
    return act


def open_lock(tx: Tx, *, case_id: str, act_id: str, by: Actor, now: datetime) -> None:
    """End a lock: what it closed is seen again by whom the matrix shows it to.

    Raises:
        NotFound: there is none, or it has ended.
    """
    acts = retention_acts.of_case(tx, case_id) if cases.load(tx, case_id) is not None else []
    act = next((one for one in lasting_locks(acts) if one.id == act_id), None)
    if act is None:
        raise NotFound
    retention_acts.end(tx, act, by=by.id, at=now)
    body: dict[str, ledger_lines.Canonical] = {
        "act": act.id,
        "to": act.office_id,
        "classes": (*act.classes,),
    }
    append_entry(tx, f"case/{case_id}", UNLOCKED, by=by, now=now, body=body)
