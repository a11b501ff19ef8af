"""Checks of the stored rows of a case against its replay: case, snapshot, tasks, jobs, grants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from service.casework.cases import progress
from service.casework.cases.loaded_case import snapshot_binding
from service.casework.cases.turn_work import CALL, TIMER, task_key
from service.casework.history.replay import ReplayedCase, load_case_and_keys
from service.casework.history.violations import Violation, cannot_open
from service.casework.retention.later_rules import PLACE, ended_at
from service.engine import Advance, Open, engine_number
from service.errors import CannotOpen, NotFound
from service.records.context import Services
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import cases, facts, grants, parties, referrals
from service.store.casefile.retention_acts import RetentionAct
from service.store.installation import offices
from service.store.read_models import whole_rows
from service.store.tables.column_types import DISTANT
from service.store.work import incidents, jobs, letters

LEASE_LATEST = timedelta(hours=1)
"""How long after its end a lease must have been taken by another worker; until then one may be
busy."""
TASK_COLUMNS = (
    *("key", "id", "element", "nth", "role", "stage", "due", "follow_up", "priority"),
    *("opened_at", "sort_due", "sort_rank", "ref", "sender"),
)
JOB_COLUMNS = ("key", "work_id", "kind", "topic", "element", "nth", "due", "priority")
OFFICE = "an office of the directory"


def check_rows(
    reader: Reader, services: Services, case_id: str, replayed: ReplayedCase, now: datetime
) -> Iterator[Violation]:
    """I3, I4, I6, I8: the rows of a case are what its replay says.

    Raises:
        NotFound: no such case.   CannotOpen: its key is gone.
    """
    case, last = cases.stored_whole(reader, case_id), replayed.last
    if case is None:
        raise NotFound
    outcome = last.outcome
    _, keys = load_case_and_keys(reader, services, case_id)
    if case.rev != last.fact.rev:
        yield Violation("I3", case_id, "case", f"number {last.fact.rev}", f"number {case.rev}")
    yield from check_snapshot(case, keys.require_own(), outcome)
    ended = "ended" if outcome.finished else "open"
    if case.status != ended or (outcome.finished and not outcome.ends):
        expected = "ended exactly when an end event was reached"
        yield Violation(
            "I8", case_id, "case", expected, f"{case.status}, ends {list(outcome.ends)}"
        )
    stopped = any(i.closed_at is None for i in incidents.of_case(reader, case_id))
    if not outcome.finished and not (outcome.open or stopped):
        yield Violation("I8", case_id, "case", "something that waits, or an incident", "nothing")
    yield from _check_case_row(case, replayed)
    yield from _check_tasks(reader, case, replayed)
    yield from _check_jobs(reader, case_id, replayed, now, stopped=stopped)


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


def _check_case_row(case: cases.Case, replayed: ReplayedCase) -> Iterator[Violation]:
    """I3: the columns of the case's row besides its snapshot that no ledger line binds."""
    last, place = replayed.last, replayed.place
    outcome = last.outcome
    columns = {
        "stage": (place.stage, case.stage),
        "station": (place.station, case.station),
        "end": (outcome.ends[-1] if outcome.ends else "", case.end),
        "inner end": (outcome.inner_end, case.inner_end),
        "release": (last.fact.release_id, case.release_id),
        "beginning": (replayed.began, case.opened_at),
        "next moment": (outcome.next_due, case.next_due),
        "moment of the last turn": (last.fact.at, case.moved_at),
        "moment of the end": (last.fact.at if outcome.finished else None, case.closed_at),
    }
    for name, (expected, found) in columns.items():
        if expected != found:
            wanted = f"{name} {expected or 'none'}"
            yield Violation("I3", case.id, "case", wanted, str(found or "none"))


def check_erased_row(
    reader: Reader, case_id: str, acts: Sequence[RetentionAct]
) -> Iterator[Violation]:
    """I3: the row of a case of which something was erased, and which no fold says any more, is what
    its facts say still, and its first erasure.
    """
    case, history = cases.stored(reader, case_id), facts.of_case(reader, case_id)
    place = next((act.later[PLACE] for act in acts if act.later), None)
    if case is None or case.kind == cases.PATH_ERASED or place is None or not history:
        return
    ended = ended_at(history, acts)
    expected = {
        **place,
        "closed_at": ended,
        "moved_at": ended,
        "opened_at": history[0].at,
        "release_id": history[-1].release_id,
        "status": "ended",
        "next_due": None,
    }
    for name, wanted in expected.items():
        found = getattr(case, name)
        if found != wanted:
            yield Violation(
                "I3", case_id, "case", f"{name} {wanted or 'none'}", str(found or "none")
            )


def _check_tasks(reader: Reader, case: cases.Case, replayed: ReplayedCase) -> Iterator[Violation]:
    """I3: task rows are exactly what the snapshot has open, with what their release draws.

    What people do with them the ledger binds.
    """
    case_id = case.id
    wanted = {
        o.id: {**_task_columns(case_id, replayed, o), "ref": case.ref}
        for o in replayed.last.outcome.open
        if o.kind == "task"
    }
    rows = whole_rows.stored(reader, "task", case_id=case_id)
    found = {row["key"]: {name: row[name] for name in TASK_COLUMNS} for row in rows}
    expected_rows = _by_key(wanted.values())
    yield from _differences("I3", case_id, "task", expected_rows, found)
    stored = whole_rows.stored_as(reader, parties.Party, "party", case_id)
    holders = {row.role: row.office_id for row in stored}
    lacking = {(i.element, i.opened_at) for i in incidents.of_case(reader, case_id)}
    for row in rows:
        holder = holders.get(str(expected_rows.get(row["key"], row)["role"]))
        unheld = row["office_id"] is None and (row["element"], row["opened_at"]) in lacking
        if row["office_id"] != holder and not unheld:
            expected = f"the office that holds its role, {holder or 'none'}"
            found_office = row["office_id"] or "none"
            yield Violation("I12", case_id, f"task {row['key']}", expected, found_office)


