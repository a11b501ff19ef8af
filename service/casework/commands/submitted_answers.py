"""Answers that come with a command: checked against the form of their step, and sorted by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from service.access import Viewer
from service.casework.casefile import form_context
from service.casework.cases import given_answers, protection
from service.casework.cases.given_answers import GivenAnswer
from service.casework.cases.loaded_case import LoadedCase, Submission
from service.engine import Element
from service.errors import InvalidAnswers
from service.forms import CheckedAnswers, Form, Raw, check
from service.records.context import Services, actor
from service.release.prepared import PreparedRelease
from service.store.at_hand import Reader
from service.store.work import tasks

NO_ANSWERS = CheckedAnswers({}, {}, ())
"""Answers of a step without a form."""


@dataclass(frozen=True)
class EarlierAnswers:
    """The stored answers of a case, opened at most once in a command, when something asks.

    The check of a form needs the answers that the form names; the rules of parties need all, and
    only when they apply to the step. `everything` says which of the two it is.
    """

    loaded: LoadedCase
    form: Form | None
    everything: bool

    @cached_property
    def answers(self) -> Sequence[GivenAnswer]:
        """The answers, oldest first."""
        loaded, form = self.loaded, self.form
        if not self.everything and (form is None or not form.reads_earlier):
            return ()
        forms = (
            form_context.forms_named(loaded.release, form)
            if form is not None and not self.everything
            else None
        )
        return given_answers.load_answers(loaded.at_hand, loaded.keys, loaded.case.id, forms=forms)


def check_answers(
    reader: Reader,
    services: Services,
    by: Viewer,
    release: PreparedRelease,
    element: Element,
    earlier: EarlierAnswers | None,
    answers: Raw,
    now: datetime,
    task_key: str = "",
) -> CheckedAnswers:
    """The answers of a step as its form reads them.

    Args:
        earlier: None for a form that starts a case.
        answers: as the browser sent them, field path to texts.
        task_key: of the task that is answered; "" for a start or a message.
    Raises:
        InvalidAnswers: field by field.
    """
    loaded = earlier.loaded if earlier is not None else None
    marking = loaded.case.marking if loaded is not None else ""
    not_asked = protection.fields_not_asked(services.configuration(release), marking)
    form = form_context.require_form(release, element.form, not_asked)
    if form is None:
        return NO_ANSWERS
    context = form_context.load_check_context(
        *(reader, services, by, release, loaded, now, form),
        lambda: earlier.answers if earlier else (),
        task_key,
    )
    checked = check(form, answers, context)
    if checked.faults:
        raise InvalidAnswers(checked.faults)
    return checked


def submission(
    loaded: LoadedCase,
    element: Element,
    checked: CheckedAnswers,
    by: Viewer,
    now: datetime,
    task: tasks.Task | None = None,
) -> Submission:
    """Submission of a step: actor, moment, and the answers to be sealed."""
    sealed = given_answers.by_class(checked.answers, _classes(loaded.release, element.form))
    nth, work_id = (task.nth, task.id) if task is not None else (0, "")
    return Submission(actor(by), now, element.id, nth, work_id, element.form, sealed)


def _classes(release: PreparedRelease, form_id: str) -> Mapping[str, tuple[str, str]]:
    """Key to (class, group) in this very form: a key may be guarded more closely in one form than
    in another.
    """
    form: Form | None = release.forms.get(form_id)
    if form is None:
        return release.fields
    return {field.key: (field.data_class, field.group) for field in form.fields}
