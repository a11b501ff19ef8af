"""Papers: opened by those who may see their class, under a name that tells nothing, in a sandbox."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from service.actions import holding, papers, reading, seeing
from service.errors import NotFound
from service.sandbox.media_types import MEDIA_TYPES
from service.store import cases, documents
from service.store.database import Tx
from service.web.doors import WORK, door
from service.web.here import here

bp = Blueprint("documents", __name__)


@bp.get("/files/<document>")
@door("file", act=WORK)
def open(document: str) -> ResponseReturnValue:  # noqa: A001  # the endpoint's name in the pages
    """One paper. Who opens it stands in the read log before it is sent."""
    at = here()
    with at.transaction() as tx:
        row = documents.get(tx, document)
        case = cases.get(tx, row.case_id) if row is not None else None
        if row is None or case is None or not seeing.look(tx, at.program.house, at.viewer, case, at.now).see_paper(row) or row.state in ("waiting", "infected"):
            raise NotFound
    with at.transaction(write=True) as tx:
        reading.note(tx, at.viewer, case.id, purpose="case", classes={row.klass}, now=at.now, about={"document": document})
        if at.program.settings.files_host:
            return redirect(_ticket(tx, document), 303)
        _, content = papers.content(tx, at.program.house, document)
    return _file(row, case.ref, content)


@bp.get("/papers/<ticket>")
@door("file", signed_in=False)
def sent(ticket: str) -> ResponseReturnValue:
    """The same paper from a host of its own, where nothing else is and no cookie goes. The ticket is good once, for a minute."""
    at = here()
    with at.transaction(write=True) as tx:
        document = holding.taken(tx, name=ticket, now=at.wall)
        row = documents.get(tx, document) if document is not None else None
        case = cases.get(tx, row.case_id) if row is not None else None
        if row is None or case is None:
            raise NotFound
        _, content = papers.content(tx, at.program.house, row.id)
    return _file(row, case.ref, content)


def _ticket(tx: Tx, document: str) -> str:
    """Where the paper can be had now."""
    at, ticket = here(), holding.new_name()
    holding.hold(tx, name=ticket, secret=ticket, person=at.someone.id, text=document, until=at.wall + holding.TICKET, now=at.wall)
    base = urlsplit(at.program.settings.base_url)
    port = f":{base.port}" if base.port else ""
    return f"{base.scheme}://{at.program.settings.files_host}{port}{url_for('documents.sent', ticket=ticket)}"


def _file(row: documents.Document, ref: str, content: bytes) -> Response:
    response = Response(content, content_type=MEDIA_TYPES[row.kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{ref}-{row.id[-6:].lower()}.{row.kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response
