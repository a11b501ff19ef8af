"""The page of a closed task: what became of it, and the viewer's unsent answers to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.access import Viewer
from service.casework.casefile import form_context, read_log
from service.casework.casefile.answer_text import AnswerTexts, Pair
from service.casework.cases import case_visibility
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.given_answers import may_correct
from service.casework.cases.locked_records import lock_sentences
from service.casework.tasks import explanation, unsent_answers
from service.casework.tasks.inbox_list import desk_reader
from service.errors import NotFound, TaskClosed
from service.forms import Form, Raw
from service.people import accounts
from service.records.case_keys import own_name
from service.records.context import Services
from service.records.ids import is_ulid, made_at
from service.store.at_hand import Read, Reader
from service.store.casefile import cases as case_rows
from service.store.casefile import facts
from service.store.installation import keys, offices
from service.store.read_models.moved_cases import moved_at
from service.store.transaction import Tx
from service.store.work import unsent_answers as unsent_rows
from service.text import say

UNSENT_LASTS = timedelta(days=30)
"""How long unsent answers stay readable for their author after the task. Assumed."""


@dataclass(frozen=True, slots=True)
class ClosedTaskPage:
    """A closed task: what became of it, and what the viewer had typed."""

    name: str
    ref: str
    case: str
    why: str
    kept: tuple[Pair, ...]
    until: datetime
    raced: bool
    """Whether a colleague, or another office, completed it meanwhile."""
    files_gone: bool
    """Whether the viewer had attached files: they went with the task."""
    locked: tuple[str, ...] = ()
    """What of the case the plan of retention has locked, in sentences."""
    correct: int = 0
    """Number of the answer that the viewer may correct; 0 when she may not."""


def load_closed_task_page(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    key: str,
    now: datetime,
    *,
    case: str = "",
    step: str = "",
) -> ClosedTaskPage:
    """Load the page of a task that is not open any more.

    Args:
        case, step: as the page that was sent named them; those of the unsent answers win. Without
            any, a task that was sent is found by its id.
    Raises:
        TaskClosed: this viewer may know nothing more of it.
    """
    at_hand = tx.read((unsent_rows.GET, {"key": key, "person_id": viewer.person}))
    typed = unsent_rows.get(at_hand, key, viewer.person)
    if typed is not None:
        case = typed.case_id or case
    elif not case and not step:
        case, step = _sent_task(tx, services, viewer, key, now)
    owner = keys.GET, {"owner": own_name(case)}
    at_hand.take(tx.read(*_reads_of_sight(case), owner))
    saved = unsent_answers.load_unsent(at_hand, services, viewer, key)
    if saved.step.element:
        step = f"{saved.step.element}:{saved.step.nth}"
    element, _, nth = step.partition(":")
    brief = case_rows.get(at_hand, case)
    if brief is None or not nth.isdigit():
        raise TaskClosed(key)
    visibility = _open(tx, at_hand, services, viewer, brief, key, now)
    if visibility is None:
        raise TaskClosed(key)
    history = facts.of_case(at_hand, brief.id)
    acted = {fact.actor for fact in history}
    accounts.load_people(tx, at_hand, acted, form_context.reads_of_directories())
    form = _form(visibility, element)
    text = unsent_answers.with_documents(saved.raw, unsent_answers.file_fields(form), ())
    explainer = explanation.load_turn_explainer(at_hand, services, visibility, {}, history)
    end = explanation.closed_by(history, element, int(nth))
    return ClosedTaskPage(
        name=explainer.name(element),
        ref=brief.ref,
        case=brief.id,
        why=explainer.did(end).rstrip(".") if end is not None else say("why.unknown", viewer.lang),
        kept=_typed(at_hand, services, visibility, form, text),
        until=(saved.at or now) + UNSENT_LASTS,
        raced=end is not None and end.kind == "complete" and end.actor != viewer.person,
        files_gone=any(saved.raw[path] != texts for path, texts in text.items()),
        locked=_locked(tx, visibility, brief),
        correct=_correctable(visibility, brief, end),
    )


def _sent_task(
    tx: Tx, services: Services, viewer: Viewer, key: str, now: datetime
) -> tuple[str, str]:
    """The case of a task that was sent, and its step with its number; "" when there is none that
    the viewer may know of.
    """
    if not is_ulid(key):
        return "", ""
    for case_id in moved_at(tx, desk_reader(viewer, now), made_at(key)):
        owner_key = services.case_keys(tx, case_id).own
        if owner_key is None:
            continue  # the case was erased
        history = facts.of_case(tx, case_id)
        keys = explanation.task_keys(owner_key, history)
        for fact in history:
            if keys.get(fact.rev) == key:
                return case_id, f"{fact.element}:{fact.nth}"
    return "", ""


def _correctable(
    visibility: CaseVisibility, case: case_rows.CaseSummary, end: facts.Fact | None
) -> int:
    """The number of the answer with which a task was sent, if the viewer may correct it; else 0."""
    if end is None or case.status == "ended":
        return 0
    element = visibility.definition.elements.get(end.element)
    may = may_correct(visibility.viewer, end, element, visibility.sight.parties)
    return end.rev if may else 0


def _reads_of_sight(case_id: str) -> list[Read]:
    """What `_open` reads of a case first."""
    sight = case_visibility.reads_of_visibility(case_id)
    return [case_rows.read_of_summary(case_id), *sight]


def _open(
    tx: Tx,
    of_case: Reader,
    services: Services,
    viewer: Viewer,
    case: case_rows.CaseSummary,
    key: str,
    now: datetime,
) -> CaseVisibility | None:
    """The case for somebody who had the task open before it closed, or who may open the case;
    None for everybody else.

    Args:
        of_case: has `_reads_of_sight`.
    """
    services.release(tx, case.release_id)
    try:
        seen = case_visibility.load_unexplained_visibility(of_case, services, viewer, case, now)
    except NotFound:
        return None
    explained = not case_visibility.needs_reason(of_case, seen, case, now)
    return seen if explained or read_log.has_read_task(tx, viewer, case.id, key, now) else None


def _locked(tx: Tx, visibility: CaseVisibility, case: case_rows.CaseSummary) -> tuple[str, ...]:
    """What is locked of the case, in sentences; asks only where something is."""
    sight = visibility.sight
    if not sight.locked:
        return ()
    return lock_sentences(tx, case, sight, visibility.viewer, offices.names(tx))


def _typed(
    reader: Reader, services: Services, visibility: CaseVisibility, form: Form | None, raw: Raw
) -> tuple[Pair, ...]:
    """Unsent answers in words, but those of classes that are locked; nothing when the release does
    not know the form any more.
    """
    viewer = visibility.viewer
    if form is None:
        return ()
    closed = {
        key
        for key, field in form.by_key.items()
        if viewer.office in visibility.closed_offices(field.data_class)
    }
    raw = {path: texts for path, texts in raw.items() if path.partition(".")[0] not in closed}
    directories = form_context.load_directories(reader, services, viewer.lang)
    return tuple(AnswerTexts(visibility.release, viewer, directories).typed(form, raw))


def keep_late_answers(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    task_key: str,
    raw: Raw,
    case: str,
    step: str,
) -> None:
    """Save what was typed for a task that closed meanwhile; its author can still read it."""
    at_hand = tx.read(*_reads_of_sight(case))
    brief = case_rows.get(at_hand, case)
    element, _, nth = step.partition(":")
    if brief is None or not nth.isdigit():
        return
    visibility = _open(tx, at_hand, services, by, brief, task_key, now)
    form = _form(visibility, element) if visibility is not None else None
    if form is None:
        return
    before = unsent_answers.load_unsent(tx, services, by, task_key)
    unsent_answers.save_unsent(
        tx,
        services,
        by=by,
        key=task_key,
        case_id=case,
        raw=unsent_answers.own_texts(form, raw),
        base={},
        rev=before.rev,
        now=now,
        step=unsent_answers.AnsweredStep(element, int(nth)),
    )


def _form(visibility: CaseVisibility, element: str) -> Form | None:
    """The form of a step, in the release that the case is on now."""
    step = visibility.definition.elements.get(element)
    return visibility.release.forms.get(step.form) if step is not None else None
