"""Whole rows of any table, as verification compares them: every column, whatever it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import BindParameter, bindparam, exists, select

from service.store import row_scope
from service.store.casefile import facts
from service.store.guarded_rows import CASE, RowValues
from service.store.prepared import PreparedStatement
from service.store.row_mapping import from_mapping
from service.store.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import Column

    from service.store.at_hand import Read, Reader

Kind = TypeVar("Kind")
SOMETIMES: Final = (
    *("consent", "named_person", "case_officer", "approval", "document", "note", "referral"),
    *("incident", "letter", "unsent", "retention_act", "hold"),
    *("subject_request", "document_choice"),
)
"""Tables that have no row of most cases: which have is one question."""
NO_FACT: Final = "no_fact"
"""What the same question answers besides: whether there are sealed values of no fact."""


def stored(reader: Reader, table: str, *, case_id: str = "") -> list[RowValues]:
    """Every row of a table, with all columns, by its key; those of one case when it is named.

    A table whose rows belong to no case has none of one.
    """
    if case_id and table in SOMETIMES and table not in _with_rows(reader, case_id):
        return []
    return _read(reader, _rows(table, of_case=bool(case_id)), case_id)


def stored_as(reader: Reader, kind: type[Kind], table: str, case_id: str) -> list[Kind]:
    """Every row of one case in a table, as the module of the table knows it."""
    return [from_mapping(kind, row) for row in stored(reader, table, case_id=case_id)]


def reads_of_case(tables: Iterable[str], case_id: str) -> list[Read]:
    """What `stored` reads of one case in some tables."""
    given = {CASE: case_id}
    found = [(_rows(table, of_case=True)[0], given) for table in tables]
    of_tables = [(statement, given) for statement, given in found if statement is not None]
    return [(_which(), given), *of_tables]


def stored_keys(reader: Reader, table: str, *, case_id: str = "") -> list[RowValues]:
    """The columns that name the rows of a table, as `stored` has them, whatever the others hold."""
    return _read(reader, _rows(table, of_case=bool(case_id), keys=True), case_id)


def one(reader: Reader, table: str, key: RowValues) -> RowValues | None:
    """One row of a table by the columns that name it."""
    found = metadata.tables[table]
    wanted = select(*found.columns).where(*(found.c[name] == key[name] for name in key))
    return reader.one(_by_name(found.columns), row_scope.as_system("verify", wanted))


def values_of_no_fact(reader: Reader, case_id: str) -> list[int]:
    """Numbers of sealed values of a case without the fact that they would be of."""
    wanted = NO_FACT in _with_rows(reader, case_id)
    return facts.payloads_of_no_fact(reader, case_id) if wanted else []


def _with_rows(reader: Reader, case_id: str) -> frozenset[str]:
    """Those of the tables in `SOMETIMES` that have rows of a case, and `NO_FACT`."""
    found = reader.one(lambda *flags: flags, _which(), {CASE: case_id}) or ()
    return frozenset(name for name, has in zip((*SOMETIMES, NO_FACT), found, strict=True) if has)


@cache
def _which() -> PreparedStatement:
    of: BindParameter[str] = bindparam(CASE)
    tables = [metadata.tables[name] for name in SOMETIMES]
    flags = (exists().where(one.c[CASE] == of).label(one.name) for one in tables)
    no_fact = facts.WITHOUT_FACT.exists().label(NO_FACT)
    return PreparedStatement(row_scope.as_system("verify", select(*flags, no_fact)))


@cache
def _rows(
    table: str, *, of_case: bool, keys: bool = False
) -> tuple[PreparedStatement | None, Callable[..., RowValues]]:
    """How the rows of a table are read, and put together; no statement where there are none."""
    found = metadata.tables[table]
    columns = found.primary_key.columns if keys else found.columns
    wanted = select(*columns).order_by(*found.primary_key.columns)
    of: BindParameter[str] = bindparam(CASE)
    if of_case and CASE in found.c:
        wanted = wanted.where(found.c[CASE] == of)
    elif of_case and table == "cases":
        wanted = wanted.where(found.c.id == of)
    elif of_case:
        return None, dict
    return PreparedStatement(row_scope.as_system("verify", wanted)), _by_name(columns)


def _by_name(columns: Iterable[Column[Any]]) -> Callable[..., RowValues]:
    names = [column.name for column in columns]
    return lambda *row: dict(zip(names, row, strict=True))


def _read(
    reader: Reader, how: tuple[PreparedStatement | None, Callable[..., RowValues]], case_id: str
) -> list[RowValues]:
    statement, row = how
    if statement is None:
        return []
    return reader.all(row, statement, {CASE: case_id} if case_id else None)
