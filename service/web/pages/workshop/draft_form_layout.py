"""The layout of a form of a draft: form-js's editor, which drags, groups and sets in columns."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.errors import NotFound, Stale
from service.release.bundle import unpack
from service.store.installation import releases as rows
from service.web.page_policy import page_policy, style_nonce
from service.web.pages.workshop.draft_head import draft_head
from service.web.pages.workshop.draft_saving import stale_reply
from service.web.request_context import current
from service.workshop import drafts
from service.workshop.forms import form_pages
from service.workshop.forms.form_file import ENDING, FOLDER, FormFile
from service.workshop.forms.layout import laid_out

bp = Blueprint("draft_form_layout", __name__)


@bp.get("/drafts/<draft>/forms/<form>/layout")
@page_policy("code_editor", act="read_process")
def show(draft: str, form: str) -> ResponseReturnValue:
    """The editor of form-js with a form of a draft."""
    context = current()
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
        live = context.program.services.current(tx)
    file = _form_of(row, form)
    return render_template(
        "processes/form_layout.html",
        draft=draft_head(row, live),
        form=form,
        title=form_pages.form_title(file, context.lang),
        schema=file.content,
        nonce=style_nonce(),
        saved=row.at,
        can_save=can_act(context.viewer, "edit_process"),
    )


@bp.put("/drafts/<draft>/forms/<form>/layout")
@page_policy("code_editor", act="edit_process")
def save(draft: str, form: str) -> ResponseReturnValue:
    """Save the components of a form, of a draft that is still at the revision of `If-Match`.

    Raises:
        Stale: no revision was named.   NotFound: the draft has no such form, or none to be changed.
        BadDiagram: what was sent is no form.
    """
    context = current()
    services = current().program.services
    revision = request.headers.get("If-Match", "").strip('"').removeprefix("r")
    if not revision.isdigit():
        raise Stale
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
    if row.rev != int(revision):
        return stale_reply(draft, "forms.layout_stale")
    file = _form_of(row, form)
    made = laid_out(file, request.get_data())
    if made.dump() == file.dump():
        return jsonify(rev=row.rev, detail=context.t("save.saved", time=context.clock_time))
    changed = {file.name: made.dump()}
    found = drafts.check_draft(services, row, changed)
    try:
        with context.transaction(write=True) as tx:
            rev = drafts.save_files(
                tx,
                services,
                by=context.viewer,
                now=context.now,
                draft_id=draft,
                changed=changed,
                found=found,
                rev=row.rev,
            )
    except Stale:
        return stale_reply(draft, "forms.layout_stale")
    wrong = sum(f.file == file.name and f.severity != "I" for f in found)
    said = context.t("save.saved", time=context.clock_time)
    more = f" {context.t('forms.layout_findings', n=wrong)}" if wrong else ""
    return jsonify(rev=rev, detail=said + more)


def _form_of(row: rows.Draft, form: str) -> FormFile:
    bundle, name = unpack(row.files), f"{FOLDER}{form}{ENDING}"
    file = form_pages.readable_form(bundle, name) if name in bundle.files else None
    if file is None:
        raise NotFound
    return file
