"""A task that is over: what became of it, and what its reader had typed and cannot send any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.access import Viewer
from service.actions.casefile import form_context
from service.actions.casefile.answer_text import AnswerTexts, Pair
from service.actions.cases import case_visibility
from service.actions.cases.case_visibility import CaseVisibility
from service.actions.context import Services
from service.actions.tasks import explanation, unsent_answers
from service.errors import NotFound, TaskClosed
from service.forms import Form, Raw
from service.store.casefile import cases as case_rows
from service.store.casefile import facts
from service.store.transaction import Tx
from service.text import say

UNSENT_LASTS = timedelta(days=30)
"""How long unsent answers stay readable for their author after the task. Assumed."""


@dataclass(frozen=True, slots=True)
class ClosedTaskPage:
    """A task that is over: what became of it, and what the reader had typed."""

    name: str
    ref: str
    case: str
    why: str
    kept: tuple[Pair, ...]
    until: datetime
    raced: bool
    """A colleague, or another office, did it meanwhile."""


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
    """What became of a task that is gone.

    Args:
        case, step: as the page said that the task was on; what was kept of it knows better.
    Raises:
        TaskClosed: nothing more can be told to this viewer.
    """
    saved = unsent_answers.load_unsent(tx, services, viewer, key)
    element, _, nth = step.partition(":")
    if saved.step.element:
        element, nth = saved.step.element, str(saved.step.nth)
    brief = case_rows.get(tx, saved.case_id or case)
    if brief is None or not nth.isdigit():
        raise TaskClosed(key)
    try:
        visibility = case_visibility.load_case_visibility(tx, services, viewer, brief, now)
    except NotFound as e:
        raise TaskClosed(key) from e
    history = facts.of_case(tx, brief.id)
    story = explanation.load_turn_explainer(tx, services, visibility, {}, history)
    end = explanation.closed_by(history, element, int(nth))
    form = _form(visibility, element)
    words = AnswerTexts(
        visibility.release, viewer, form_context.load_directories(tx, services, viewer.lang)
    )
    return ClosedTaskPage(
        name=story.name(element),
        ref=brief.ref,
        case=brief.id,
        why=story.did(end).rstrip(".") if end is not None else say("why.unknown", viewer.lang),
        kept=tuple(words.typed(form, saved.raw)) if form is not None else (),
        until=(saved.at or now) + UNSENT_LASTS,
        raced=end is not None and end.kind == "complete" and end.actor != viewer.person,
    )


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
    """Keep what was typed for a task that ended meanwhile, so that its author can read it still."""
    brief = case_rows.get(tx, case)
    element, _, nth = step.partition(":")
    if brief is None or not nth.isdigit():
        return
    visibility = case_visibility.load_case_visibility(tx, services, by, brief, now)
    form = _form(visibility, element)
    if form is None:
        return
    keys = {f.key for f in form.fields if f.key and not f.buttons}
    own = {path: texts for path, texts in raw.items() if path.partition(".")[0] in keys}
    before = unsent_answers.load_unsent(tx, services, by, task_key)
    unsent_answers.save_unsent(
        tx,
        services,
        by=by,
        key=task_key,
        case_id=case,
        raw=own,
        base={},
        rev=before.rev,
        now=now,
        step=unsent_answers.AnsweredStep(element, int(nth)),
    )


def _form(visibility: CaseVisibility, element: str) -> Form | None:
    """The form of a step, in the release that the case is on now."""
    found = visibility.definition.elements.get(element)
    return visibility.release.forms.get(found.form) if found is not None else None
