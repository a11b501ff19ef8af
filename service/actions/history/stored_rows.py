"""Checks of the stored rows of a case against its replay: case, snapshot, tasks, jobs, grants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from service.actions.cases import progress
from service.actions.cases.loaded_case import snapshot_binding
from service.actions.context import Services
from service.actions.history.replay import ReplayedTurn, load_case_and_key
from service.actions.history.violations import Violation, cannot_open
from service.engine import Advance, Element
from service.errors import CannotOpen, NotFound
from service.security.vault import OwnerKey
from service.store.casefile import cases, grants, parties
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters, tasks

LEASE_LATEST = timedelta(hours=1)
"""How long after its end a lease must have been taken by another worker; until then one may be
busy."""
OFFICE = "an office of the directory"


def check_rows(
    tx: Tx,
    services: Services,
    case_id: str,
    last: ReplayedTurn,
    place: progress.CasePlace,
    now: datetime,
) -> Iterator[Violation]:
    """I3, I4, I6, I8: the rows of a case are what its last turn says.

    Args:
        place: stage and station by the replay.
    Raises:
        NotFound: no such case.   CannotOpen: its key is gone.
    """
    rows = cases.load(tx, case_id)
    if rows is None:
        raise NotFound
    case, outcome = rows.case, last.outcome
    _, key = load_case_and_key(tx, services, case_id)
    if case.rev != last.fact.rev:
        yield Violation("I3", case_id, "case", f"number {last.fact.rev}", f"number {case.rev}")
    yield from check_snapshot(case, key, outcome)
    if (case.status == "ended") != outcome.finished or (outcome.finished and not outcome.ends):
        expected = "ended exactly when an end event was reached"
        yield Violation(
            "I8", case_id, "case", expected, f"{case.status}, ends {list(outcome.ends)}"
        )
    waits = bool(outcome.open) or any(i.closed_at is None for i in incidents.of_case(tx, case_id))
    if not outcome.finished and not waits:
        yield Violation("I8", case_id, "case", "something that waits, or an incident", "nothing")
    yield from _check_case_row(case, last, place)
    elements = services.release(tx, case.release_id).definitions[case.process].elements
    yield from _check_waiting_rows(tx, case_id, outcome, elements, now)


def check_snapshot(case: cases.Case, key: OwnerKey, outcome: Advance) -> Iterator[Violation]:
    """I3: the stored snapshot opens, and is the fold of the facts."""
    state = b""
    try:
        if case.snapshot is not None:
            state = key.open("snapshot", case.snapshot, **snapshot_binding(case))
    except CannotOpen:
        yield cannot_open(case.id, "snapshot")
        return
    if state != outcome.state:
        expected = "the fold of the facts, byte for byte"
        yield Violation("I3", case.id, "snapshot", expected, "other bytes")


def _check_case_row(
    case: cases.Case, last: ReplayedTurn, place: progress.CasePlace
) -> Iterator[Violation]:
    """I3: the columns of the case's row besides its snapshot."""
    outcome = last.outcome
    columns = {
        "stage": (place.stage, case.stage),
        "station": (place.station, case.station),
        "end": (outcome.ends[-1] if outcome.ends else "", case.end),
        "inner end": (outcome.inner_end, case.inner_end),
        "next moment": (outcome.next_due, case.next_due),
        "moment of the last turn": (last.fact.at, case.moved_at),
        "moment of the end": (last.fact.at if outcome.finished else None, case.closed_at),
    }
    for name, (expected, found) in columns.items():
        if expected != found:
            wanted = f"{name} {expected or 'none'}"
            yield Violation("I3", case.id, "case", wanted, str(found or "none"))


def _check_waiting_rows(
    tx: Tx, case_id: str, outcome: Advance, elements: Mapping[str, Element], now: datetime
) -> Iterator[Violation]:
    """I3, I4, I6: task and job rows are exactly what the snapshot has open."""
    wanted = {
        o.id: (o.element, o.nth, o.due, o.follow_up) for o in outcome.open if o.kind == "task"
    }
    waiting = tasks.of_case(tx, case_id)
    found = {t.id: (t.element, t.nth, t.due, t.follow_up) for t in waiting}
    yield from _differences("I3", case_id, "task", wanted, found)
    work = {o.id: (o.element, o.nth) for o in outcome.open if o.kind in ("job", "timer")}
    rows = jobs.of_case(tx, case_id)
    armed = {job.work_id: (job.element, job.nth) for job in rows}
    yield from _differences("I4", case_id, "job", work, armed)
    yield from _check_priorities("I3", "task", waiting, elements)
    yield from _check_priorities("I4", "job", rows, elements)
    due = {o.id: o.due for o in outcome.open if o.kind == "timer"}
    for job in rows:
        place = f"job {job.key}"
        if job.kind == "timer" and job.due != due.get(job.work_id, job.due):
            expected = "the moment that the snapshot holds"
            yield Violation("I4", case_id, place, expected, "another moment")
        yield from _check_lease(case_id, place, job.lease_until, now)


def _check_priorities(
    invariant: str,
    what: str,
    rows: Sequence[tasks.Task] | Sequence[jobs.Job],
    elements: Mapping[str, Element],
) -> Iterator[Violation]:
    """What waits is as urgent as its diagram says."""
    for row in rows:
        element = elements.get(row.element)
        if element is not None and element.priority != row.priority:
            expected = f"the priority of the diagram, {element.priority}"
            place = f"{what} {row.key}"
            yield Violation(invariant, row.case_id, place, expected, str(row.priority))


def _check_lease(
    case_id: str, place: str, until: datetime | None, now: datetime
) -> Iterator[Violation]:
    """I6: no lease is left by a worker that is gone."""
    if until is not None and until < now - LEASE_LATEST:
        found = f"one that ended at {until:%Y-%m-%d %H:%M}"
        yield Violation("I6", case_id, place, "a lease that was taken up again", found)


def _differences(
    invariant: str,
    case_id: str,
    what: str,
    wanted: Mapping[str, object],
    found: Mapping[str, object],
) -> Iterator[Violation]:
    for id_ in sorted(wanted.keys() | found.keys()):
        if id_ not in found:
            expected, instead = "a row, as the snapshot holds it open", "none"
        elif id_ not in wanted:
            expected, instead = "no row: the snapshot does not hold it open", "one"
        elif wanted[id_] != found[id_]:
            expected, instead = "the place and the moments that the snapshot holds", "others"
        else:
            continue
        yield Violation(invariant, case_id, f"{what} {id_}", expected, instead)


def check_orphans(tx: Tx, case_id: str, now: datetime) -> Iterator[Violation]:
    """I12: grants, tasks and letters point to offices that exist.

    I6: no letter is leased by a worker that is gone. I5 is the table's own rule.
    """
    known = offices.everyone(tx)
    for grant in grants.of_case(tx, case_id):
        if grant.office_id not in known:
            yield Violation("I12", case_id, f"grant {grant.id}", OFFICE, grant.office_id)
    holders = parties.of_case(tx, case_id)
    for task in tasks.of_case(tx, case_id):
        if task.office_id is not None and task.office_id != holders.get(task.role):
            expected = "the office that holds its role"
            yield Violation("I12", case_id, f"task {task.id}", expected, task.office_id)
    for letter in letters.of_case(tx, case_id):
        place = f"letter {letter.key}"
        if letter.office_id not in known:
            yield Violation("I12", case_id, place, OFFICE, letter.office_id)
        yield from _check_lease(case_id, place, letter.lease_until, now)
