"""The commands of an open task: claim, pass on, hide, keep unsent answers, attach a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from service.access import Viewer
from service.casework.casefile import documents, notes
from service.casework.casefile.answer_text import without_numbers
from service.casework.casefile.documents import CheckedFile
from service.casework.cases import protection
from service.casework.tasks import claims, form_session
from service.casework.tasks.colleagues_unsent_answers import use_colleagues_answers
from service.casework.tasks.form_session import FormSession, TaskFormTarget
from service.casework.tasks.unsent_answers import SavedAnswers
from service.errors import (
    CaseMoved,
    FieldFault,
    InvalidAnswers,
    NotFound,
    TaskTaken,
    TooLarge,
)
from service.forms import Field, Form, Raw, changed_rows
from service.records.context import Services
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class ClaimTask:
    """Claim a free task."""

    task_key: str

    def __call__(self, tx: Tx, _services: Services, by: Viewer, now: datetime) -> None:
        """Claim it, as `claims.claim` does."""
        claims.claim(tx, by=by, now=now, task_key=self.task_key)


@dataclass(frozen=True, slots=True)
class TakeOverTask:
    """Claim a task that a colleague has, with a reason."""

    task_key: str
    reason: str

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Claim it, as `claims.take_over` does."""
        claims.take_over(tx, services, by=by, now=now, task_key=self.task_key, reason=self.reason)


@dataclass(frozen=True, slots=True)
class ReleaseTask:
    """Give a task back to the office, perhaps with a reason."""

    task_key: str
    reason: str = ""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Give it back, as `claims.release_task` does."""
        claims.release_task(
            tx, services, by=by, now=now, task_key=self.task_key, reason=self.reason
        )


@dataclass(frozen=True, slots=True)
class HandOverTask:
    """Give a task to a colleague, perhaps with a note."""

    task_key: str
    to_person: str
    note: str = ""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Give it to her, as `claims.hand_over` does, and write the note."""
        task = claims.open_task(tx, by=by, task_key=self.task_key)
        claims.hand_over(tx, by=by, now=now, task_key=self.task_key, to_person=self.to_person)
        if self.note:
            notes.write(tx, services, by=by, now=now, case_id=task.case_id, text=self.note)


@dataclass(frozen=True, slots=True)
class FollowUpTask:
    """Let a task rest until a moment."""

    task_key: str
    until: datetime

    def __call__(self, tx: Tx, _services: Services, by: Viewer, now: datetime) -> None:
        """Hide it, as `claims.rest` does."""
        claims.rest(tx, by=by, now=now, task_key=self.task_key, until=self.until)


@dataclass(frozen=True, slots=True)
class EndRest:
    """Take a task that rests back into the inbox."""

    task_key: str

    def __call__(self, tx: Tx, _services: Services, by: Viewer, now: datetime) -> None:
        """Take it back, as `claims.end_rest` does."""
        claims.end_rest(tx, by=by, now=now, task_key=self.task_key)


@dataclass(frozen=True, slots=True)
class KeepUnsentAnswers:
    """Keep what was typed into the form of a task and is not sent yet; a file that is not among it
    any more is deleted. While a colleague has the task it is kept all the same, for its author.
    """

    task_key: str
    answers: Raw
    rev: int
    """Revision of the unsent answers that the page was made from."""
    refuse_conflicts: bool = False
    """Whether nothing is kept when another tab has changed one of the fields."""
    button: str = ""
    """Which button was pressed; one may add a row to a list of the form or remove it."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> SavedAnswers:
        """Keep it, as `form_session.keep_unsent` does; `taken` says that a colleague has the task.

        Raises:
            CaseMoved: another tab has changed a field; `facts["clashes"]` says which.
        """
        session = form_session.open_task_form(tx, services, by, self.task_key, now)
        typed = changed_rows(self.answers, session.form, self.button)
        holder, since = session.target.task.claimed_by, session.target.task.claimed_at
        if holder not in (None, by.person):
            kept = form_session.save_typed(tx, session, typed, self.rev, files_too=False)
            return replace(kept, taken=TaskTaken(by=holder, since=since))
        saved = form_session.keep_unsent(tx, session, typed, self.rev)
        if saved.clashes and self.refuse_conflicts:
            raise CaseMoved(clashes=saved.clashes)
        return saved


@dataclass(frozen=True, slots=True)
class UseColleaguesAnswers:
    """Take over what a colleague has typed into the form of a task."""

    task_key: str
    author: str

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Take it over, as `use_colleagues_answers` does.

        Raises:
            NotNamed: the identity is protected, and she is not named for the case.
        """
        session = form_session.open_task_form(tx, services, by, self.task_key, now)
        case_id = session.target.task.case_id
        protection.require_named_now(tx, by=by, now=now, case_id=case_id)
        use_colleagues_answers(tx, session, self.author)


@dataclass(frozen=True, slots=True)
class AttachFile:
    """Keep a file that answers a field of a task, unsent until its form is sent."""

    task_key: str
    path: str
    file: CheckedFile
    in_unsent: bool = False
    """Whether it is put among the unsent answers at once, as a page does; a program names its id
    itself when it keeps or sends the answers."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> str:
        """Claim the task, keep the file, and give its id. In a field that takes one file it stands
        in the place of the one before, which is deleted.

        Raises:
            InvalidAnswers: the case has as many documents as it may have.
            NotFound: the form has no such field.
            TaskTaken: a colleague has it.
        """
        session = form_session.open_task_form(tx, services, by, self.task_key, now)
        field = _file_field(session.form, self.path)
        if field is None:
            raise NotFound
        claims.claim(tx, by=by, task_key=self.task_key, now=now)
        where = {
            "case_id": session.target.task.case_id,
            "task_key": self.task_key,
            "field": self.path,
            "klass": field.data_class,
        }
        try:
            id_ = documents.attach(tx, services, by=by, **where, clean=self.file, now=now)
        except TooLarge as e:
            fault = FieldFault(self.path, "form.file_many", {"most": e.facts["most"]})
            raise InvalidAnswers((fault,)) from e
        if self.in_unsent:
            # a fresh session: the file is one of the documents that the form may name now
            again = form_session.open_task_form(tx, services, by, self.task_key, now)
            _add_to_unsent(tx, again, self.path, id_)
        return id_


def _add_to_unsent(tx: Tx, session: FormSession[TaskFormTarget], path: str, id_: str) -> None:
    """Put a document among the viewer's unsent answers."""
    saved = form_session.load_saved(session)
    raw = {**session.base, **saved.raw}
    form_session.keep_unsent(tx, session, {**raw, path: [*raw.get(path, ()), id_]}, saved.rev)


def _file_field(form: Form | None, path: str) -> Field | None:
    """The file field that a path names, with or without numbers of rows."""
    fields = form.walk() if form is not None else ()
    wanted = without_numbers(path)
    return next((f for p, f in fields if p == wanted and f.kind == "file"), None)
