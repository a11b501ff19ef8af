"""View models of the form editor: the list of a draft's forms, and the page of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.engine import Survey, survey
from service.errors import BadDiagram, Finding
from service.forms import Form
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.labels import localized_name, sentence_case
from service.release.prepared import PreparedRelease, files_of
from service.release.release_configuration import read_release_vocabulary
from service.workshop.drafts import finding_key
from service.workshop.editor import FindingText, finding_texts
from service.workshop.forms.form_file import ENDING, FOLDER, FormFile, read_form_file
from service.workshop.forms.form_outline import questions_asked
from service.workshop.forms.question_panel import EditorWords


@dataclass(frozen=True, slots=True)
class FormUse:
    """A step that asks a form."""

    element: str
    name: str
    file: str
    """File name of the diagram, without folder."""
    roles: tuple[str, ...] = ()
    stage: str = ""


@dataclass(frozen=True)
class DraftForms:
    """The forms of a draft, and everything that pages about them name."""

    bundle: Bundle
    forms: Mapping[str, Form]
    """Those that can be read, by their id."""
    drawn: Survey
    words: EditorWords
    findings: tuple[Finding, ...]

    @property
    def lang(self) -> str:
        """Language of the page."""
        return self.words.lang

    def uses(self, form: str) -> tuple[FormUse, ...]:
        """The steps of the draft that ask a form, in the order of the diagrams."""
        processes = self.drawn.model.processes.values()
        return tuple(
            FormUse(
                node.id,
                sentence_case(localized_name(node.names, self.lang)) or node.id,
                process.file.rpartition("/")[2],
            )
            for process in processes
            for _, node in process.scope.walk()
            if node.form == form
        )

    def texts(self, file: str = "") -> tuple[FindingText, ...]:
        """What the linter says, in the language of the page; of one file, or of all."""
        return finding_texts((f for f in self.findings if file in ("", f.file)), self.lang)

    def properties(self) -> dict[str, str]:
        """Key of each finding to the setting that it is about."""
        return {finding_key(found): found.prop for found in self.findings}


@dataclass(frozen=True, slots=True)
class FormEntry:
    """One form in the list of a draft's forms."""

    id: str
    title: str
    questions: int
    uses: tuple[FormUse, ...]
    errors: int
    warnings: int
    state: str
    """Against the release that the draft was begun from: `same`, `changed` or `new`."""
    readable: bool


def load_draft_forms(bundle: Bundle, services: Services, lang: str) -> DraftForms:
    """Read the forms of a draft, its diagrams, and what the linter says of them."""
    files, forms, _ = files_of(bundle, services.topics)
    vocabulary = read_release_vocabulary(bundle, []) or services.programme.configuration.vocabulary
    roles = {id_: localized_name(role.names, lang) or id_ for id_, role in files.roles.items()}
    return DraftForms(
        bundle,
        forms,
        survey(files),
        EditorWords(lang, vocabulary, roles),
        tuple(services.judge(bundle, "")),
    )


def form_entries(draft: DraftForms, before: Bundle) -> tuple[FormEntry, ...]:
    """The forms of a draft, by title.

    Args:
        before: the release that the draft was begun from.
    """
    entries = []
    for name in (n for n in draft.bundle.files if n.startswith(FOLDER) and n.endswith(ENDING)):
        form = readable_form(draft.bundle, name)
        id_ = name.removeprefix(FOLDER).removesuffix(ENDING)
        found = [f for f in draft.findings if f.file == name]
        old = before.files.get(name)
        entries.append(
            FormEntry(
                id_,
                form_title(form, draft.lang) if form is not None else id_,
                questions_asked(form) if form is not None else 0,
                draft.uses(id_),
                sum(f.severity == "E" for f in found),
                sum(f.severity == "W" for f in found),
                "new" if old is None else "same" if old == draft.bundle.files[name] else "changed",
                form is not None,
            )
        )
    return tuple(sorted(entries, key=lambda entry: entry.title.casefold()))


def readable_form(bundle: Bundle, name: str) -> FormFile | None:
    """A form file of a draft; None when it cannot be changed here."""
    try:
        return read_form_file(bundle.files[name], name)
    except BadDiagram:
        return None


def form_title(form: FormFile, lang: str) -> str:
    """The title of a form in a language, else in Swedish, else its id."""
    title = str(form.content.get("x-title") or "")
    return form.said(title, lang) or form.id


def uses_in_release(release: PreparedRelease, form: str) -> int:
    """How many steps of a release ask a form."""
    elements = (
        element
        for definition in release.definitions.values()  # each holds those of what it calls, too
        for element in definition.elements.values()
    )
    return len({(element.process, element.id) for element in elements if element.form == form})


def empty_form(id_: str, texts: Mapping[str, str], heading: Mapping[str, str]) -> FormFile:
    """A new form of one heading without questions.

    Args:
        texts: language to the title.
        heading: language to the words of the heading.
    """
    words = {
        lang: {texts["sv"]: text, heading["sv"]: heading.get(lang, "")}
        for lang, text in texts.items()
        if lang != "sv"
    }
    content = {
        "schemaVersion": 19,
        "type": "default",
        "id": id_,
        "x-title": texts["sv"],
        "x-fresh": True,
        "components": [
            {
                "type": "group",
                "label": heading["sv"],
                "components": [],
                "id": f"Field_{id_}_heading",
            }
        ],
        "x-i18n": {
            lang: {sv: text for sv, text in every.items() if text} for lang, every in words.items()
        },
    }
    return FormFile(id_, content)


def copied_form(form: FormFile, id_: str, texts: Mapping[str, str]) -> FormFile:
    """The same form under another id and title; its questions keep their keys."""
    made = form.copy()
    content = {**made.content, "id": id_}
    copied = FormFile(id_, content, made.indent, made.end)
    old, content["x-title"] = content.get("x-title"), texts["sv"]
    for lang, text in texts.items():
        if lang != "sv" and text:
            words = copied.words(lang)
            words.pop(str(old), None)
            words[texts["sv"]] = text
    for node in copied.nodes():
        given = str(node.component.get("id", ""))
        node.component["id"] = given.replace(f"_{form.id}_", f"_{id_}_", 1)
    return copied
