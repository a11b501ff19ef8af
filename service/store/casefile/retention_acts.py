"""What was done to the records of offices in cases because of the retention plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, bindparam, exists, or_, select

from service.store.casefile.cases import PATH
from service.store.checked_rows import CheckedRows, Refused
from service.store.prepared import PreparedStatement, in_list
from service.store.row_scope import as_system
from service.store.tables import case_grant as grant
from service.store.tables import cases, fact, retention_act

if TYPE_CHECKING:
    from collections.abc import Collection

    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer

DESTROY, LOCK, REVIEW, HAND_OVER, RECALL = "destroy", "lock", "review", "hand_over", "recall"
"""What is done: records are erased; they are locked until `ended_at`; the office is asked whether
they are still needed, hands them to an archive, or sees to what left before an erasure: its task
waits until `ended_at`."""


@dataclass(frozen=True, slots=True)
class RetentionAct:
    """One act on the records that one office wrote in a case, of some classes."""

    id: str
    case_id: str
    office_id: str
    """"" for what no office wrote, and for the case's own key."""
    classes: list[str]
    does: str
    rule: str
    """Id of the rule of the plan; "" when two persons did it earlier."""
    plan: str
    """Id of the release whose plan it was."""
    by: str
    at: datetime
    approval_id: str = ""
    keys: list[str] = field(default_factory=list)
    """Ids of the keys that went, hex: no live file may hold their bytes any more."""
    commitments: dict[str, dict[str, str]] = field(default_factory=dict)
    """Number of a fact to column to what its ledger entry committed to."""
    counts: dict[str, int] = field(default_factory=dict)
    later: dict[str, Any] = field(default_factory=dict)
    """Of the first erasure in a case: what rules need after it (`later_rules`), and how the case
    ended; else empty."""
    ended_at: datetime | None = None
    """When a lock was opened, or a task of the office was done."""
    ended_by: str = ""
    outcome: str = ""
    """What came of a task."""
    process: int = 0
    """Version of the diagram of a task; 0 for what is no task."""
    confirmed_at: datetime | None = None


OPEN = retention_act.c.ended_at.is_(None)
TASK = or_(*(retention_act.c.does == does for does in (REVIEW, HAND_OVER, RECALL)))
ROWS = CheckedRows(retention_act, RetentionAct, Refused.STOPS)
OF_CASE = ROWS.reads_of_case(retention_act.c.at, retention_act.c.id)
OF_CASES = PreparedStatement(
    select(*ROWS.columns)
    .where(in_list(retention_act.c.case_id, "case_ids"))
    .order_by(retention_act.c.at, retention_act.c.id)
)
UNCONFIRMED = PreparedStatement(
    as_system(
        "retention",
        select(*ROWS.columns)
        .where(retention_act.c.does == DESTROY, retention_act.c.confirmed_at.is_(None))
        .order_by(retention_act.c.id),
    )
)
EVERY = PreparedStatement(
    as_system(
        "retention",
        select(*ROWS.columns)
        .where(retention_act.c.id > bindparam("after"))
        .order_by(retention_act.c.id),
    )
)
WAITING = PreparedStatement(
    as_system(
        "retention",
        select(*ROWS.columns).where(TASK, OPEN).order_by(retention_act.c.id),
    )
)
WAITING_OF_OFFICE = PreparedStatement(
    as_system(
        "retention",
        select(*ROWS.columns)
        .where(
            TASK,
            OPEN,
            retention_act.c.office_id == bindparam("office"),
        )
        .order_by(retention_act.c.id),
    )
)
GET = PreparedStatement(
    as_system("retention", select(*ROWS.columns).where(retention_act.c.id == bindparam("id")))
)
OFFICE: BindParameter[str] = bindparam("office")
LAST_OF_PATH = PreparedStatement(
    as_system(
        "retention",
        select(retention_act.c.rule, retention_act.c.at)
        .join_from(retention_act, cases, cases.c.id == retention_act.c.case_id)
        .where(
            cases.c.id == bindparam("case_id"),
            cases.c.kind == PATH,
            retention_act.c.does == DESTROY,
            or_(
                OFFICE == "",
                exists().where(fact.c.case_id == cases.c.id, fact.c.office == OFFICE),
                exists().where(grant.c.case_id == cases.c.id, grant.c.office_id == OFFICE),
            ),
        )
        .order_by(retention_act.c.at.desc(), retention_act.c.id.desc())
        .limit(1),
    )
)
IDS = PreparedStatement(as_system("retention", select(retention_act.c.id)))


def add(writer: Writer, row: RetentionAct) -> None:
    ROWS.add(writer, row, stream=f"case/{row.case_id}")


def end(
    writer: Writer, row: RetentionAct, *, by: str, at: datetime, outcome: str = ""
) -> RetentionAct:
    """Open a lock, or say what came of a task; gives the row as it is then."""
    after = replace(row, ended_by=by, ended_at=at, outcome=outcome)
    ROWS.change(writer, row, after, stream=f"case/{row.case_id}")
    return after


def confirm(writer: Writer, row: RetentionAct, at: datetime) -> None:
    """Write that no live file holds the keys that went."""
    ROWS.change(writer, row, replace(row, confirmed_at=at), stream=f"case/{row.case_id}")


def of_case(reader: Reader, case_id: str) -> list[RetentionAct]:
    """The acts on a case, oldest first."""
    return ROWS.of_case(reader, OF_CASE, case_id)


def of_cases(reader: Reader, case_ids: Collection[str]) -> list[RetentionAct]:
    """Those of several cases, oldest first; unlike `of_case`, one that was taken away is not
    missed.
    """
    return ROWS.all(reader, OF_CASES, {"case_ids": (*sorted(case_ids),)})


def read_of_case(case_id: str) -> Read:
    """What `of_case` reads."""
    return OF_CASE, {"case_id": case_id}


def get(reader: Reader, id_: str) -> RetentionAct | None:
    return ROWS.one(reader, GET, {"id": id_})


def waiting(reader: Reader) -> list[RetentionAct]:
    """The tasks of all offices that wait, the oldest first."""
    return ROWS.all(reader, WAITING, {}, listed=True)


def read_of_waiting(office: str) -> Read:
    """The tasks of an office that wait, the oldest first."""
    return WAITING_OF_OFFICE, {"office": office}


def unconfirmed(reader: Reader) -> list[RetentionAct]:
    """Erasures whose keys nobody has looked for in the live files yet, oldest first."""
    return ROWS.all(reader, UNCONFIRMED, {})


def every(reader: Reader, *, after: str = "") -> list[RetentionAct]:
    """Every act after one, oldest first."""
    return ROWS.all(reader, EVERY, {"after": after})


def ids(reader: Reader) -> frozenset[str]:
    """Ids of all acts, whoever wrote their rows."""
    return frozenset(reader.all(str, IDS))


def last_of_path(reader: Reader, case_id: str, office: str) -> tuple[str, datetime] | None:
    """Rule and moment of the last erasure in a case of which only the path is left; None for any
    other case.

    Args:
        office: one that had a part in it; "" for who looks after all cases.
    """
    given = {"case_id": case_id, "office": office}
    return reader.one(lambda rule, at: (rule, at), LAST_OF_PATH, given)
