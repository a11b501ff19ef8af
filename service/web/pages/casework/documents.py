"""Documents of cases: opened by those who may see their class, under a name that tells nothing, in
a sandbox.
"""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from service.casework.casefile import documents as case_documents
from service.errors import NotFound
from service.people import short_lived_texts
from service.store.casefile import cases, documents
from service.store.drivers.transaction_scope import WHOLE
from service.web.document_response import document_response, file_response
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current

bp = Blueprint("documents", __name__)


@bp.get("/files/<document>")
@page_policy("file", act=WORK)
def open(document: str) -> ResponseReturnValue:  # noqa: A001  # endpoint named in pages
    """One document. Who opens it is in the read log before it is sent."""
    return document_response(document)


@bp.get("/papers/<ticket>")
@page_policy("file", signed_in=False)
def sent(ticket: str) -> ResponseReturnValue:
    """The same document from a host of its own, where nothing else is and no cookie goes.

    The ticket is good once, for a minute. Nobody is signed in there: it is the permission.
    """
    context = current()
    with context.program.database.within(WHOLE).transaction() as tx:
        document = short_lived_texts.take_ticket(tx, name=ticket, now=context.wall)
        row = documents.get(tx, document) if document is not None else None
        case = cases.get(tx, row.case_id) if row is not None else None
        if row is None or case is None:
            raise NotFound
        _, content = case_documents.read_document(tx, context.program.services, row.id)
    return file_response(row, case.ref, content)
