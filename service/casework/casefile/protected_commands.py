"""The commands of a protected identity: naming a person and taking that back, asking for approval,
deciding about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

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
from service.casework.casefile.take_back_name import take_back_name
from service.casework.cases import protection
from service.errors import NotFound, NotNamed
from service.records.context import Services
from service.store.casefile import approvals
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class _AboutPerson:
    """An act about a person who may know a protected identity, with a reason."""

    case_id: str
    person: str
    reason: str
    act: ClassVar[Callable[..., None]]

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Do it.

        Raises:
            ReasonNeeded: she who does it must say first why she opens the case.
            Whatever `act` raises.
        """
        load_case_view(tx, services, by, self.case_id, now)
        about = {"case_id": self.case_id, "person": self.person, "reason": self.reason}
        type(self).act(tx, services, by=by, now=now, **about)


class NamePerson(_AboutPerson):
    """Name a further person for a case of a protected identity."""

    __slots__ = ()
    act = staticmethod(protection.name_person)


class TakeBackName(_AboutPerson):
    """Let a named person know nothing of a protected identity any more."""

    __slots__ = ()
    act = staticmethod(take_back_name)


@dataclass(frozen=True, slots=True)
class AskApproval:
    """Ask a second person to approve an act on a protected identity."""

    case_id: str
    kind: str
    subject: str
    """What it is about: a task, a document, a paper or a marking; empty for the case itself."""
    reason: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> str:
        """Ask, and give the id of the request.

        Raises:
            NotFound: there is no such thing for her, or nothing to approve.
            ReasonNeeded: she must say first why she opens the case.
            NotNamed: she is not named for it.   NotAllowed: her role may not ask.
            InvalidAnswers: no reason.
        """
        view = load_case_view(tx, services, by, self.case_id, now)
        require_subject(tx, view, self.kind, self.subject)
        return requests.ask(
            tx,
            services,
            by=by,
            now=now,
            kind=self.kind,
            case_id=self.case_id,
            subjects={"subject": self.subject},
            digest=protected_acts.digest(self.kind, self.case_id, self.subject),
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class DecideApproval:
    """Approve or refuse what somebody else asked for about a case."""

    approval: str
    approve: bool

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Decide, as `requests.decide` does.

        Raises:
            NotFound: it is about no case, or unmasks one. Unmaskings, releases and plans are
                decided by their own commands, on their own pages, which ask for the password.
        """
        row = approvals.get(tx, self.approval)
        if row is None or row.case_id is None or row.kind == requests.UNMASK:
            raise NotFound
        requests.decide(tx, services, by=by, now=now, id_=self.approval, approve=self.approve)


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
    row, _ = documents.readable(tx, view.services, view.viewer, subject, view.now)
    return row.case_id == view.case.id
