"""Whole rows of any table, as verification compares them: every column, whatever it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, false, select

from service.store import row_scope
from service.store.guarded_rows import CASE, RowValues
from service.store.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import Column

    from service.store.transaction import Tx


def stored(tx: Tx, table: str, *, case_id: str = "") -> list[RowValues]:
    """Every row of a table, with all columns, by its key; those of one case when it is named.

    A table whose rows belong to no case has none of one.
    """
    found = metadata.tables[table]
    return _read(tx, _wanted(table, found.columns, case_id))


def stored_keys(tx: Tx, table: str, *, case_id: str = "") -> list[RowValues]:
    """The columns that name the rows of a table, as `stored` has them, whatever the others hold."""
    found = metadata.tables[table]
    return _read(tx, _wanted(table, found.primary_key.columns, case_id))


def one(tx: Tx, table: str, key: RowValues) -> RowValues | None:
    """One row of a table by the columns that name it."""
    found = metadata.tables[table]
    wanted = _wanted(table, found.columns, "").where(*(found.c[n] == key[n] for n in key))
    return next(iter(_read(tx, wanted)), None)


def _wanted(table: str, columns: Iterable[Column[Any]], case_id: str) -> Select[Any]:
    found = metadata.tables[table]
    wanted = select(*columns).order_by(*found.primary_key.columns)
    if case_id and CASE in found.c:
        wanted = wanted.where(found.c[CASE] == case_id)
    elif case_id and table == "cases":
        wanted = wanted.where(found.c.id == case_id)
    elif case_id and table == "vault_key":
        wanted = wanted.where(found.c.owner == f"case:{case_id}")
    elif case_id:
        wanted = wanted.where(false())
    return wanted


def _read(tx: Tx, wanted: Select[Any]) -> list[RowValues]:
    names = [column.name for column in wanted.selected_columns]
    return tx.all(
        lambda *row: dict(zip(names, row, strict=True)), row_scope.as_system("verify", wanted)
    )
