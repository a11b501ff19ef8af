"""Rows of cases: the one that a turn reads and writes, and lists of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from service.errors import CaseMoved
from service.store import row_sums
from service.store.casefile import grants
from service.store.casefile.grants import granted_to
from service.store.casefile.referrals import LIVING
from service.store.checked_rows import CheckedRows, Refused
from service.store.guarded_rows import MAC, bind, row_maker
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import columns, values, width
from service.store.row_scope import as_system
from service.store.tables import (
    case_grant,
    case_officer,
    cases,
    fact,
    incident,
    job,
    line,
    referral,
    stream,
    task,
    unsent,
)
from service.store.work import jobs, tasks
from service.store.work.jobs import Job
from service.store.work.tasks import Task

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case as lists show it: nothing that is sealed. `rev` is the number of its last fact."""

    id: str
    ref: str
    number: str
    process: str
    release_id: str
    rev: int
    stage: str
    station: str
    status: str  # "open" or "ended"
    end: str
    inner_end: str
    marking: str
    kind: str
    next_due: datetime | None
    started_by: str
    opened_at: datetime
    moved_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case(CaseSummary):
    """A case as a turn reads and writes it.

    The snapshot is a sealed cache of what the facts fold to.
    """

    snapshot: bytes | None = None


@dataclass(frozen=True, slots=True)
class LoadedRows:
    """All rows that a turn needs of a case.

    `end` is number and hash of the last line of its ledger stream, `sums` those that its row bears
    (`row_sums`). The last two are of a case that was loaded for a task: whether somebody of the
    office of that task is its officer, and whether anybody may have answers to it that were not
    sent.
    """

    case: Case
    end: tuple[int, str]
    sums: bytes
    has_referrals: bool = False
    """Whether a referral of it lives."""
    has_incidents: bool = False
    """Whether an incident of it is open."""
    has_officer: bool = False
    may_have_unsent: bool = True


ERASED: Final = "erased"
"""How a case has ended whose running was erased in a restored copy: no element of a diagram."""
PATH, PATH_ERASED = "path", "path_erased"
"""Kinds of a case: everything that anybody wrote in it is erased, so that only its path is left;
and that is erased too."""
ROWS = CheckedRows(cases, CaseSummary, Refused.STOPS)
COLUMNS = columns(cases, Case)
BRIEF = columns(cases, CaseSummary)
"""Of lists, from which a case is read once more before it is shown."""


@dataclass(frozen=True, slots=True)
class LoadingStatements:
    """One question for a case, as different transactions ask it."""

    reader: PreparedStatement
    writer: PreparedStatement
    """It locks the case on PostgreSQL."""

    def of(self, tx: Tx) -> PreparedStatement:
        """As this transaction asks it."""
        return self.writer if tx.locks else self.reader


HAS_REFERRALS = exists().where(
    referral.c.case_id == cases.c.id, or_(*(referral.c.state == state for state in LIVING))
)
HAS_INCIDENTS = exists().where(incident.c.case_id == cases.c.id, incident.c.closed_at.is_(None))


def _loading(*extra: ColumnElement[Any], source: FromClause = cases) -> Select[tuple[Any, ...]]:
    """A case with the last line of its stream, in one statement."""
    lines = line.alias("lines")
    newest = (
        select(func.max(lines.c.seq))
        .where(lines.c.stream == stream.c.number)
        .correlate(stream)
        .scalar_subquery()
    )
    joined = source.outerjoin(stream, stream.c.name == literal("case/") + cases.c.id).outerjoin(
        line, and_(line.c.stream == stream.c.number, line.c.seq == newest)
    )
    end = (line.c.seq, line.c.hash)
    kept = (*end, cases.c.mac, cases.c.sums, HAS_REFERRALS, HAS_INCIDENTS)
    return select(*COLUMNS, *kept, *extra).select_from(joined)


