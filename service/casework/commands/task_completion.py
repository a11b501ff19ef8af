"""The command that completes a user task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import Viewer
from service.casework.casefile import form_context
from service.casework.cases import case_visibility, grants, protection
from service.casework.cases.case_officers import begin_as_officer
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.casework.cases.turn import TurnResult
from service.casework.commands.four_eyes import require_four_eyes
from service.casework.commands.party_binding import may_rebind, rebind_parties
from service.casework.commands.submitted_answers import EarlierAnswers, check_answers, submission
from service.casework.commands.turn_consequences import Origin, take_turn
from service.engine import Complete, Element
from service.errors import ConsentMissing, NotAllowed, NotFound, Stale, TaskClosed, TaskTaken
from service.forms import Form, Raw
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.store.ahead import turn_reads
from service.store.at_hand import Read, Reader
from service.store.casefile import cases, facts
from service.store.casefile import grants as grant_rows
from service.store.transaction import Tx
from service.store.work import tasks


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """Complete a task with the answers of its form."""

    task_key: str
    answers: Raw
    rev: int | None = None
    """The revision of the case that the page was made from."""

    def reads(self, tx: Tx) -> list[Read]:
        """Statements that it asks first."""
        return first_reads(tx, self.task_key)

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> TurnResult:
        """Complete it, as `complete_task` does."""
        return complete_task(
            tx,
            services,
            by=by,
            now=now,
            task_key=self.task_key,
            answers=self.answers,
            rev=self.rev,
        )


def complete_task(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    task_key: str,
    answers: Raw,
    rev: int | None = None,
) -> TurnResult:
    """Complete a user task and run its case until it waits again.

    Args:
        answers: as the browser sent them, field path to texts; unknown and invisible fields are
            dropped.
        rev: the number of the case that the page was made from, to tell who was faster.
    Raises:
        TaskClosed: it is done, or a timer was faster.   TaskTaken: a colleague has claimed it.
        NotFound: `by` may not know of it.   NotAllowed, FourEyes, NotNamed: `by` may not do it.
        InvalidAnswers: field by field; nothing has changed.
        ConsentMissing: what it rests on is not live.
        DueFirst: a deadline passed; the unit of work fires its timer and tries again.
    Source: BPMN 2.0.2, 13.3.3 (User Task).
    """
    opened = open_task(tx, services, by=by, task_key=task_key)
    return complete_opened(tx, services, *opened, by=by, now=now, answers=answers, rev=rev)


def complete_opened(
    tx: Tx,
    services: Services,
    task: tasks.Task,
    loaded: LoadedCase,
    *,
    by: Viewer,
    now: datetime,
    answers: Raw,
    rev: int | None = None,
) -> TurnResult:
    """Finish a task that `open_task` has just opened, as `complete_task` does."""
    element = loaded.definition.elements[task.element]
    _take_up(tx, task, loaded, by, now)
    _require_named(tx, services, loaded, by, now)
    _require_same_form(tx, services, loaded, element, rev)
    require_four_eyes(tx, loaded, element, by)
    form = _form_with_consent(tx, services, loaded, element, now)
    configuration = services.configuration(loaded.release)
    earlier = EarlierAnswers(tx, loaded, form, everything=may_rebind(configuration, form))
    about = (element, earlier, answers, now, task.key)
    checked = check_answers(tx, services, by, loaded.release, *about)
    read = checked.answers, lambda: earlier.answers
    bound, calendars = rebind_parties(tx, services, loaded, *read)
    given = replace(submission(loaded, element, checked, by, now, task), parties=bound)
    stimulus = Complete(task.id, checked.routing, calendars)
    return take_turn(tx, services, loaded, stimulus, given, Origin(by, checked, task.key))


def first_reads(tx: Tx, task_key: str) -> list[Read]:
    """Statements that completing a task asks first."""
    return turn_reads.reads_for_task(tx, task_key)


def _require_same_form(
    reader: Reader, services: Services, loaded: LoadedCase, element: Element, rev: int | None
) -> None:
    """Refuse a page that was made from a revision of the future, or made before the case moved to
    a release in which the step has another form.

    Raises:
        Stale: with the reason `release` when the form is another one.
    """
    case = loaded.case
    if rev is None or rev == case.rev:
        return
    if rev > case.rev:
        raise Stale
    page = next(iter(facts.of_case(reader, case.id, after=rev - 1, upto=rev)), None)
    if page is None or page.release_id == case.release_id:
        return
    then = services.release(reader, page.release_id)
    was = then.definitions[case.process].elements.get(element.id)
    if was is None or form_text(then, was) != form_text(loaded.release, element):
        raise Stale(why="release")


def form_text(release: PreparedRelease, element: Element) -> bytes:
    """The form of a step as its file has it; empty without one."""
    return release.bundle.files.get(f"forms/{element.form}.form", b"") if element.form else b""


def open_task(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    task_key: str,
    ask: Callable[[Tx, str], object] | None = None,
) -> tuple[tasks.Task, LoadedCase]:
    """An open task with its loaded case.

    Args:
        ask: asks ahead what is read next of the case with this id; None for what a turn reads.
    Raises:
        TaskClosed: it is over, or never was.
        NotFound, NotAllowed: as `require_own`.
    """
    if ask is None:
        tx.together(*first_reads(tx, task_key))
    found = cases.load_for_task(tx, task_key)
    if found is None:
        raise TaskClosed(task_key)
    task, rows = found
    if ask is None:
        turn_reads.ask_ahead(tx, task.case_id, task_key=task_key)
    else:
        ask(tx, task.case_id)
    require_own(tx, task, by)
    return task, load_case(tx, services, rows)


def require_own(reader: Reader, task: tasks.Task, by: Viewer) -> None:
    """Refuse a task that does not wait for the viewer's office and one of her roles.

    Raises:
        NotFound: the case was never opened to her, so she cannot know of the task.
        NotAllowed: she sees the task in its case, and others do it.
    """
    if task.office_id == by.office and task.role in by.lane_roles:
        return
    opened = grant_rows.of_case(reader, task.case_id, office=by.office)
    if any(grant.role in by.lane_roles and grant.ended_at is None for grant in opened):
        raise NotAllowed(why="role")
    raise NotFound


def _require_named(
    tx: Tx, services: Services, loaded: LoadedCase, by: Viewer, now: datetime
) -> None:
    """Let nobody do a task of a protected identity who is not named or has not said why."""
    if protection.is_protected(loaded.case.marking):
        protection.require_named(tx, by=by, now=now, case_id=loaded.case.id)
        case_visibility.load_case_visibility(tx, services, by, loaded.case, now)


def _form_with_consent(
    reader: Reader, services: Services, loaded: LoadedCase, element: Element, now: datetime
) -> Form | None:
    """The form of a task; one that waits for a consent is refused."""
    form = form_context.require_form(loaded.release, element.form)
    if missing := grants.missing_consent(reader, services, loaded.case, form, now):
        raise ConsentMissing(purpose=missing)
    return form


def _take_up(tx: Tx, task: tasks.Task, loaded: LoadedCase, by: Viewer, now: datetime) -> None:
    """Refuse a task that a colleague has claimed; who does it handles the case from then on, unless
    somebody of her office does.
    """
    if task.claimed_by not in (None, by.person):
        raise TaskTaken(by=task.claimed_by, since=task.claimed_at)
    if not loaded.rows.has_officer:
        begin_as_officer(tx, by=by, now=now, case_id=loaded.case.id)
