"""Papers of a case: which ones a viewer may have made, and what goes into one.

Nothing gets into a paper that she may not see: a field that is hidden from her is an empty line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from service.casework.casefile.answer_text import AnswerTexts
from service.casework.casefile.case_view import CaseView
from service.casework.casefile.documents import DocumentOrigin
from service.casework.casefile.form_context import load_directories
from service.casework.casefile.paper_data import PaperHead, marks_of, paper_data
from service.casework.casefile.told_decision import how_to_appeal
from service.casework.cases.case_visibility import classes
from service.casework.cases.given_answers import GivenAnswer
from service.errors import NotFound
from service.release.consent_texts import ConsentText
from service.release.paper_templates import PaperTemplate, TypedLine

REASONS = ("SIGN", "GIVE", "HAND_OVER", "KEEP")
"""Why somebody has a paper made: to have it signed, to give it to the person, to hand it over to
another office, to keep it."""


@dataclass(frozen=True, slots=True)
class PaperChoice:
    """One paper that a viewer may have made; of consents there is one for each purpose."""

    id: str
    title: str
    kind: str
    languages: tuple[str, ...]
    typed: tuple[TypedLine, ...]
    examples: frozenset[str] = frozenset()
    """The languages in which its pages say that nobody has signed its words."""


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """Order of one paper: which, in which language, with which reason and typed lines."""

    paper: str
    """Id of a `PaperChoice`."""
    lang: str
    reason: str
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ComposedPaper:
    """A paper before it is made: the program, its data, and what the case keeps of it.

    Two that are equal give the same paper, so that what was made between two transactions can be
    compared with what would be made in the second.
    """

    title: str
    source: str
    data: Mapping[str, Any]
    origin: DocumentOrigin
    classes: frozenset[str]


def paper_choices(view: CaseView) -> tuple[PaperChoice, ...]:
    """The papers of the case's release that the viewer may have made."""
    return tuple(
        choice
        for template in view.visibility.release.papers.values()
        if may_make(view, template)
        for choice in _choices(view, template)
    )


def may_make(view: CaseView, template: PaperTemplate) -> bool:
    """Whether a viewer may have a paper made: she works with the case for an office, and of each
    class that it prints she may see something.
    """
    visibility = view.visibility
    if not visibility.by_office or not view.viewer.lane_roles or view.key is None:
        return False
    if template.everything:
        return any(answer.klass != "C0" for answer in view.shown.values())
    fields = visibility.release.outer_fields
    reached = {
        fields[key][0]
        for key in template.fields
        if key in fields and visibility.sees_field(key, view.viewer.office)
    }
    return {fields[key][0] for key in template.fields if key in fields} - {"C0"} <= reached


def _choices(view: CaseView, template: PaperTemplate) -> Iterator[PaperChoice]:
    texts, title = view.visibility.release.consent_texts, template.title_in(view.lang)
    if not template.each:
        known = view.visibility.release.information_texts.languages(template.text)
        languages = tuple(t for t in template.title if not template.text or t in known)
        examples = _examples(view, template, template.text, languages)
        yield PaperChoice(template.id, title, template.kind, languages, template.typed, examples)
        return
    for purpose in sorted(texts.purposes):
        text = texts.text(purpose, view.lang)
        if text is not None:
            languages = tuple(t for t in texts.languages(purpose) if t in template.title)
            name = f"{title}: {text.title}"
            examples = _examples(view, template, purpose, languages)
            yield PaperChoice(
                f"{template.id}:{purpose}", name, template.kind, languages, (), examples
            )


def _examples(
    view: CaseView, template: PaperTemplate, text: str, languages: tuple[str, ...]
) -> frozenset[str]:
    counts = view.visibility.release.counts
    return frozenset(lang for lang in languages if not counts(template, text, lang))


def find_choice(view: CaseView, paper: str) -> PaperChoice:
    """One paper that the viewer may have made.

    Raises:
        NotFound: there is none for her.
    """
    found = next((choice for choice in paper_choices(view) if choice.id == paper), None)
    if found is None:
        raise NotFound
    return found


def proposed_language(view: CaseView, choice: PaperChoice) -> str:
    """The language of the case, as far as the viewer may know it and the paper is made in it; else
    her own.
    """
    named = view.configuration.named_fields.answers.language
    answer = view.shown.get(named)
    spoken = list(_languages(answer.value)) if answer is not None else []
    every = (lang for lang in (*spoken, view.lang) if lang in choice.languages)
    return next(every, choice.languages[0])


def _languages(value: Any) -> Iterator[str]:  # noqa: ANN401 - an answer
    """Codes of languages in an answer: a text, or a list of texts or of rows."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (code for code in value.values() if isinstance(code, str))
    elif isinstance(value, list):
        for item in value:
            yield from _languages(item)


def compose(view: CaseView, order: PaperOrder, *, document: str, by_name: str) -> ComposedPaper:
    """Put a paper together from what the viewer sees now.

    Args:
        document: id of the document that it becomes.
        by_name: the viewer's name.
    Raises:
        NotFound: there is no such paper for her, or not in this language or for this reason.
    """
    if order.lang not in find_choice(view, order.paper).languages or order.reason not in REASONS:
        raise NotFound
    id_, _, purpose = order.paper.partition(":")
    release, template = view.visibility.release, view.visibility.release.papers[id_]
    text = release.texts_for(template).text(purpose or template.text, order.lang)
    printed = _printed(view, template)
    every = [a for a in view.answers if view.visibility.see(a)] if template.everything else []
    typed = {line.key: order.typed.get(line.key, "")[: line.most] for line in template.typed}
    head = _head(view, document, _title(template, text, order.lang), order.lang, by_name)
    data = paper_data(
        template,
        head,
        _texts(view, order.lang),
        view.visibility.definition,
        printed,
        every,
        places=view.places,
        text=text,
        typed=typed,
        marks=marks_of(release, template, purpose or template.text, order.lang),
        appeal=how_to_appeal(
            *(view.at_hand, view.services, replace(view.viewer, lang=order.lang), release),
            *(template.appeal, printed),
        ),
    )
    held = [*printed.values(), *every]
    origin = DocumentOrigin(
        case_id=view.case.id,
        klass="C1" if any(typed.values()) else "C0",
        template=order.paper,
        purpose=purpose if template.each else template.purpose,
        shows=tuple(sorted({(a.key, a.office) for a in held if a.klass != "C0"})),
    )
    return ComposedPaper(head.title, template.source, data, origin, classes(held) | {origin.klass})


def _printed(view: CaseView, template: PaperTemplate) -> dict[str, GivenAnswer]:
    """The newest answers that a paper prints, as far as the viewer may see them."""
    keys = view.shown if template.everything else template.fields
    return {key: view.shown[key] for key in keys if key in view.shown}


def _title(template: PaperTemplate, consent: ConsentText | None, lang: str) -> str:
    title = template.title_in(lang)
    return f"{title}: {consent.title}" if consent is not None and template.each else title


def _head(view: CaseView, document: str, title: str, lang: str, by_name: str) -> PaperHead:
    return PaperHead(
        id=document,
        title=title,
        lang=lang,
        ref=view.case.ref,
        number=view.case.number,
        made_on=view.day(view.now),
        office=view.places.get(view.viewer.office, ""),
        by=by_name,
    )


def _texts(view: CaseView, lang: str) -> AnswerTexts:
    """Answers in the language of the paper, whatever the viewer's own is."""
    directories = load_directories(view.at_hand, view.services, lang)
    return AnswerTexts(view.visibility.release, replace(view.viewer, lang=lang), directories)
