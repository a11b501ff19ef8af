"""The case on the page of a task: headline answers, consents, earlier steps, documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.actions.casefile import documents as case_documents
from service.actions.casefile.answer_text import Pair
from service.actions.cases import case_visibility, given_answers
from service.actions.programme.vocabulary import PURPOSE
from service.actions.tasks.explanation import TurnExplainer
from service.actions.tasks.form_session import FormSession, TaskFormTarget
from service.store.casefile import documents
from service.store.transaction import Tx
from service.text import say

EARLIER_MOST = 12
"""Earlier steps that are shown, the newest first."""


@dataclass(frozen=True, slots=True)
class EarlierStep:
    """What one step of the case answered, as far as the viewer may see it."""

    title: str
    by: str
    at: datetime
    answers: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """A document by a name that tells nothing: its number in the case, its kind, its size."""

    id: str
    name: str
    kind: str
    size: str


def case_facts(session: FormSession[TaskFormTarget]) -> Iterable[Pair]:
    """The headline answers of the case, and its consents."""
    for key, answer in session.target.shown.items():
        field = case_visibility.field_of(session.target.loaded.release, answer.form, key)
        if field is not None and field.headline:
            yield session.words.pair(answer)
    lang, purposes = session.viewer.lang, sorted(session.context.consents)
    release, word = session.target.loaded.release, session.services.word
    consents = ", ".join(word(PURPOSE, purpose, lang, release) for purpose in purposes)
    yield say("case.consents", lang), consents or say("consent.none", lang)


def earlier_steps(
    session: FormSession[TaskFormTarget], explainer: TurnExplainer
) -> Iterable[EarlierStep]:
    """The steps that have answered, the newest first."""
    by_turn: dict[int, list[given_answers.GivenAnswer]] = {}
    for answer in session.words.in_order(session.target.answers):
        if session.target.visibility.see(answer):
            by_turn.setdefault(answer.rev, []).append(answer)
    for _, answers in sorted(by_turn.items(), reverse=True)[:EARLIER_MOST]:
        first = answers[0]
        person, office = explainer.names.get(first.by), explainer.places.get(first.office)
        yield EarlierStep(
            title=explainer.name(first.element),
            by=", ".join(filter(None, (person, office))),
            at=first.at,
            answers=tuple(session.words.pair(answer) for answer in answers),
        )


def document_links(tx: Tx, session: FormSession[TaskFormTarget]) -> tuple[DocumentLink, ...]:
    """The documents of the case that the viewer may open; a dropped one leaves a gap."""
    rows = enumerate(documents.of_case(tx, session.target.loaded.case.id), 1)
    return tuple(
        document_link(row, number, session.viewer.lang)
        for number, row in rows
        if row.state != "dropped" and session.target.visibility.see_document(row)
    )


def document_link(row: documents.Document, number: int, lang: str) -> DocumentLink:
    """A document as pages name it; `number` is its place in the case, from 1."""
    return DocumentLink(
        id=row.id,
        name=say("form.kept_paper", lang, n=number),
        kind=case_documents.label(row.kind),
        size=case_documents.size_in_words(row.size),
    )
