"""One form of a draft: its outline, the settings of a question, and a preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import BadDiagram, Finding, NotFound, Stale, TrestegError
from service.release.bundle import Bundle, unpack
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_form_page import FormRequest, draw_form_page
from service.web.request_context import current
from service.web.submit import submit
from service.workshop import drafts
from service.workshop.forms import edits, form_pages
from service.workshop.forms.edits import FormEdit
from service.workshop.forms.form_file import ENDING, FOLDER, FormFile, key_of
from service.workshop.forms.key_names import KeyPlace, asked_keys, places_of

bp = Blueprint("draft_form", __name__)
Typed: TypeAlias = dict[str, str]


@bp.get("/drafts/<draft>/forms/<form>")
@page_policy("plain", act="read_process")
def show(draft: str, form: str) -> ResponseReturnValue:
    """The outline of a form, with one question open, and the preview."""
    return draw_form_page(FormRequest(draft, form, component=request.args.get("at", "")))


@bp.post("/drafts/<draft>/forms/<form>/preview")
@page_policy("plain", act="read_process")
def preview(draft: str, form: str) -> ResponseReturnValue:
    """Check answers that were typed into the preview, as sent ones are; nothing is kept."""
    answers = {name: list(values) for name, values in request.form.lists()}
    return draw_form_page(
        FormRequest(draft, form, component=request.args.get("at", ""), answers=answers)
    )


@bp.post("/drafts/<draft>/forms/<form>")
@page_policy("plain", act="edit_process")
def change(draft: str, form: str) -> ResponseReturnValue:
    """Change one thing of a form; the draft gets a new revision.

    Raises:
        NotFound: the draft has no such form, or the form no such component.
    """
    typed = {name: values[-1] for name, values in request.form.lists()}
    do = typed.get("do", "save")
    asked = FormRequest(draft, form, component=typed.get("at", ""), typed=typed)
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, draft)
    bundle = unpack(row.files)
    name = f"{FOLDER}{form}{ENDING}"
    if name not in bundle.files:
        raise NotFound
    if current().rev != row.rev:  # the same request once more has its answer; another is stale
        return _save(asked, current().rev or 0, FormEdit(), ())
    file = form_pages.readable_form(bundle, name)
    if file is None:
        return draw_form_page(asked)
    if places := _places_to_ask(bundle, file, do, typed):
        return draw_form_page(asked.because(places=places))
    edit = _edit(bundle, file, do, typed)
    if edit.faults:
        return draw_form_page(asked.because(faults=edit.faults))
    if not edit.changed:
        return redirect(_address(asked, edit.at), 303)
    try:
        found = drafts.check_draft(current().program.services, row, edit.changed)
    except BadDiagram as e:
        return draw_form_page(asked.because(refused=e.findings))
    return _save(asked, row.rev, edit, found)


def _save(
    asked: FormRequest, rev: int, edit: FormEdit, found: Sequence[Finding]
) -> ResponseReturnValue:
    return submit(
        partial(
            drafts.save_files, draft_id=asked.draft, rev=rev, changed=edit.changed, found=found
        ),
        then=_address(asked, edit.at),
        refused=lambda e: _refused(e, asked),
    )


def _refused(e: TrestegError, asked: FormRequest) -> ResponseReturnValue | None:
    if isinstance(e, Stale):
        return draw_form_page(asked.because(stale=True))
    if isinstance(e, BadDiagram):
        return draw_form_page(asked.because(refused=e.findings))
    return None


def _address(asked: FormRequest, component: str) -> str:
    """The page with a component open, at its panel; "" for none."""
    named: dict[str, Any] = {
        "at": component or None,
        "_anchor": "question" if component else None,
        **asked.view,
    }
    return url_for(".show", draft=asked.draft, form=asked.form, **named)


def _places_to_ask(
    bundle: Bundle, file: FormFile, do: str, typed: Mapping[str, str]
) -> tuple[KeyPlace, ...]:
    """Places that read the key of a question that is renamed or taken out; none when the form says
    already what is to become of them.
    """
    node = file.find(typed.get("at", ""))
    if do not in ("rename", "out") or "scope" in typed or node is None or node.is_inside:
        return ()
    key = key_of(node.component)
    if not key or (do == "rename" and typed.get("key", "").strip() == key):
        return ()
    services = current().program.services
    found = places_of(bundle, key, services.topics, services.programme.configuration)
    return tuple(p for p in found if not (p.kind == "question" and p.file == file.name))


def _edit(bundle: Bundle, file: FormFile, do: str, typed: Typed) -> FormEdit:
    component, (act, _, number) = typed.get("at", ""), do.partition(":")
    match act:
        case "save":
            return edits.save_question(file, component, typed)
        case "up" | "down":
            return edits.move_question(file, number or component, down=act == "down")
        case "option_up" | "option_down" if number.isdigit():
            step = -1 if act == "option_up" else 1
            return edits.move_option(file, component, typed, int(number), step)
        case "add":
            return edits.add_question(file, component, typed)
        case "rename":
            key = typed.get("key", "").strip()
            return edits.rename_question(
                bundle, file, component, key, typed.get("scope", edits.HERE)
            )
        case "out":
            return _taken_out(bundle, file, component, typed.get("instead", ""))
        case "form":
            return edits.save_form(file, typed, answer_kinds(bundle))
        case _:
            raise NotFound


def _taken_out(bundle: Bundle, file: FormFile, component: str, instead: str) -> FormEdit:
    node = file.find(component)
    edit = edits.take_out_question(file, component)
    if node is None or not instead or instead not in asked_keys(bundle):
        return edit
    return edits.replace_key(bundle, edit, key_of(node.component), instead)


def answer_kinds(bundle: Bundle) -> dict[str, str]:
    """Key of every outermost question of a draft to the kind of its answer."""
    services = current().program.services
    forms = form_pages.load_draft_forms(bundle, services, current().lang).forms
    return {field.key: field.kind for form in forms.values() for field in form.fields if field.key}
