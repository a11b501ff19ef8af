"""How a release was published: the dossier that is kept with it, as a page and as a file."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from service.errors import NotFound
from service.release.labels import process_name
from service.store.installation import releases as rows
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.workshop import editor
from service.workshop.release_dossier import load_dossier

bp = Blueprint("dossier", __name__)


@bp.get("/releases/<release>/dossier")
@page_policy("plain", act="read_process")
def show(release: str) -> ResponseReturnValue:
    """The dossier of a release, or that none was kept."""
    context = current()
    services = current().program.services
    with context.transaction() as tx:
        found = editor.find_release(tx, services, release)
        title = rows.title(tx, release)
        if title is None:
            raise NotFound
        kept = load_dossier(tx, services, release, context.lang)
    return render_template(
        "processes/dossier.html",
        release=release,
        name=f"v{found.number}",
        process=process_name(found, found.process, context.lang),
        file=editor.main_file(found.process).rpartition("/")[2],
        by_machine=title.approved_by is None,
        dossier=kept,
    )


@bp.get("/releases/<release>/dossier.json")
@page_policy("file", act="read_process")
def download(release: str) -> ResponseReturnValue:
    """The text that the ledger names, byte for byte."""
    with current().transaction() as tx:
        title = rows.title(tx, release)
        row = rows.dossier(tx, release)
    if title is None or row is None:
        raise NotFound
    response = Response(row.content.encode(), content_type="application/json; charset=utf-8")
    name = f"v{title.number}-dossier.json"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