def _statements(
    condition: ColumnElement[bool], *extra: ColumnElement[Any], source: FromClause = cases
) -> LoadingStatements:
    whole = _loading(*extra, source=source).where(condition)
    return LoadingStatements(
        PreparedStatement(whole), PreparedStatement(whole.with_for_update(of=cases))
    )


BY_ID = _statements(cases.c.id == bindparam("id"))
HAS_OFFICER = exists().where(
    case_officer.c.case_id == task.c.case_id, case_officer.c.office_id == task.c.office_id
)
HAS_UNSENT = exists().where(unsent.c.key == task.c.key)
BY_TASK = _statements(
    task.c.key == bindparam("key"),
    *(*tasks.COLUMNS, HAS_OFFICER, HAS_UNSENT),
    source=cases.join(task, task.c.case_id == cases.c.id),
)
BY_JOB = _statements(
    job.c.key == bindparam("key"),
    *jobs.COLUMNS,
    source=cases.join(job, job.c.case_id == cases.c.id),
)
AS_IT_WAS = update(cases).where(cases.c.id == bindparam("b_id"), cases.c.rev == bindparam("b_rev"))
MOVING = (
    "release_id",
    "rev",
    "snapshot",
    "stage",
    "station",
    "status",
    "end",
    "inner_end",
    "next_due",
    "moved_at",
    "closed_at",
)
"""What a turn may change; the rest stays as it began, or changes by a command of its own."""
SAVE = PreparedStatement(
    AS_IT_WAS.where(cases.c.sums == bindparam("b_sums")).values(
        {name: bindparam(name) for name in (*MOVING, "sums")}
    )
)
ADD = PreparedStatement(insert(cases))
SET_KIND = PreparedStatement(
    AS_IT_WAS.where(cases.c.mac == bindparam("b_before")).values(
        kind=bindparam("b_kind"), mac=bindparam("b_mac")
    )
)
NAMING: Final = ("ref", "number", "marking", "kind")
ERASE_PATH = PreparedStatement(
    AS_IT_WAS.where(cases.c.mac == bindparam("b_before")).values(
        **{name: bindparam(f"b_{name}") for name in (*NAMING, "mac")},
        opened_at=bindparam("b_opened_at"),
    )
)
SET_MARKING = PreparedStatement(
    AS_IT_WAS.where(cases.c.mac == bindparam("b_before")).values(
        marking=bindparam("b_marking"), mac=bindparam("b_mac")
    )
)
REBUILD = PreparedStatement(AS_IT_WAS.values(snapshot=bindparam("b_snapshot")))
WHOLE = (*ROWS.columns, cases.c.sums)
"""What says of a case that its row is as this installation wrote it."""
GET = PreparedStatement(select(*WHOLE).where(cases.c.id == bindparam("id")))
REFS = PreparedStatement(select(cases.c.id, cases.c.ref).where(in_list(cases.c.id, "ids")))
OF_IDS = PreparedStatement(
    select(*ROWS.columns).where(in_list(cases.c.id, "ids")).order_by(cases.c.id.desc())
)
TAKEN = PreparedStatement(
    as_system("pseudonym", select(cases.c.ref).where(in_list(cases.c.ref, "refs")))
)
NAMED = or_(cases.c.ref == bindparam("word"), cases.c.number == bindparam("word"))
FIND = PreparedStatement(select(*WHOLE).where(NAMED))
FIND_IN_DANGER = PreparedStatement(as_system("glass", select(*WHOLE).where(NAMED).limit(1)))
NEWEST_MOVE = func.max(cases.c.moved_at, type_=cases.c.moved_at.type)
IS_OPEN = PreparedStatement(
    as_system(
        "approve",
        select(cases.c.id).where(cases.c.id == bindparam("id"), cases.c.status != "ended"),
    )
)
LAST_MOVED = PreparedStatement(as_system("start", select(NEWEST_MOVE)))

