"""Heads of the log on the pages of proof: the newest to print, those that a bundle proves."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from service.audit.proof.proof_bundle import ProofBundle, log_key
from service.security.checkpoint import NoCheckpoint, parse
from service.store.installation import checkpoints
from service.store.transaction import Tx
from service.web.page_policy import page_policy
from service.web.pages.audit.proof import bp
from service.web.request_context import current

PASTED = "head.txt"
"""Name of the file of a bundle that has the head that was pasted into a form."""


@bp.get("/audit/head")
@page_policy("plain", act="audit")
def head() -> ResponseReturnValue:
    """The newest head of the log on a page to print, so that it lies elsewhere on paper too."""
    services = current().program.services
    with current().transaction() as tx:
        kept = checkpoints.newest(tx)
    note = kept.note if kept is not None else ""
    root = parse(note).root.hex() if note else ""
    return render_template(
        "audit/head.html",
        note=note,
        size=kept.size if kept is not None else 0,
        root=" ".join(root[at : at + 4] for at in range(0, len(root), 4)),
        key=log_key(services, note).strip() if note else "",
        at=current().now,
    )


def fault(tx: Tx, pasted: str) -> str:
    """Why a head that was pasted into a form cannot be used; "" when it can, or there is none."""
    if not pasted:
        return ""
    kept = checkpoints.newest(tx)
    try:
        given = parse(f"{pasted}\n".replace("\r\n", "\n"))
    except NoCheckpoint:
        return current().t("proof.bad_head")
    if kept is None or given.origin != parse(kept.note).origin:
        return current().t("proof.bad_head")
    if given.size > kept.size:
        return current().t("proof.too_large_head", size=given.size, own=kept.size)
    return ""


def send(made: ProofBundle) -> Response:
    """Send a bundle."""
    response = Response(made.content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def read_outside() -> dict[str, str]:
    """The checkpoints that are kept outside the database, the oldest first; read before the
    transaction begins.
    """
    folder = current().program.checkpoint_folder
    if folder is None:
        return {}
    notes = [(parse(note).size, name, note) for name, note in folder.read().notes if _is_note(note)]
    return {name: note for _, name, note in sorted(notes)}


def _is_note(note: str) -> bool:
    try:
        parse(note)
    except NoCheckpoint:
        return False
    return True
