"""The answer that carries a document: the file itself, or the way to it on a host of its own."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.casework.approvals import protected_acts
from service.casework.casefile import documents as case_documents
from service.casework.casefile import read_log
from service.people import short_lived_texts
from service.sandbox.media_types import SERVED_TYPES
from service.store.casefile import documents
from service.store.transaction import Tx
from service.web.request_context import current


def document_response(document: str) -> BaseResponse:
    """Send a document. The read log names who opens it before it is sent.

    Raises:
        NotFound: there is none, or none that the viewer may see.
        ApprovalNeeded: the identity is protected, and no second person has approved it.
    """
    return current().read_and_log(partial(_load, document))


def _load(document: str, tx: Tx) -> BaseResponse:
    context = current()
    row, case, opened = case_documents.readable(
        tx, context.program.services, context.viewer, document, context.now
    )
    act = {"kind": protected_acts.OPEN_DOCUMENT, "subject": document}
    protected_acts.use_if_protected(tx, by=context.viewer, now=context.now, case=case, **act)
    classes = case_documents.classes_of(tx, context.program.services, row, case)
    numbers = {"unmasking": opened.number} if opened is not None else {}
    shown: dict[str, Any] = {"classes": classes, "about": {"document": document, **numbers}}
    read_log.record_read(
        tx, by=context.viewer, case_id=case.id, purpose="case", now=context.now, case=case, **shown
    )
    if context.program.settings.files_host:
        return redirect(_ticket(tx, document), 303)
    _, content = case_documents.read_document(tx, context.program.services, document)
    return file_response(row, case.ref, content)


def _ticket(tx: Tx, document: str) -> str:
    """Where the document can be had now."""
    context = current()
    ticket = short_lived_texts.new_name()
    until = current().wall + short_lived_texts.TICKET
    whose = {"name": ticket, "secret": ticket, "person": context.viewer.person}
    short_lived_texts.keep_text(tx, **whose, text=document, until=until)
    base = urlsplit(context.program.settings.base_url)
    port = f":{base.port}" if base.port else ""
    host = context.program.settings.files_host
    return f"{base.scheme}://{host}{port}{url_for('documents.sent', ticket=ticket)}"


def file_response(row: documents.Document, ref: str, content: bytes) -> Response:
    """The bytes under a name that tells nothing: the pseudonym of the case."""
    name = f"{ref}-{row.id[-6:].lower()}.{row.kind}"
    response = Response(content, content_type=SERVED_TYPES[row.kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
