"""Data of a paper's template: its fields in words, the case by its pseudonym, the text of a
consent.

Only fields that its header declares, and of those only answers that were let through before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.casework.casefile.answer_text import AnswerTexts
from service.casework.cases.given_answers import GivenAnswer
from service.engine import Definition
from service.forms import Field, Form, Json
from service.release.appeal_words import NOTHING_SAID, AppealWords
from service.release.consent_texts import ConsentText
from service.release.labels import element_name
from service.release.language_words import FIRST, ReleaseLanguages, direction
from service.release.paper_templates import EVERYTHING, PaperTemplate
from service.release.prepared import PreparedRelease

EMPTY: dict[str, Any] = {
    "label": "",
    "text": "",
    "parts": [],
    "columns": [],
    "rows": [],
    "options": [],
    "code": "",
}
"""What a template is handed for each field."""
CODE_LENGTH, HALF = 8, 4
"""Characters of the code on a page, written in two halves."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A sentence at the top of each page, in a language."""

    lang: str
    text: str

    @property
    def shown(self) -> dict[str, str]:
        """As a template reads it."""
        return {"lang": self.lang, "dir": direction(self.lang), "text": self.text}


def marks_of(
    release: PreparedRelease, template: PaperTemplate, text: str, lang: str
) -> tuple[Mark, ...]:
    """What each page of a paper says where its words do not count: in Swedish, for whoever hands it
    over, and in the language itself.

    Args:
        text: name of the consent or information that it prints; empty for none.
    """
    if release.counts(template, text, lang):
        return ()
    languages = release.languages
    if lang == FIRST:
        return (Mark(FIRST, languages.own("example", FIRST)),)
    said = [(one, languages.own("example", one)) for one in (FIRST, lang)]
    return tuple(
        Mark(one, f"{text} {languages.own('interpreter', one)}".strip())
        for one, text in said
        if text
    )


@dataclass(frozen=True, slots=True)
class PaperHead:
    """Head and foot of a paper: title, pseudonym, number, day, office and maker."""

    id: str
    """Id of the document that the paper becomes."""
    title: str
    lang: str
    ref: str
    number: str
    made_on: str
    office: str
    by: str


def code_of(document: str) -> str:
    """The code on the page of a document, by which its signed copy is found: `7K3M-9QXA`."""
    last = document[-CODE_LENGTH:].upper()
    return f"{last[:HALF]}-{last[HALF:]}"


def normal_code(typed: str) -> str:
    """A code as somebody typed it off a page: letters that look like digits are read as those."""
    plain = "".join(c for c in typed.upper() if c.isalnum())
    return plain.translate(str.maketrans("OIL", "011"))


def paper_data(
    template: PaperTemplate,
    head: PaperHead,
    texts: AnswerTexts,
    definition: Definition,
    newest: Mapping[str, GivenAnswer],
    every: Sequence[GivenAnswer],
    *,
    places: Mapping[str, str],
    text: ConsentText | None = None,
    typed: Mapping[str, str] | None = None,
    marks: Sequence[Mark] = (),
    appeal: AppealWords = NOTHING_SAID,
) -> dict[str, Any]:
    """What the template reads as `paper`.

    Args:
        newest: the answers that may be printed, by key; others than the declared are left out.
        every: all answers that may be printed, oldest first; used for a paper of everything.
        places: office to its name.
        text: of the consent, or the information, that it prints.
        typed: lines that whoever makes it has typed, by key.
        marks: what each page says of the text, where it does not count.
        appeal: how the decision that it tells is appealed.
    """
    fields = {
        key: _declared_field(texts, key, newest.get(key))
        for key in template.fields
        if key != EVERYTHING
    }
    return {
        "title": head.title,
        "lang": head.lang,
        "dir": direction(head.lang),
        "ref": head.ref,
        "number": head.number,
        "made": head.made_on,
        "office": head.office,
        "by": head.by,
        "code": code_of(head.id) if template.code else "",
        "fields": fields,
        "steps": _steps(texts, definition, every, places) if template.everything else [],
        **_texts(template, text),
        "typed": {line.key: (typed or {}).get(line.key, "") for line in template.typed},
        "words": texts.release.languages.words(head.lang),
        "marks": [mark.shown for mark in marks],
        "appeal": _appeal(appeal),
    }


def _declared_field(texts: AnswerTexts, key: str, answer: GivenAnswer | None) -> dict[str, Any]:
    """One field, empty where there is no answer that may be printed: a line to fill in by hand."""
    found = _asked(texts, key, answer.form if answer is not None else "")
    if found is None:
        return {**EMPTY, "label": key}
    form, field = found
    empty = _empty(form, field, texts.lang)
    if answer is None:
        return empty
    value = answer.value
    code = value if isinstance(value, str) and value in field.values else ""
    given = {**empty, "text": texts.said(form, field, value), "code": code}
    if isinstance(value, dict) and empty["parts"]:
        return {**given, "parts": _parts(texts, form, field.fields, value)}
    if isinstance(value, list) and field.fields:
        rows = [_parts(texts, form, field.fields, row) for row in value if isinstance(row, dict)]
        return {**given, "rows": [[part["text"] for part in row] for row in rows]}
    return given


