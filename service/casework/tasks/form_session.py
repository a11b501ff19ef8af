"""Form session: the form that is open for one person, what it may read, and what she types.

It is the form of a task, of the start of a case, or of a message to one (`FormTarget`). A session
lives for one request; her unsent answers are in `unsent_answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from service.access import CLASSES, Viewer
from service.casework.casefile import form_context
from service.casework.casefile.answer_text import AnswerTexts
from service.casework.cases import case_visibility, given_answers, protection, unsent_files
from service.casework.cases.card_words import without_typed_words
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.given_answers import GivenAnswer
from service.casework.cases.loaded_case import LoadedCase
from service.casework.commands import button_preview
from service.casework.commands.button_consequences import Consequence
from service.casework.commands.submitted_answers import NO_ANSWERS
from service.casework.commands.task_completion import load_task
from service.casework.tasks import claims, unsent_answers
from service.engine import Element
from service.errors import FieldFault, TaskTaken
from service.forms import CheckedAnswers, DrawnSection, Form, FormContext, Raw, check, draw, fill_in
from service.records.context import Services, actor
from service.release.prepared import PreparedRelease
from service.release.programme.process_configuration import ProcessConfiguration
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import documents, facts
from service.store.installation import keys
from service.store.transaction import Tx
from service.store.work import jobs, tasks
from service.text import say


class FormTarget(Protocol):
    """What a form is for: an open task, the start of a case, or a message to one."""

    @property
    def release(self) -> PreparedRelease:
        """The release that the form is of."""

    @property
    def element(self) -> Element:
        """The step of the diagram."""

    @property
    def loaded(self) -> LoadedCase | None:
        """The case; None before it begins."""

    @property
    def answers(self) -> Sequence[GivenAnswer] | None:
        """Every answer of the case, when they are open already."""

    @property
    def shown(self) -> Mapping[str, GivenAnswer]:
        """The newest answer of each key of the case that the viewer may see."""

    @property
    def unsent_key(self) -> str:
        """Key of the unsent answers."""

    @property
    def step(self) -> unsent_answers.AnsweredStep:
        """The step that the unsent answers are for."""

    def send_button(self, lang: str) -> tuple[str, str]:
        """Value and label of the button that sends a form in which no field becomes buttons."""

    def preview(
        self,
        reader: Reader,
        services: Services,
        viewer: Viewer,
        checked: CheckedAnswers,
        now: datetime,
    ) -> tuple[Consequence, ...]:
        """The consequences of sending these answers."""


@dataclass(frozen=True)
class TaskFormTarget:
    """An open task whose form one person fills in."""

    task: tasks.Task
    loaded: LoadedCase
    at_hand: AtHand
    visibility: CaseVisibility

    @cached_property
    def answers(self) -> Sequence[GivenAnswer]:
        """Every answer of the case, opened; `visibility` says which of them she may see."""
        loaded = self.loaded
        return given_answers.load_answers(self.at_hand, loaded.keys, loaded.case.id)

    @property
    def release(self) -> PreparedRelease:
        """The release that the case is on."""
        return self.loaded.release

    @property
    def element(self) -> Element:
        """The step of the diagram."""
        return self.loaded.definition.elements[self.task.element]

    @property
    def unsent_key(self) -> str:
        """Key of the unsent answers: that of the task."""
        return self.task.key

    @property
    def step(self) -> unsent_answers.AnsweredStep:
        """The step that the unsent answers are for."""
        return unsent_answers.AnsweredStep(self.task.element, self.task.nth)

    @cached_property
    def newest(self) -> Mapping[str, GivenAnswer]:
        """The last answer of each key of the case."""
        return given_answers.newest(self.answers)

    @cached_property
    def shown(self) -> Mapping[str, GivenAnswer]:
        """The last answer of each key of the case, if the viewer may see it."""
        return self.visibility.shown(self.newest)

    def send_button(self, lang: str) -> tuple[str, str]:
        """Value and label of the one button."""
        return "1", say("task.send", lang)

    def preview(
        self,
        reader: Reader,
        services: Services,
        viewer: Viewer,
        checked: CheckedAnswers,
        now: datetime,
    ) -> tuple[Consequence, ...]:
        """The consequences of completing the task."""
        return button_preview.preview_task(
            reader, services, viewer, self.loaded, self.task, checked, now
        )


Target = TypeVar("Target", bound=FormTarget)
Target_co = TypeVar("Target_co", bound=FormTarget, covariant=True)


@dataclass(frozen=True)
class FormSession(Generic[Target_co]):
    """A form that is open for one person."""

    reader: Reader
    """Has what was loaded for it."""
    services: Services
    viewer: Viewer
    now: datetime
    target: Target_co
    context: FormContext

    @cached_property
    def configuration(self) -> ProcessConfiguration:
        """What steers the case besides its diagram, forms and rules."""
        return self.services.configuration(self.target.release)

    @cached_property
    def form(self) -> Form | None:
        """The form of the step; None for a step that is one button."""
        loaded = self.target.loaded
        marking = loaded.case.marking if loaded is not None else ""
        not_asked = protection.fields_not_asked(self.configuration, marking)
        return form_context.require_form(self.target.release, self.target.element.form, not_asked)

    @cached_property
    def words(self) -> AnswerTexts:
        """Answers in the viewer's language."""
        lists = self.target.shown
        return AnswerTexts(self.target.release, self.viewer, self.context.directories, lists)

    @cached_property
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
        context, shown = self.context, self.target.shown
        closed = {key for key in sources if key in context.earlier and key not in shown}
        return replace(
            context,
            origins={
                key: (a.form, a.at.astimezone(context.zone).date()) for key, a in shown.items()
            },
            earlier={k: v for k, v in context.earlier.items() if k not in closed},
            routing={k: v for k, v in context.routing.items() if k not in closed},
        )

    @cached_property
    def base(self) -> dict[str, list[str]]:
        """What a fresh page begins with."""
        if self.form is None:
            return {}
        shown = self.target.shown
        values = {key: answer.value for key, answer in shown.items()}
        # what is proposed is worked out from what the viewer may see
        before = {key: series for key, series in self.context.before.items() if key in shown}
        context = replace(self.drawing_context, earlier=values, before=before)
        return fill_in(self.form, values, context)

    @cached_property
    def file_fields(self) -> dict[str, bool]:
        """Path of each file field to whether it takes several."""
        return unsent_answers.file_fields(self.form)

    def with_files_there(self, raw: Raw) -> dict[str, list[str]]:
        """Some texts, without documents that were deleted meanwhile, such as in another tab."""
        return unsent_answers.with_documents(raw, self.file_fields, self.context.documents)

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
        return unsent_answers.own_texts(self.form, raw)

    def check(self, raw: Raw) -> CheckedAnswers:
        """Some texts, read and checked."""
        if self.form is None:
            return NO_ANSWERS
        return check(self.form, raw, self.context)


