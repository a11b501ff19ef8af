"""The files of a draft: what they are against its release, bringing files, taking one out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.errors import BadDiagram, Finding, NotFound, Stale, TrestegError
from service.release.bundle import unpack
from service.store.installation import releases as rows
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_head import draft_head
from service.web.request_context import current
from service.web.submit import submit, submit_once
from service.workshop import drafts, editor, new_files, uploads
from service.workshop.file_states import base_bundle
from service.workshop.uploads import UploadedFile

bp = Blueprint("draft_files", __name__)
ROUNDS = 3
"""How often a draft is read anew, each time without what could not be read."""


@bp.get("/drafts/<draft>/files")
@page_policy("plain", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """Every file of a draft, and a form that brings others."""
    return _draw(draft)


@bp.post("/drafts/<draft>/files")
@page_policy("plain", act="edit_process")
def bring(draft: str) -> ResponseReturnValue:
    """Bring files into a draft, and tell the fate of each.

    One that cannot be read is refused, the others are saved as one revision.

    Raises:
        Stale: somebody saved the draft since the page was made.
    """
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, draft)
    sent = [part for part in request.files.getlist("files") if part.filename]
    brought = [(str(part.filename), part.stream.read(drafts.LARGEST + 1)) for part in sent]
    placed = uploads.place_files(unpack(row.files), brought)
    placed, found = _read(row, placed)
    if kept := uploads.kept_files(placed):
        command = partial(drafts.save_files, draft_id=draft, rev=_rev(), changed=kept, found=found)
        submit_once(command, current().key, lambda _: url_for(".show", draft=draft))
    fault = "" if brought else current().t("owner.no_file")
    fine = any(one.fate in {*uploads.KEPT, "same"} for one in placed)
    return _draw(draft, placed=placed, fault=fault, status=200 if fine else 422)


def _read(
    row: rows.Draft, placed: tuple[UploadedFile, ...]
) -> tuple[tuple[UploadedFile, ...], Sequence[Finding]]:
    """Read the draft with the files that came, and then without those that could not be read; gives
    what became of each, and the findings of the draft with those that are taken.
    """
    services = current().program.services
    for _ in range(ROUNDS):
        kept = uploads.kept_files(placed)
        found = drafts.check_draft(services, row, kept) if kept else ()
        before, placed = placed, uploads.refuse_unreadable(placed, found)
        if placed == before:
            return placed, found
    return uploads.refuse_all(placed), ()


@bp.post("/drafts/<draft>/files/diagram")
@page_policy("plain", act="edit_process")
def create(draft: str) -> ResponseReturnValue:
    """Make an empty diagram, to go on with in the editor.

    Raises:
        Stale: somebody saved the draft since the page was made.
    """
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, draft)
    made, faults = new_files.empty_diagram(unpack(row.files), request.form)
    if faults:
        return _draw(draft, new_faults=faults, status=422)
    (name,) = made
    found = drafts.check_draft(current().program.services, row, made)
    then = url_for("draft_diagram.edit", draft=draft, file=name.rpartition("/")[2])
    save = partial(drafts.save_files, draft_id=draft, rev=_rev(), changed=made, found=found)
    return submit(save, then=then)


@bp.post("/drafts/<draft>/files/out")
@page_policy("plain", act="edit_process")
def take_out(draft: str) -> ResponseReturnValue:
    """Take a file out of a draft, or put it back as its release has it."""
    name = request.form.get("name", "")
    back = request.form.get("do") == "back"
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, draft)
        before = base_bundle(tx, row)
    if back and name not in before.files:
        raise NotFound
    changed = {name: before.files[name] if back else None}
    found = drafts.check_draft(current().program.services, row, changed)
    return submit(
        partial(drafts.save_files, draft_id=draft, rev=_rev(), changed=changed, found=found),
        then=url_for(".show", draft=draft),
        refused=lambda e: _refused(e, draft),
    )


def _refused(e: TrestegError, draft: str) -> ResponseReturnValue | None:
    if not isinstance(e, BadDiagram):
        return None
    return _draw(draft, fault=" ".join(_reasons(e.findings)), status=422)


def _rev() -> int:
    rev = current().rev
    if rev is None:
        raise Stale
    return rev


def _reasons(findings: Iterable[Finding]) -> list[str]:
    return [found.text for found in editor.finding_texts(findings, current().lang)]


def _draw(
    draft: str,
    *,
    placed: Sequence[UploadedFile] = (),
    fault: str = "",
    new_faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    services = current().program.services
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, draft)
        live = services.current(tx)
        before = base_bundle(tx, row)
    bundle = unpack(row.files)
    page = render_template(
        "processes/files.html",
        draft=draft_head(row, live),
        files=[
            SimpleNamespace(
                name=name,
                state=uploads.state_of(before, name, bundle.files[name]),
                drawn=name.endswith(editor.DIAGRAM),
            )
            for name in editor.ordered(bundle.files, row.process)
        ],
        gone=sorted(before.files.keys() - bundle.files.keys()),
        fates=[_fate(one) for one in placed],
        fault=fault,
        typed=request.form,
        new_faults={n: current().t(f"owner.new_{key}") for n, key in (new_faults or {}).items()},
        most=uploads.MOST,
        can_edit=can_act(current().viewer, "edit_process"),
    )
    return page, status


def _fate(one: UploadedFile) -> SimpleNamespace:
    return SimpleNamespace(
        file=one.file,
        kept=one.fate in uploads.KEPT,
        text=current().t(f"owner.fate_{one.fate}", name=one.name, most=uploads.MOST),
        reasons=_reasons(one.reason),
    )
