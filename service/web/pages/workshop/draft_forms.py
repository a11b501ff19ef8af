"""The forms of a draft: the list of them, and a new one from a question or as a copy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.errors import BadDiagram, NotFound, Stale, TrestegError
from service.forms import LANGUAGES, SOURCE
from service.release.bundle import Bundle, unpack
from service.text import say
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_head import draft_head
from service.web.request_context import current
from service.web.submit import submit
from service.workshop import drafts
from service.workshop.file_states import base_bundle
from service.workshop.forms import edits, form_pages
from service.workshop.forms.form_changes import key_from
from service.workshop.forms.form_file import ENDING, FOLDER, FormFile
from service.workshop.forms.kinds import HEADING, TEMPLATES

bp = Blueprint("draft_forms", __name__)
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""The id of a form, which is its file's name."""
FIRST = tuple(kind for kind in TEMPLATES if kind != HEADING)


@bp.get("/drafts/<draft>/forms")
@page_policy("plain", act="read_process")
def index(draft: str) -> ResponseReturnValue:
    """Every form of a draft: its title, questions, steps and findings."""
    return _draw(draft)


@bp.post("/drafts/<draft>/forms")
@page_policy("plain", act="edit_process")
def create(draft: str) -> ResponseReturnValue:
    """Make a form: from its first question, or as a copy of another one."""
    typed = {name: values[-1].strip() for name, values in request.form.lists()}
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, draft)
    bundle = unpack(row.files)
    rev = current().rev
    if rev != row.rev:
        return _draw(draft, typed=typed, stale=True)
    made, faults = _made(bundle, typed)
    if made is None:
        return _draw(draft, typed=typed, faults=faults)
    changed = {made.name: made.dump()}
    found = drafts.check_draft(current().program.services, row, changed)
    return submit(
        partial(drafts.save_files, draft_id=draft, rev=rev, changed=changed, found=found),
        then=url_for("draft_form.show", draft=draft, form=made.id),
        refused=lambda e: _refused(e, draft, typed),
    )


def _made(bundle: Bundle, typed: Mapping[str, str]) -> tuple[FormFile | None, dict[str, str]]:
    """The new form, or the faults of what was typed: name to end of the key of a sentence."""
    texts = {lang: typed.get(f"title.{lang}", "") for lang in LANGUAGES}
    if not texts[SOURCE]:
        return None, {f"title.{SOURCE}": "fault_text"}
    taken = {name.removeprefix(FOLDER).removesuffix(ENDING) for name in bundle.files}
    named = texts[LANGUAGES[1]] or texts[SOURCE]
    camel = key_from(named, ())
    id_ = typed.get("id", "") or re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()[:40]
    if not NAME.fullmatch(id_) or id_ in taken:
        return None, {"id": "fault_form_id" if NAME.fullmatch(id_) else "fault_form_name"}
    if copied := typed.get("copy", ""):
        source = form_pages.readable_form(bundle, f"{FOLDER}{copied}{ENDING}")
        if source is None:
            raise NotFound
        return form_pages.copied_form(source, id_, texts), {}
    if not typed.get(f"label.{SOURCE}"):
        return None, {f"label.{SOURCE}": "fault_text"}
    heading = {lang: say("forms.first_heading", lang) for lang in LANGUAGES}
    empty = form_pages.empty_form(id_, texts, heading)
    first = f"Field_{id_}_heading"
    edit = edits.add_question(empty, first, {**typed, "key": "", "class": "C1"})
    content = edit.changed.get(empty.name)
    bundle = Bundle({empty.name: content or b""})
    return form_pages.readable_form(bundle, empty.name), dict(edit.faults)


def _refused(e: TrestegError, draft: str, typed: Mapping[str, str]) -> ResponseReturnValue | None:
    if isinstance(e, Stale):
        return _draw(draft, typed=typed, stale=True)
    if isinstance(e, BadDiagram):
        return _draw(draft, typed=typed, faults={"copy": "fault_unreadable"})
    return None


def _draw(
    draft: str,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    stale: bool = False,
) -> ResponseReturnValue:
    context = current()
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
        live = context.program.services.current(tx)
        before = base_bundle(tx, row)
    found = form_pages.load_draft_forms(unpack(row.files), context.program.services, context.lang)
    page = render_template(
        "processes/forms.html",
        draft=draft_head(row, live),
        forms=form_pages.form_entries(found, before),
        live_uses={id_: form_pages.uses_in_release(live, id_) for id_ in found.forms},
        live_number=live.number,
        kinds=FIRST,
        languages=LANGUAGES,
        typed=typed or {},
        faults={name: context.t(f"forms.{key}") for name, key in (faults or {}).items()},
        stale=stale,
        can_edit=can_act(context.viewer, "edit_process"),
    )
    return page, 409 if stale else 422 if faults else 200