OPEN_WITH_LINE = PreparedStatement(
    as_system(
        "retention",
        select(cases.c.id)
        .join(stream, stream.c.name == literal("case/") + cases.c.id)
        .join(line, line.c.stream == stream.c.number)
        .where(line.c.kind == bindparam("kind"), cases.c.status != "ended")
        .order_by(cases.c.id)
        .distinct(),
    )
)
NEWEST = PreparedStatement(
    as_system(
        "verify",
        select(cases.c.id)
        .where(cases.c.status == bindparam("status"))
        .order_by(cases.c.moved_at.desc(), cases.c.id.desc())
        .limit(bindparam("most")),
    )
)
LAST_FACT = and_(fact.c.case_id == cases.c.id, fact.c.rev == cases.c.rev)
ENGINES = PreparedStatement(
    as_system("start", select(fact.c.engine).distinct().join_from(cases, fact, LAST_FACT))
)
REST_AT = width(Case)
SUMMARY_AT = [at for at, c in enumerate(COLUMNS) if c.name in {b.name for b in BRIEF}]
"""Where a row of a loaded case has what lists show of it."""
MAC_AT = REST_AT + 2
SUMS_AT = MAC_AT + 1
FLAGS_AT = SUMS_AT + 1
EXTRA_AT = FLAGS_AT + 2


def read_of_case(tx: Tx, case_id: str) -> Read:
    """What `load` reads; it locks the case when the transaction writes."""
    return BY_ID.of(tx), {"id": case_id}


def read_of_task(tx: Tx, key: str) -> Read:
    """What `of_task` finds: an open task with its case, locked likewise."""
    return BY_TASK.of(tx), {"key": key}


def read_of_job(tx: Tx, key: str) -> Read:
    """What `load_for_job` reads, likewise."""
    return BY_JOB.of(tx), {"key": key}


def load(tx: Tx, case_id: str) -> LoadedRows | None:
    """The case for a turn; locked when the transaction writes."""
    found = of_read(tx, read_of_case(tx, case_id))
    return None if found is None else _kept(tx, found)


def load_for_job(tx: Tx, key: str) -> tuple[Job, LoadedRows] | None:
    """The open job and its case; locked when the transaction writes."""
    found = of_job(tx, read_of_job(tx, key))
    return None if found is None else (found[0], _kept(tx, found[1]))


def _kept(tx: Tx, loaded: LoadedRows) -> LoadedRows:
    """A transaction that locked the case keeps it in its row scope."""
    if tx.locks:
        tx.keep_case(loaded.case.id)
    return loaded


def of_read(reader: Reader, read: Read) -> LoadedRows | None:
    """The case that `read_of_case` asks for.

    Raises:
        RowRefused: this installation did not write it.
    """
    row = reader.one(lambda *row: row, *read)
    return None if row is None else _loaded(reader, row)


def of_task(reader: Reader, read: Read) -> tuple[Task, LoadedRows] | None:
    """The open task and its case that `read_of_task` asks for.

    Raises:
        RowRefused: this installation did not write the case.
    """
    row = reader.one(lambda *row: row, *read)
    if row is None:
        return None
    *own, has_officer, has_unsent = row[EXTRA_AT:]
    found = tasks.ROWS.genuine(reader, [own])
    if not found:
        return None
    loaded = _loaded(reader, row)
    return found[0], replace(
        loaded, has_officer=bool(has_officer), may_have_unsent=bool(has_unsent)
    )


def of_job(reader: Reader, read: Read) -> tuple[Job, LoadedRows] | None:
    """The open job and its case that `read_of_job` asks for.

    Raises:
        RowRefused: this installation did not write the case.
    """
    row = reader.one(lambda *row: row, *read)
    found = [] if row is None else jobs.ROWS.genuine(reader, [row[EXTRA_AT:]])
    return None if row is None or not found else (found[0], _loaded(reader, row))


