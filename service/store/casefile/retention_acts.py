"""What was done to the records of offices in cases because of the retention plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from service.store.checked_rows import CheckedRows, Refused
from service.store.prepared import PreparedStatement, in_list
from service.store.row_scope import as_system
from service.store.tables import retention_act

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
    approval_id: str
    at: datetime
    keys: list[str]
    """Ids of the keys that went, hex: no live file may hold their bytes any more."""
    commitments: dict[str, dict[str, str]]
    """Number of a fact to column to what its ledger entry committed to."""
    counts: dict[str, int]
    ended_at: datetime | None = None
    """When a lock was opened, or a task of the office was done."""
    ended_by: str = ""
    outcome: str = ""
    """What came of a task."""
    confirmed_at: datetime | None = None


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
IDS = PreparedStatement(as_system("retention", select(retention_act.c.id)))


def add(writer: Writer, row: RetentionAct) -> None:
    ROWS.add(writer, row, stream=f"case/{row.case_id}")


def end(writer: Writer, row: RetentionAct, *, by: str, at: datetime, outcome: str = "") -> None:
    """Open a lock, or say what came of a task."""
    after = replace(row, ended_by=by, ended_at=at, outcome=outcome)
    ROWS.change(writer, row, after, stream=f"case/{row.case_id}")


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


def unconfirmed(reader: Reader) -> list[RetentionAct]:
    """Erasures whose keys nobody has looked for in the live files yet, oldest first."""
    return ROWS.all(reader, UNCONFIRMED, {})


def every(reader: Reader, *, after: str = "") -> list[RetentionAct]:
    """Every act after one, oldest first."""
    return ROWS.all(reader, EVERY, {"after": after})


def ids(reader: Reader) -> frozenset[str]:
    """Ids of all acts, whoever wrote their rows."""
    return frozenset(reader.all(str, IDS))
