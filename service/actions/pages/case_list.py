"""Cases of an office: the list, and the search in it.

Both hold pseudonyms and process facts alone; whatever a name is found by stays in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from service.access import Grant, Resource, Sight, Viewer, can_see
from service.actions.cases import case_visibility, given_answers
from service.actions.cases.protection import ORDINARY
from service.actions.context import Services
from service.actions.pages.case_page import owner
from service.actions.people import accounts
from service.actions.programme.grant_rules import LiveGrant, grants_in_sight
from service.actions.releases.labels import element_name
from service.errors import CannotOpen
from service.store.casefile import cases, grants, parties
from service.store.installation import keys, offices
from service.store.keyset import PageRequest
from service.store.read_models import case_list, inbox
from service.store.transaction import Tx
from service.store.work import incidents, tasks
from service.text import say

MOST = 500
"""Newest cases of an office that its search reaches."""
PAGE = 50
SHORTEST = 3
NAMED = frozenset({"name"})
"""Groups of fields that a person is found by."""
ACTIVE, WAITING, INCIDENT, DONE = "active", "waiting", "incident", "done"
STATES = (ACTIVE, WAITING, INCIDENT, DONE)
SORTS = ("due", "case", "since", "stage")
FAR = datetime.max.replace(tzinfo=UTC)


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


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A case that a search found, and by what."""

    id: str
    ref: str
    number: str
    why: str
    stage: str
    owner: str
    ended: bool


def load_case_list(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    step: PageRequest,
    *,
    stage: str = "",
    state: str = "",
    sort: str = "due",
    limit: int = PAGE,
) -> CaseListPage:
    """A page of the cases that the viewer may see, as she filters and sorts them."""
    desk_reader, known = (
        inbox.InboxReader(viewer.person, viewer.office, viewer.lane_roles, now),
        dict[str, Found](),
    )

    def seen(entries: list[case_list.CaseListRow]) -> list[case_list.CaseListRow]:
        known.update(
            {
                one[0].id: one
                for one in _seen(tx, services, viewer, now, [entry.case for entry in entries])
            }
        )
        return [entry for entry in entries if entry.case.id in known]

    sort = sort if sort in SORTS else SORTS[0]
    page = case_list.page(
        tx, desk_reader, step, stage=stage, state=state, sort=sort, limit=limit, keep=seen
    )
    found = [known[entry.case.id] for entry in page.rows]
    stopped = incidents.stopped(tx, [case.id for case, _, _ in found]) if found else frozenset()
    places = offices.names(tx)
    claimers = {t.claimed_by for _, _, waiting in found for t in waiting if t.claimed_by}
    names = accounts.names(tx, services, claimers) if claimers else {}
    rows = tuple(_row(tx, services, viewer, now, one, stopped, places, names) for one in found)
    return CaseListPage(
        rows, case_list.count(tx, desk_reader, stage=stage, state=state), page.previous, page.next
    )


Found = tuple[cases.CaseSummary, Mapping[str, str], Sequence[tasks.Task]]
"""A case with its parties and its open tasks."""


def _visible(tx: Tx, services: Services, viewer: Viewer, now: datetime) -> list[Found]:
    """Cases that exist for the viewer: by a grant of her office, or by a task that waits for it."""
    briefs = cases.visible(tx, office=viewer.office, now=now, limit=MOST)
    reader = inbox.InboxReader(viewer.person, viewer.office, viewer.lane_roles, now)
    waiting = inbox.page(tx, reader, inbox.InboxFilter(), PageRequest(), limit=MOST)
    more = {one.task.case_id for one in waiting.rows} - {case.id for case in briefs}
    briefs += cases.of_ids(tx, sorted(more)) if more else []
    return _seen(tx, services, viewer, now, briefs)


def _seen(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, briefs: Sequence[cases.CaseSummary]
) -> list[Found]:
    """Those of several cases that the viewer sees, with what their rows tell."""
    ids = [case.id for case in briefs]
    if not ids:
        return []
    holders, open_tasks = parties.of_cases(tx, ids), tasks.of_cases(tx, ids)
    granted: dict[str, list[LiveGrant]] = {}
    for grant in grants.of_cases(tx, ids, office=viewer.office, now=now):
        granted.setdefault(grant.case_id, []).append(LiveGrant(grant.rule, grant.office_id))
    found: list[Found] = []
    for case in briefs:
        sight = _sight(
            services, case, holders[case.id], open_tasks[case.id], granted.get(case.id, [])
        )
        if can_see(services.programme.matrix, viewer, sight, Resource()).ok:
            found.append((case, holders[case.id], open_tasks[case.id]))
    return found


