"""The lists of the inbox: the tasks that a filter asks for, a page of them at a time.

What a viewer may see is decided by her office and her lane roles, which `access` knows; the
queries of `store.read_models.inbox` take nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.casework.approvals.waiting_list import reads_of_waiting
from service.casework.cases.protection import ORDINARY
from service.casework.tasks.claims import element_of
from service.people import accounts
from service.people.absences import NOBODY_AWAY, OfficeAbsences
from service.records.context import Services
from service.release.labels import element_name
from service.release.step_durations import duration_text
from service.store.ahead import list_reads
from service.store.at_hand import Reader
from service.store.installation import offices
from service.store.keyset import ListPage, PageRequest
from service.store.read_models import inbox
from service.store.read_models.list_reader import InboxReader
from service.store.transaction import Tx
from service.store.work import tasks

BOXES = ("mine", "office", "unclaimed", "waiting", "week", "resting")
DUES = ("late", "today", "week")
SORTS = tuple(inbox.ORDERS)
TOLD_FOR = timedelta(days=30)
"""How long a case that was given stands in the inbox of its new officer; she may open it before.

Assumed.
"""
NOBODY = "–"
"""Where no office is known."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked of the inbox; "" means all. `box` is one of its lists, `sender` an office."""

    box: str = "office"
    stage: str = ""
    due: str = ""
    sender: str = ""
    sort: str = "due"

    @property
    def narrows(self) -> bool:
        """Whether anything of the list is left out."""
        return bool(self.stage or self.due or self.sender)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task of the viewer's office. `case` is an id, `ref` its pseudonym; names are people's."""

    id: str
    name: str
    ref: str
    case: str
    stage: str
    due: datetime | None
    sender: str
    is_new: bool
    claimed_by: str
    away_until: date | None
    """Last day of an absence that the person who has claimed it is in."""
    stood_in_for: bool
    """Whether the viewer stands in for that person today."""
    mine: bool
    unsent_by: str
    shielded: bool
    follow_up: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A task that waits at another office in a case that the viewer's office may see."""

    ref: str
    case: str
    stage: str
    step: str
    at: str
    """Name of that office."""
    since: datetime
    usual: str
    """How long the step usually takes, in words; empty when nobody knows."""


def desk_reader(viewer: Viewer, now: datetime, away: OfficeAbsences = NOBODY_AWAY) -> InboxReader:
    """The viewer as the store's queries take her.

    Args:
        away: absences in her office; tasks of absent colleagues whose deputy she is count as hers.
    """
    stood_in_for = away.stood_in_for(viewer.person)
    return InboxReader(viewer.person, viewer.office, viewer.lane_roles, now, stood_in_for)


def wanted(asked: Filter, viewer: Viewer, now: datetime) -> inbox.InboxFilter:
    """A filter as the store's queries take it: its days become moments in the reader's zone."""
    day = today(viewer, now)
    after, before = None, None
    if "week" in (asked.box, asked.due):
        before = morning(day + timedelta(days=7 - day.weekday()), viewer)
    if asked.due == "late":
        before = now
    if asked.due == "today":
        after = morning(day, viewer)
        before = morning(day + timedelta(days=1), viewer)
    return inbox.InboxFilter(asked.box, asked.stage, asked.sender, after, before, asked.sort)


def today(viewer: Viewer, now: datetime) -> date:
    """The day in the reader's zone."""
    return now.astimezone(ZoneInfo(viewer.zone)).date()


def morning(day: date, viewer: Viewer) -> datetime:
    """When a day begins in the reader's zone; in UTC."""
    return datetime.combine(day, time(), ZoneInfo(viewer.zone)).astimezone(UTC)


def counts(
    tx: Tx, viewer: Viewer, now: datetime, away: OfficeAbsences = NOBODY_AWAY
) -> dict[str, int]:
    """How many tasks each list has, and under `late` how many of the office's are late."""
    return inbox.counts(tx, desk_reader(viewer, now, away), _boxes(viewer, now))


def _boxes(viewer: Viewer, now: datetime) -> dict[str, inbox.InboxFilter]:
    boxes = {box: wanted(Filter(box), viewer, now) for box in BOXES if box != "waiting"}
    return {**boxes, "late": wanted(Filter(due="late"), viewer, now)}


def overview(
    tx: Tx,
    viewer: Viewer,
    now: datetime,
    away: OfficeAbsences = NOBODY_AWAY,
    *,
    asked: tuple[str, datetime],
) -> inbox.Overview:
    """What an inbox shows around its rows; the sizes are what `counts` gives.

    Args:
        asked: kind of the entry that asks somebody about a look, and since when it counts.
    """
    reader = desk_reader(viewer, now, away)
    return inbox.overview(tx, reader, _boxes(viewer, now), now - TOLD_FOR, asked)


