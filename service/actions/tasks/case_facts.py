"""The case on the page of a task: headline answers, consents, what others wrote, documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.actions.casefile import documents as case_documents
from service.actions.casefile.answer_text import Pair
from service.actions.casefile.disclosure.answer_groups import (
    AnswerGroup,
    group_answers,
    group_id,
    named_first,
)
from service.actions.cases import case_visibility
from service.actions.programme.vocabulary import PURPOSE
from service.actions.tasks.explanation import TurnExplainer
from service.actions.tasks.form_session import FormSession, TaskFormTarget
from service.store.casefile import documents
from service.store.transaction import Tx
from service.text import say


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


def others_answers(
    session: FormSession[TaskFormTarget], explainer: TurnExplainer
) -> tuple[AnswerGroup, ...]:
    """What was answered in the case, in groups: those that the form of the task asks about first,
    then those with the newest answers.

    Nothing is closed here: the task is why they are read (decision 41).
    """

    def who(person: str, office: str) -> str:
        names = (explainer.names.get(person), explainer.places.get(office))
        return ", ".join(filter(None, names))

    target = session.target
    visible = [answer for answer in target.answers if target.visibility.see(answer)]
    groups = group_answers(session.services, session.words, visible, who)
    form = target.release.forms.get(target.element.form)
    if form is None:
        return groups
    keys = {field.key for field in form.fields} | set(form.uses)
    return named_first(groups, keys, {group_id(f.group, form.id) for f in form.fields if f.key})


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
