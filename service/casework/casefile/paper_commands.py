"""The commands of papers: keep one that was made, and the signed copy of one that came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.approvals import protected_acts
from service.casework.casefile import documents, papers, read_log
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.documents import CheckedFile
from service.casework.casefile.paper_data import CODE_LENGTH, normal_code
from service.casework.casefile.papers import ComposedPaper, PaperOrder
from service.errors import FieldFault, InvalidAnswers, Stale
from service.records.context import Services, actor
from service.records.ledger_append import append_entry
from service.store.casefile import documents as document_rows
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class MakePaper:
    """Keep a paper that was made of a case, between two transactions."""

    case_id: str
    order: PaperOrder
    document: str
    """Id of the document; the code on the page is made from it."""
    by_name: str
    composed: ComposedPaper
    """The program and data that the paper was made of."""
    content: bytes

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> str:
        """Log it as a print, keep it, and give its id.

        Raises:
            NotFound: there is no such paper for her.   ReasonNeeded: she must say why she opens
                the case.   ApprovalNeeded: the identity is protected, and nobody approved it.
            Stale: the case or what she may see of it has changed since it was made.
            TooLarge: the case has too many papers.
        """
        view = load_case_view(tx, services, by, self.case_id, now)
        composed = papers.compose(view, self.order, document=self.document, by_name=self.by_name)
        if composed != self.composed:
            raise Stale
        act = {"kind": protected_acts.MAKE_PAPER, "subject": self.order.paper}
        protected_acts.use_if_protected(tx, by=by, now=now, case=view.case, **act)
        read_log.record_read(
            tx,
            by=by,
            now=now,
            case_id=self.case_id,
            purpose="print",
            classes=composed.classes,
            case=view.case,
            about={
                "document": self.document,
                "paper": self.order.paper,
                "reason": self.order.reason,
            },
        )
        documents.keep_made(
            tx,
            services.key(tx, f"case:{self.case_id}"),
            by=actor(by),
            now=now,
            id_=self.document,
            origin=composed.origin,
            made=CheckedFile(composed.title, "pdf", self.content),
            before=document_rows.count_made(tx, self.case_id),
        )
        return self.document


@dataclass(frozen=True, slots=True)
class AddSignedCopy:
    """Keep the signed copy of a paper that was made of a case."""

    case_id: str
    code: str
    """As somebody typed it off the page, or the id of the document that was made."""
    clean: CheckedFile

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> str:
        """Keep it with the paper that bears the code, and give its id.

        Raises:
            NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
            InvalidAnswers: no paper of this case that she sees bears the code; or the case has as
                many documents as it may have.
        """
        view = load_case_view(tx, services, by, self.case_id, now)
        made = find_made(view, document_rows.of_case(view.at_hand, self.case_id), self.code)
        if made is None:
            raise InvalidAnswers((FieldFault("code", "papers.no_such_code"),))
        return documents.keep_signed(tx, services, by=by, now=now, made=made, clean=self.clean)


@dataclass(frozen=True, slots=True)
class TieSignedCopy:
    """Say of a document that is in the case already which paper it is the signed copy of."""

    case_id: str
    code: str
    document: str

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> str:
        """Tie them, and give the document's id.

        Raises:
            NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
            InvalidAnswers: no paper that she sees bears the code, or she may not tie the document.
        """
        view = load_case_view(tx, services, by, self.case_id, now)
        rows = document_rows.of_case(view.at_hand, self.case_id)
        made = find_made(view, rows, self.code)
        if made is None:
            raise InvalidAnswers((FieldFault("code", "papers.no_such_code"),))
        brought = next((row for row in tieable(view, rows) if row.id == self.document), None)
        if brought is None:
            raise InvalidAnswers((FieldFault("document", "form.no_such_file"),))
        document_rows.sign(tx, brought, made.id)
        body = {"document": self.document, "signs": made.id}
        stream = f"case/{self.case_id}"
        append_entry(tx, stream, "paper_signed", by=actor(by), now=now, body=body)
        return self.document


def tieable(view: CaseView, rows: Iterable[document_rows.Document]) -> list[document_rows.Document]:
    """Documents that the viewer's office brought with a form, and that sign no paper yet."""
    brought = (row for row in rows if row.field and not row.signs and row.state != "dropped")
    own = (row for row in brought if row.office == view.viewer.office)
    seen = (row for row in own if view.visibility.see_document(row))
    return [row for row in seen if not view.visibility.is_unsent(row)]


def find_made(
    view: CaseView, rows: Iterable[document_rows.Document], code: str
) -> document_rows.Document | None:
    """The paper that bears a code, if the viewer sees it."""
    wanted = normal_code(code)
    if len(wanted) < CODE_LENGTH:
        return None
    made = (row for row in rows if row.template and row.state != "dropped")
    found = (row for row in made if wanted in (row.id, row.id[-CODE_LENGTH:]))
    return next((row for row in found if view.visibility.see_document(row)), None)
