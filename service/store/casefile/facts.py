"""Facts: everything that moved a case, in order, never changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import fact, fact_payload

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact, without values. `at` is the `now` of the turn and `rev` its seed.

    `state` is a keyed digest of the engine's state; numbers of rule rows are not among the steps.
    """

    case_id: str
    rev: int
    at: datetime
    actor: str
    office: str
    kind: str
    element: str
    nth: int
    work_id: str
    release_id: str
    definition: str
    engine: str
    stimulus: dict[str, Any]
    steps: list[Any]
    open_after: list[Any]
    state: str
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class FactPayload:
    """The routing values of a fact, sealed."""

    case_id: str
    rev: int
    sealed: bytes


COLUMNS = columns(fact, Fact)
ADD, ADD_PAYLOAD = PreparedStatement(insert(fact)), PreparedStatement(insert(fact_payload))
WITH_CASE = fact.c.case_id == bindparam("case_id")
OF_CASE = PreparedStatement(
    select(*COLUMNS).where(WITH_CASE, fact.c.rev > bindparam("after")).order_by(fact.c.rev)
)
OF_CASE_UPTO = PreparedStatement(
    select(*COLUMNS)
    .where(WITH_CASE, fact.c.rev > bindparam("after"), fact.c.rev <= bindparam("upto"))
    .order_by(fact.c.rev)
)

KINDS = PreparedStatement(
    select(fact.c.kind).where(WITH_CASE, fact.c.rev > bindparam("after")).order_by(fact.c.rev)
)


def add(tx: Tx, row: Fact, sealed: bytes) -> None:
    """Write a fact and its payload.

    Raises:
        CaseMoved: the case has a fact of this number already.
    """
    tx.later(ADD, values(row))
    tx.later(ADD_PAYLOAD, {"case_id": row.case_id, "rev": row.rev, "sealed": sealed})


def of_case(tx: Tx, case_id: str, *, after: int = 0, upto: int | None = None) -> list[Fact]:
    """Facts of a case in order, those after number `after`, to number `upto`."""
    given = {"case_id": case_id, "after": after}
    if upto is None:
        return tx.all(Fact, OF_CASE, given)
    return tx.all(Fact, OF_CASE_UPTO, {**given, "upto": upto})


def kinds_after(tx: Tx, case_id: str, rev: int) -> list[str]:
    """Kinds of the facts of a case after number `rev`, in order."""
    return tx.all(str, KINDS, {"case_id": case_id, "after": rev})


def payloads(tx: Tx, case_ids: Collection[str]) -> dict[tuple[str, int], bytes]:
    """The sealed payloads of several cases, by case and number; an erased case has none."""
    wanted = select(*columns(fact_payload, FactPayload)).where(fact_payload.c.case_id.in_(case_ids))
    return {(row.case_id, row.rev): row.sealed for row in tx.all(FactPayload, wanted)}


def who_completed(tx: Tx, case_id: str, elements: Collection[str]) -> dict[str, str]:
    """For four eyes: who completed each of these elements last."""
    done = select(fact.c.element, fact.c.actor).where(
        fact.c.case_id == case_id, fact.c.kind == "complete", fact.c.element.in_(elements)
    )
    return dict(tx.all(lambda element, actor: (element, actor), done.order_by(fact.c.rev)))
