"""The commands of a protected identity: name a person and take that back, ask a second person for
approval, decide about a request.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.access import Viewer
from service.casework.approvals import protected_acts, requests
from service.casework.approvals.protected_acts import (
    LOWER,
    MAKE_PAPER,
    OPEN_DOCUMENT,
    PRINT_CASE,
    PRINT_TASK,
)
from service.casework.casefile import documents, papers
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.cases import protection
from service.errors import FieldFault, NotFound, NotNamed
from service.records.context import Services, actor
from service.records.ledger_append import append_entry, seal_reason
from service.store.casefile import approvals, cases, named_persons, parties
from service.store.transaction import Tx
from service.store.work import tasks


def name_person(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    person: str,
    reason: str,
) -> None:
    """Name a further person for a case of a protected identity, with a reason.

    Raises:
        ReasonNeeded: she who names must say first why she opens the case.
        Otherwise as `protection.name_person`.
    """
    load_case_view(tx, services, by, case_id, now)
    protection.name_person(
        tx, services, by=by, now=now, case_id=case_id, person=person, reason=reason
    )


def take_back_name(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    person: str,
    reason: str,
) -> None:
    """Take back the naming of a person for a protected identity, with a reason.

    She sees nothing of the case any more, and tasks that she has claimed go back to her office. One
    person stays named, so that the identity is not lost to everybody.

    Args:
        person: somebody who is named; also oneself.
    Raises:
        NotFound: `by` has no part in the case, or its identity is not protected.
        NotNamed: `by` may not name anybody, and so take nothing back.
        InvalidAnswers: no reason, nobody who is named, or the only one.
        ReasonNeeded: `by` must say first why she opens the case.
    """
    load_case_view(tx, services, by, case_id, now)
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
    named_persons.change(tx, row, replace(row, ended_at=now))
    _put_tasks_back(tx, by, now, case_id, person)
    stream, key = f"case/{case_id}", services.case_keys(tx, case_id).own
    body = {"to": person, "word": seal_reason(key, stream, by.person, reason)}
    append_entry(tx, stream, "unnamed", by=actor(by), now=now, body=body)


def _put_tasks_back(tx: Tx, by: Viewer, now: datetime, case_id: str, person: str) -> None:
    for task in tasks.of_case(tx, case_id):
        if task.claimed_by == person:
            tasks.put_back(tx, task.key)
            about = {"task": task.key, "element": task.element}
            append_entry(tx, f"case/{case_id}", "put_back", by=actor(by), now=now, body=about)


def ask_approval(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    kind: str,
    subject: str,
    reason: str,
) -> str:
    """Ask a second person to approve an act on a protected identity.

    Gives the id of the request.

    Args:
        subject: id of a task, a document or a paper, or a marking; empty for the case itself.
    Raises:
        NotFound: there is no such thing for her, or nothing to approve.
        ReasonNeeded: she must say first why she opens the case.
        NotNamed: she is not named for it.   NotAllowed: her role may not ask.
        InvalidAnswers: no reason.
    """
    view = load_case_view(tx, services, by, case_id, now)
    require_subject(tx, view, kind, subject)
    return requests.ask(
        tx,
        services,
        by=by,
        now=now,
        kind=kind,
        case_id=case_id,
        subjects={"subject": subject},
        digest=protected_acts.digest(kind, case_id, subject),
        reason=reason,
    )


def decide_approval(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, approval: str, approve: bool
) -> None:
    """Approve or refuse what somebody else asked for about a case.

    Raises:
        NotFound: it is about no case, or opens answers for a time. Such, releases and plans are
            decided by their own commands, on their own pages, which ask for the password.
        Otherwise as `requests.decide`.
    """
    row = approvals.get(tx, approval)
    if row is None or row.case_id is None or row.kind in requests.TIMED:
        raise NotFound
    requests.decide(tx, services, by=by, now=now, id_=approval, approve=approve)


def require_subject(tx: Tx, view: CaseView, kind: str, subject: str) -> None:
    """Require that there is something of a protected identity that the viewer could ask for.

    Raises:
        NotFound: there is none.   NotNamed: she may not know of it.
    """
    marking = view.case.marking
    if not protection.is_protected(marking):
        raise NotFound
    if kind == LOWER:
        if subject not in protection.MARKINGS or not protection.is_lower(marking, subject):
            raise NotFound
        return
    if not view.visibility.is_named:
        raise NotNamed
    if not _is_there(tx, view, kind, subject):
        raise NotFound


def _is_there(tx: Tx, view: CaseView, kind: str, subject: str) -> bool:
    if kind == PRINT_TASK:
        return any(task.key == subject and view.mine(task) for task in view.waiting)
    if kind == OPEN_DOCUMENT:
        return _is_document(tx, view, subject)
    if kind == MAKE_PAPER:
        return any(choice.id == subject for choice in papers.paper_choices(view))
    return kind == PRINT_CASE and not subject


def _is_document(tx: Tx, view: CaseView, subject: str) -> bool:
    row, _, _ = documents.readable(tx, view.services, view.viewer, subject, view.now)
    return row.case_id == view.case.id
