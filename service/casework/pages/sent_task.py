"""Confirmation of a form just sent, and what comes next in its case: shown once, in the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.casefile.case_view import CaseView
from service.casework.cases import case_visibility
from service.casework.pages.case_status import CaseStatus, NextTask, load_case_status
from service.engine import Definition
from service.errors import NotFound
from service.records.context import Services
from service.release.labels import element_name
from service.release.programme.vocabulary import MESSAGE
from service.store.at_hand import Reader
from service.store.casefile import cases, facts
from service.text import say

SENT = ("complete", "start", "message")
"""Kinds of facts that a person sends."""


@dataclass(frozen=True, slots=True)
class SentTask:
    """A step that was sent, and the status of its case now."""

    case: str
    ref: str
    lang: str
    title: str
    """Sentence: the step was sent."""
    is_receipt: bool = False
    """Whether the title is all that the sender is answered: where nothing may be found out by
    sending (property `receipt` of a start)."""
    status: CaseStatus | None = None
    """None when the sender may know no more of the case: with what she sent it closed to her."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What comes next, and that nothing waits for the sender's office where nothing does."""
        if self.is_receipt:
            return ()
        nothing = (say("inbox.sent_nothing", self.lang),)
        if self.status is None:
            return nothing
        waits_here = self.status.ended or any(task.ours for task in self.status.tasks)
        return self.status.sentences(self.lang) + (() if waits_here else nothing)

    @property
    def own(self) -> NextTask | None:
        """The case's next task, when it is the sender's."""
        return self.status.own if self.status is not None else None


def load_sent_task(
    reader: Reader, services: Services, viewer: Viewer, case_id: str, rev: int, now: datetime
) -> SentTask | None:
    """Load the step that the viewer sent with a fact of a case; None when somebody else sent it.

    Args:
        rev: number of the fact.
    """
    case = cases.get(reader, case_id)
    found = facts.of_case(reader, case_id, after=rev - 1, upto=rev) if case is not None else []
    fact = next((f for f in found if _is_own(f, viewer)), None)
    if case is None or fact is None:
        return None
    if receipt := _receipt(reader, services, viewer, case, fact):
        return SentTask(case.id, case.ref, viewer.lang, receipt, is_receipt=True)
    return SentTask(
        case=case.id,
        ref=case.ref,
        lang=viewer.lang,
        title=_title(reader, services, viewer, case, fact),
        status=_status(reader, services, viewer, case, now),
    )


def load_receipt(reader: Reader, services: Services, lang: str, element: str) -> SentTask | None:
    """Load the one answer to a start that the drawing gives a receipt, of the current release; None
    for any other. It names no case: for the sender there is none.
    """
    if services.has_no_release(reader):
        return None
    for definition in services.current(reader).definitions.values():
        if element in definition.starts and (text := _receipt_of(definition, element, lang)):
            return SentTask("", "", lang, text, is_receipt=True)
    return None


def sent_title(at: CaseView, rev: int) -> str:
    """Sentence: the viewer of a case has sent a step of it; "" when somebody else sent it.

    Args:
        rev: number of its fact.
    """
    fact = next((one for one in at.history if one.rev == rev and _is_own(one, at.viewer)), None)
    return "" if fact is None else _title(at.at_hand, at.services, at.viewer, at.case, fact)


def _receipt(
    reader: Reader, services: Services, viewer: Viewer, case: cases.CaseSummary, fact: facts.Fact
) -> str:
    """The one answer to a start that the drawing gives a receipt; "" for any other."""
    if fact.kind != "start":
        return ""
    release = services.release(reader, fact.release_id)
    return _receipt_of(release.definitions[case.process], fact.element, viewer.lang)


def _receipt_of(definition: Definition, id_: str, lang: str) -> str:
    element = definition.elements.get(id_)
    given = element.properties if element is not None else {}
    return given.get(f"receipt.{lang}") or given.get("receipt.sv", "")


def _is_own(fact: facts.Fact, viewer: Viewer) -> bool:
    return fact.kind in SENT and fact.actor == viewer.person


def _title(
    reader: Reader, services: Services, viewer: Viewer, case: cases.CaseSummary, fact: facts.Fact
) -> str:
    """Sentence: a step was sent, by its name in the release on which it was done."""
    if fact.kind == "start":
        return say("inbox.sent_start", viewer.lang, ref=case.ref)
    release = services.release(reader, fact.release_id)
    if fact.kind == "message":
        step = services.word(MESSAGE, str(fact.stimulus.get("name", "")), viewer.lang, release)
    else:
        element = release.definitions[case.process].elements.get(fact.element)
        step = element_name(element, viewer.lang) if element is not None else fact.element
    return say("inbox.sent", viewer.lang, step=step, ref=case.ref)


def _status(
    reader: Reader, services: Services, viewer: Viewer, case: cases.CaseSummary, now: datetime
) -> CaseStatus | None:
    """The status of the case for a person; None when it does not exist for her any more."""
    try:
        case_visibility.load_unexplained_visibility(reader, services, viewer, case, now)
    except NotFound:
        return None
    return load_case_status(reader, services, viewer, case, now)
