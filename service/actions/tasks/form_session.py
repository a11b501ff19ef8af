"""The form of an open task for one person: what she may know in it, and what she types.

A session lives for one request. Her unsent answers are in `unsent_answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from service.access import Viewer
from service.actions.casefile import documents, form_context
from service.actions.casefile.answer_text import AnswerTexts, without_numbers
from service.actions.cases import case_visibility, given_answers
from service.actions.cases.case_visibility import CaseVisibility
from service.actions.cases.loaded_case import LoadedCase
from service.actions.commands.submitted_answers import NO_ANSWERS
from service.actions.commands.task_completion import open_task
from service.actions.context import Services
from service.actions.tasks import claims, unsent_answers
from service.engine import Element
from service.errors import FieldFault, InvalidAnswers, NotFound, TaskTaken, TooLarge
from service.forms import (
    CheckedAnswers,
    DrawnSection,
    Field,
    Form,
    FormContext,
    Raw,
    check,
    draw,
    fill_in,
)
from service.store.transaction import Tx
from service.store.work import tasks


@dataclass(frozen=True)
class FormSession:
    """The form of an open task for one person."""

    services: Services
    viewer: Viewer
    now: datetime
    task: tasks.Task
    loaded: LoadedCase
    visibility: CaseVisibility
    answers: Sequence[given_answers.GivenAnswer]
    """Every answer of the case, opened; `visibility` says which of them she may see."""
    context: FormContext

    @property
    def element(self) -> Element:
        """The step of the diagram."""
        return self.loaded.definition.elements[self.task.element]

    @property
    def form(self) -> Form | None:
        """The form of the step; None for a step that is one button."""
        return form_context.require_form(self.loaded.release, self.element.form)

    @cached_property
    def newest(self) -> Mapping[str, given_answers.GivenAnswer]:
        """The last answer of each key of the case."""
        return given_answers.newest(self.answers)

    @cached_property
    def shown(self) -> Mapping[str, given_answers.GivenAnswer]:
        """Those of them that the viewer may see."""
        return self.visibility.shown(self.newest)

    @cached_property
    def words(self) -> AnswerTexts:
        """Answers in the viewer's language."""
        return AnswerTexts(self.loaded.release, self.viewer, self.context.directories)

    @property
    def drawing_context(self) -> FormContext:
        """The context of the form as it is drawn.

        As that of the check, without lists that the viewer may not see and that the form would
        offer to choose from.
        """
        fields = [f for _, f in self.form.walk()] if self.form is not None else []
        sources = {
            f.properties[name]
            for f in fields
            for name in ("options.from", "rows.from")
            if name in f.properties
        }
        closed = {key for key in sources if key in self.newest and key not in self.shown}
        context = self.context
        return replace(
            context,
            earlier={k: v for k, v in context.earlier.items() if k not in closed},
            routing={k: v for k, v in context.routing.items() if k not in closed},
        )

    @cached_property
    def base(self) -> dict[str, list[str]]:
        """What a fresh page begins with."""
        if self.form is None:
            return {}
        values = {key: answer.value for key, answer in self.shown.items()}
        return fill_in(self.form, values, self.drawing_context)

    def draw(self, values: Raw, faults: Iterable[FieldFault] = ()) -> tuple[DrawnSection, ...]:
        """The form with these texts, as the viewer may see it."""
        if self.form is None:
            return ()
        lang, context = self.viewer.lang, self.drawing_context
        return draw(self.form, values, lang=lang, faults=faults, context=context)

    def own(self, raw: Raw) -> dict[str, list[str]]:
        """The texts that belong to fields of the form.

        Buttons are left out, and whatever else a page carries.
        """
        fields = self.form.fields if self.form is not None else ()
        keys = {f.key for f in fields if f.key and not f.buttons}
        return {path: list(texts) for path, texts in raw.items() if path.partition(".")[0] in keys}

    def check(self, raw: Raw) -> CheckedAnswers:
        """Some texts, read and checked."""
        if self.form is None:
            return NO_ANSWERS
        return check(self.form, raw, self.context)


def open_form_session(
    tx: Tx, services: Services, viewer: Viewer, key: str, now: datetime
) -> FormSession:
    """Open the form of an open task for one person.

    Raises:
        TaskClosed: it is over, or never was.
        NotFound: it waits for another office.
        NotAllowed: for another role of hers.
    """
    task, loaded = open_task(tx, services, by=viewer, task_key=key)
    answers = given_answers.load_answers(tx, loaded.key, loaded.case.id)
    visibility = case_visibility.load_case_visibility(tx, services, viewer, loaded.case, now)
    context = form_context.load_form_context(
        tx, services, viewer, loaded.release, loaded, now, answers
    )
    return FormSession(
        services,
        viewer,
        now,
        task,
        loaded,
        visibility,
        answers,
        context,
    )


def keep_unsent(tx: Tx, session: FormSession, raw: Raw, rev: int) -> unsent_answers.SavedAnswers:
    """Keep what was typed; the first change that is kept claims a free task.

    Raises:
        TaskTaken: a colleague has it.
    """
    if session.task.claimed_by not in (None, session.viewer.person):
        raise TaskTaken(by=session.task.claimed_by, since=session.task.claimed_at)
    step = unsent_answers.AnsweredStep(session.task.element, session.task.nth)
    now = session.now
    saved = unsent_answers.save_unsent(
        tx,
        session.services,
        by=session.viewer,
        key=session.task.key,
        case_id=session.task.case_id,
        raw=session.own(raw),
        base=session.base,
        rev=rev,
        now=now,
        step=step,
    )
    if saved.at == now and session.task.claimed_by is None:
        claims.claim(tx, by=session.viewer, task_key=session.task.key, now=now)
    return saved


def attach(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    task_key: str,
    path: str,
    clean: documents.CheckedFile,
) -> str:
    """Keep a file that answers a field of the task, and give its id.

    Raises:
        InvalidAnswers: the case has as many documents as it may have.
        NotFound: the form has no such field.
        TaskTaken: a colleague has it.
    """
    session = open_form_session(tx, services, by, task_key, now)
    field = _file_field(session.form, path)
    if field is None:
        raise NotFound
    claims.claim(tx, by=by, task_key=task_key, now=now)
    where = {
        "case_id": session.task.case_id,
        "task_key": task_key,
        "field": path,
        "klass": field.data_class,
    }
    try:
        return documents.attach(tx, services, by=by, **where, clean=clean, now=now)
    except TooLarge as e:
        fault = FieldFault(path, "form.file_many", {"most": e.facts["most"]})
        raise InvalidAnswers((fault,)) from e


def _file_field(form: Form | None, path: str) -> Field | None:
    """The file field that a path names, with or without numbers of rows."""
    fields = form.walk() if form is not None else ()
    wanted = without_numbers(path)
    return next((f for p, f in fields if p == wanted and f.kind == "file"), None)


def typed_so_far(tx: Tx, session: FormSession) -> dict[str, list[str]]:
    """What the form holds now: what it began with, and the unsent answers over it."""
    saved = unsent_answers.load_unsent(tx, session.services, session.viewer, session.task.key)
    return unsent_answers.merge_unsent(session.base, saved)
