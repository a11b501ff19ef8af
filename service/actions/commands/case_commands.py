"""What moves a case: starting it, completing a task, a message, a timer, a handler's answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from service.access import Viewer, holds
from service.actions.casefile import form_context
from service.actions.cases import consents, continuation, given_answers, pseudonyms
from service.actions.cases.turn import LoadedCase, Submission, TurnResult, load_case, turn
from service.actions.context import CLOCK, WORKER, Services, actor
from service.actions.ids import ulid
from service.actions.programme import party_rules
from service.actions.referrals import lifecycle
from service.actions.releases.prepared import PreparedRelease
from service.binding import Answer as Answered
from service.engine import (
    Answer,
    Complete,
    Definition,
    Due,
    Element,
    Expression,
    Fail,
    Message,
    Start,
    Stimulus,
    Type,
    typed,
)
from service.errors import (
    FourEyes,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    Stale,
    TaskClosed,
    TaskTaken,
)
from service.forms import CheckedAnswers, Form, Raw, check
from service.store.casefile import cases, facts
from service.store.installation import offices, people
from service.store.transaction import Tx
from service.store.work import jobs, tasks, unsent_answers

NO_ANSWERS = CheckedAnswers({}, {}, ())
PREVIOUS = "previousCase"
"""Kept beside the answers of a start: the ended case that the new one continues.

