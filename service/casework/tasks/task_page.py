"""The page of an open task: its form, why it is there, what each button leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from service.access import Viewer
from service.casework.casefile import notes as case_notes
from service.casework.casefile.answer_text import Pair
from service.casework.casefile.disclosure.answer_groups import AnswerGroup
from service.casework.casefile.retention_words import (
    OfficeKeeps,
    asks_how_long,
    load_keeping,
    reads_of_keeping,
)
from service.casework.cases import case_visibility, grants, protection
from service.casework.cases.progress import stage_name
from service.casework.commands.four_eyes import blocking_step, reads_of_four_eyes
from service.casework.tasks import explanation, unsent_answers
from service.casework.tasks.case_facts import (
    DocumentLink,
    FormCompanion,
    LabelledLines,
    case_facts,
    document_links,
    form_companion,
    others_answers,
)
from service.casework.tasks.colleagues_unsent_answers import (
    ColleaguesAnswers,
    authors,
    load_colleagues_answers,
    reads_of_colleagues_answers,
)
from service.casework.tasks.form_session import (
    FormSession,
    FormTarget,
    TaskFormTarget,
    find_task,
    load_saved,
    open_form_session,
    reads_of_task_form,
)
from service.casework.tasks.send_buttons import SendButton, send_buttons, widgets
from service.engine import Element
from service.errors import FieldFault
from service.forms import DrawnSection, DrawnStep, Raw, drawn_steps
from service.people import accounts
from service.people.absences import load_absences, offered_colleagues, reads_of_absences
from service.records import rule_rows
from service.records.context import Services
from service.release.labels import element_name
from service.release.programme.vocabulary import PURPOSE, stage_number
from service.store.casefile import facts, notes, referrals
from service.store.installation import people
from service.store.transaction import Tx
from service.store.work import tasks
from service.text import say

BY_PEOPLE = ("complete", "start", "message")
"""Kinds of facts that a person brought about."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has the task."""

    name: str
    since: datetime | None
    mine: bool
    away_until: date | None = None
    """Last day of an absence that she is in."""
    stood_in_for: bool = False
    """Whether the viewer stands in for her today, and so may claim the task as it is."""


