"""The commands of papers: keep one that was made, and the signed copy of one that came back."""

from __future__ import annotations

from collections.abc import Iterable
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


def keep_paper(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    order: PaperOrder,
    document: str,
    by_name: str,
    composed: ComposedPaper,
    content: bytes,
) -> str:
    """Keep a paper that was made of a case, between two transactions, and log it as a print; gives
    its id.

    Args:
        document: id of the document; the code on the page is made from it.
        composed: the program and data that the paper was made of.
    Raises:
        NotFound: there is no such paper for her.   ReasonNeeded: she must say why she opens
            the case.   ApprovalNeeded: the identity is protected, and nobody approved it.
        Stale: the case or what she may see of it has changed since it was made.
        TooLarge: the case has too many papers.
    """
    view = load_case_view(tx, services, by, case_id, now)
    if papers.compose(view, order, document=document, by_name=by_name) != composed:
        raise Stale
    act = {"kind": protected_acts.MAKE_PAPER, "subject": order.paper}
    protected_acts.use_if_protected(tx, by=by, now=now, case=view.case, **act)
    read_log.record_read(
        tx,
        by=by,
        now=now,
        case_id=case_id,
        purpose="print",
        classes=composed.classes,
        case=view.case,
        about={
            "document": document,
            "paper": order.paper,
            "reason": order.reason,
        },
    )
    documents.keep_made(
        tx,
        services.case_keys(tx, case_id),
        by=actor(by),
        now=now,
        id_=document,
        origin=composed.origin,
        made=CheckedFile(composed.title, "pdf", content),
        before=document_rows.count_made(tx, case_id),
    )
    return document


def add_signed_copy(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    code: str,
    clean: CheckedFile,
) -> str:
    """Keep the signed copy of a paper that was made of a case.

    It is kept with the paper that bears the code. Gives its id.

    Args:
        code: as somebody typed it off the page, or the id of the document that was made.
    Raises:
        NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
        InvalidAnswers: no paper of this case that she sees bears the code; or the case has as
            many documents as it may have.
    """
    view = load_case_view(tx, services, by, case_id, now)
    made = find_made(view, document_rows.of_case(view.at_hand, case_id), code)
    if made is None:
        raise InvalidAnswers((FieldFault("code", "papers.no_such_code"),))
    return documents.keep_signed(tx, services, by=by, now=now, made=made, clean=clean)


def tie_signed_copy(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case_id: str, code: str, document: str
) -> str:
    """Say of a document that is in the case already which paper it is the signed copy of.

    Gives the document's id.

    Raises:
        NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
        InvalidAnswers: no paper that she sees bears the code, or she may not tie the document.
    """
    view = load_case_view(tx, services, by, case_id, now)
    rows = document_rows.of_case(view.at_hand, case_id)
    made = find_made(view, rows, code)
    if made is None:
        raise InvalidAnswers((FieldFault("code", "papers.no_such_code"),))
    brought = next((row for row in tieable(view, rows) if row.id == document), None)
    if brought is None:
        raise InvalidAnswers((FieldFault("document", "form.no_such_file"),))
    document_rows.sign(tx, brought, made.id)
    body = {"document": document, "signs": made.id}
    stream = f"case/{case_id}"
    append_entry(tx, stream, "paper_signed", by=actor(by), now=now, body=body)
    return document


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