No form asks for it.
"""


def start_case(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    element: str,
    answers: Raw,
    ref: str = "",
    previous: str = "",
) -> TurnResult:
    """Begin a case on the current release.

    Args:
        element: the start event.
        answers: as the browser sent them.
        ref: a pseudonym that was chosen beforehand, for the demo; else one is drawn.
        previous: an ended case that this one continues; kept sealed, and a line in both.
    Raises:
        NotFound: the current release has no such start, or there is no such ended case for `by`.
        NotAllowed: `by` holds none of its roles.
        InvalidAnswers: field by field; no case has begun.
    Source: BPMN 2.0.2, 13.5.1 (start events); programme.md 4.2.
    """
    release = services.current(tx)
    definition = _of_start(release, element)
    begins = definition.elements[element]
    if not holds(by, begins.roles):
        raise NotAllowed(why="role")
    checked = _checked(tx, services, by, release, begins, None, answers, now)
    case = _new_case(tx, services, ulid(now), definition.process, release.id, by, now)
    case = replace(case, ref=ref or case.ref)
    cases.add(tx, case)
    key = services.new_key(tx, f"case:{case.id}")
    loaded = LoadedCase(cases.LoadedRows(case, None, "", 0, ""), key, release, definition, b"", {})
    bound, calendars = first_parties(tx, services, definition.process, by.office, checked.answers)
    kept = given_answers.by_class(
        {**checked.answers, **({PREVIOUS: previous} if previous else {})}, release.fields
    )
    given = Submission(actor(by), now, element, 1, "", begins.form, kept, parties=bound)
    moved = _moved(
        tx,
        services,
        loaded,
        Start(checked.routing, element if element != definition.plain_start else None, calendars),
        given,
    )
    _keep_consents(tx, services, loaded, checked, by, moved, now)
    if previous:
        continuation.link_cases(tx, services, by=by, new=case.id, old=previous, now=now)
    return moved


def _moved(
    tx: Tx, services: Services, loaded: LoadedCase, stimulus: Stimulus, given: Submission
) -> TurnResult:
    """Run one turn; when the case has ended with it, so have its referrals."""
    moved = turn(tx, services, loaded, stimulus, given)
    if moved.ended:
        lifecycle.end_with_case(tx, moved.case_id, by=given.by, now=given.now)
    return moved


def _of_start(release: PreparedRelease, element: str) -> Definition:
    for definition in release.definitions.values():
        if element in definition.starts:
            return definition
    raise NotFound


def _new_case(
    tx: Tx,
    services: Services,
    case_id: str,
    process: str,
    release_id: str,
    by: Viewer,
    now: datetime,
) -> cases.Case:
    year = f"{now.year}-"
    last = cases.newest_number(tx, year)
    number = int(last.removeprefix(year)) + 1 if last else 1
    ref = pseudonyms.draw_pseudonym(
        services.programme.first_words,
        services.programme.second_words,
        lambda names: cases.taken(tx, names),
    )
    return cases.Case(
        id=case_id,
        ref=ref,
        number=f"{year}{number:04d}",
        process=process,
        release_id=release_id,
        rev=0,
        snapshot=None,
        stage="",
        station="",
        status="open",
        end="",
        inner_end="",
        marking="PROGRAMME_PROTECTED",
        kind="case" if process == services.programme.process else "anonymous",
        next_due=None,
        started_by=by.office,
        opened_at=now,
        moved_at=now,
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
    """Finish a user task and run its case until it waits again.

    Args:
        answers: as the browser sent them, field path to texts; unknown and invisible fields are
            dropped.
        rev: the number of the case that the page was made from, to tell who was faster.
    Raises:
        TaskClosed: it is done, or a timer was faster.   TaskTaken: a colleague has claimed it.
        NotFound: `by` may not know of it.   NotAllowed, FourEyes: `by` may not do it.
        InvalidAnswers: field by field; nothing has changed.
        ConsentMissing: what it rests on is not live.
        DueFirst: a deadline passed; the door fires it and tries again.
    Source: BPMN 2.0.2, 13.3.3 (User Task).
    """
    task, loaded = open_task(tx, services, by=by, task_key=task_key)
    if task.claimed_by not in (None, by.person):
        raise TaskTaken(by=task.claimed_by, since=task.claimed_at)
    if rev is not None and rev > loaded.case.rev:
        raise Stale
    element = loaded.definition.elements[task.element]
    other = four_eyes_conflict(tx, loaded, element, by)
    if other:
        raise FourEyes(why="four_eyes", element=other)
    checked = _checked(tx, services, by, loaded.release, element, loaded, answers, now)
    given = _given(loaded, element, task.nth, task.id, checked, by, now)
    bound, calendars = rebind_parties(tx, services, loaded, checked.answers)
    moved = _moved(
        tx,
        services,
        loaded,
        Complete(task.id, checked.routing, calendars),
        replace(given, parties=bound),
    )
    _keep_consents(tx, services, loaded, checked, by, moved, now)
    lifecycle.follow_completed_step(
        tx,
        services,
        case_id=moved.case_id,
        by=given.by,
        now=now,
        element=element.id,
        answers=given.answers,
        opened=moved.opened,
    )
    unsent_answers.drop(tx, task.key, by.person)
    return moved


def open_task(
    tx: Tx, services: Services, *, by: Viewer, task_key: str
) -> tuple[tasks.Task, LoadedCase]:
    """An open task, and its case in hand.

    Raises:
        TaskClosed: it is over, or never was.
        NotFound: it waits for another office.
        NotAllowed: for another role of hers.
    """
    found = cases.load_for_task(tx, task_key)
    if found is None:
        raise TaskClosed(task_key)
    task, rows = found
    if task.office_id != by.office:
        raise NotFound
    if task.role not in by.lane_roles:
        raise NotAllowed(why="role")
    return task, load_case(tx, services, rows)


def four_eyes_conflict(tx: Tx, loaded: LoadedCase, element: Element, by: Viewer) -> str:
    """The step that the viewer did last and that forbids her this one: four eyes; empty when there
    is none.
    """
    named = [
        e.strip() for e in element.properties.get("not_same_person_as", "").split(",") if e.strip()
    ]
    done = facts.who_completed(tx, loaded.case.id, named) if named else {}
    return next((other for other, person in done.items() if person == by.person), "")


def _checked(
    tx: Tx,
    services: Services,
    by: Viewer,
    release: PreparedRelease,
    element: Element,
    loaded: LoadedCase | None,
    answers: Raw,
    now: datetime,
) -> CheckedAnswers:
    form = form_context.require_form(release, element.form)
    if form is None:
        return NO_ANSWERS
    checked = check(
        form, answers, form_context.load_check_context(tx, services, by, release, loaded, now, form)
    )
    if checked.faults:
        raise InvalidAnswers(checked.faults)
    return checked


def _given(
    loaded: LoadedCase,
    element: Element,
    nth: int,
    work_id: str,
    checked: CheckedAnswers,
    by: Viewer,
    now: datetime,
) -> Submission:
    kept = given_answers.by_class(checked.answers, _fields(loaded.release, element.form))
    return Submission(actor(by), now, element.id, nth, work_id, element.form, kept)


def _fields(release: PreparedRelease, form: str) -> Mapping[str, tuple[str, str]]:
    """Key to (class, group) in this very form: a key may be guarded more closely in one form than
    in another.
    """
    found: Form | None = release.forms.get(form)
    return (
        {f.key: (f.data_class, f.group) for f in found.fields}
        if found is not None
        else release.fields
    )


def _bind(
    tx: Tx,
    services: Services,
    process: str,
    starter: str,
    just: Collection[str],
    answers: Mapping[str, Any],
    loaded: LoadedCase | None,
) -> dict[str, str]:
    """Roles that get an office because of what was just answered."""
    rows = services.programme.parties
    if not any(row.when in just for row in rows):
        return {}
    roles = people.roles_of_offices(tx)
    places = {
        o.id: party_rules.PartyOffice(
            o.id, o.kind, tuple(o.countries), tuple(o.municipalities), roles.get(o.id, frozenset())
        )
        for o in offices.everyone(tx).values()
        if o.closed_at is None
    }
    earlier = (
        {
            k: one.value
            for k, one in given_answers.newest(
                given_answers.load_answers(tx, loaded.key, loaded.case.id)
            ).items()
        }
        if loaded is not None
        else {}
    )
    moment = party_rules.PartyFacts(
        process, starter, services.programme.approver_office, just, {**earlier, **answers}
    )
    return party_rules.bind_parties(rows, places, moment)


def first_parties(
    tx: Tx, services: Services, process: str, starter: str, answers: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Roles that have an office as a case begins, and the calendars in force then."""
    bound = _bind(tx, services, process, starter, {"start", *answers}, answers, None)
    return bound, _calendars(tx, services, bound)