def _loaded(reader: Reader, row: tuple[Any, ...]) -> LoadedRows:
    """Make a loaded case of a row.

    Raises:
        RowRefused: this installation did not write it.
    """
    seq, line_hash = row[REST_AT:MAC_AT]
    case = Case(*row[:REST_AT])
    ROWS.is_genuine(reader, case, row[MAC_AT])
    standing = row_sums.standing_of(case)
    sums = row_sums.check(row_maker(reader), case.id, standing, row[SUMS_AT])
    flags = (bool(flag) for flag in row[FLAGS_AT:EXTRA_AT])
    return LoadedRows(case, (seq or 0, line_hash or ""), sums, *flags)


def add(writer: Writer, case: Case) -> LoadedRows:
    """Put in the row of a new case, which has no state yet; gives it as a turn reads it.

    Who adds one keeps it in the row scope of the transaction (`Tx.keep_case`).
    """
    standing = row_sums.standing_of(case)
    sums, mac = row_sums.packed(row_maker(writer), case.id, standing, {}), ROWS.mac(writer, case)
    writer.later(ADD, {**values(case), "sums": sums, MAC: mac})
    bind(writer, f"case/{case.id}", "cases", case)
    return LoadedRows(case, (0, ""), sums)


def save(writer: Writer, case: Case, *, sums: bytes) -> bytes:
    """Write the case after its next turn, and give the sums that its row bears then; `case.rev` is
    the new number.

    Args:
        sums: those that its row bore before the turn.
    Raises:
        CaseMoved: the stored case is not at the number before it.
    """
    return _write(writer, case, case.rev - 1, sums)


def end_without_turn(writer: Writer, case: Case, *, sums: bytes) -> None:
    """Write a case that ends where it stands, because what it needs to go on is erased.

    Args:
        case: as it is from now on; its number is the one that it had.
        sums: those that its row bore.
    Raises:
        CaseMoved: the stored case is not at that number.
    """
    _write(writer, case, case.rev, sums)


def _write(writer: Writer, case: Case, rev: int, sums: bytes) -> bytes:
    given = {name: getattr(case, name) for name in MOVING}
    after = row_sums.with_noted(writer, case.id, row_sums.standing_of(case), sums)
    given |= {"b_id": case.id, "b_rev": rev, "b_sums": sums, "sums": after}
    writer.later(SAVE, given, exactly=1)
    return after


def set_marking(tx: Tx, case_id: str, rev: int, marking: str) -> None:
    """Change the protection marking of a case that is still at `rev`.

    Raises:
        CaseMoved: it is not, or it was marked by somebody else meanwhile.
    """
    given = {"b_id": case_id, "b_rev": rev, "b_marking": marking}
    before = get(tx, case_id)
    if before is None:
        raise CaseMoved
    after, stream = replace(before, marking=marking), f"case/{case_id}"
    if not ROWS.try_change(tx, SET_MARKING, given, before, after, stream=stream):
        raise CaseMoved


def leave_path(tx: Tx, case: CaseSummary) -> CaseSummary:
    """Write that only the path of a case is left; gives the case as it is then.

    Raises:
        CaseMoved: it is not as it was read.
    """
    after = replace(case, kind=PATH)
    given = {"b_id": case.id, "b_rev": case.rev, "b_kind": PATH}
    if not ROWS.try_change(tx, SET_KIND, given, case, after, stream=f"case/{case.id}"):
        raise CaseMoved
    return after


