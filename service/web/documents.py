"""Papers: opened by those who may see their class, under a name that tells nothing, in a sandbox."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from service.actions import papers, reading, seeing
from service.errors import NotFound
from service.media import MEDIA_TYPES
from service.store import cases, documents
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
        _, content = papers.content(tx, at.program.house, document)
    with at.transaction(write=True) as tx:
        reading.note(tx, at.viewer, case.id, purpose="case", classes={row.klass}, now=at.now, about={"document": document})
    response = Response(content, content_type=MEDIA_TYPES[row.kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{case.ref}-{document[-6:].lower()}.{row.kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response
