"""The case list of an office, a page at a time: pseudonyms and process facts alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from service.access import Viewer
from service.casework.cases.case_officers import officer_names
from service.casework.cases.protection import ORDINARY
from service.casework.pages.case_page import owner
from service.casework.pages.visible_cases import VisibleCase, only_visible
from service.people import accounts
from service.people.absences import OfficeAbsences, load_absences
from service.records.context import Services
from service.release.labels import element_name
from service.store.ahead import list_reads
from service.store.at_hand import Read, Reader
from service.store.casefile import case_officers
from service.store.installation import offices
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
) -> CaseListPage:
    """A page of the cases that the viewer may see, as she filters and sorts them.

    Args:
        officer: id of a person of her office who handles them, or `MINE`.
    """
    reader = InboxReader(viewer.person, viewer.office, viewer.lane_roles, now)
    found = FoundCases(tx, services, viewer, now)
    sort = sort if sort in SORTS else SORTS[0]
    more = [list_reads.read_of_colleagues(viewer.office)] if with_colleagues else []
    usual = case_list.CaseListFilter((), state, (), sort)
    _ask_ahead(tx, services, reader, step, usual, limit, more)
    # they come before the officers, most of whom are among them
    colleagues = accounts.colleagues(tx, services, viewer.office) if with_colleagues else ()
    first = services.current_configuration(tx).vocabulary.first_stage
    stages = ((stage, "") if stage == first else (stage,)) if stage else ()
    away = load_absences(tx, viewer.office, now)
    mine = {viewer.person, *away.stood_in_for(viewer.person)}
    officers = ((*sorted(mine),) if officer == MINE else (officer,)) if officer else ()
    wanted = case_list.CaseListFilter(stages, state, officers, sort)
    page = case_list.page(tx, reader, step, wanted, limit=limit, keep=found.keep)
    rows = _rows(found, [entry.case.id for entry in page.rows], away)
    total = case_list.count(tx, reader, wanted)
    return CaseListPage(rows, total, page.previous, page.next, tuple(colleagues))


@dataclass(frozen=True, slots=True)
class FoundCases:
    """Cases that queries of a list have found, and what its rows show of them."""

    tx: Tx
    services: Services
    viewer: Viewer
    now: datetime
    known: dict[str, VisibleCase] = field(default_factory=dict)
    """Id to case, of the cases that the viewer may see."""
    stopped: set[str] = field(default_factory=set)
    """Ids of cases with an open incident."""
    officers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Case to office to the person who handles it there."""

    def keep(self, entries: list[case_list.CaseListRow]) -> list[case_list.CaseListRow]:
        """Select the rows that the viewer may see of those that a query found."""
        tx, viewer, now = self.tx, self.viewer, self.now
        if ids := [entry.case.id for entry in entries]:
            roles = viewer.lane_roles
            seen_by = visibility_rows.read_of_cases(
                ids, office=viewer.office, roles=roles, now=now, listed=True
            )
            list_reads.ask_of_cases(tx, ids, [seen_by])
            self.stopped.update(incidents.stopped(tx, ids))
            self.officers.update(case_officers.of_cases(tx, ids))
        briefs = [entry.case for entry in entries]
        seen = only_visible(tx, self.services, viewer, now, briefs, listed=True)
        self.known.update({row.case.id: row for row in seen})
        return [entry for entry in entries if entry.case.id in self.known]


def _ask_ahead(
    tx: Tx,
    services: Services,
    reader: InboxReader,
    step: PageRequest,
    wanted: case_list.CaseListFilter,
    limit: int,
    more: Sequence[Read],
) -> None:
    """Ask in one round trip what the list reads first; it is asked anew where the reader has
    filtered by what depends on the release or on who is away.
    """
    rows = case_list.read_of_page(reader, step, wanted, limit=limit)
    reads = [rows, case_list.read_of_count(reader, wanted), *more]
    list_reads.ask_of_list(tx, services.programme.process, reader.office, reads)


def _rows(shown: FoundCases, case_ids: Sequence[str], away: OfficeAbsences) -> tuple[CaseRow, ...]:
    tx, services, viewer, now = shown.tx, shown.services, shown.viewer, shown.now
    places, stopped = offices.names(tx), shown.stopped
    officers = {id_: shown.officers[id_] for id_ in case_ids}
    names = officer_names(tx, services, officers)

    def row(found: VisibleCase) -> CaseRow:
        case, dues = found.case, [t.due for t in found.waiting if t.due is not None]
        state = _state(viewer, found, stopped)
        late = sum(due < now for due in dues)
        configuration = services.configuration_of(tx, case.release_id)
        duties = configuration.named_fields.duties
        return CaseRow(
            id=case.id,
            ref=case.ref,
            number=case.number,
            stage=case.stage or configuration.vocabulary.first_stage,
            state=state,
            state_text=say(f"cases.state_{state}", viewer.lang),
            waits_for=_waits_for(tx, services, found, places, viewer.lang),
            since=case.moved_at,
            owner=owner(duties, found.parties, officers[case.id], places, names),
            officer=names.get(officers[case.id].get(viewer.office, ""), ""),
            away_until=away.until(officers[case.id].get(viewer.office)),
            due=min(dues, default=None),
            alerts=late + (case.id in stopped),
            shielded=case.marking not in ORDINARY,
        )

    return tuple(row(shown.known[id_]) for id_ in case_ids)


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
