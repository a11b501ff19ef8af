"""The command that completes a user task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import Viewer
from service.casework.casefile import form_context
from service.casework.cases import case_visibility, grants, protection
from service.casework.cases.case_officers import begin_as_officer
from service.casework.cases.loaded_case import LoadedCase, Submission, load_case
from service.casework.cases.turn import TurnResult
from service.casework.commands import button_preview, four_eyes, party_binding, turn_consequences
from service.casework.commands.submitted_answers import EarlierAnswers, check_answers, submission
from service.casework.commands.turn_consequences import Origin, follow
from service.engine import Complete, Element
from service.errors import ConsentMissing, NotAllowed, NotFound, Stale, TaskClosed, TaskTaken
from service.forms import Form, Raw
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.store.at_hand import AtHand, Reader
from service.store.casefile import consents, facts
from service.store.casefile import grants as grant_rows
from service.store.changes import Changes
from service.store.installation import keys
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.work import tasks
from service.store.writing import write


@dataclass(frozen=True, slots=True)
class SeenTask:
    """An open task with its case, which is locked."""

    task: tasks.Task
    loaded: LoadedCase
    at_hand: AtHand
    """What was loaded of it; `loaded` reads from it."""

    @property
    def element(self) -> Element:
        """The step of the diagram."""
        return self.loaded.definition.elements[self.task.element]

    @property
    def form(self) -> Form | None:
        """Its form; None for a step that is a single button."""
        return form_context.require_form(self.loaded.release, self.element.form)


def complete_task(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    asked: AtHand | None = None,
    *,
    task_key: str,
    answers: Raw,
    rev: int | None = None,
    end_confirmed: bool = False,
) -> TurnResult:
    """Complete a user task and run its case until it waits again.

    Args:
        answers: as the browser sent them, field path to texts; unknown and invisible fields are
            dropped.
        rev: the number of the case that the page was made from, to tell who was faster.
        end_confirmed: whether it may end the case unasked.
        asked: `turn_rows.reads_of_task`, where that was asked already.
    Raises:
        TaskClosed: it is done, or a timer was faster.   TaskTaken: a colleague has claimed it.
        NotFound: `by` may not know of it.   NotAllowed, FourEyes, NotNamed: `by` may not do it.
        InvalidAnswers: field by field; nothing has changed.
        ConsentMissing: what it rests on is not live.
        EndNotConfirmed: the case would end with it; nothing has changed.
        DueFirst: a deadline passed; the unit of work fires its timer and tries again.
    Source: BPMN 2.0.2, 13.3.3 (User Task).
    """
    seen = load_task(tx, services, by=by, task_key=task_key, asked=asked)
    return complete_seen(
        tx,
        services,
        seen,
        by=by,
        now=now,
        answers=answers,
        rev=rev,
        end_confirmed=end_confirmed,
    )


def complete_seen(
    tx: Tx,
    services: Services,
    seen: SeenTask,
    *,
    by: Viewer,
    now: datetime,
    answers: Raw,
    rev: int | None = None,
    end_confirmed: bool = False,
) -> TurnResult:
    """Complete a task that `load_task` has just loaded, as `complete_task` does."""
    load_needs(tx, services, seen, by=by, rev=rev, end_confirmed=end_confirmed)
    changes = Changes.of(tx)
    given = require_completion(services, seen, changes, by=by, now=now, answers=answers, rev=rev)
    moved = follow(services, seen.loaded, *given, changes)
    if not end_confirmed:
        button_preview.require_end_confirmed(services, seen.loaded, moved, by, now, seen.task)
    write(tx, changes)
    return replace(moved.result, next_task=next_own_task(seen.loaded, moved.result.opened, by))


def load_task(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    task_key: str,
    of_case: turn_rows.ReadsOfCase = turn_rows.reads_of_turn,
    asked: AtHand | None = None,
) -> SeenTask:
    """Load an open task's case; it is locked where the transaction writes.

    Args:
        of_case: as `turn_rows.of_task` takes it.
        asked: `turn_rows.reads_of_task` for it, where that was asked already.
    Raises:
        TaskClosed: it is over, or never was.
        NotFound, NotAllowed: as `require_own`.
    """
    read = asked or tx.read(*turn_rows.reads_of_task(tx, task_key, of_case))
    found = turn_rows.of_task(tx, task_key, read, of_case)
    if found is None:
        raise TaskClosed(task_key)
    task, rows, at_hand = found
    if not keys.of_case(at_hand, rows.case.id):
        # who waited for the lock has the task as it was before; its keys are asked for by the task
        raise TaskClosed(task_key)
    require_own(at_hand, task, by)
    services.release(tx, rows.case.release_id)
    return SeenTask(task, load_case(at_hand, services, rows), at_hand)


def load_needs(
    tx: Tx,
    services: Services,
    seen: SeenTask,
    *,
    by: Viewer,
    rev: int | None = None,
    end_confirmed: bool = False,
) -> None:
    """Load what this step needs besides, in one batch: its release says what."""
    loaded, element, form = seen.loaded, seen.element, seen.form
    case, configuration = loaded.case, services.configuration(loaded.release)
    reads = [
        *turn_consequences.reads_of_follow(loaded),
        *turn_consequences.reads_of_step(configuration, loaded, element, form),
        *four_eyes.reads_of_four_eyes(case.id, element),
        *form_context.reads_of_check(services, loaded.release, form, by.lang, case.id),
    ]
    if not end_confirmed:
        reads += button_preview.reads_of_end_check()
    if party_binding.may_rebind(configuration, form):
        reads += party_binding.reads_of_binding(case.id)
    if grants.purpose_needed(configuration, form):
        reads.append((consents.OF_CASE, {"case_id": case.id}))
    if protection.is_protected(case.marking):
        reads += protection.reads_of_named(case.id, by.office)
        reads += case_visibility.reads_of_visibility(case.id)
    if rev is not None and rev < case.rev:
        reads.append(facts.read_of_case(case.id, after=rev - 1, upto=rev))
    if reads:
        loaded.take(tx.read(*reads))
    if (page := _fact_of_page(loaded, rev)) is not None:
        services.release(tx, page.release_id)


def require_completion(
    services: Services,
    seen: SeenTask,
    changes: Changes,
    *,
    by: Viewer,
    now: datetime,
    answers: Raw,
    rev: int | None = None,
) -> tuple[Complete, Submission, Origin]:
    """Whether `by` may complete a task, and with these answers; what its turn is given.

    Raises:
        As `complete_task`.
    """
    task, loaded, element = seen.task, seen.loaded, seen.element
    _take_up(changes, task, loaded, by, now)
    _require_named(services, changes, loaded, by, now)
    _require_same_form(services, loaded, element, rev)
    four_eyes.require_four_eyes(loaded, element, by)
    form = seen.form
    configuration = services.configuration(loaded.release)
    purpose = grants.purpose_needed(configuration, form)
    if purpose and purpose not in consents_live(loaded, now):
        raise ConsentMissing(purpose=purpose)
    everything = party_binding.may_rebind(configuration, form)
    earlier = EarlierAnswers(loaded, form, everything=everything)
    about = (element, earlier, answers, now, task.key)
    checked = check_answers(loaded.at_hand, services, by, loaded.release, *about)
    read = checked.answers, lambda: earlier.answers
    bound, calendars = party_binding.rebind_parties(services, loaded, *read)
    given = replace(submission(loaded, element, checked, by, now, task), parties=bound)
    return Complete(task.id, checked.routing, calendars), given, Origin(by, checked, task.key)


def consents_live(loaded: LoadedCase, now: datetime) -> set[str]:
    """Purposes whose consent is live."""
    rows = consents.of_case(loaded.at_hand, loaded.case.id)
    return {row.purpose for row in rows if row.live(now.date())}


def next_own_task(loaded: LoadedCase, opened: Sequence[tasks.Task], by: Viewer) -> str:
    """Key of the one task of those that a turn opened that waits for `by`; "" when none does, when
    there is a choice, or when the four-eyes rule may ask for another person.
    """
    own = [task for task in opened if task.office_id == by.office and task.role in by.lane_roles]
    if len(own) != 1 or own[0].claimed_by not in (None, by.person):
        return ""
    element = loaded.definition.elements[own[0].element]
    return "" if four_eyes.named_steps(element) else own[0].key


def _fact_of_page(loaded: LoadedCase, rev: int | None) -> facts.Fact | None:
    """The fact of an earlier revision that a page was made from."""
    case = loaded.case
    if rev is None or rev >= case.rev:
        return None
    return next(iter(facts.of_case(loaded.at_hand, case.id, after=rev - 1, upto=rev)), None)


def _require_same_form(
    services: Services, loaded: LoadedCase, element: Element, rev: int | None
) -> None:
    """Refuse a page that was made from a revision of the future, or made before the case moved to
    a release in which the step has another form.

    Raises:
        Stale: with the reason `release` when the form is another one.
    """
    case = loaded.case
    if rev is not None and rev > case.rev:
        raise Stale
    page = _fact_of_page(loaded, rev)
    if page is None or page.release_id == case.release_id:
        return
    then = services.release(loaded.at_hand, page.release_id)
    was = then.definitions[case.process].elements.get(element.id)
    if was is None or form_text(then, was) != form_text(loaded.release, element):
        raise Stale(why="release")


def form_text(release: PreparedRelease, element: Element) -> bytes:
    """The form of a step as its file has it; empty without one."""
    return release.bundle.files.get(f"forms/{element.form}.form", b"") if element.form else b""


def require_own(reader: Reader, task: tasks.Task, by: Viewer) -> None:
    """Refuse a task that does not wait for the viewer's office and one of her roles.

    Raises:
        NotFound: the case was never opened to her, so she cannot know of the task.
        NotAllowed: she sees the task in its case, and others do it.
    """
    if task.case_id in by.barred:
        raise NotFound
    if task.office_id == by.office and task.role in by.lane_roles:
        return
    opened = grant_rows.of_case(reader, task.case_id, office=by.office)
    if any(grant.role in by.lane_roles and grant.ended_at is None for grant in opened):
        raise NotAllowed(why="role")
    raise NotFound


def _require_named(
    services: Services, changes: Changes, loaded: LoadedCase, by: Viewer, now: datetime
) -> None:
    """Let nobody do a task of a protected identity who is not named or has not said why."""
    if protection.is_protected(loaded.case.marking):
        protection.require_named(loaded.at_hand, changes, by=by, now=now, case=loaded.case)
        case_visibility.load_case_visibility(loaded.at_hand, services, by, loaded.case, now)


def _take_up(
    changes: Changes, task: tasks.Task, loaded: LoadedCase, by: Viewer, now: datetime
) -> None:
    """Refuse a task that a colleague has claimed; who does it handles the case from then on, unless
    somebody of her office does.
    """
    if task.claimed_by not in (None, by.person):
        raise TaskTaken(by=task.claimed_by, since=task.claimed_at)
    if not loaded.rows.has_officer:
        begin_as_officer(changes, by=by, now=now, case_id=loaded.case.id)