def rebind_parties(
    tx: Tx, services: Services, loaded: LoadedCase, answers: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str] | None]:
    """Roles that get an office because of the answers of a task, and the calendars in force then;
    None when they stay.
    """
    bound = _bind(
        tx, services, loaded.case.process, loaded.case.started_by, set(answers), answers, loaded
    )
    return bound, _calendars(tx, services, {**loaded.parties, **bound}) if bound else None


def _calendars(tx: Tx, services: Services, parties: Mapping[str, str]) -> dict[str, str]:
    """Role to the calendar of the office that holds it."""
    known = offices.everyone(tx)
    return {
        role: known[office].calendar or services.programme.calendar
        for role, office in sorted(parties.items())
        if office in known
    }


def _keep_consents(
    tx: Tx,
    services: Services,
    loaded: LoadedCase,
    checked: CheckedAnswers,
    by: Viewer,
    moved: TurnResult,
    now: datetime,
) -> None:
    if checked.consents:
        consents.give(
            tx,
            services,
            key=loaded.key,
            case_id=loaded.case.id,
            given=checked.consents,
            by=by.person,
            rev=moved.rev,
            now=now,
        )


def message_catchers(loaded: LoadedCase, name: str, by: Viewer | None = None) -> list[Element]:
    """Elements of the case's diagram that can catch a message, and that `by` may address now by
    role and by `allowed_when`.
    """
    found = []
    for id_ in loaded.definition.messages.get(name, ()):
        element = loaded.definition.elements[id_]
        if by is not None and not any(
            role in by.lane_roles and loaded.parties.get(role) == by.office
            for role in element.roles
        ):
            continue
        if _allowed(loaded, element):
            found.append(element)
    return found


