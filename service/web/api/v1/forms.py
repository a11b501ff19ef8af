"""The form of a task: its questions, what is typed and not sent yet, and what sending it would
bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from service.access import Viewer
from service.casework.casefile.answer_text import without_numbers
from service.casework.tasks import form_session, send_buttons, task_page, unsent_answers
from service.forms import DrawnSection, Widget
from service.records.context import Services
from service.store.transaction import Tx
from service.web.api.v1.answers import texts
from service.web.api.v1.operations import Reply, match, operation
from service.web.api.v1.shapes import LabelledText
from service.web.api.v1.tasks import GONE, load_page, open_form
from service.web.request_context import current
from service.web.submit import perform


@dataclass(frozen=True, slots=True)
class Question:
    """A question, or a holder of questions (`list`, `group`, `money`, `consent`).
    `path` is the key path that its answer is sent under; inside a list the number of the row, from
    0, stands between (`risks.0.severity`). `hidden` questions are not asked as the other answers
    stand now.
    """

    path: str
    kind: str
    label: str
    help: str
    required: bool
    hidden: bool
    buttons: bool
    options: tuple[LabelledText, ...]
    fields: tuple[Question, ...]
    fewest_rows: int
    most_rows: int
    longest: int | None
    multiple: bool
    data_class: str
    purpose: str
    hint: str


@dataclass(frozen=True, slots=True)
class FormSection:
    """A heading and the questions under it."""

    id: str
    label: str
    help: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class TaskForm:
    """The form of a task as it stands for the caller: what is asked, and what it begins with or she
    has typed and not sent, by key path.
    `rev` is that of her unsent answers, 0 while there are none; the next change of them must name
    it.
    """

    task: str
    rev: int
    saved: datetime | None
    sections: tuple[FormSection, ...]
    answers: Mapping[str, tuple[str, ...]]


@operation("get_form", "GET", "/tasks/<task>/form", gives=TaskForm, tagged=True, faults=GONE)
def get_form(task: str) -> Reply:
    """The form of a task, with what the caller has typed so far."""
    page, typed, asked = current().read_and_log(partial(_load_form, task))
    answers = {path: tuple(said) for path, said in typed.items() if without_numbers(path) in asked}
    form = TaskForm(task, page.task.fill_rev, page.task.saved, tuple(_sections(page.form)), answers)
    return Reply(form, rev=page.task.fill_rev)


def _load_form(task: str, tx: Tx) -> tuple[task_page.TaskPage, Mapping[str, list[str]], set[str]]:
    """The page of a task, what was typed so far, and the key paths that the form asks for; with the
    line that says who reads it.
    """
    page, session = load_page(task, tx)
    asked = {path for path, _ in session.form.walk()} if session.form is not None else set[str]()
    return page, form_session.typed_so_far(session), asked


def _sections(drawn: Iterable[DrawnSection]) -> Iterable[FormSection]:
    for section in drawn:
        yield FormSection(section.id, section.label, section.help, _questions(section.widgets))


def _questions(widgets: Iterable[Widget]) -> tuple[Question, ...]:
    return tuple(_question(one) for one in widgets if one.shape != "paragraph")


def _question(one: Widget) -> Question:
    """A question; of a list those of its first row."""
    inner = _questions((*one.fields, *(f for row in one.rows[:1] for f in row.fields)))
    about: dict[str, Any] = {
        name: getattr(one, name)
        for name in ("path", "kind", "label", "help", "required", "hidden", "buttons", "hint")
    }
    more: dict[str, Any] = {
        name: getattr(one, name)
        for name in ("fewest_rows", "most_rows", "longest", "multiple", "data_class", "purpose")
    }
    options = tuple(LabelledText(label, code) for code, label in one.options)
    return Question(**about, **more, options=options, fields=inner)


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to a form, as JSON by key or by key path: `{"risks": [{"severity": "HIGH"}]}` or
    `{"risks.0.severity": "HIGH"}`.
    All of them: what is left out counts as not answered.
    """

    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """When the unsent answers were kept, and their new revision."""

    rev: int
    saved: datetime


@operation(
    "keep_unsent",
    "PUT",
    "/tasks/<task>/unsent",
    asks=Answers,
    gives=Saved,
    tagged=True,
    matched=True,
    faults=(*GONE, "task_taken", "answers_invalid"),
)
def keep_unsent(task: str, body: Answers) -> Reply:
    """Keep answers that are not sent yet, over those of the revision that is named.
    The first change claims a free task.
    """
    saved = perform(partial(_keep_from_json, task=task, answers=body.answers))
    return Reply(saved, rev=saved.rev)


def _keep_from_json(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, task: str, answers: Mapping[str, Any]
) -> Saved:
    """Unsent answers as JSON, which need the form to be read, over the revision that is named."""
    session = form_session.open_task_form(tx, services, by, task, now)
    rev = unsent_answers.load_unsent(tx, services, by, task).rev
    match(rev)
    kept = form_session.keep_unsent(tx, session, texts(session.form, answers), rev)
    return Saved(kept.rev, kept.at or now)


@dataclass(frozen=True, slots=True)
class Preview:
    """What each way to send would bring, by the answer that its button stands for; `late` when that
    shows only once the deciding answers are there.
    """

    buttons: Mapping[str, tuple[str, ...]]
    late: bool


@operation(
    "preview",
    "POST",
    "/tasks/<task>/preview",
    asks=Answers,
    gives=Preview,
    faults=(*GONE, "answers_invalid"),
)
def preview(task: str, body: Answers) -> Reply:
    """What sending these answers would bring. Writes nothing."""
    with current().transaction() as tx:
        at = open_form(tx, task)
        found: Any = send_buttons.preview_buttons(at, texts(at.form, body.answers))
    return Reply(Preview(found["buttons"], found["late"]))
