"""Samples of cases for checks of the whole installation: some to fold, and the newest facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, select

from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.tables import cases, fact

if TYPE_CHECKING:
    from service.store.transaction import Tx

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


def newest(tx: Tx, status: str, most: int) -> list[str]:
    """Ids of the cases that moved last, of those that are open or ended."""
    return tx.all(str, NEWEST, {"status": status, "most": most})


def engines(tx: Tx) -> frozenset[str]:
    """What made the last fact of any case, in the words of the facts."""
    return frozenset(tx.all(str, ENGINES))
