"""The lists of the inbox: the tasks that a filter asks for, a page of them at a time.

What a viewer may see is decided by her office and her lane roles, which `access` knows; the
queries of `store.read_models.inbox` take nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.casework.cases.protection import ORDINARY
from service.casework.tasks.claims import counts_in_hours, element_of
from service.people import accounts
from service.people.absences import (
    NOBODY_AWAY,
    OfficeAbsences,
    load_absences,
    reads_of_absences,
)
from service.records.context import Services
from service.release.labels import element_name
from service.release.step_durations import Times, duration_text
from service.store.at_hand import AtHand, Read, Reader
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
    in_hours: bool
    """Whether it was due within a day of opening, such as an alarm."""


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
    return InboxReader(
        viewer.person, viewer.office, viewer.lane_roles, now, stood_in_for, viewer.barred
    )


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


def _boxes(viewer: Viewer, now: datetime) -> dict[str, inbox.InboxFilter]:
    boxes = {box: wanted(Filter(box), viewer, now) for box in BOXES if box != "waiting"}
    return {**boxes, "late": wanted(Filter(due="late"), viewer, now)}


@dataclass(frozen=True, slots=True)
class LoadedInbox:
    """The rows of a list of the inbox, and what is shown of them and around them."""

    at_hand: AtHand
    now: datetime
    who: InboxReader
    away: OfficeAbsences
    rows: ListPage[tasks.TaskListRow]
    usual: Mapping[str, Times]
    """Process to how long its steps usually take, where that is shown."""
    overview: inbox.Overview | None
    """What is around the rows; None where nothing is."""

    @property
    def known(self) -> Mapping[str, offices.Office]:
        """Every office by its id."""
        return offices.everyone(self.at_hand)


def load_inbox(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    asked: Filter,
    step: PageRequest,
    *,
    limit: int,
    around: tuple[str, datetime] | None = None,
    more: Collection[Read] = (),
) -> LoadedInbox:
    """Load the rows of a page of a list; what is shown of them is next (`load_marks`).

    Args:
        around: kind of the entry that asks somebody about a look, and since when it counts; None
            where the page shows no more than its rows.
        more: what is read besides.
    """
    alone = desk_reader(viewer, now)
    at_hand = tx.read(
        *_reads(alone, viewer, asked, step, limit, around),
        services.read_of_current,
        (offices.DIRECTORY, {}),
        *reads_of_absences(viewer.office),
        *more,
    )
    services.prepare_current(tx, at_hand)
    away = load_absences(at_hand, viewer.office, now)
    who = desk_reader(viewer, now, away)
    if who != alone:
        at_hand.take(tx.read(*_reads(who, viewer, asked, step, limit, around)))
    elsewhere = asked.box == "waiting"
    rows = (
        inbox.elsewhere_tasks(tx, who, step, limit=limit, first=at_hand)
        if elsewhere
        else inbox.page(tx, who, wanted(asked, viewer, now), step, limit=limit, first=at_hand)
    )
    services.prepare(tx, at_hand, {row.release_id for row in rows.rows})
    processes = {row.process for row in rows.rows} if elsewhere else set()
    usual = {process: services.usual.times(tx, process, now) for process in processes}
    overview = (
        inbox.overview(at_hand, who, _boxes(viewer, now), now - TOLD_FOR, around)
        if around is not None
        else None
    )
    return LoadedInbox(at_hand, now, who, away, rows, usual, overview)


def _reads(
    who: InboxReader,
    viewer: Viewer,
    asked: Filter,
    step: PageRequest,
    limit: int,
    around: tuple[str, datetime] | None,
) -> list[Read]:
    """What finds the rows of a list, and what is around them."""
    rows = (
        inbox.read_of_elsewhere(who, step, limit=limit)
        if asked.box == "waiting"
        else inbox.read_of_page(who, wanted(asked, viewer, who.now), step, limit=limit)
    )
    if around is None:
        return [rows]
    boxes = _boxes(viewer, who.now).values()
    return [rows, inbox.read_of_overview(who, who.now - TOLD_FOR, around, *boxes)]


def load_marks(tx: Tx, loaded: LoadedInbox, more: Collection[Read] = ()) -> None:
    """Load what is shown of the tasks of a list; their people are next (`load_people`).

    Args:
        more: what is read besides.
    """
    rows = loaded.rows.rows
    marks = [inbox.read_of_marks(loaded.who, rows)] if rows else []
    if marks or more:
        loaded.at_hand.take(tx.read(*marks, *more))


def people_of(loaded: LoadedInbox) -> set[str]:
    """The people whom the tasks of a list name."""
    rows = loaded.rows.rows
    marks = inbox.marks(loaded.at_hand, loaded.who, rows)
    claimers = {listed.task.claimed_by for listed in rows if listed.task.claimed_by}
    senders = {sender.actor for sender in marks.sent.values()}
    return senders | set(marks.begun.values()) | claimers


def task_page(loaded: LoadedInbox, services: Services, viewer: Viewer) -> ListPage[TaskRow]:
    """One page of the tasks that wait for the viewer's office in one of her roles."""
    page = loaded.rows
    return ListPage(_task_rows(loaded, services, viewer), page.previous, page.next)


def hours_first(rows: Iterable[TaskRow]) -> tuple[TaskRow, ...]:
    """Rows of one page, those that count in hours first: an alarm of half an hour never stands
    below a paper that is a week late.
    """
    return tuple(sorted(rows, key=lambda row: not row.in_hours))


def _task_rows(loaded: LoadedInbox, services: Services, viewer: Viewer) -> tuple[TaskRow, ...]:
    at_hand, who, away, known = loaded.at_hand, loaded.who, loaded.away, loaded.known
    marks = inbox.marks(at_hand, who, loaded.rows.rows)
    names = accounts.names(at_hand, services, people_of(loaded))

    def row(listed: tasks.TaskListRow) -> TaskRow:
        task, mine = listed.task, listed.task.claimed_by == who.person
        read = marks.read.get(task.case_id)
        was_read = read is not None and read >= task.opened_at
        hidden = task.hidden_until is not None and task.hidden_until > who.now
        return TaskRow(
            id=task.key,
            name=step_name(at_hand, services, listed, viewer.lang),
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
            in_hours=counts_in_hours(task),
        )

    return tuple(row(listed) for listed in loaded.rows.rows)


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


def waiting_page(loaded: LoadedInbox, services: Services, viewer: Viewer) -> ListPage[WaitingRow]:
    """One page of the list `waiting`, the oldest first."""
    page, known = loaded.rows, loaded.known

    def row(listed: tasks.TaskListRow) -> WaitingRow:
        office = listed.task.office_id or ""
        times = loaded.usual[listed.process]
        return WaitingRow(
            ref=listed.ref,
            case=listed.task.case_id,
            stage=listed.task.stage,
            step=step_name(loaded.at_hand, services, listed, viewer.lang),
            at=known[office].name if office in known else NOBODY,
            since=listed.task.opened_at,
            usual=duration_text(times.get(listed.task.element), viewer.lang),
        )

    return ListPage(tuple(row(listed) for listed in page.rows), page.previous, page.next)


def step_name(reader: Reader, services: Services, listed: tasks.TaskListRow, lang: str) -> str:
    """The name of a task's step, in the case's own release."""
    return element_name(element_of(services.release(reader, listed.release_id), listed), lang)