def erase_path(tx: Tx, loaded: LoadedRows, *, marking: str) -> None:
    """Write that the path of a case is erased too: it has its id for pseudonym and number, the year
    in which it began for every moment, and no stage, end or marking of its own.

    Args:
        marking: the usual one.
    Raises:
        CaseMoved: it is not as it was read.
    """
    before, year = loaded.case, datetime(loaded.case.opened_at.year, 1, 1, tzinfo=UTC)
    after = replace(
        before,
        ref=before.id,
        number=before.id,
        kind=PATH_ERASED,
        marking=marking,
        stage="",
        station="",
        end="",
        inner_end="",
        next_due=None,
        opened_at=year,
        moved_at=year,
        closed_at=year,
    )
    named = {f"b_{name}": getattr(after, name) for name in ("id", "rev", "opened_at", *NAMING)}
    if not ROWS.try_change(tx, ERASE_PATH, named, before, after, stream=f"case/{before.id}"):
        raise CaseMoved
    _write(tx, after, before.rev, loaded.sums)


def rebuild(tx: Tx, case_id: str, rev: int, snapshot: bytes | None) -> None:
    """Replace a snapshot that is wrong or unreadable, or erase it; the case does not move."""
    tx.win(REBUILD, {"b_id": case_id, "b_rev": rev, "b_snapshot": snapshot})


def read_of_summary(case_id: str) -> Read:
    """What `get` and `stored` read."""
    return GET, {"id": case_id}


def get(reader: Reader, case_id: str) -> CaseSummary | None:
    """A case as lists show it; None for one whose path is erased, as for one that never was.

    Raises:
        RowRefused: this installation did not write it.
    """
    row = reader.one(lambda *cells: cells, *read_of_summary(case_id))
    return None if row is None else _unless_gone(_genuine(reader, row))


def process_of(reader: Reader, case_id: str) -> str:
    """The process of a case, also of one whose path is erased; "" when there never was one.

    Raises:
        RowRefused: this installation did not write it.
    """
    row = reader.one(lambda *cells: cells, *read_of_summary(case_id))
    return "" if row is None else _genuine(reader, row).process


def _unless_gone(case: CaseSummary) -> CaseSummary | None:
    return None if case.kind == PATH_ERASED else case


def _genuine(reader: Reader, row: Sequence[Any]) -> CaseSummary:
    """A case, of a row of `WHOLE`.

    Raises:
        RowRefused: this installation did not write it.
    """
    (case,) = ROWS.genuine(reader, [row[:-1]])
    row_sums.check(row_maker(reader), case.id, row_sums.standing_of(case), row[-1])
    return case


def stored(reader: Reader, case_id: str) -> CaseSummary | None:
    """A case as it is stored, whoever wrote it: for verification, which names it."""
    row = reader.one(lambda *cells: cells, *read_of_summary(case_id))
    return None if row is None else CaseSummary(*row[:-2])


def stored_whole(reader: Reader, case_id: str) -> Case | None:
    """The same with what a turn needs of it."""
    row = reader.one(lambda *row: row, BY_ID.reader, {"id": case_id})
    return None if row is None else Case(*row[:REST_AT])


def reads_of_stored(case_id: str) -> list[Read]:
    """What `get`, `stored` and `stored_whole` read."""
    return [(GET, {"id": case_id}), (BY_ID.reader, {"id": case_id})]


def _summary_cells(*row: Any) -> list[Any]:  # noqa: ANN401 - a database row has the kinds of its columns
    """What `GET` gives, of a row of a loaded case."""
    return [*(row[at] for at in SUMMARY_AT), row[MAC_AT], row[SUMS_AT]]


def is_open(reader: Reader, case_id: str) -> bool:
    """Whether a case is open, whoever asks: who decides about a request need not know the case for
    which it was made.
    """
    return reader.one(lambda id: id, IS_OPEN, {"id": case_id}) is not None


def open_with_line(reader: Reader, kind: str) -> list[str]:
    """Ids of the open cases whose history has an entry of a kind."""
    return reader.all(str, OPEN_WITH_LINE, {"kind": kind})


def refs(reader: Reader, case_ids: Collection[str]) -> dict[str, str]:
    """Pseudonyms of several cases, by id."""
    return dict(reader.all(lambda id, ref: (id, ref), REFS, {"ids": (*sorted(case_ids),)}))


