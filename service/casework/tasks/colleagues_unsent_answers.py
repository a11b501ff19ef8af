"""Unsent answers of colleagues to a task that one has taken over from them.

They are shown to the person who has the task now, if she is of the same office, and to nobody else.
She may use them as her own; the colleague keeps hers. Source: decision 37.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.casefile.answer_text import Pair, without_numbers
from service.casework.tasks import unsent_answers
from service.casework.tasks.form_session import FormSession, TaskFormTarget, keep_unsent, load_saved
from service.errors import NotFound
from service.people import accounts
from service.store.at_hand import Read, Reader
from service.store.installation import people
from service.store.transaction import Tx
from service.store.work import unsent_answers as unsent_rows


@dataclass(frozen=True, slots=True)
class ColleaguesAnswers:
    """What one colleague typed before she passed the task on; `id` is hers."""

    name: str
    at: datetime
    answers: tuple[Pair, ...]
    id: str


def reads_of_colleagues_answers(target: TaskFormTarget, viewer: Viewer) -> list[Read]:
    """What `load_colleagues_answers` reads besides people (`authors`)."""
    task = target.task
    return [(unsent_rows.OF_KEY, {"key": task.key})] if task.claimed_by == viewer.person else []


def authors(session: FormSession[TaskFormTarget]) -> set[str]:
    """Who else has typed answers to the task that the viewer has now."""
    viewer, task = session.viewer, session.target.task
    if task.claimed_by != viewer.person:
        return set()
    return {row.person_id for row in unsent_rows.of_key(session.reader, task.key)} - {viewer.person}


def load_colleagues_answers(
    session: FormSession[TaskFormTarget], names: Mapping[str, str]
) -> tuple[ColleaguesAnswers, ...]:
    """The unsent answers of colleagues; none unless the viewer has the task.

    Args:
        names: person to name, for those who are no longer in the register.
    """
    viewer, form, task, reader = session.viewer, session.form, session.target.task, session.reader
    if task.claimed_by != viewer.person or form is None:
        return ()
    rows = [r for r in unsent_rows.of_key(reader, task.key) if _is_colleagues(reader, r, viewer)]
    known = accounts.names(reader, session.services, {row.person_id for row in rows})

    def read(row: unsent_rows.UnsentAnswers) -> ColleaguesAnswers:
        author = row.person_id
        saved = unsent_answers.opened(session.target.loaded.key, row)
        name = known.get(author) or names.get(author, "")
        return ColleaguesAnswers(name, row.at, tuple(session.words.typed(form, saved.raw)), author)

    return tuple(read(row) for row in rows)


def _is_colleagues(reader: Reader, row: unsent_rows.UnsentAnswers, viewer: Viewer) -> bool:
    """Whether unsent answers are those of another person of the viewer's office: a task may have
    come to it from another office.
    """
    if row.person_id == viewer.person:
        return False
    known = people.of(reader, {row.person_id}).get(row.person_id)
    return known is not None and known.person.office_id == viewer.office


def use_colleagues_answers(tx: Tx, session: FormSession[TaskFormTarget], author: str) -> None:
    """Save a colleague's unsent answers as the viewer's own, over what she typed herself; her files
    stay too.

    Args:
        author: id of the colleague.
    Raises:
        NotFound: she typed nothing, or the viewer does not have the task.
    """
    services, viewer, task = session.services, session.viewer, session.target.task
    row = unsent_rows.get(tx, task.key, author)
    if row is None or task.claimed_by != viewer.person or not _is_colleagues(tx, row, viewer):
        raise NotFound
    theirs = unsent_answers.load_unsent(tx, services, viewer, task.key, author=author)
    mine = load_saved(session)
    both = {
        path: [*mine.raw.get(path, ()), *ids]
        for path, ids in theirs.raw.items()
        if session.file_fields.get(without_numbers(path))
    }
    keep_unsent(tx, session, {**session.base, **mine.raw, **theirs.raw, **both}, mine.rev)
