"""The case on the page of a task: headline answers, consents, what others wrote, documents, and
what the programme wants next to the form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.casework.casefile import documents as case_documents
from service.casework.casefile.answer_text import AnswerLines
from service.casework.casefile.disclosure.answer_groups import (
    AnswerGroup,
    group_answers,
    group_id,
    named_first,
)
from service.casework.casefile.told_decision import how_to_appeal
from service.casework.cases import case_visibility, given_answers
from service.casework.tasks.explanation import TurnExplainer
from service.casework.tasks.form_session import FormSession, TaskFormTarget
from service.engine import Expression, FeelError
from service.forms.values import DisplayContext, field_from_json, from_json
from service.release.paper_templates import ToldDecision
from service.release.programme.task_page_rules import PageAppeal, PageCheck
from service.release.programme.vocabulary import PURPOSE
from service.store.at_hand import Reader
from service.store.casefile import documents
from service.text import say

LabelledLines = tuple[str, AnswerLines]
STATES = ("missing", "hidden", "done")
BUILT_IN_NAMES = frozenset({"consents", "openAlerts"})
"""Names that a checklist may read apart from answers and routing values."""


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """One thing of a checklist: `state` is missing, hidden (from this viewer) or done."""

    text: str
    state: str
    answers: tuple[LabelledLines, ...]


@dataclass(frozen=True, slots=True)
class FormCompanion:
    """What stands next to the form: answers of the case, and a checklist, what is missing first."""

    title: str
    answers: tuple[LabelledLines, ...]
    checks: tuple[CheckedItem, ...]
    hidden: bool = False
    """Whether the case has one of the answers, and the viewer may not see it."""
    first: bool = False
    """Whether it stands before the form on a narrow screen."""
    opens: bool = False
    """Whether it shows what is hidden as soon as the viewer claims the task."""
    appeal: str = ""
    """How the decision is appealed that the task tells."""


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """A document by a name that tells nothing: its number in the case, its kind, its size."""

    id: str
    name: str
    kind: str
    size: str


def case_facts(session: FormSession[TaskFormTarget]) -> Iterable[LabelledLines]:
    """The headline answers of the case, and its consents."""
    for key, answer in session.target.shown.items():
        field = case_visibility.field_of(session.target.loaded.release, answer.form, key)
        if field is not None and field.headline:
            yield labelled(session, answer)
    lang, purposes = session.viewer.lang, sorted(session.context.consents)
    release, word = session.target.loaded.release, session.services.word
    consents = tuple(word(PURPOSE, purpose, lang, release) for purpose in purposes)
    yield say("case.consents", lang), consents or (say("consent.none", lang),)


def labelled(
    session: FormSession[TaskFormTarget], answer: given_answers.GivenAnswer
) -> LabelledLines:
    """An answer with its label."""
    words = session.words
    return words.label(answer.form, answer.key), words.lines_of(answer)


def form_companion(session: FormSession[TaskFormTarget]) -> FormCompanion | None:
    """What the programme wants next to the form of this task, as far as the viewer may see it; None
    where it wants nothing.
    """
    rule = session.configuration.task_pages.get(session.target.element.form or "")
    if rule is None:
        return None
    lang = session.viewer.lang
    found = (_checked_item(session, check, lang) for check in rule.checks)
    checks = [item for item in found if item is not None]
    keys = (*_newest(session, rule.newest), *rule.answers)
    hidden = any(k in session.target.newest and k not in session.target.shown for k in keys)
    return FormCompanion(
        rule.words[lang],
        _shown(session, keys),
        tuple(sorted(checks, key=lambda item: STATES.index(item.state))),
        hidden=hidden,
        first=rule.first,
        opens=hidden and rule.opens and session.target.task.claimed_by is None,
        appeal=_how_to_appeal(session, rule.appeal),
    )


def _how_to_appeal(session: FormSession[TaskFormTarget], rule: PageAppeal | None) -> str:
    shown = session.target.shown
    if rule is None or rule.answer not in shown or shown[rule.answer].value not in rule.values:
        return ""
    decision = ToldDecision(rule.decision, rule.answer)
    return how_to_appeal(
        *(session.reader, session.services, session.viewer, session.target.release), decision, shown
    ).text


def _newest(session: FormSession[TaskFormTarget], keys: Iterable[str]) -> tuple[str, ...]:
    """Key of the last of some answers, whether or not the viewer may see it; empty for none."""
    newest = session.target.newest
    given = [key for key in keys if key in newest and newest[key].value is not None]
    return tuple(sorted(given, key=lambda key: newest[key].rev)[-1:])


def _shown(session: FormSession[TaskFormTarget], keys: Iterable[str]) -> tuple[LabelledLines, ...]:
    answers = (session.target.shown.get(key) for key in keys)
    found = (labelled(session, answer) for answer in answers if answer is not None)
    return tuple((label, lines) for label, lines in found if lines)


def _checked_item(
    session: FormSession[TaskFormTarget], check: PageCheck, lang: str
) -> CheckedItem | None:
    """Item of the checklist: hidden if a name that it reads is hidden from the viewer; None if
    the release of the case does not know such a name.
    """
    target, context = session.target, session.context
    fields = {f.key: f for form in target.release.forms.values() for f in form.fields if f.key}
    place = DisplayContext(context.zone, context.rates)
    known = {*fields, *target.loaded.definition.types, *BUILT_IN_NAMES}
    try:
        condition = Expression(check.done, known)
    except FeelError:
        return None
    reads = condition.reads - BUILT_IN_NAMES
    if not all(target.visibility.see_name(n, target.newest) for n in {*reads, *check.answers}):
        return CheckedItem(check.words[lang], "hidden", ())
    values = {
        key: field_from_json(fields[key], context.known(key), place)
        if key in fields
        else from_json("", context.known(key), place)
        for key in reads
    }
    values["consents"] = sorted(context.consents)
    is_done = condition.evaluate(values, now=context.now, zone=context.zone) is True
    return CheckedItem(
        check.words[lang], "done" if is_done else "missing", _shown(session, check.answers)
    )


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


def document_links(
    reader: Reader, session: FormSession[TaskFormTarget]
) -> tuple[DocumentLink, ...]:
    """The documents of the case that the viewer may open; a dropped one leaves a gap."""
    rows = enumerate(documents.of_case(reader, session.target.loaded.case.id), 1)
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