def open_form_session(
    reader: Reader, services: Services, viewer: Viewer, target: Target, now: datetime
) -> FormSession[Target]:
    """Open the form of a task, a start or a message for one person."""
    context = form_context.load_form_context(
        *(reader, services, viewer, target.release, target.loaded, now, target.answers),
        target.unsent_key,
    )
    return FormSession(reader, services, viewer, now, target, context)


def find_task(
    tx: Tx, services: Services, viewer: Viewer, key: str, now: datetime
) -> TaskFormTarget:
    """Load an open task for one person as far as it says whether she may open its form; what the
    form reads is next (`reads_of_task_form`).

    Raises:
        TaskClosed: it is over, or never was.
        NotFound, NotAllowed: as `task_completion.require_own`.
        ReasonNeeded: she must say first why she opens the case.
    """
    seen = load_task(tx, services, by=viewer, task_key=key, of_case=_reads_of_case)
    loaded, case = seen.loaded, seen.loaded.case
    if protection.is_protected(case.marking):
        seen.at_hand.take(tx.read(*case_visibility.reads_of_reason(case.id)))
    about = (seen.at_hand, services, viewer, case, now)
    visibility = case_visibility.load_case_visibility(*about)
    return TaskFormTarget(seen.task, loaded, seen.at_hand, visibility)


