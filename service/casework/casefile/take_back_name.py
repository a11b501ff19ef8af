"""Revoking a naming: a person loses sight of a case whose identity is protected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.access import Viewer
from service.casework.cases import protection
from service.errors import FieldFault, NotFound, NotNamed
from service.records.context import Services, actor
from service.records.ledger_entries import append_entry, seal_reason
from service.store.casefile import cases, named_persons, parties
from service.store.transaction import Tx
from service.store.work import tasks


def take_back_name(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    person: str,
    reason: str,
) -> None:
    """Let a person know nothing of a protected identity any more, with a reason.

    Tasks that she has claimed go back to her office. One person stays named, so that the identity
    is not lost to everybody.

    Args:
        person: somebody who is named; also oneself.
    Raises:
        NotFound: `by` has no part in the case, or its identity is not protected.
        NotNamed: she may not name anybody, and so take nothing back.
        InvalidAnswers: no reason, nobody who is named, or the only one.
    """
    case = cases.get(tx, case_id)
    holders = parties.of_case(tx, case_id)
    reason = reason.strip()
    named = protection.load_named(tx, case) if case is not None else None
    if case is None or named is None or by.office not in holders.values():
        raise NotFound
    if not protection.may_name(services, by, case, tx):
        raise NotNamed
    faults = []
    if person not in named:
        faults.append(FieldFault("person", "form.not_an_option"))
    elif len(named) == 1:
        faults.append(FieldFault("person", "named.only_one"))
    protection.check_reason(reason, *faults)
    row = next(row for row in named_persons.of_case(tx, case_id) if row.person_id == person)
    named_persons.change(tx, replace(row, ended_at=now))
    _put_tasks_back(tx, by, now, case_id, person)
    stream, key = f"case/{case_id}", services.key(tx, f"case:{case_id}")
    body = {"to": person, "word": seal_reason(key, stream, by.person, reason)}
    append_entry(tx, stream, "unnamed", by=actor(by), now=now, body=body)


def _put_tasks_back(tx: Tx, by: Viewer, now: datetime, case_id: str, person: str) -> None:
    for task in tasks.of_case(tx, case_id):
        if task.claimed_by == person:
            tasks.put_back(tx, task.key)
            about = {"task": task.key, "element": task.element}
            append_entry(tx, f"case/{case_id}", "put_back", by=actor(by), now=now, body=about)