def ask_ahead(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    asked: Filter,
    step: PageRequest,
    *,
    limit: int,
    around: tuple[str, datetime] | None = None,
) -> None:
    """Ask in one round trip what a page of the inbox reads, as if the viewer stood in for nobody.

    Args:
        around: what `overview` takes as `asked`; None where the page shows no more than its rows.
    """
    reader = desk_reader(viewer, now)
    rows = (
        inbox.read_of_elsewhere(reader, step, limit=limit)
        if asked.box == "waiting"
        else inbox.read_of_page(reader, wanted(asked, viewer, now), step, limit=limit)
    )
    reads = [rows]
    if around is not None:
        boxes = _boxes(viewer, now).values()
        reads += [
            inbox.read_of_overview(reader, now - TOLD_FOR, around, *boxes),
            *reads_of_waiting(services, viewer, now),
            list_reads.read_of_colleagues(viewer.office),
        ]
    list_reads.ask_of_list(tx, services.programme.process, viewer.office, reads)


def task_page(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    asked: Filter,
    step: PageRequest,
    *,
    known: Mapping[str, offices.Office],
    limit: int,
    away: OfficeAbsences = NOBODY_AWAY,
) -> ListPage[TaskRow]:
    """One page of the tasks that wait for the viewer's office in one of her roles.

    Args:
        known: every office by its id.
        away: who of hers is away.
    """
    who = desk_reader(viewer, now, away)
    page = inbox.page(tx, who, wanted(asked, viewer, now), step, limit=limit)
    return ListPage(
        _task_rows(tx, services, viewer, who, page.rows, known, away), page.previous, page.next
    )


def _task_rows(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    who: InboxReader,
    found: Sequence[tasks.TaskListRow],
    known: Mapping[str, offices.Office],
    away: OfficeAbsences,
) -> tuple[TaskRow, ...]:
    marks = inbox.marks(tx, who, found)
    claimers = {listed.task.claimed_by for listed in found if listed.task.claimed_by}
    senders = {sender.actor for sender in marks.sent.values()}
    names = accounts.names(tx, services, senders | set(marks.begun.values()) | claimers)

    def row(listed: tasks.TaskListRow) -> TaskRow:
        task, mine = listed.task, listed.task.claimed_by == who.person
        read = marks.read.get(task.case_id)
        was_read = read is not None and read >= task.opened_at
        hidden = task.hidden_until is not None and task.hidden_until > who.now
        return TaskRow(
            id=task.key,
            name=step_name(tx, services, listed, viewer.lang),
            ref=listed.ref,
            case=task.case_id,
            stage=task.stage,
            due=task.due,
            sender=_sender(marks.sent.get(task.key), names, known),
            is_new=not mine and not was_read,
            claimed_by=names.get(task.claimed_by or "", ""),
            away_until=away.until(task.claimed_by),
            stood_in_for=task.claimed_by in who.stands_in_for,
            mine=mine,
            unsent_by=names.get(marks.begun.get(task.key, ""), ""),
            shielded=listed.marking not in ORDINARY,
            follow_up=task.hidden_until if hidden else None,
        )

    return tuple(row(listed) for listed in found)


def _sender(
    sent: inbox.TaskSender | None,
    names: Mapping[str, str],
    known: Mapping[str, offices.Office],
) -> str:
    """Who led to a task, with her office; as far as either has a name."""
    if sent is None:
        return ""
    office = known[sent.office].name if sent.office in known else ""
    return ", ".join(filter(None, (names.get(sent.actor, ""), office)))


def waiting_page(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    step: PageRequest,
    *,
    known: Mapping[str, offices.Office],
    limit: int,
) -> ListPage[WaitingRow]:
    """One page of the list `waiting`, the oldest first."""
    page = inbox.elsewhere_tasks(tx, desk_reader(viewer, now), step, limit=limit)

    def row(listed: tasks.TaskListRow) -> WaitingRow:
        office = listed.task.office_id or ""
        times = services.usual.times(tx, listed.process, now)
        return WaitingRow(
            ref=listed.ref,
            case=listed.task.case_id,
            stage=listed.task.stage,
            step=step_name(tx, services, listed, viewer.lang),
            at=known[office].name if office in known else NOBODY,
            since=listed.task.opened_at,
            usual=duration_text(times.get(listed.task.element), viewer.lang),
        )

    return ListPage(tuple(row(listed) for listed in page.rows), page.previous, page.next)


def step_name(reader: Reader, services: Services, listed: tasks.TaskListRow, lang: str) -> str:
    """The name of a task's step, in the case's own release."""
    return element_name(element_of(services.release(reader, listed.release_id), listed), lang)
