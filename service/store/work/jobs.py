"""Jobs: calls of handlers, armed timers, and deadlines of referrals.

A row that is free to be taken has a moment in `not_before`.

A try counts when the call begins, not when it is leased: up to ten wait in a worker's hand, and a
crash must cost the others nothing. The first try of a job is written with what becomes of it, so
that it costs no statement of its own. Where nothing became of it, because the lease ran out, the
row says so from then on, and each further try is written before it begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import (
    Integer,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from service.store.checked_rows import CheckedRows, Refused
from service.store.guarded_rows import MAC
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import columns, values
from service.store.row_scope import as_system
from service.store.tables import job

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


CALL = "call"
"""Kind of a job that is a handler to be called."""
ENGINE = (CALL, "timer")
"""Kinds of jobs that the engine holds open."""
REFERRAL = "referral"
"""Kind of a job that is the deadline of a referral: the engine knows nothing of it."""
ALL = (*ENGINE, REFERRAL)

USUAL = 50
"""Priority of a job whose diagram says nothing."""
NOT_OURS = "this installation has not written it as it is"
"""Error of what somebody else has put in or changed; nobody does it."""
ENDED = "the worker ended while it had it"
"""Error of a job whose lease ran out: its worker may have begun it, and did not end it."""
OLDEST = 5
"""One of so many places of a batch goes to what has waited longest, whatever its priority."""


@dataclass(frozen=True, slots=True)
class Job:
    """One open call, timer or deadline.

    `work_id` is the engine's id, or the referral's; `key` is `<case>:<work_id>` and stays the same
    over every try.
    """

    key: str
    case_id: str
    work_id: str
    kind: str  # "call", "timer" or "referral"
    topic: str
    element: str
    nth: int
    due: datetime | None
    priority: int = USUAL
    tries: int = 0
    """Calls that have begun before this one, and are not undone."""
    not_before: datetime | None = None
    lease_until: datetime | None = None
    leased_by: str = ""
    error: str = ""
    state: str = "waiting"  # "waiting", "leased" or "stopped"
    inputs: bytes | None = None
    """What the handler reads, sealed when the call was made."""


ROWS = CheckedRows(job, Job, Refused.MISSING)
COLUMNS = ROWS.columns
NEW_MAC = bindparam("b_mac", type_=job.c.mac.type)
ADD = PreparedStatement(insert(job))
DROP = PreparedStatement(
    delete(job).where(job.c.case_id == bindparam("case_id"), job.c.work_id == bindparam("work_id"))
)
FREE = {"state": "waiting", "lease_until": None, "leased_by": ""}
MINE = (job.c.key == bindparam("b_key"), job.c.leased_by == bindparam("b_who"))
GET = PreparedStatement(select(*COLUMNS).where(job.c.key == bindparam("b_key")))
DISARM = PreparedStatement(delete(job).where(job.c.key == bindparam("b_key")))
KEEP = PreparedStatement(
    update(job)
    .where(*MINE)
    .values(lease_until=bindparam("b_until"), not_before=bindparam("b_until"))
)
BEGIN = PreparedStatement(
    update(job)
    .where(*MINE)
    .values(
        lease_until=bindparam("b_until"),
        not_before=bindparam("b_until"),
        tries=bindparam("b_tries"),
    )
)
RETRY = PreparedStatement(
    update(job)
    .where(*MINE)
    .values(
        not_before=bindparam("b_at"),
        error=bindparam("b_error"),
        tries=bindparam("b_tries"),
        **FREE,
    )
)
WAIT = PreparedStatement(
    update(job)
    .where(*MINE)
    .values(not_before=bindparam("b_at"), tries=bindparam("b_tries"), **FREE)
)
STOPPED = {"state": "stopped", "not_before": None, "lease_until": None, "leased_by": ""}
STOP = PreparedStatement(
    update(job).where(job.c.key == bindparam("b_key")).values(error=bindparam("b_error"), **STOPPED)
)
RESUME = PreparedStatement(
    update(job)
    .where(job.c.key == bindparam("b_key"), job.c.state == "stopped")
    .values(not_before=bindparam("b_at"), tries=0, error="", **FREE)
)
GIVE_BACK = PreparedStatement(
    as_system(
        "queue",
        update(job)
        .where(job.c.leased_by == bindparam("b_who"))
        .values(not_before=bindparam("b_at"), **FREE),
    )
)
NEXT = PreparedStatement(
    as_system(
        "queue",
        select(job.c.not_before)
        .where(job.c.not_before.is_not(None))
        .order_by(job.c.not_before)
        .limit(1),
    )
)
FIRST = select(func.max(job.c.priority).label("priority")).cte("level", recursive=True)
LOWER = select(func.max(job.c.priority)).where(job.c.priority < FIRST.c.priority).scalar_subquery()
LEVEL = FIRST.union_all(select(LOWER).where(FIRST.c.priority.is_not(None)))
LEVELS = PreparedStatement(
    as_system(
        "queue",
        select(LEVEL.c.priority).where(
            exists().where(job.c.priority == LEVEL.c.priority, job.c.not_before <= bindparam("now"))
        ),
    )
)
"""Priorities of what is due; each is found by one look into the index."""
READY = (
    select(job.c.key)
    .where(job.c.not_before <= bindparam("now"), in_list(job.c.kind, "kinds"))
    .order_by(job.c.not_before, job.c.key)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)


def _take(ready: Select[tuple[str]]) -> PreparedStatement:
    """Lease the jobs of these keys."""
    found = ready.cte("ready")
    leased = {
        "state": "leased",
        "lease_until": bindparam("b_until"),
        "not_before": bindparam("b_until"),
        "leased_by": bindparam("b_who"),
        "error": case((and_(job.c.state == "leased", job.c.error == ""), ENDED), else_=job.c.error),
    }
    taken = update(job).where(job.c.key == found.c.key).values(**leased).returning(*COLUMNS)
    return PreparedStatement(as_system("queue", taken))


TAKE_OLDEST = _take(READY)
TAKE_OF_LEVEL = _take(READY.where(job.c.priority == bindparam("b_priority")))
DUE = PreparedStatement(
    as_system(
        "operate",
        select(*COLUMNS)
        .where(job.c.not_before <= bindparam("now"))
        .order_by(job.c.not_before, job.c.key),
    )
)
OF_CASE = PreparedStatement(
    select(*COLUMNS)
    .where(job.c.case_id == bindparam("case_id"), in_list(job.c.kind, "kinds"))
    .order_by(job.c.key)
)
DRAWN = ("topic", "element", "nth", "priority")
ANEW = PreparedStatement(
    update(job)
    .where(job.c.key == bindparam("b_key"))
    .values(
        {name: bindparam(f"b_{name}") for name in DRAWN}
        | {"due": bindparam("b_due"), "not_before": bindparam("b_due"), "mac": NEW_MAC}
        | {"tries": 0, "error": "", **FREE}
    )
)
"""Its MAC is of what the turn says it is: whatever else of it was changed, it does not fit."""

POSTPONED = PreparedStatement(
    as_system(
        "operate",
        select(*columns(job, Job))
        .where(job.c.not_before > bindparam("latest"), job.c.not_before > job.c.due)
        .order_by(job.c.key)
        .limit(bindparam("limit", type_=Integer)),
    )
)
MAKE_DUE = PreparedStatement(
    update(job)
    .where(job.c.key == bindparam("b_key"))
    .values(
        not_before=job.c.due,
        lease_until=case((job.c.lease_until.is_not(None), job.c.due), else_=None),
    )
)

REFIT = PreparedStatement(
    update(job)
    .where(job.c.key == bindparam("b_key"))
    .values({name: bindparam(f"b_{name}") for name in DRAWN} | {"mac": NEW_MAC})
)
RENEW = PreparedStatement(
    update(job)
    .where(job.c.key == bindparam("b_key"))
    .values(inputs=bindparam("b_inputs"), not_before=job.c.due, tries=0, error="", **FREE)
)


def get(reader: Reader, key: str) -> Job | None:
    return ROWS.one(reader, GET, {"b_key": key})


def of_case(reader: Reader, case_id: str, *, kinds: Sequence[str] = ENGINE) -> list[Job]:
    """What waits in a case: what the engine holds open, unless other kinds are asked for."""
    return ROWS.all(reader, *read_of_case(case_id, kinds))


def read_of_case(case_id: str, kinds: Sequence[str] = ENGINE) -> Read:
    """What `of_case` reads."""
    return OF_CASE, {"case_id": case_id, "kinds": (*kinds,)}


def arm(writer: Writer, row: Job) -> None:
    """Begin to wait for a moment that the engine knows nothing of."""
    writer.later(ADD, {**values(row), "not_before": row.due, MAC: ROWS.mac(writer, row)})


def disarm(writer: Writer, key: str) -> None:
    """Wait for it no more."""
    writer.later(DISARM, {"b_key": key})


def sync(
    writer: Writer,
    case_id: str,
    wanted: Sequence[Job],
    known: Mapping[str, datetime | None],
    *,
    now: datetime,
) -> None:
    """Make the open jobs exactly `wanted`.

    Args:
        wanted: `due` says when each may be taken first; None for a timer without a date.
        known: engine ids of the rows that are there, with their `due`. One that stays is left alone
            with its tries and its lease;
            a timer whose moment moved begins anew; one that is not wanted is deleted.
        now: a worker is woken for what is due by then, and finds a later moment by itself.
    """
    ids = {row.work_id for row in wanted}
    gone = sorted(set(known) - ids)
    new = [row for row in wanted if row.work_id not in known]
    moved = [row for row in wanted if row.work_id in known and known[row.work_id] != row.due]
    writer.changes.has_work |= any(row.due is not None and row.due <= now for row in moved)
    writer.later(DROP, [{"case_id": case_id, "work_id": id_} for id_ in gone])
    writer.later(ADD, [_made(writer, row, now) for row in new])
    writer.later(ANEW, [{**_drawn(writer, row), "b_due": row.due} for row in moved])


def _drawn(writer: Writer, row: Job) -> dict[str, object]:
    """What the diagram says of a job, and the MAC of the job with it."""
    given: dict[str, object] = {f"b_{name}": getattr(row, name) for name in DRAWN}
    return {**given, "b_key": row.key, "b_mac": ROWS.mac(writer, row)}


def _made(writer: Writer, row: Job, now: datetime) -> dict[str, object]:
    """The columns of a job that begins to wait; a call that is due is leased for the worker of this
    process, if it takes any.
    """
    columns_ = {**values(row), "not_before": row.due, MAC: ROWS.mac(writer, row)}
    if row.due is None or row.due > now:
        return columns_
    if row.kind != CALL or writer.changes.lease is None or not writer.changes.lease.takes_calls:
        writer.changes.has_work = True
        return columns_
    leased = writer.changes.lease.columns()
    writer.changes.lease.calls.append(replace(row, **leased))
    return {**columns_, **leased}


def refit(writer: Writer, row: Job, *, anew: bytes | None = None) -> None:
    """Change what the diagram says of an open job; its moment, tries and lease stay.

    Args:
        anew: the sealed inputs of a call whose handler is another one: it is made anew.
    """
    writer.later(REFIT, _drawn(writer, row))
    if anew is not None:
        writer.changes.has_work = True
        writer.later(RENEW, {"b_key": row.key, "b_inputs": anew})


def due_levels(reader: Reader, now: datetime) -> list[int]:
    """Priorities of what is due, the highest first."""
    return sorted(reader.all(int, *read_of_levels(now)), reverse=True)


def read_of_levels(now: datetime) -> Read:
    """What `due_levels` reads."""
    return LEVELS, {"now": now}


def lease(
    tx: Tx,
    *,
    now: datetime,
    who: str,
    seconds: int,
    limit: int = 10,
    kinds: Sequence[str] = ALL,
    levels: Sequence[int] | None = None,
) -> list[Job]:
    """Take due jobs for `seconds`; no two workers get the same one.

    Those of the highest priority come first, of one priority those that are due longest. One in
    `OLDEST` places goes to what has waited longest of all, so that no job waits for ever behind
    others. A lease that ran out is due again, and its job says so (`ENDED`). A job that this
    installation has not written is left alone from then on (`NOT_OURS`), and is in `tx.refused`.

    Args:
        levels: what `due_levels` gives, where it was read already.
    """
    until = now + timedelta(seconds=seconds)
    asked = {"now": now, "kinds": (*kinds,), "b_who": who, "b_until": until}
    taken, most = list[Job](), limit - limit // OLDEST
    for priority in due_levels(tx, now) if levels is None else levels:
        if len(taken) < most:
            level = {**asked, "limit": most - len(taken), "b_priority": priority}
            taken += _genuine(tx, TAKE_OF_LEVEL, level)
    if len(taken) >= most and limit > most:
        taken += _genuine(tx, TAKE_OLDEST, {**asked, "limit": limit - most})
    return sorted(taken, key=lambda row: (-row.priority, row.due or now, row.key))


def _genuine(tx: Tx, take: PreparedStatement, asked: Mapping[str, object]) -> list[Job]:
    """Lease jobs, and leave alone those that this installation has not written."""
    rows = tx.all(lambda *row: row, take, asked)
    found = ROWS.genuine(tx, rows)
    if len(found) < len(rows):
        keys = {row[0] for row in rows} - {one.key for one in found}
        tx.run(STOP, [{"b_key": key, "b_error": NOT_OURS} for key in sorted(keys)])
    return found


def keep(tx: Tx, key: str, who: str, until: datetime) -> bool:
    """Extend a lease; False when it was lost."""
    return tx.run(KEEP, {"b_key": key, "b_who": who, "b_until": until}) == 1


def begin(tx: Tx, row: Job, until: datetime) -> bool:
    """Count a try before it begins, and extend its lease; False when the lease was lost."""
    given = {"b_key": row.key, "b_who": row.leased_by, "b_until": until, "b_tries": row.tries + 1}
    return tx.run(BEGIN, given) == 1


def retry(tx: Tx, row: Job, *, at: datetime, error: str) -> bool:
    """Count a try that failed, and give the job back to be tried again at `at`.

    False when the lease was lost.
    """
    given = {"b_key": row.key, "b_who": row.leased_by, "b_at": at, "b_error": error}
    return tx.run(RETRY, {**given, "b_tries": row.tries + 1}) == 1


def wait(tx: Tx, row: Job, *, at: datetime) -> bool:
    """Give a job back to be taken again at `at`; the try does not count.

    False when the lease was lost.
    """
    given = {"b_key": row.key, "b_who": row.leased_by, "b_at": at, "b_tries": row.tries}
    return tx.run(WAIT, given) == 1


def rest(writer: Writer, key: str, *, error: str) -> None:
    """Nobody tries it again until it is set going by hand, if it is there still."""
    writer.later(STOP, {"b_key": key, "b_error": error})


def stop(tx: Tx, key: str, *, error: str) -> bool:
    """Nobody tries it again until it is set going by hand; False when it is gone."""
    return tx.run(STOP, {"b_key": key, "b_error": error}) == 1


def resume(tx: Tx, key: str, *, at: datetime) -> bool:
    """Set a stopped job going again, with all its tries; False when it was not stopped."""
    tx.changes.has_work = True
    return tx.run(RESUME, {"b_key": key, "b_at": at}) == 1


def give_back(tx: Tx, who: str, *, at: datetime) -> int:
    """End all leases of a worker that stops, of jobs that it has not begun."""
    return tx.run(GIVE_BACK, {"b_who": who, "b_at": at})


def due(reader: Reader, *, now: datetime) -> list[Job]:
    """Jobs of all cases that are due, whoever has leased them."""
    return ROWS.all(reader, DUE, {"now": now})


def postponed(reader: Reader, latest: datetime, *, limit: int) -> list[Job]:
    """Jobs that wait beyond a moment, and longer than until they are due, whoever wrote them."""
    return reader.all(Job, POSTPONED, {"latest": latest, "limit": limit})


def make_due(tx: Tx, key: str) -> None:
    """Let a job be taken when it is due, also if a lease of it says otherwise."""
    tx.run(MAKE_DUE, {"b_key": key})


def next_moment(reader: Reader) -> datetime | None:
    """When the next job may be taken."""
    found: datetime | None = reader.value(NEXT)
    return found