def _reads_of_case(case_id: str) -> list[Read]:
    """What the case of a task is loaded from, and what decides whether it is open."""
    return [keys.read_of_case(case_id), *case_visibility.reads_of_unexplained(case_id)]


def reads_of_task_form(
    target: TaskFormTarget, viewer: Viewer, *, routing: bool = False
) -> list[Read]:
    """What the form of a task reads, its unsent answers and previews too.

    Args:
        routing: whether the sealed routing values of every turn are read with the answers.
    """
    case_id = target.loaded.case.id
    return [
        *form_context.reads_of_context(case_id),
        *unsent_answers.reads_of_unsent(viewer, target.unsent_key, case_id),
        jobs.read_of_case(case_id),
        *(
            [facts.read_of_payloads([case_id])]
            if routing
            else facts.reads_of_answers(case_id, CLASSES)
        ),
    ]


def open_task_form(
    tx: Tx, services: Services, viewer: Viewer, key: str, now: datetime
) -> FormSession[TaskFormTarget]:
    """Open the form of an open task for one person.

    Raises: as `find_task`.
    """
    target = find_task(tx, services, viewer, key, now)
    target.at_hand.take(tx.read(*reads_of_task_form(target, viewer)))
    return open_form_session(target.at_hand, services, viewer, target, now)


def load_saved(session: FormSession[FormTarget]) -> unsent_answers.SavedAnswers:
    """The viewer's unsent answers."""
    key = session.target.unsent_key
    return unsent_answers.load_unsent(session.reader, session.services, session.viewer, key)


def typed_so_far(session: FormSession[FormTarget]) -> dict[str, list[str]]:
    """Texts of the form now: those that it began with, and the unsent answers over them."""
    saved = load_saved(session)
    return session.with_files_there(unsent_answers.merge_unsent(session.base, saved))


def save_typed(
    tx: Tx, session: FormSession[FormTarget], raw: Raw, rev: int, *, files_too: bool = True
) -> unsent_answers.SavedAnswers:
    """Save what was typed as the viewer's unsent answers.

    Args:
        files_too: whether files that are no longer among them, and were attached to this task, are
            deleted at once.
    """
    target = session.target
    saved = unsent_answers.save_unsent(
        tx,
        session.services,
        by=session.viewer,
        key=target.unsent_key,
        case_id=target.loaded.case.id if target.loaded is not None else None,
        raw=session.with_files_there(without_typed_words(session.form, session.own(raw))),
        base=session.base,
        rev=rev,
        now=session.now,
        step=target.step,
        files=session.file_fields,
    )
    if not files_too:
        return replace(saved, gone=())
    by, key = actor(session.viewer), target.unsent_key
    rows = [row for id_ in saved.gone if (row := documents.get(tx, id_)) is not None]
    gone = unsent_files.delete(tx, rows, by=by, now=session.now, ids=saved.gone, task_key=key)
    return replace(saved, gone=gone)


def keep_unsent(
    tx: Tx, session: FormSession[TaskFormTarget], raw: Raw, rev: int
) -> unsent_answers.SavedAnswers:
    """Save what was typed for a task; the first change that is saved claims a free task.

    Raises:
        TaskTaken: a colleague has it.
    """
    task, viewer, now = session.target.task, session.viewer, session.now
    if task.claimed_by not in (None, viewer.person):
        raise TaskTaken(by=task.claimed_by, since=task.claimed_at)
    saved = save_typed(tx, session, raw, rev)
    if saved.at == now and task.claimed_by is None:
        claims.claim(tx, session.services, viewer, now, task_key=task.key)
    return saved