@dataclass(frozen=True, slots=True)
class TaskHead:
    """The head of the page."""

    id: str
    name: str
    rev: int
    ref: str
    case: str
    step: str
    """`element:nth`: with it the page of a closed task finds what became of it."""
    stage: str
    stage_number: str
    """Its place among all stages, of which there are `stages`."""
    stages: int
    stage_name: str
    due: datetime | None
    help: str
    claim: Claim | None
    can_edit: bool
    can_take_over: bool
    saved: datetime | None
    fill_rev: int


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Everything that the template names, and the classes of the answers on it."""

    task: TaskHead
    ref: str
    marking: str
    """Sentence: the identity is protected; empty when it is not."""
    refused: str | None
    faults: tuple[FieldFault, ...]
    form: tuple[DrawnSection, ...]
    steps: tuple[DrawnStep, ...]
    """Of a form in steps; else its sections."""
    papers: Mapping[str, str]
    buttons: tuple[SendButton, ...]
    why: tuple[str, ...]
    rule: str | None
    companion: FormCompanion | None
    keeping: tuple[OfficeKeeps, ...]
    """How long each office keeps what it wrote, where the form asks the person about it."""
    case_facts: tuple[LabelledLines, ...]
    earlier: tuple[AnswerGroup, ...]
    hidden: int
    notes: tuple[case_notes.NoteView, ...]
    files: tuple[DocumentLink, ...]
    other_unsent: tuple[ColleaguesAnswers, ...]
    colleagues: tuple[Pair, ...]
    danger: tuple[Pair, ...]
    classes: frozenset[str]


def open_task_page(
    tx: Tx, services: Services, viewer: Viewer, key: str, now: datetime
) -> FormSession[TaskFormTarget]:
    """Load all that the page of an open task reads.

    Raises: as `find_task`.
    """
    target = find_task(tx, services, viewer, key, now)
    task, at_hand, case_id = target.task, target.at_hand, target.loaded.case.id
    named, of_case = target.visibility.is_named, {"case_id": case_id}
    history = facts.of_case(at_hand, case_id)
    acted = {fact.actor for fact in history}
    routing = any(rule_rows.has_decided(turn) for turn in _turns_to(task, history))
    accounts.load_people(
        tx,
        at_hand,
        acted | ({task.claimed_by} if task.claimed_by else set()),
        [
            *reads_of_task_form(target, viewer, routing=routing),
            *reads_of_four_eyes(case_id, target.element),
            *reads_of_absences(viewer.office),
            *(reads_of_keeping(tx, services) if _asks_how_long(services, target) else []),
            (people.OF_OFFICE, {"office": viewer.office}),
            (referrals.OF_CASE, of_case),
            *([(notes.OF_CASE, of_case)] if named else []),
            *(reads_of_colleagues_answers(target, viewer) if named else []),
        ],
    )
    people.of_office(at_hand, viewer.office)
    session = open_form_session(at_hand, services, viewer, target, now)
    if named:
        wrote = case_notes.authors(at_hand, viewer, case_id)
        accounts.load_people(tx, at_hand, wrote | authors(session))
    return session


def load_task_page(
    session: FormSession[TaskFormTarget],
    *,
    typed: Raw | None = None,
    faults: tuple[FieldFault, ...] = (),
    refused: str | None = None,
    rev: int | None = None,
) -> TaskPage:
    """Build the page of an open task.

    Args:
        session: as `open_task_page` loads it.
        typed: what was sent, when it comes back to be corrected.
        refused: why it comes back, as a sentence.
        rev: the revision of the unsent answers that the texts belong to, when it is not the newest.
    """
    services, viewer, target = session.services, session.viewer, session.target
    at_hand, case_id, saved = session.reader, target.loaded.case.id, load_saved(session)
    begun = typed if typed is not None else unsent_answers.merge_unsent(session.base, saved)
    values = session.with_files_there(begun)
    named = target.visibility.is_named
    drawn = session.draw(values, faults)
    history = facts.of_case(at_hand, case_id)
    files = document_links(at_hand, session)
    explainer = explanation.load_turn_explainer(
        at_hand, services, target.visibility, target.newest, history
    )
    other = blocking_step(at_hand, target.loaded.case.id, target.element, viewer)
    if other and refused is None:
        refused = say("task.four_eyes", viewer.lang, task=explainer.name(other))
    missing = grants.missing_consent(
        at_hand, services, target.loaded.case, session.form, session.now
    )
    if missing and refused is None:
        word = services.word(PURPOSE, missing, viewer.lang, target.release)
        refused = say("task.consent_missing", viewer.lang, purpose=word)
    head = _head(session, saved, can=not (other or missing), rev=rev)
    turns = rule_rows.with_rows(at_hand, target.loaded.key, _turns_to(target.task, history))
    reasons, rule = _why(explainer, turns, target.task.element)
    seen = [answer for answer in target.answers if target.visibility.see(answer)]
    return TaskPage(
        task=head,
        ref=target.loaded.case.ref,
        marking=protection.marking_sentence(target.loaded.case.marking, viewer.lang),
        refused=refused,
        faults=faults,
        form=drawn,
        steps=drawn_steps(drawn),
        papers={file.id: f"{file.name}, {file.kind}, {file.size}" for file in files},
        buttons=tuple(send_buttons(session, values)) if head.can_edit else (),
        why=reasons,
        rule=rule,
        companion=form_companion(session),
        keeping=_keeping(session),
        case_facts=tuple(case_facts(session)),
        earlier=others_answers(session, explainer),
        hidden=len(target.newest) - len(target.shown),
        notes=tuple(case_notes.read(at_hand, services, viewer, case_id, closed=()))
        if named
        else (),
        files=files,
        other_unsent=load_colleagues_answers(session, explainer.names) if named else (),
        colleagues=_colleagues(session),
        danger=numbers_to_call(session, drawn),
        classes=case_visibility.classes(seen) | {"C0"},
    )


def _head(
    session: FormSession[TaskFormTarget],
    saved: unsent_answers.SavedAnswers,
    *,
    can: bool,
    rev: int | None,
) -> TaskHead:
    target, lang = session.target, session.viewer.lang
    task, loaded = target.task, target.loaded
    mine = task.claimed_by == session.viewer.person
    stages = loaded.definition.stages
    stage = task.stage or loaded.case.stage or next(iter(stages), "")
    return TaskHead(
        id=task.key,
        name=element_name(target.element, lang),
        rev=loaded.case.rev,
        ref=loaded.case.ref,
        case=task.case_id,
        step=f"{task.element}:{task.nth}",
        stage=stage,
        stage_number=stage_number(stages, stage),
        stages=len(stages),
        stage_name=stage_name(session.services, loaded.release, loaded.definition, stage, lang),
        due=task.due,
        help=_help(target.element, lang),
        claim=_claim(session),
        can_edit=can and (task.claimed_by is None or mine),
        can_take_over=bool(task.claimed_by) and not mine,
        saved=saved.at,
        fill_rev=saved.rev if rev is None else rev,
    )


def _help(element: Element, lang: str) -> str:
    """The documentation of a step; the diagram itself is written in Swedish."""
    if lang == "sv":
        return element.documentation
    return element.properties.get(f"documentation.{lang}", "")


def _asks_how_long(services: Services, target: TaskFormTarget) -> bool:
    form = target.release.forms.get(target.element.form)
    return asks_how_long(services, target.loaded, form)


def _keeping(session: FormSession[TaskFormTarget]) -> tuple[OfficeKeeps, ...]:
    services, target = session.services, session.target
    if not _asks_how_long(services, target):
        return ()
    return load_keeping(session.reader, services, target.loaded, session.viewer.lang, session.now)


def _claim(session: FormSession[TaskFormTarget]) -> Claim | None:
    task = session.target.task
    if not task.claimed_by:
        return None
    viewer, holder, reader = session.viewer, task.claimed_by, session.reader
    name = accounts.names(reader, session.services, {holder}).get(holder, "")
    away = load_absences(reader, viewer.office, session.now)
    stood_in_for = holder in away.stood_in_for(viewer.person)
    return Claim(name, task.claimed_at, holder == viewer.person, away.until(holder), stood_in_for)


def _colleagues(session: FormSession[TaskFormTarget]) -> tuple[Pair, ...]:
    """(id, name) of those whom the task can be handed over to."""
    viewer, role, reader = session.viewer, session.target.task.role, session.reader
    away = load_absences(reader, viewer.office, session.now)
    people = offered_colleagues(reader, session.services, viewer, away, role=role)
    return tuple(pair for pair in people if pair[0] != viewer.person)


def _turns_to(task: tasks.Task, history: Sequence[facts.Fact]) -> list[facts.Fact]:
    """The turn that opened the task, and what people did before when it was none of theirs."""
    opened = explanation.opened_by(history, task.element, task.nth)
    if opened is None or opened.kind in BY_PEOPLE:
        return [] if opened is None else [opened]
    before = (f for f in reversed(history) if f.rev < opened.rev and f.kind in BY_PEOPLE)
    return [*islice(before, 1), opened]


def _why(
    explainer: explanation.TurnExplainer, turns: Sequence[facts.Fact], element: str
) -> tuple[tuple[str, ...], str | None]:
    """Why the task is there: what people did before, and the rules and gateways that led here."""
    rules = [sentence for turn in turns for sentence in explainer.led(turn, element)]
    return tuple(explainer.did(turn) for turn in turns), " ".join(rules) or None


def numbers_to_call(
    session: FormSession[FormTarget], drawn: Iterable[DrawnSection]
) -> tuple[Pair, ...]:
    """The numbers to call, where the form asks about danger."""
    if not any(widget.offer == "danger" for widget in widgets(drawn)):
        return ()
    return danger_numbers(session.services, session.viewer.lang)


def danger_numbers(services: Services, lang: str) -> tuple[Pair, ...]:
    """(words, number) of those to call when somebody is in danger."""
    return tuple(
        (words.get(lang) or words.get("sv", ""), number)
        for number, words in services.programme.danger
    )
