"""A person in front of an open task: what she may know while she fills it in, and what becomes of
what she types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from service.access import Viewer
from service.actions.casefile import documents, form_context
from service.actions.casefile.answer_text import AnswerTexts, without_numbers
from service.actions.cases import case_visibility, given_answers
from service.actions.cases.case_visibility import CaseVisibility
from service.actions.cases.turn import LoadedCase
from service.actions.commands import case_commands
from service.actions.context import Services
from service.actions.tasks import claims, unsent_answers
from service.engine import Element
from service.errors import FieldFault, InvalidAnswers, NotFound, TaskTaken, TooLarge
from service.forms import CheckedAnswers, Form, FormContext, Raw, check, fill_in
from service.store.transaction import Tx
from service.store.work import tasks


@dataclass(frozen=True)
class FormSession:
    """A person in front of an open task."""

    services: Services
    viewer: Viewer
    now: datetime
    task: tasks.Task
    loaded: LoadedCase
    visibility: CaseVisibility
    told: Sequence[given_answers.GivenAnswer]
    context: FormContext

    @property
    def element(self) -> Element:
        """The step of the diagram."""
        return self.loaded.definition.elements[self.task.element]

    @property
    def form(self) -> Form | None:
        """Its form; None for a step that is one button."""
        return form_context.require_form(self.loaded.release, self.element.form)

    @cached_property
    def newest(self) -> Mapping[str, given_answers.GivenAnswer]:
        """The last answer of each key of the case."""
        return given_answers.newest(self.told)

    @cached_property
    def shown(self) -> Mapping[str, given_answers.GivenAnswer]:
        """Those of them that the reader may see."""
        return self.visibility.shown(self.newest)

    @cached_property
    def words(self) -> AnswerTexts:
        """Answers in the reader's language."""
        return AnswerTexts(self.loaded.release, self.viewer, self.context.directories)

    @property
    def paper_context(self) -> FormContext:
        """What the drawn form may know: as the check, without lists that the reader may not see and
        that the form would offer to choose from.
        """
        form = self.form
        fields = [f for _, f in form.walk()] if form is not None else []
        sources = {
            f.properties[name]
            for f in fields
            for name in ("options.from", "rows.from")
            if name in f.properties
        }
        closed = {key for key in sources if key in self.newest and key not in self.shown}
        earlier = {k: v for k, v in self.context.earlier.items() if k not in closed}
        return replace(
            self.context,
            earlier=earlier,
            routing={k: v for k, v in self.context.routing.items() if k not in closed},
        )

    @cached_property
    def base(self) -> dict[str, list[str]]:
        """What a fresh page begins with."""
        form = self.form
        return (
            fill_in(form, {key: one.value for key, one in self.shown.items()}, self.paper_context)
            if form is not None
            else {}
        )

    def own(self, raw: Raw) -> dict[str, list[str]]:
        """The texts that belong to fields of the form; buttons, and what a page carries beside
        them, are left out.
        """
        keys = (
            {f.key for f in self.form.fields if f.key and not f.buttons}
            if self.form is not None
            else set()
        )
        return {path: list(texts) for path, texts in raw.items() if path.partition(".")[0] in keys}

    def check(self, raw: Raw) -> CheckedAnswers:
        """What can be read of some texts now."""
        return (
            check(self.form, raw, self.context)
            if self.form is not None
            else case_commands.NO_ANSWERS
        )


def open_form_session(
    tx: Tx, services: Services, viewer: Viewer, key: str, now: datetime
) -> FormSession:
    """Sit down before an open task.

    Raises:
        TaskClosed: it is over, or never was.
        NotFound: it waits for another office.
        NotAllowed: for another role of hers.
    """
    task, loaded = case_commands.open_task(tx, services, by=viewer, task_key=key)
    told = given_answers.load_answers(tx, loaded.key, loaded.case.id)
    visibility = case_visibility.load_case_visibility(tx, services, viewer, loaded.case, now)
    return FormSession(
        services,
        viewer,
        now,
        task,
        loaded,
        visibility,
        told,
        form_context.load_form_context(tx, services, viewer, loaded.release, loaded, now, told),
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


def use_colleagues_answers(tx: Tx, session: FormSession, author: str) -> None:
    """Take over what a colleague typed, where one has typed nothing else oneself.

    Raises:
        NotFound: she typed nothing.   TaskTaken: the task is not the viewer's.
    """
    theirs = unsent_answers.load_unsent(
        tx, session.services, session.viewer, session.task.key, author=author
    )
    if not theirs.rev or session.task.claimed_by != session.viewer.person:
        raise NotFound
    mine = unsent_answers.load_unsent(tx, session.services, session.viewer, session.task.key)
    keep_unsent(tx, session, {**session.base, **mine.raw, **theirs.raw}, mine.rev)


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
        InvalidAnswers: the case has as many papers as it may have.
        NotFound: the form has no such field.
        TaskTaken: a colleague has it.
    """
    session = open_form_session(tx, services, by, task_key, now)
    field = (
        next(
            (f for p, f in session.form.walk() if p == without_numbers(path) and f.kind == "file"),
            None,
        )
        if session.form is not None
        else None
    )
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
        raise InvalidAnswers(
            (FieldFault(path, "form.file_many", {"most": e.facts["most"]}),)
        ) from e


def typed_so_far(tx: Tx, session: FormSession) -> dict[str, list[str]]:
    """What the form holds now: what it began with, and what was typed and kept."""
    return unsent_answers.merge_unsent(
        session.base,
        unsent_answers.load_unsent(tx, session.services, session.viewer, session.task.key),
    )
