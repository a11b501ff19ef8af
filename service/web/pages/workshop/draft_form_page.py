"""The page of the form editor, also after a change that was refused: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from service.access import ENDED, can_act
from service.errors import BadDiagram, Finding, NotFound
from service.forms import LANGUAGES
from service.people import accounts
from service.release.bundle import Bundle, unpack
from service.release.programme.vocabulary import PURPOSE, STAGE
from service.release.release_configuration import configuration_of_draft
from service.store.installation import releases as rows
from service.store.transaction import Tx
from service.web.pages.workshop.draft_head import draft_head
from service.web.request_context import current
from service.workshop import drafts, editor
from service.workshop.forms import form_pages
from service.workshop.forms.form_file import ENDING, FOLDER, FormFile, read_form_file
from service.workshop.forms.form_outline import outline_rows, unplaced
from service.workshop.forms.form_pages import DraftForms
from service.workshop.forms.form_preview import FormPreview, draw_preview
from service.workshop.forms.key_names import KeyPlace, asked_keys
from service.workshop.forms.kinds import INSIDE, TEMPLATES
from service.workshop.forms.question_panel import QuestionPanel, load_panel
from service.workshop.forms.readers import ReaderOfAnswer, readers_of

VIEW = ("lang", "width", "as", "stage", "fill")
"""Arguments of the address that set the preview."""
Facts: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class FormRequest:
    """The request that the page of a form is drawn for, and why it was refused, if it was."""

    draft: str
    form: str
    component: str = ""
    """Address of the component that is open."""
    typed: Mapping[str, str] | None = None
    """Fields of the editor as they were typed, when they are not saved."""
    answers: Mapping[str, list[str]] | None = None
    """Answers that were typed into the preview."""
    stale: bool = False
    """Whether somebody saved the draft since the page was made."""
    faults: Mapping[str, str] = field(default_factory=dict)
    refused: Sequence[Finding] = ()
    """Why the file cannot be kept."""
    places: Sequence[KeyPlace] = ()
    """Places that read the key of the question that is renamed or taken out."""

    def because(self, **why: Any) -> FormRequest:  # noqa: ANN401 - its own attributes
        """The same request, with why it was not done."""
        return replace(self, **why)

    @property
    def view(self) -> dict[str, str]:
        """The settings of the preview, from the address."""
        return {name: request.args[name] for name in VIEW if request.args.get(name)}

    @property
    def file(self) -> str:
        """Name of the form in the release."""
        return f"{FOLDER}{self.form}{ENDING}"

    @property
    def status(self) -> int:
        """Status of the answer."""
        if self.stale:
            return 409
        return 422 if self.faults or self.refused else 200


def draw_form_page(asked: FormRequest) -> ResponseReturnValue:
    """The page of a form of a draft.

    Raises:
        NotFound: the draft has no such form.
    """
    context = current()
    services = context.program.services
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, asked.draft)
        live = services.current(tx)
        bundle = unpack(row.files)
        if asked.file not in bundle.files:
            raise NotFound
        draft = form_pages.load_draft_forms(bundle, services, context.lang)
        seen = _preview(tx, asked, draft)
        who = _name(tx, row) if asked.stale else ""
    file = form_pages.readable_form(bundle, asked.file)
    page = render_template(
        "processes/form.html",
        draft=draft_head(row, live),
        form=asked.form,
        title=form_pages.form_title(file, context.lang) if file is not None else asked.form,
        uses=draft.uses(asked.form),
        live_uses=form_pages.uses_in_release(live, asked.form),
        live_number=live.number,
        stale={"who": who, "at": row.at} if asked.stale else None,
        faults={name: _sentence(key) for name, key in asked.faults.items()},
        refused=[f.text for f in editor.finding_texts(asked.refused, context.lang)],
        can_edit=can_act(context.viewer, "edit_process"),
        languages=LANGUAGES,
        view=asked.view,
        preview=_drawn(asked, seen) if seen is not None else "",
        roles=draft.words.roles,
        stages=draft.words.terms(STAGE),
        stage_words=dict(draft.words.terms(STAGE)),
        seen=seen,
        ended=ENDED,
        **(_editing(asked, draft, file) if file is not None else _broken(bundle, asked)),
    )
    return page, asked.status


def _editing(asked: FormRequest, draft: DraftForms, file: FormFile) -> Facts:
    typed = asked.typed or {}
    findings = draft.texts(asked.file)
    of_question = asked.typed if typed.get("do", "").startswith(("save", "option")) else None
    panel = load_panel(draft.words, file, asked.component, of_question)
    is_adding = typed.get("do") == "add"
    outline = outline_rows(file, findings, draft.lang)
    chosen = next((row for row in outline if row.address == asked.component), None)
    inside = panel is not None and panel.inside
    return {
        "file": file,
        "outline": outline,
        "chosen": chosen,
        "panel": panel,
        "others": [f for f in unplaced(findings, file) if f.severity != "I"],
        "elsewhere": _other_errors(asked, draft),
        "finding_of": _finding_of(draft, chosen.findings if chosen is not None else ()),
        "readers": _readers(draft, asked, panel),
        "also_asked": _also_asked(draft.bundle, asked.form, panel),
        "keys": sorted(asked_keys(draft.bundle)) if asked.places else [],
        "names": _names(draft, asked.form),
        "kinds": INSIDE if inside else tuple(TEMPLATES),
        "adding": typed if is_adding else {},
        "typed": typed,
        "places": asked.places,
        "purposes": draft.words.terms(PURPOSE),
        "broken": [],
    }


def _broken(bundle: Bundle, asked: FormRequest) -> Facts:
    """A form that this editor cannot change: why, in place of its outline."""
    why: Sequence[Finding] = ()
    try:
        read_form_file(bundle.files[asked.file], asked.file)
    except BadDiagram as e:
        why = e.findings
    broken = editor.finding_texts(why, current().lang)
    return {"broken": broken, "outline": (), "panel": None}


def _other_errors(asked: FormRequest, draft: DraftForms) -> int:
    return sum(f.severity == "E" and f.file != asked.file for f in draft.findings)


def _finding_of(draft: DraftForms, findings: Sequence[editor.FindingText]) -> dict[str, list[str]]:
    """The sentences about each setting of the open question."""
    properties = draft.properties()
    found = dict[str, list[str]]()
    for one in findings:
        found.setdefault(properties.get(one.value, ""), []).append(one.text)
    return found


def _readers(
    draft: DraftForms, asked: FormRequest, panel: QuestionPanel | None
) -> tuple[ReaderOfAnswer, ...]:
    form = draft.forms.get(asked.form)
    if form is None or panel is None or not panel.path:
        return ()
    found = next((f for path, f in form.walk() if path == panel.path), None)
    if found is None or found.kind == "paragraph":
        return ()
    stages = tuple(id_ for id_, _ in draft.words.terms(STAGE))
    matrix = configuration_of_draft(
        draft.bundle, current().program.services.programme.configuration
    ).matrix
    return readers_of(matrix, tuple(draft.words.roles), stages, found)


def _also_asked(bundle: Bundle, form: str, panel: QuestionPanel | None) -> list[str]:
    """Other forms that ask for the key of the open question."""
    if panel is None or panel.inside or not panel.key:
        return []
    return [id_ for id_ in asked_keys(bundle).get(panel.key, []) if id_ != form]


def _names(draft: DraftForms, id_: str) -> list[tuple[str, str, str]]:
    """Names that a condition of the form may read: key, kind, and what it can be."""
    form = draft.forms.get(id_)
    if form is None:
        return []
    own = [(f.key, f.kind, ", ".join(f.values)) for f in form.fields if f.key]
    return [*own, *((key, kind, "") for key, kind in form.uses.items())]


def _preview(tx: Tx, asked: FormRequest, draft: DraftForms) -> FormPreview | None:
    form = draft.forms.get(asked.form)
    context, view = current(), asked.view
    if form is None:
        return None
    stages = [id_ for id_, _ in draft.words.terms(STAGE)]
    role = view.get("as", "") if view.get("as") in draft.words.roles else ""
    stage = view.get("stage", "") if view.get("stage") in (*stages, ENDED) else stages[:1][0]
    try:
        return draw_preview(
            tx,
            context.program.services,
            draft.bundle,
            form,
            draft.forms,
            viewer=context.viewer,
            now=context.now,
            lang=_lang(view),
            role=role,
            stage=stage,
            typed=asked.answers,
            invented=view.get("fill") == "1" and asked.answers is None,
            checked=asked.answers is not None,
        )
    except BadDiagram:
        return None


def _drawn(asked: FormRequest, seen: FormPreview) -> Markup:
    """The preview as the page of a task draws it, in the chosen language."""
    context = current()
    own, context.lang = context.lang, _lang(asked.view)
    try:
        drawn = render_template("processes/form_preview.html", seen=seen, asked=asked)
    finally:
        context.lang = own
    return Markup(drawn)  # noqa: S704 - what a template drew


def _lang(view: Mapping[str, str]) -> str:
    chosen = view.get("lang", "")
    return chosen if chosen in LANGUAGES else current().lang


def _sentence(key: str) -> str:
    """The sentence of a fault; behind a colon stands what it names."""
    name, _, named = key.partition(":")
    return current().t(f"forms.{name}", names=named)


def _name(tx: Tx, row: rows.Draft) -> str:
    found = accounts.names(tx, current().program.services, [row.by]).get(row.by, "")
    return found or current().t("word.somebody")