def _allowed(loaded: LoadedCase, element: Element) -> bool:
    """The property `allowed_when`, FEEL over routing names; without it a message is always allowed."""
    text = element.properties.get("allowed_when", "")
    if not text:
        return True
    types: Mapping[str, Type] = loaded.definition.types
    values = {name: typed(loaded.variables.get(name), type_) for name, type_ in types.items()}
    return Expression(text, types).evaluate(values) is True


def send_message(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    name: str,
    answers: Raw,
) -> TurnResult:
    """Send a message to a case: consent withdrawn, an alert, the journey held, no more contact.

    Raises:
        NotFound: `by` may not know of the case, or it knows no such message.
        NotAllowed: not for this role, or not now.
        NotWaiting: nothing in the case waits for it.   InvalidAnswers: field by field.
    Source: programme.md 4.2; engine.md 11.1.
    """
    rows = cases.load(tx, case_id)
    if rows is None:
        raise NotFound
    loaded = load_case(tx, services, rows)
    if name not in loaded.definition.messages:
        raise NotFound
    able = message_catchers(loaded, name, by)
    if not able:
        raise NotAllowed(why="message")
    element = able[0]
    checked = _checked(tx, services, by, loaded.release, element, loaded, answers, now)
    given = _given(loaded, element, 0, "", checked, by, now)
    moved = _moved(tx, services, loaded, Message(name, checked.routing), given)
    _keep_consents(tx, services, loaded, checked, by, moved, now)
    names = services.programme.named_fields.answers
    taken_back = checked.answers.get(names.purposes_withdrawn)
    if isinstance(taken_back, list):
        on = date.fromisoformat(str(checked.answers.get(names.withdrawn_on) or now.date()))
        consents.withdraw(tx, case_id, [str(p) for p in taken_back], on=on, rev=moved.rev)
    return moved


def fire_timer(tx: Tx, services: Services, *, job_key: str, now: datetime) -> TurnResult:
    """Fire one timer that has come.

    Raises:
        TaskClosed: the timer is gone.   NotDue: its moment moved.
    """
    job, loaded = _open_job(tx, services, job_key)
    return _moved(
        tx,
        services,
        loaded,
        Due(job.work_id),
        Submission(CLOCK, now, job.element, job.nth, job.work_id),
    )


def _open_job(tx: Tx, services: Services, job_key: str) -> tuple[jobs.Job, LoadedCase]:
    found = cases.load_for_job(tx, job_key)
    if found is None:
        raise TaskClosed(job_key)
    job, rows = found
    return job, load_case(tx, services, rows)


def answer_call(
    tx: Tx, services: Services, *, job_key: str, answer: Answered, now: datetime
) -> TurnResult:
    """Take a handler's answer: its routing values and its letters are written together, once.

    Raises:
        TaskClosed: the job is gone meanwhile.
        HandlerFailed: a letter is for a role that no office holds.
    """
    job, loaded = _open_job(tx, services, job_key)
    given = Submission(WORKER, now, job.element, job.nth, job.work_id, letters=answer.letters)
    return _moved(tx, services, loaded, Answer(job.work_id, answer.values), given)


def fail_call(tx: Tx, services: Services, *, job_key: str, code: str, now: datetime) -> TurnResult:
    """Take a BPMN error that a handler reported.

    Raises:
        TaskClosed: the job is gone.   EngineStopped: nothing in the diagram catches the code.
    """
    job, loaded = _open_job(tx, services, job_key)
    return _moved(
        tx,
        services,
        loaded,
        Fail(job.work_id, code),
        Submission(WORKER, now, job.element, job.nth, job.work_id),
    )
