"""The case list of an office, a page at a time: pseudonyms and process facts alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial

from service.access import Viewer
from service.casework.cases.case_officers import officer_names, officers_of
from service.casework.cases.protection import ORDINARY
from service.casework.pages.case_page import owner
from service.casework.pages.visible_cases import VisibleCase, only_visible
from service.casework.tasks.inbox_list import desk_reader
from service.people import accounts
from service.people.absences import OfficeAbsences, load_absences, reads_of_absences
from service.records.context import Services
from service.release.labels import element_name
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import case_officers
from service.store.installation import offices, people
from service.store.keyset import PageRequest
from service.store.lists import visibility_rows
from service.store.read_models import case_list
from service.store.read_models.list_reader import InboxReader
from service.store.transaction import Tx
from service.store.work import incidents
from service.text import say

PAGE = 50
OPEN, ACTIVE, WAITING, INCIDENT, DONE = "open", "active", "waiting", "incident", "done"
STATES = (OPEN, ACTIVE, WAITING, INCIDENT, DONE)
"""States that the list is filtered by; every case is in one of those after `OPEN`."""
SORTS = case_list.SORTS
MINE = "mine"
"""The officer that stands for the viewer, and for colleagues whom she stands in for today."""
FAR = datetime.max.replace(tzinfo=UTC)
"""Where a task without due date is sorted."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of the list."""

    id: str
    ref: str
    number: str
    stage: str
    state: str
    state_text: str
    waits_for: str
    since: datetime
    owner: str
    officer: str
    """Who handles the case at the viewer's office; "" when nobody does."""
    away_until: date | None
    """Last day of an absence that she is in."""
    due: datetime | None
    alerts: int
    shielded: bool


@dataclass(frozen=True, slots=True)
class CaseListPage:
    """One page of the list; `previous` and `next` are cursors, and `total` stops at a limit."""

    rows: tuple[CaseRow, ...]
    total: int
    previous: str
    next: str
    colleagues: tuple[tuple[str, str], ...] = ()
    """(person id, name) of the people of the viewer's office, where they were asked for."""


