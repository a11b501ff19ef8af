"""What falls due, the tasks of offices, what is held and what was erased: for who answers for data
protection; an office sees what is its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from service.access import AUDITOR, Viewer, can_act
from service.casework.retention import due_runs, early, holds, retention_tasks
from service.casework.retention.retention_words import RetentionWords
from service.casework.retention.task_page import TaskLine, task_lines
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.records.context import Services, actor
from service.records.months import as_shown
from service.release.programme.vocabulary import OFFICE_KIND
from service.release.retention_checks import is_signed
from service.store.casefile import approvals, cases, retention_acts
from service.store.casefile import holds as hold_rows
from service.store.casefile.approvals import APPROVED, LONG_HOLD, Approval
from service.store.installation import offices
from service.store.transaction import Tx

HOLD, SEE_ALL, KEEP = "hold", "see_retention", "keep_records"
"""Acts: set and end holds; see what is of every office; decide about the records of one's own."""


@dataclass(frozen=True, slots=True)
class DueLine:
    """Records of an office in a case that fall due."""

    day: date
    case: str
    ref: str
    number: str
    office: str
    does: str
    classes: str
    rule: str
    """The rule in words, with its id and ground."""
    runs: bool


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A hold that lasts."""

    id: str
    case: str
    ref: str
    number: str
    office: str
    until: datetime
    last: date | None
    """The day to whose end it lasts; none when it ends within a day."""
    may_end: bool
    longer: date | None
    """The last day until which the viewer has asked that it lasts."""
    approval: str
    """Id of her request once a second person has approved it."""


@dataclass(frozen=True, slots=True)
class ErasedLine:
    """What was erased; `opens` is whether the case has a page for her still."""

    at: datetime
    case: str
    ref: str
    number: str
    office: str
    classes: str
    rule: str
    """The rule in words; of none, that two persons did it earlier."""
    opens: bool


@dataclass(frozen=True, slots=True)
class AskedErasure:
    """What the viewer has asked to erase earlier, while it waits or can be used."""

    case: str
    ref: str
    number: str
    approved: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class RetentionPage:
    """The page, as the template names it."""

    due: tuple[DueLine, ...]
    tasks: tuple[TaskLine, ...]
    unread: int
    """How many cases could not be looked at."""
    unread_cases: tuple[str, ...]
    """Their names and numbers, for who sees what is of every office."""
    holds: tuple[HoldLine, ...]
    asked: tuple[AskedErasure, ...]
    erased: tuple[ErasedLine, ...]
    unsigned: tuple[str, ...]
    """Names of the kinds of office whose rules nobody has signed, so that none of them runs."""
    may_hold: bool
    may_erase: bool
    """Whether she may ask to erase earlier."""
    of_all: bool


def load_retention(tx: Tx, services: Services, viewer: Viewer, now: datetime) -> RetentionPage:
    """Load the page.

    Raises:
        NotFound: it is for neither her roles nor her office.
    """
    of_all = can_act(viewer, SEE_ALL)
    if not (of_all or viewer.lane_roles or can_act(viewer, KEEP)):
        raise NotFound
    plan = due_runs.current_plan(tx, services)
    words = RetentionWords(services, viewer, plan, offices.names(tx))
    due = due_runs.falling_due(tx, services, now)
    held, acts = hold_rows.lasting(tx, now), retention_acts.every(tx)
    asked = {
        str(row.subjects.get("hold")): row
        for row in reversed(approvals.asked_by(tx, viewer.person, kind=LONG_HOLD))
        if row.state in approvals.OPEN and row.expires > now
    }
    wanted = early.own_requests(tx, viewer, now) if can_act(viewer, KEEP) else []
    named = (
        {row.case_id for row in held}
        | {str(row.case_id) for row in wanted}
        | {act.case_id for act in acts}
    )
    known = {case.id: case for case in cases.of_ids(tx, named) if case.id not in viewer.barred}

    def is_shown(case: str, office: str) -> bool:
        return case not in viewer.barred and (of_all or office == viewer.office)

    unread = [case for case in due.unread if case.id not in viewer.barred]
    kinds = {
        office.kind
        for office in offices.everyone(tx).values()
        if of_all or office.id == viewer.office
    }
    return RetentionPage(
        due=tuple(
            _due_line(one, words)
            for one in due.records
            if is_shown(one.falls.case, one.falls.office)
        ),
        unread=len(unread),
        unread_cases=tuple(f"{case.number} · {case.ref}" for case in unread if of_all),
        tasks=_tasks(tx, viewer, words, now, of_all=of_all),
        holds=tuple(
            _hold_line(row, known[row.case_id], words, asked.get(row.id))
            for row in held
            if row.case_id in known and is_shown(row.case_id, row.office_id)
        ),
        asked=tuple(
            AskedErasure(
                known[str(row.case_id)].id,
                known[str(row.case_id)].ref,
                known[str(row.case_id)].number,
                row.state == APPROVED,
                row.expires,
            )
            for row in wanted
            if row.case_id in known
        ),
        erased=tuple(
            ErasedLine(
                as_shown(known[act.case_id], act.at),
                act.case_id,
                known[act.case_id].ref,
                known[act.case_id].number,
                words.office(act.office_id),
                words.classes(act.classes),
                words.rule(act.rule),
                known[act.case_id].kind != cases.PATH or AUDITOR in viewer.roles,
            )
            for act in reversed(acts)
            if act.does == retention_acts.DESTROY
            and act.case_id in known
            and is_shown(act.case_id, act.office_id)
            and (of_all or known[act.case_id].kind != cases.PATH)
        ),
        unsigned=tuple(
            sorted(
                services.word(OFFICE_KIND, kind, viewer.lang)
                for kind in kinds & {*plan.owners(kinds)}
                if not is_signed(plan, kind)
            )
        ),
        may_hold=can_act(viewer, HOLD),
        may_erase=can_act(viewer, KEEP),
        of_all=of_all,
    )


def _tasks(
    tx: Tx, viewer: Viewer, words: RetentionWords, now: datetime, *, of_all: bool
) -> tuple[TaskLine, ...]:
    """The tasks that wait: of all offices, or of hers."""
    if not of_all:
        return task_lines(tx, retention_tasks.waiting_for(tx, viewer), words, now)
    waiting = [row for row in retention_acts.waiting(tx) if row.case_id not in viewer.barred]
    return task_lines(tx, waiting, words, now)


def _due_line(one: due_runs.DueRecords, words: RetentionWords) -> DueLine:
    row = one.falls
    return DueLine(
        row.day,
        row.case,
        one.ref,
        one.number,
        words.office(row.office),
        words.does(row.does),
        words.classes(row.classes),
        words.rule(row.rule),
        one.runs,
    )


def _hold_line(
    row: hold_rows.Hold, case: cases.CaseSummary, words: RetentionWords, asked: Approval | None
) -> HoldLine:
    viewer, last = words.viewer, holds.last_day(row.until)
    return HoldLine(
        row.id,
        case.id,
        case.ref,
        case.number,
        words.office(row.office_id),
        row.until,
        last if due_runs.end_of(last) == row.until else None,
        may_end=_may_end(viewer, row),
        longer=holds.last_day(datetime.fromisoformat(str(asked.subjects["until"])))
        if asked is not None
        else None,
        approval=asked.id if asked is not None and asked.state == APPROVED else "",
    )


def _may_end(viewer: Viewer, row: hold_rows.Hold) -> bool:
    """Whether a hold is hers to end: of her office, or of any for data protection."""
    return can_act(viewer, SEE_ALL) or (can_act(viewer, HOLD) and row.office_id == viewer.office)


def hold_case(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    word: str,
    until: str,
    reason: str,
    why: str = holds.ORDER,
) -> None:
    """Order that nothing of a case is erased, until the end of a day where rules run. Where that
    is more than 30 days away, it holds for 30 days, and a second person is asked for the rest.

    Args:
        word: name or number of the case.
        until: the day, as ISO text.
        why: one of `holds.WHYS`.
    Raises:
        NotFound: she may not, or there is no such why.
        InvalidAnswers: no such case, no such day, or as `holds.set_hold` and `holds.ask_longer`
            say.
    """
    if why not in holds.WHYS:
        raise NotFound
    case = _case_to_hold(tx, by, word)
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise InvalidAnswers((FieldFault("until", "form.not_a_date"),)) from None
    until_moment = due_runs.end_of(day)
    row = holds.set_hold(
        *(tx, services),
        by=actor(by),
        now=now,
        case_id=case.id,
        until=min(until_moment, now + holds.ALONE) if until_moment > now else until_moment,
        reason=reason,
        why=why,
    )
    if until_moment > row.until:
        holds.ask_longer(
            *(tx, services), by=by, now=now, hold=row, until=until_moment, reason=reason
        )


def _case_to_hold(tx: Tx, by: Viewer, word: str) -> cases.CaseSummary:
    """The case of a name or number that she may hold: any for data protection, one in which her
    office wrote for a records officer.

    Raises:
        NotFound: she may not.   InvalidAnswers: there is no such case for her.
    """
    if can_act(by, KEEP) and not can_act(by, SEE_ALL):
        return early.find_case(tx, by, word)
    if not can_act(by, HOLD):
        raise NotFound
    case = cases.find(tx, word.strip())
    if case is None or case.id in by.barred:
        raise InvalidAnswers((FieldFault("case", "retention.no_case"),))
    return case


def lengthen_hold(
    tx: Tx, _services: Services, by: Viewer, now: datetime, *, hold: str, approval: str
) -> None:
    """Let a hold last as long as a second person has approved.

    Raises:
        NotFound, ApprovalNeeded: as `holds.lengthen_hold` says.
    """
    holds.lengthen_hold(tx, by=by, now=now, hold_id=hold, approval=approval)


def release_hold(tx: Tx, services: Services, by: Viewer, now: datetime, *, hold: str) -> None:  # noqa: ARG001 - a command takes it
    """End a hold before its time.

    Raises:
        NotFound: she may not, or there is none.
    """
    row = hold_rows.get(tx, hold)
    if row is None or row.case_id in by.barred or not _may_end(by, row):
        raise NotFound
    holds.end_hold(tx, by=actor(by), now=now, hold_id=hold)