def of_ids(reader: Reader, ids: Collection[str]) -> list[CaseSummary]:
    """Several cases, newest first."""
    found = ROWS.all(reader, *read_of_ids(ids), listed=True)
    return [case for case in found if case.kind != PATH_ERASED]


def read_of_ids(ids: Collection[str]) -> Read:
    """What `of_ids` reads."""
    return OF_IDS, {"ids": (*sorted(ids),)}


def find(reader: Reader, word: str) -> CaseSummary | None:
    """The case with this pseudonym or number; none whose path is erased."""
    row = reader.one(lambda *cells: cells, FIND, {"word": word})
    return None if row is None else _unless_gone(_genuine(reader, row))


def find_in_danger(reader: Reader, word: str) -> CaseSummary | None:
    """The case with this pseudonym or number, whoever's it is: for who says that there is danger to
    life.
    """
    row = reader.one(lambda *cells: cells, FIND_IN_DANGER, {"word": word})
    return None if row is None else _unless_gone(_genuine(reader, row))


def visible(
    reader: Reader,
    *,
    office: str,
    roles: Collection[str],
    now: datetime,
    stage: str = "",
    status: str = "",
    process: str = "",
    after: str = "",
    limit: int = 50,
) -> list[CaseSummary]:
    """One page of the cases that a grant opens to a role in an office, newest first.

    Args:
        after: id of the last case of the page before.
    """
    newer = case_grant.alias("newer")
    again = exists().where(
        newer.c.case_id == case_grant.c.case_id,
        newer.c.id > case_grant.c.id,
        granted_to(newer, office, roles, now),
    )
    wanted = select(*BRIEF, *grants.ROWS.columns)
    wanted = wanted.join_from(case_grant, cases, cases.c.id == case_grant.c.case_id)
    wanted = wanted.where(granted_to(case_grant, office, roles, now), ~again)
    wanted = _narrowed(wanted, stage=stage, status=status, process=process)
    if after:
        wanted = wanted.where(case_grant.c.case_id < after)
    found = reader.all(lambda *row: row, wanted.order_by(case_grant.c.case_id.desc()).limit(limit))
    at = width(CaseSummary)
    return [CaseSummary(*row[:at]) for row in found if grants.ROWS.genuine(reader, [row[at:]])]


def listed(
    reader: Reader,
    *,
    status: str = "",
    process: str = "",
    release_id: str = "",
    after: str = "",
    limit: int = 500,
    gone: bool = False,
) -> list[CaseSummary]:
    """One page of all cases, oldest first: for those who look at all, under pseudonyms.

    Args:
        gone: with those whose path is erased.
    """
    wanted = select(*BRIEF).where(cases.c.id > after)
    if not gone:
        wanted = wanted.where(cases.c.kind != PATH_ERASED)
    wanted = _narrowed(wanted, status=status, process=process, release_id=release_id)
    return reader.all(CaseSummary, as_system("verify", wanted.order_by(cases.c.id).limit(limit)))


def _narrowed(wanted: Select[Any], **values: str) -> Select[Any]:
    """A statement for cases whose columns have these values; an empty one is not asked for."""
    return wanted.where(*(cases.c[name] == value for name, value in values.items() if value))


def taken(reader: Reader, refs: Collection[str]) -> frozenset[str]:
    """Those of some pseudonyms that cases have already."""
    return frozenset(reader.all(str, TAKEN, {"refs": (*sorted(refs),)}))


def last_moved(reader: Reader) -> datetime | None:
    """When any case moved last."""
    found: datetime | None = reader.value(LAST_MOVED)
    return found


def newest(reader: Reader, status: str, most: int) -> list[str]:
    """Ids of the cases that moved last, of those that are open or ended."""
    return reader.all(str, NEWEST, {"status": status, "most": most})


def engines(reader: Reader) -> frozenset[str]:
    """What made the last fact of any case, in the words of the facts."""
    return frozenset(reader.all(str, ENGINES))
