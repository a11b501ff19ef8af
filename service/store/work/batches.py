"""Batches: work over many cases in the background, one case a transaction.

A batch holds the list of its cases from the beginning, each without a verdict until it was there,
so that work which broke off goes on where it was. One worker at a time has the lease of a batch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from service.errors import CaseMoved, RowRefused
from service.store.checked_rows import CheckedRows, Refused
from service.store.prepared import PreparedStatement
from service.store.row_mapping import values
from service.store.row_scope import as_system
from service.store.tables import batch, batch_case, cases

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx

VERIFY: Final = "verify"
"""Kind, and subject, of the verification of every case."""
RUNNING: Final = "running"
STOPPED: Final = "stopped"
DONE: Final = "done"
WAITING: Final = ""
"""Verdict of a case that the batch has not come to."""
FAILED: Final = "failed"
"""Verdict of a case in which the work itself met a fault of the program."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One piece of work over many cases. `subject` is the draft or the plan that it is about."""

    id: str
    kind: str
    subject: str
    detail: Mapping[str, Any]
    state: str
    total: int
    by: str
    at: datetime
    done: int = 0
    ended_at: datetime | None = None
    lease_until: datetime | None = None
    leased_by: str = ""


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What the work found or did in one case: codes, ids of elements, names of fields, numbers."""

    verdict: str
    element: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderedCase:
    """One case of a batch, at its place, with what became of it."""

    batch_id: str
    case_id: str
    position: int
    verdict: str = WAITING
    element: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BatchCase:
    """One case of a batch, with its pseudonym."""

    batch_id: str
    case_id: str
    position: int
    verdict: str
    element: str
    detail: Mapping[str, Any]
    ref: str


ROWS = CheckedRows(batch, Batch, Refused.STOPS)
CASES = CheckedRows(batch_case, OrderedCase, Refused.MISSING)
COLUMNS = ROWS.columns
THIS = batch.c.id == bindparam("b_id")
MINE = (THIS, batch.c.leased_by == bindparam("b_who"), batch.c.state == RUNNING)
GET = PreparedStatement(select(*COLUMNS).where(THIS))
OF_SUBJECT = PreparedStatement(
    select(*COLUMNS)
    .where(batch.c.subject == bindparam("subject"), batch.c.kind == bindparam("kind"))
    .order_by(batch.c.id.desc())
)
FREE = or_(batch.c.lease_until.is_(None), batch.c.lease_until <= bindparam("now"))
NEXT = PreparedStatement(
    select(batch.c.id).where(batch.c.state == RUNNING, FREE).order_by(batch.c.id).limit(1)
)
KEEP = PreparedStatement(update(batch).where(*MINE).values(lease_until=bindparam("b_until")))
PUT_BACK = PreparedStatement(update(batch).where(*MINE).values(lease_until=None, leased_by=""))
GIVE_BACK = PreparedStatement(
    update(batch)
    .where(batch.c.leased_by == bindparam("b_who"))
    .values(lease_until=None, leased_by="")
)
COUNT = PreparedStatement(update(batch).where(*MINE).values(done=batch.c.done + 1))
OF_BATCH = batch_case.c.batch_id == bindparam("batch_id")
LEFT = PreparedStatement(
    as_system(
        "process",
        select(*CASES.columns)
        .where(OF_BATCH, batch_case.c.verdict == WAITING)
        .order_by(batch_case.c.position)
        .limit(bindparam("limit")),
    )
)
EVERY = PreparedStatement(as_system("process", select(*CASES.columns).where(OF_BATCH)))
COUNTS = PreparedStatement(
    as_system(
        "process",
        select(batch_case.c.verdict, func.count()).where(OF_BATCH).group_by(batch_case.c.verdict),
    )
)
DROP_CASES = PreparedStatement(
    as_system("process", delete(batch_case).where(batch_case.c.batch_id == bindparam("b_id")))
)
DROP = PreparedStatement(delete(batch).where(THIS))
LEASED_LONG = and_(batch.c.state == RUNNING, batch.c.lease_until > bindparam("latest"))
POSTPONED = PreparedStatement(select(batch.c.id).where(LEASED_LONG).order_by(batch.c.id))
MAKE_FREE = PreparedStatement(
    update(batch).where(THIS, batch.c.state == RUNNING).values(lease_until=None, leased_by="")
)
OVER = PreparedStatement(select(batch.c.id).where(batch.c.ended_at < bindparam("before")))


def add(writer: Writer, row: Batch, case_ids: Sequence[str]) -> None:
    """Keep a new batch with its cases, in the order in which they are to be done."""
    writer.changes.has_work = True
    ROWS.add(writer, row)
    CASES.add(writer, *(OrderedCase(row.id, case_id, n) for n, case_id in enumerate(case_ids, 1)))


def get(reader: Reader, id_: str) -> Batch | None:
    return ROWS.one(reader, GET, {"b_id": id_})


def of_subject(reader: Reader, kind: str, subject: str) -> list[Batch]:
    """The batches of one kind about a draft or a plan, newest first."""
    return ROWS.all(reader, OF_SUBJECT, {"kind": kind, "subject": subject}, listed=True)


def newest(reader: Reader, kind: str, subject: str = "") -> Batch | None:
    """The last batch of a kind about a draft or a plan, whether it goes on or is over.

    Args:
        subject: the kind itself where there is none.
    """
    return next(iter(of_subject(reader, kind, subject or kind)), None)


def waiting(reader: Reader, *, now: datetime) -> str | None:
    """The oldest batch that runs and that no worker has the lease of."""
    found: str | None = reader.value(NEXT, {"now": now})
    return found


def lease(tx: Tx, *, now: datetime, who: str, until: datetime) -> Batch | None:
    """Take the oldest batch that runs and is free; no two workers get the same one.

    Raises:
        RowRefused: it was not written by this installation; nobody works on it, or on a later one.
    """
    free = select(batch.c.id).where(
        batch.c.state == RUNNING, or_(batch.c.lease_until.is_(None), batch.c.lease_until <= now)
    )
    free = free.order_by(batch.c.id).limit(1).with_for_update(skip_locked=True)
    first = free.cte("first")
    taken = update(batch).where(batch.c.id == first.c.id).values(lease_until=until, leased_by=who)
    return ROWS.one(tx, taken.returning(*COLUMNS))


def keep(tx: Tx, id_: str, who: str, until: datetime) -> bool:
    """Extend a lease; False when it was lost, or the batch was stopped or deleted."""
    return tx.run(KEEP, {"b_id": id_, "b_who": who, "b_until": until}) == 1


def postponed(reader: Reader, latest: datetime) -> list[str]:
    """Ids of running batches whose lease lasts beyond a moment."""
    return reader.all(str, POSTPONED, {"latest": latest})


def make_free(tx: Tx, id_: str) -> None:
    """End the lease of a running batch, whoever has it."""
    tx.run(MAKE_FREE, {"b_id": id_})


def put_back(tx: Tx, id_: str, who: str) -> None:
    """End a lease."""
    tx.run(PUT_BACK, {"b_id": id_, "b_who": who})


def give_back(tx: Tx, who: str) -> None:
    """End all leases of a worker that stops."""
    tx.run(GIVE_BACK, {"b_who": who})


def left(reader: Reader, id_: str, *, limit: int) -> list[OrderedCase]:
    """The next cases of a batch that it has not come to."""
    return CASES.all(reader, LEFT, {"batch_id": id_, "limit": limit})


def require_whole(reader: Reader, row: Batch) -> None:
    """Refuse a batch that has not every case with which it began, each with what became of it once
    it is over.

    Raises:
        RowRefused: somebody else has changed, taken away or put back one.
    """
    found = CASES.all(reader, EVERY, {"batch_id": row.id})
    places = sorted(case.position for case in found)
    came_to_all = row.state != DONE or all(case.verdict != WAITING for case in found)
    if places != [*range(1, row.total + 1)] or not came_to_all:
        raise RowRefused(table=batch_case.name, case="")


def record(tx: Tx, who: str, case: OrderedCase, outcome: CaseOutcome) -> bool:
    """Keep what became of a case, as it was read; False, and nothing is kept, when the lease was
    lost.

    Raises:
        CaseMoved: it is not as it was read any more; perhaps only at the next question.
    """
    if tx.run(COUNT, {"b_id": case.batch_id, "b_who": who}) != 1:
        return False
    CASES.change(tx, case, replace(case, **values(outcome)))
    return True


def end(tx: Tx, id_: str, state: str, *, at: datetime) -> bool:
    """End a batch that runs, as `DONE` or `STOPPED`; False when it runs no more."""
    row = get(tx, id_)
    if row is None or row.state != RUNNING:
        return False
    ROWS.change(tx, row, replace(row, state=state, ended_at=at, lease_until=None, leased_by=""))
    return True


def stop(tx: Tx, id_: str, kinds: Collection[str], *, at: datetime) -> Batch | None:
    """Stop a batch of one of some kinds before its next case; gives it as it is then.

    None when there is none of them, or when it runs no more.
    """
    row = get(tx, id_)
    if row is None or row.kind not in kinds or not end(tx, id_, STOPPED, at=at):
        return None
    return get(tx, id_)


def set_detail(tx: Tx, id_: str, detail: Mapping[str, Any]) -> None:
    """Change what a batch is about; it must be there."""
    row = get(tx, id_)
    if row is None:
        raise CaseMoved
    ROWS.change(tx, row, replace(row, detail=detail))


def counts(reader: Reader, id_: str) -> dict[str, int]:
    """Verdict to the number of cases."""
    return dict(reader.all(lambda *row: row, COUNTS, {"batch_id": id_}))


def of_batch(
    reader: Reader,
    id_: str,
    *,
    verdicts: Sequence[str] = (),
    after: int = 0,
    limit: int | None = None,
) -> list[BatchCase]:
    """Cases of a batch in their order, from behind position `after`.

    Args:
        verdicts: of these alone; all when there are none.
    """
    wanted = (
        select(*CASES.columns, cases.c.ref)
        .join(cases, cases.c.id == batch_case.c.case_id)
        .where(batch_case.c.batch_id == id_, batch_case.c.position > after)
        .order_by(batch_case.c.position)
    )
    if verdicts:
        wanted = wanted.where(batch_case.c.verdict.in_(sorted(verdicts)))
    if limit is not None:
        wanted = wanted.limit(limit)
    rows = reader.all(lambda *row: row, as_system("process", wanted))
    refs = {case_id: ref for _, case_id, *_, ref in rows}
    genuine = CASES.genuine(reader, (row[:-1] for row in rows))
    return [BatchCase(**values(case), ref=refs[case.case_id]) for case in genuine]


def drop_cases(tx: Tx, id_: str) -> None:
    """Delete what a batch found in its cases, and which they were."""
    tx.run(DROP_CASES, {"b_id": id_})


def delete_batch(tx: Tx, id_: str) -> None:
    """Delete a batch and what it found."""
    drop_cases(tx, id_)
    tx.run(DROP, {"b_id": id_})


def sweep(tx: Tx, before: datetime) -> int:
    """Delete batches that ended before that; returns their number."""
    gone = tx.all(str, OVER, {"before": before})
    for id_ in gone:
        delete_batch(tx, id_)
    return len(gone)