def _sight(
    services: Services,
    case: cases.CaseSummary,
    holders: Mapping[str, str],
    waiting: Iterable[tasks.Task],
    live: Iterable[LiveGrant],
) -> Sight:
    """The case as far as its process facts go: those rest on no consent."""
    stage = "x" if case.status == "ended" else case.stage or "1"
    own = tuple(
        Grant("G0", t.office_id, frozenset({"C0"}), None, frozenset())
        for t in waiting
        if t.office_id
    )
    return Sight(
        case.id,
        stage,
        holders,
        (*grants_in_sight(services.programme.grants, live, holders, stage, {}), *own),
    )


def _row(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    one: Found,
    stopped: Collection[str],
    places: Mapping[str, str],
    names: Mapping[str, str],
) -> CaseRow:
    case, holders, waiting = one
    first = min(waiting, key=lambda t: (t.due or FAR, t.key), default=None)
    mine = any(t.office_id == viewer.office and t.role in viewer.lane_roles for t in waiting)
    state = (
        DONE
        if case.status == "ended"
        else INCIDENT
        if case.id in stopped
        else ACTIVE
        if mine
        else WAITING
    )
    elements = services.release(tx, case.release_id).definitions[case.process].elements
    waits = (
        f"{element_name(elements[first.element], viewer.lang)}, {places.get(first.office_id or '', '–')}"
        if first is not None
        else ""
    )
    late = sum(t.due is not None and t.due < now for t in waiting)
    return CaseRow(
        id=case.id,
        ref=case.ref,
        number=case.number,
        stage=case.stage or "1",
        state=state,
        state_text=say(f"cases.state_{state}", viewer.lang),
        waits_for=waits,
        since=case.moved_at,
        owner=owner(services.programme.named_fields.duties, holders, waiting, places, names),
        due=min((t.due for t in waiting if t.due is not None), default=None),
        alerts=late + (case.id in stopped),
        shielded=case.marking not in ORDINARY,
    )


def search_cases(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, words: str
) -> tuple[str, list[SearchHit]]:
    """Search by pseudonym, number, register number or name among the cases that the viewer may see;
    gives what it was found by.

    Args:
        words: at least three letters for a name.
    """
    words = " ".join(words.split())
    found = _visible(tx, services, viewer, now)
    exact = [
        one
        for one in found
        if words.casefold() in (one[0].ref.casefold(), one[0].number.casefold())
    ]
    if exact or len(words) < SHORTEST:
        by = "by_ref" if exact and exact[0][0].ref.casefold() == words.casefold() else "by_number"
        return by, [_hit(tx, services, viewer, one, by) for one in exact]
    hits = [
        (one, by)
        for one in found
        if (by := _by_answers(tx, services, viewer, now, one[0], words.casefold()))
    ]
    return hits[0][1] if hits else "by_name", [
        _hit(tx, services, viewer, one, by) for one, by in hits
    ]


def _by_answers(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    case: cases.CaseSummary,
    words: str,
) -> str:
    """Which kind of answer of a case holds the words, if the viewer may see it; empty when none
    does.
    """
    row = keys.get(tx, f"case:{case.id}")
    if row is None:
        return ""
    try:
        told = given_answers.load_answers(tx, services.open(row), case.id, ("C0", "C1"))
    except CannotOpen:
        return ""
    fields = services.release(tx, case.release_id).fields
    names = services.programme.named_fields.answers
    by_key = {
        one.key: one
        for one in told
        if one.key == names.diary_number or fields.get(one.key, ("", ""))[1] in NAMED
    }
    matching = [
        one
        for one in by_key.values()
        if isinstance(one.value, str) and words in one.value.casefold()
    ]
    whole = " ".join(
        str(by_key[key].value) for key in (names.given_names, names.family_name) if key in by_key
    ).casefold()
    matching += (
        [by_key[names.family_name]] if words in whole and names.family_name in by_key else []
    )
    if not matching:
        return ""
    visibility = case_visibility.load_case_visibility(tx, services, viewer, case, now)
    seen = [one for one in matching if visibility.see(one)]
    return ("by_diary" if seen[0].key == names.diary_number else "by_name") if seen else ""


def _hit(tx: Tx, services: Services, viewer: Viewer, one: Found, by: str) -> SearchHit:
    case, holders, waiting = one
    places = offices.names(tx)
    names = accounts.names(tx, services, {t.claimed_by for t in waiting if t.claimed_by})
    whose = owner(services.programme.named_fields.duties, holders, waiting, places, names)
    return SearchHit(
        case.id,
        case.ref,
        case.number,
        say(f"cases.{by}", viewer.lang),
        case.stage or "1",
        whose,
        case.status == "ended",
    )