@dataclass(slots=True)
class FoundCases:
    """The cases of one page of the list, and what its rows show of them."""

    at_hand: AtHand
    away: OfficeAbsences
    ids: list[str] = field(default_factory=list)
    """The cases of the page, in its order."""
    known: dict[str, VisibleCase] = field(default_factory=dict)
    """Id to case, of the cases that the viewer may see."""
    stopped: set[str] = field(default_factory=set)
    """Ids of cases with an open incident."""
    officers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Case to office to the person who handles it there."""
    total: int = 0
    previous: str = ""
    next: str = ""
    colleagues: tuple[tuple[str, str], ...] = ()


def load_case_list(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    step: PageRequest,
    *,
    stage: str = "",
    state: str = "",
    officer: str = "",
    sort: str = "due",
    limit: int = PAGE,
    with_colleagues: bool = False,
) -> FoundCases:
    """Load a page of the cases that the viewer may see, as she filters and sorts them.

    Args:
        officer: id of a person of her office who handles them, or `MINE`.
    """
    reader = desk_reader(viewer, now)
    sort = sort if sort in SORTS else SORTS[0]
    # some filters depend on the release, or on who is away
    early = None if stage or officer == MINE else _filter((stage, state, officer, sort))
    at_hand = tx.read(
        services.read_of_current,
        (offices.DIRECTORY, {}),
        *reads_of_absences(viewer.office),
        *([people.read_of_office(viewer.office)] if with_colleagues else ()),
        *(_reads(reader, step, early, limit) if early is not None else ()),
    )
    services.prepare_current(tx, at_hand)
    found = FoundCases(at_hand, load_absences(at_hand, viewer.office, now))
    if with_colleagues:
        found.colleagues = (*accounts.colleagues(at_hand, services, viewer.office),)
    wanted = early
    if wanted is None:
        first = services.current_configuration(at_hand).vocabulary.first_stage
        mine = {viewer.person, *found.away.stood_in_for(viewer.person)}
        wanted = _filter((stage, state, officer, sort), first=first, mine=mine)
        at_hand.take(tx.read(*_reads(reader, step, wanted, limit)))
    keep = partial(_load_visible, tx, services, viewer, now, found)
    page = case_list.page(tx, reader, step, wanted, limit=limit, keep=keep, first=at_hand)
    found.ids = [entry.case.id for entry in page.rows]
    found.previous, found.next = page.previous, page.next
    found.total = case_list.count(at_hand, reader, wanted)
    accounts.load_people(tx, at_hand, officers_of(found.officers[id_] for id_ in found.ids))
    return found


def _filter(
    asked: tuple[str, str, str, str], *, first: str = "", mine: Collection[str] = ()
) -> case_list.CaseListFilter:
    """What is asked for, as the query takes it.

    Args:
        asked: stage, state, officer, order.
        first: the first stage; cases that have reached none are in it.
        mine: whom `MINE` stands for.
    """
    stage, state, officer, sort = asked
    stages = ((stage, "") if stage == first else (stage,)) if stage else ()
    officers = ((*sorted(mine),) if officer == MINE else (officer,)) if officer else ()
    return case_list.CaseListFilter(stages, state, officers, sort)


def _reads(
    reader: InboxReader, step: PageRequest, wanted: case_list.CaseListFilter, limit: int
) -> list[Read]:
    """What finds the cases of a page, and counts them on all pages."""
    page = case_list.read_of_page(reader, step, wanted, limit=limit)
    return [page, case_list.read_of_count(reader, wanted)]


def _load_visible(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    found: FoundCases,
    entries: list[case_list.CaseListRow],
) -> list[case_list.CaseListRow]:
    """Load what rows show of the cases that a query found; gives those that the viewer may see."""
    if not entries:
        return []
    briefs = [entry.case for entry in entries]
    ids = [case.id for case in briefs]
    seen_by = visibility_rows.read_of_cases(
        ids, office=viewer.office, roles=viewer.lane_roles, now=now, listed=True
    )
    at_hand = found.at_hand
    more = incidents.read_of_stopped(ids), case_officers.read_of_cases(ids)
    at_hand.take(tx.read(seen_by, *more))
    services.prepare(tx, at_hand, {case.release_id for case in briefs})
    found.stopped |= incidents.stopped(at_hand, ids)
    found.officers |= case_officers.of_cases(at_hand, ids)
    seen = only_visible(at_hand, services, viewer, now, briefs, listed=True)
    found.known |= {row.case.id: row for row in seen}
    return [entry for entry in entries if entry.case.id in found.known]


def case_list_page(
    services: Services, viewer: Viewer, now: datetime, found: FoundCases
) -> CaseListPage:
    """A page of the list, as `load_case_list` found it."""
    rows = _rows(services, viewer, now, found)
    return CaseListPage(rows, found.total, found.previous, found.next, found.colleagues)


def _rows(
    services: Services, viewer: Viewer, now: datetime, shown: FoundCases
) -> tuple[CaseRow, ...]:
    at_hand, away = shown.at_hand, shown.away
    places, stopped = offices.names(at_hand), shown.stopped
    officers = {id_: shown.officers[id_] for id_ in shown.ids}
    names = officer_names(at_hand, services, officers)

    def row(found: VisibleCase) -> CaseRow:
        case, dues = found.case, [t.due for t in found.waiting if t.due is not None]
        state = _state(viewer, found, stopped)
        late = sum(due < now for due in dues)
        configuration = services.configuration_of(at_hand, case.release_id)
        duties = configuration.named_fields.duties
        return CaseRow(
            id=case.id,
            ref=case.ref,
            number=case.number,
            stage=case.stage or configuration.vocabulary.first_stage,
            state=state,
            state_text=say(f"cases.state_{state}", viewer.lang),
            waits_for=_waits_for(at_hand, services, found, places, viewer.lang),
            since=case.moved_at,
            owner=owner(duties, found.parties, officers[case.id], places, names),
            officer=names.get(officers[case.id].get(viewer.office, ""), ""),
            away_until=away.until(officers[case.id].get(viewer.office)),
            due=min(dues, default=None),
            alerts=late + (case.id in stopped),
            shielded=case.marking not in ORDINARY,
        )

    return tuple(row(shown.known[id_]) for id_ in shown.ids)


def _state(viewer: Viewer, found: VisibleCase, stopped: Collection[str]) -> str:
    if found.case.status == "ended":
        return DONE
    if found.case.id in stopped:
        return INCIDENT
    own = (t for t in found.waiting if t.office_id == viewer.office)
    return ACTIVE if any(task.role in viewer.lane_roles for task in own) else WAITING


def _waits_for(
    reader: Reader, services: Services, found: VisibleCase, places: Mapping[str, str], lang: str
) -> str:
    """The open task that is due first, and its office; "" when none is open."""
    first = min(found.waiting, key=lambda task: (task.due or FAR, task.key), default=None)
    if first is None:
        return ""
    release = services.release(reader, found.case.release_id)
    element = release.definitions[found.case.process].elements[first.element]
    return f"{element_name(element, lang)}, {places.get(first.office_id or '', '–')}"