def _asked(texts: AnswerTexts, key: str, form_id: str) -> tuple[Form, Field] | None:
    """The form and the field of a key: where it was answered, else any that asks for it."""
    forms = texts.release.forms
    own = (forms[form_id],) if form_id in forms else ()
    for form in (*own, *forms.values()):
        for field in form.fields:
            if field.key == key:
                return form, field
    return None


def _empty(form: Form, field: Field, lang: str) -> dict[str, Any]:
    """A field without its answer: its label, and those of its parts, columns and options."""
    inner = [form.say(part.label, lang) or part.key for part in field.fields if part.key]
    is_list, is_group = field.kind == "list", field.kind != "money"
    return {
        "label": form.say(field.label, lang) or field.key,
        "text": "",
        "parts": [{"label": label, "text": ""} for label in inner if is_group and not is_list],
        "columns": inner if is_list else [],
        "rows": [],
        "options": [form.option_label(field, option.value, lang) for option in field.options],
        "code": "",
    }


def _parts(
    texts: AnswerTexts, form: Form, fields: Sequence[Field], value: Mapping[str, Json]
) -> list[dict[str, str]]:
    """The parts of a group, or the cells of a row: all of them, so that columns line up."""
    return [
        {
            "label": form.say(field.label, texts.lang) or field.key,
            "text": texts.said(form, field, value.get(field.key)),
        }
        for field in fields
        if field.key
    ]


def _steps(
    texts: AnswerTexts,
    definition: Definition,
    every: Sequence[GivenAnswer],
    places: Mapping[str, str],
) -> list[dict[str, Any]]:
    """All answers by the step that gave them, in the order of history."""
    by_turn: dict[int, list[GivenAnswer]] = {}
    for answer in texts.in_order(every):
        by_turn.setdefault(answer.rev, []).append(answer)
    steps = []
    for _, turn in sorted(by_turn.items()):
        first = turn[0]
        drawn = definition.elements.get(first.element)
        pairs = [texts.pair(answer) for answer in turn]
        steps.append(
            {
                "name": element_name(drawn, texts.lang) if drawn is not None else first.element,
                "office": places.get(first.office, ""),
                "on": texts.viewer.day(first.at),
                "answers": [{"label": label, "text": text} for label, text in pairs if text],
            }
        )
    return steps


def sample_data(
    template: PaperTemplate,
    forms: Mapping[str, Form],
    lang: str,
    words: ConsentText | None,
    languages: ReleaseLanguages | None = None,
    appeal: AppealWords = NOTHING_SAID,
    *,
    filled: bool,
) -> dict[str, Any]:
    """Invented data of the shape that a template is handed, for a look at whether it works.

    Args:
        filled: whether every field has an answer, or none.
    """
    text = "Exempel" if filled else ""
    asked = {f.key: (form, f) for form in forms.values() for f in form.fields if f.key}
    fields = {}
    for key in (key for key in template.fields if key in asked):
        fields[key] = field = _empty(*asked[key], lang)
        if filled:
            field["text"] = text
            field["rows"] = [[text for _ in field["columns"]]] * 2
            field["parts"] = [{**part, "text": text} for part in field["parts"]]
    answers = [{"label": "Fråga", "text": "Svar"}]
    step = {"name": "Steg", "office": "Kontor", "on": "2026-03-02", "answers": answers}
    return {
        "title": template.title_in(lang),
        "lang": lang,
        "dir": direction(lang),
        "ref": "klar-vag",
        "number": "2026-0001" if filled else "",
        "made": "2026-03-02",
        "office": "Kontor",
        "by": "Person",
        "code": "7K3M-9QXA" if template.code else "",
        "fields": fields,
        "steps": [step] if template.everything and filled else [],
        **_texts(template, words),
        "typed": {line.key: text for line in template.typed},
        "words": languages.words(lang) if languages is not None else {},
        "marks": [Mark(lang, text).shown] if filled else [],
        "appeal": _appeal(appeal if filled else NOTHING_SAID),
    }


def _appeal(appeal: AppealWords) -> dict[str, str]:
    """How the decision is appealed, and in which language that is."""
    return {"text": appeal.text, "lang": appeal.lang, "dir": direction(appeal.lang)}


def _texts(template: PaperTemplate, text: ConsentText | None) -> dict[str, dict[str, Any]]:
    """The text under `consent` or under `text`, whichever the template prints."""
    words = _words(text) if text is not None else {}
    return {"consent": words if template.each else {}, "text": words if template.text else {}}


def _words(text: ConsentText) -> dict[str, Any]:
    return {
        "purpose": text.purpose,
        "title": text.title,
        "version": text.version,
        "digest": text.short_digest,
        "lang": text.lang,
        "blocks": [{"kind": kind, "text": words} for kind, words in text.blocks],
    }
