"""The commands of an open task: claim, pass on, hide, keep unsent answers, attach a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.access import Viewer
from service.casework.casefile import documents, notes
from service.casework.casefile.answer_text import without_numbers
from service.casework.casefile.documents import CheckedFile
from service.casework.cases import protection
from service.casework.tasks import claims, colleagues_unsent_answers, form_session
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


def hand_over_task(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    task_key: str,
    to_person: str,
    note: str = "",
) -> None:
    """Hand a task over to a colleague, as `claims.hand_over` does, perhaps with a note."""
    task = claims.open_task(tx, by=by, task_key=task_key)
    claims.hand_over(tx, by=by, now=now, task_key=task_key, to_person=to_person)
    if note:
        notes.write(tx, services, by=by, now=now, case_id=task.case_id, text=note)


def keep_unsent_answers(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    task_key: str,
    answers: Raw,
    rev: int,
    refuse_conflicts: bool = False,
    button: str = "",
) -> SavedAnswers:
    """Keep what was typed into the form of a task and is not sent yet; a file that is not among it
    any more is deleted. While a colleague has the task it is kept all the same, for its author.

    In what it gives, `taken` says that a colleague has the task.

    Args:
        rev: revision of the unsent answers that the page was made from.
        refuse_conflicts: whether nothing is kept when another tab has changed one of the fields.
        button: which button was pressed; one may add a row to a list of the form or remove it.
    Raises:
        CaseMoved: another tab has changed a field; `facts["clashes"]` says which.
    """
    session = form_session.open_task_form(tx, services, by, task_key, now)
    typed = changed_rows(answers, session.form, button)
    holder, since = session.target.task.claimed_by, session.target.task.claimed_at
    if holder not in (None, by.person):
        kept = form_session.save_typed(tx, session, typed, rev, files_too=False)
        return replace(kept, taken=TaskTaken(by=holder, since=since))
    saved = form_session.keep_unsent(tx, session, typed, rev)
    if saved.clashes and refuse_conflicts:
        raise CaseMoved(clashes=saved.clashes)
    return saved


def use_colleagues_answers(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, task_key: str, author: str
) -> None:
    """Take over what a colleague has typed into the form of a task.

    Raises:
        NotNamed: the identity is protected, and she is not named for the case.
    """
    session = form_session.open_task_form(tx, services, by, task_key, now)
    case_id = session.target.task.case_id
    protection.require_named_now(tx, by=by, now=now, case_id=case_id)
    colleagues_unsent_answers.use_colleagues_answers(tx, session, author)


def attach_file(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    task_key: str,
    path: str,
    file: CheckedFile,
    in_unsent: bool = False,
) -> str:
    """Keep a file that answers a field of a task, unsent until its form is sent.

    Claims the task, and gives the id of the file. In a field that takes one file it stands in the
    place of the one before, which is deleted.

    Args:
        in_unsent: whether it is put among the unsent answers at once, as a page does; a program
            names its id itself when it keeps or sends the answers.
    Raises:
        InvalidAnswers: the case has as many documents as it may have.
        NotFound: the form has no such field.
        TaskTaken: a colleague has it.
    """
    session = form_session.open_task_form(tx, services, by, task_key, now)
    field = _file_field(session.form, path)
    if field is None:
        raise NotFound
    claims.claim(tx, services, by, now, task_key=task_key)
    where = {
        "case_id": session.target.task.case_id,
        "task_key": task_key,
        "field": path,
        "klass": field.data_class,
    }
    try:
        id_ = documents.attach(tx, services, by=by, **where, clean=file, now=now)
    except TooLarge as e:
        fault = FieldFault(path, "form.file_many", {"most": e.facts["most"]})
        raise InvalidAnswers((fault,)) from e
    if in_unsent:
        # a fresh session: the file is one of the documents that the form may name now
        again = form_session.open_task_form(tx, services, by, task_key, now)
        _add_to_unsent(tx, again, path, id_)
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
