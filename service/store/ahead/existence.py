"""Existence checks: which of several statements have any row, asked in one.

Most cases have no incident, no referral and no note, and a page asks for each of them. On SQLite,
where nothing is prefetched, one statement says which of them have no row; their reads get an empty
answer without a statement of their own. The other reads run as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.sql import visitors

from service.store.prepared import PreparedStatement

if TYPE_CHECKING:
    from service.store.at_hand import Read
    from service.store.transaction import Tx

Asked: TypeAlias = "tuple[tuple[PreparedStatement, tuple[str, ...]], ...]"
"""Statements that ask, with the names of their values."""


def ask_existence(tx: Tx, reads: Sequence[Read], of_one_value: Sequence[Read] = ()) -> None:
    """Ask on SQLite which of these have no row; on PostgreSQL they were asked ahead (`Tx.ahead`).

    Args:
        reads: questions that mostly have no row; none with `LIKE`, since SQLite plans such a
            statement anew each time.
        of_one_value: questions for one value of one row, whose answers come in the same statement;
            NULL is as no row.
    """
    if tx.postgres:
        return
    values = {
        f"q{n}_{name}": value
        for n, (_, given) in enumerate(chain(reads, of_one_value))
        for name, value in given.items()
    }
    statement = _statement(_asked(reads), _asked(of_one_value))
    row = tx.all(lambda *columns: columns, statement, values)[0]
    for read, exists in zip(reads, row, strict=False):
        if not exists:
            tx.keep_answer(read, [])
    for read, value in zip(of_one_value, row[len(reads) :], strict=True):
        tx.keep_answer(read, [] if value is None else [(value,)])


def _asked(reads: Sequence[Read]) -> Asked:
    return tuple((statement, (*given,)) for statement, given in reads)


@lru_cache(64)
def _statement(reads: Asked, of_one_value: Asked) -> PreparedStatement:
    """One row: whether each of the first has a row, and the values of the others."""
    parts: list[Any] = []
    for n, (statement, names) in enumerate(reads):
        found = _renamed(_select(statement).order_by(None).limit(None), n, names)
        parts.append(found.exists().label(f"exists_{n}"))
    for n, (statement, names) in enumerate(of_one_value, len(reads)):
        found = _renamed(_select(statement), n, names)
        parts.append(found.scalar_subquery().label(f"value_{n}"))
    return PreparedStatement(select(*parts))


def _select(statement: PreparedStatement) -> Select[Any]:
    if not isinstance(statement.statement, Select) or not statement.is_repeatable:
        raise TypeError("only a question that locks nothing can be asked so")
    return statement.statement


def _renamed(statement: Select[Any], n: int, names: Sequence[str]) -> Select[Any]:
    """The same question, whose values have names of their own."""

    def in_place(element: Any, **_: Any) -> BindParameter[Any] | None:  # noqa: ANN401 - as SQLAlchemy calls it
        if isinstance(element, BindParameter) and element.key in names:
            return bindparam(f"q{n}_{element.key}", type_=element.type)
        return None

    renamed = visitors.replacement_traverse(statement, {}, in_place)
    return cast("Select[Any]", renamed)