def _task_columns(case_id: str, replayed: ReplayedCase, waits: Open) -> Mapping[str, object]:
    """The columns of an open task that its turn settles."""
    turn, drawn = replayed.opened[waits.id], replayed.drawn[waits.id]
    element, at = drawn.definition.elements[waits.element], turn.fact.at
    return {
        "key": task_key(turn.key, case_id, waits.id, turn.fact.rev, at),
        "id": waits.id,
        "element": waits.element,
        "nth": waits.nth,
        "role": element.roles[0] if element.roles else "",
        "stage": progress.stages(drawn.definition, engine_number(drawn.fact.engine)).get(
            waits.element, ""
        ),
        "due": waits.due,
        "follow_up": waits.follow_up,
        "priority": element.priority,
        "opened_at": at,
        "sort_due": waits.due or DISTANT,
        "sort_rank": -element.priority,
        "sender": turn.fact.office,
    }


def _check_jobs(
    reader: Reader, case_id: str, replayed: ReplayedCase, now: datetime, *, stopped: bool
) -> Iterator[Violation]:
    """I4, I6: job rows are exactly what the snapshot has open, and the deadlines of referrals.

    Args:
        stopped: whether the case has an open incident.
    """
    wanted = [
        _job_columns(case_id, replayed, o)
        for o in replayed.last.outcome.open
        if o.kind in ("job", "timer")
    ]
    sent = whole_rows.stored_as(reader, referrals.Referral, "referral", case_id)
    wanted += [_deadline_columns(row) for row in sent if row.has_deadline]
    rows = whole_rows.stored(reader, "job", case_id=case_id)
    found = {
        row["key"]: {**{name: row[name] for name in JOB_COLUMNS}, "inputs": bool(row["inputs"])}
        for row in rows
    }
    yield from _differences("I4", case_id, "job", _by_key(wanted), found)
    for row in rows:
        place, state = f"job {row['key']}", row["state"]
        waits = state in ("waiting", "leased") and bool(row["not_before"]) == bool(row["due"])
        rests = state == "stopped" and stopped and row["error"] and not row["not_before"]
        if not (waits or rests) or (state == "leased") != bool(row["lease_until"]):
            expected = "a job that waits for its moment, or one that stopped with an incident"
            yield Violation("I4", case_id, place, expected, f"one that is {state}")
        yield from _check_lease(case_id, place, row["lease_until"], now)


def _job_columns(case_id: str, replayed: ReplayedCase, waits: Open) -> Mapping[str, object]:
    """The columns of a call or timer that its turn settles."""
    turn, timer = replayed.opened[waits.id], waits.kind == "timer"
    element = replayed.drawn[waits.id].definition.elements[waits.element]
    return {
        "key": f"{case_id}:{waits.id}",
        "work_id": waits.id,
        "kind": TIMER if timer else CALL,
        "topic": waits.what,
        "element": waits.element,
        "nth": waits.nth,
        "due": waits.due if timer else turn.fact.at,
        "priority": element.priority,
        "inputs": not timer,
    }


def _deadline_columns(row: referrals.Referral) -> Mapping[str, object]:
    """The columns of the job that is a referral's deadline."""
    return {
        "key": row.job,
        "work_id": row.id,
        "kind": jobs.REFERRAL,
        "topic": "",
        "element": "",
        "nth": 0,
        "due": row.due,
        "priority": jobs.USUAL,
        "inputs": False,
    }


def _by_key(rows: Iterable[Mapping[str, object]]) -> dict[str, Mapping[str, object]]:
    return {str(row["key"]): row for row in rows}


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
    wanted: Mapping[str, Mapping[str, object]],
    found: Mapping[str, Mapping[str, object]],
) -> Iterator[Violation]:
    for id_ in sorted(wanted.keys() | found.keys()):
        if id_ not in found:
            expected, instead = "a row, as the snapshot holds it open", "none"
        elif id_ not in wanted:
            expected, instead = "no row: the snapshot does not hold it open", "one"
        elif wanted[id_] != found[id_]:
            expected, instead = "what the snapshot holds", f"another {_first(wanted, found, id_)}"
        else:
            continue
        yield Violation(invariant, case_id, f"{what} {id_}", expected, instead)


def _first(
    wanted: Mapping[str, Mapping[str, object]], found: Mapping[str, Mapping[str, object]], id_: str
) -> str:
    """The first column that differs."""
    return next(name for name, value in wanted[id_].items() if found[id_][name] != value)


def check_orphans(reader: Reader, case_id: str, now: datetime) -> Iterator[Violation]:
    """I12: grants and letters point to offices that exist.

    I6: no letter is leased by a worker that is gone. I5 is the table's own rule.
    """
    known = offices.everyone(reader)
    for grant in whole_rows.stored_as(reader, grants.GrantRow, "case_grant", case_id):
        if grant.office_id not in known:
            yield Violation("I12", case_id, f"grant {grant.id}", OFFICE, grant.office_id)
    for letter in letters.of_case(reader, case_id):
        place = f"letter {letter.key}"
        if letter.office_id not in known:
            yield Violation("I12", case_id, place, OFFICE, letter.office_id)
        if (letter.state == "leased") != bool(letter.lease_until):
            expected = "leased exactly while a worker has it"
            yield Violation("I6", case_id, place, expected, letter.state)
        yield from _check_lease(case_id, place, letter.lease_until, now)
