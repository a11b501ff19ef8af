"""What is deleted of a case when its path is erased: every row by which a list singles it out.

Every table that has the id of a case is walked, so that one that is added later is deleted from
too, unless it says here why its rows stay. The rows that the ledger binds are said to be gone in
the next entry of the case.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Table, bindparam, delete, select

from service.store import row_sums
from service.store.casefile import documents
from service.store.checked_rows import FORMS
from service.store.guarded_rows import CASE, GUARDED, MAC, row_maker, unbind
from service.store.prepared import PreparedStatement
from service.store.tables import metadata

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.transaction import Tx

STAYS: Final[Mapping[str, str]] = {
    "fact": "history is written once: its entries in the ledger bear the digest of each",
    "retention_act": "what was erased, when and by which rule",
    "word_pair": "no two words are given twice: an old card would find somebody else's case",
    "batch_case": "a batch has every case with which it began; it is deleted as a whole",
    "vault_key": "there is none any more",
}
"""Tables with the id of a case from which nothing is deleted, and why."""
GOES: Final = tuple(
    table for table in metadata.sorted_tables if CASE in table.c and table.name not in STAYS
)
_ROWS: Final = {
    table.name: PreparedStatement(select(*table.c).where(table.c[CASE] == bindparam(CASE)))
    for table in GOES
}
_DELETE: Final = {
    table.name: PreparedStatement(delete(table).where(table.c[CASE] == bindparam("b_case")))
    for table in GOES
}


def erase_rows(tx: Tx, case_id: str) -> dict[str, int]:
    """Delete the rows of a case; gives their numbers by table."""
    return {table.name: _erase(tx, table, case_id) for table in GOES}


def left_rows(reader: Reader, case_id: str) -> list[str]:
    """Tables that have rows of a case."""
    return [table.name for table in GOES if _rows(reader, table, case_id)]


def _erase(tx: Tx, table: Table, case_id: str) -> int:
    rows = _rows(tx, table, case_id)
    for row in rows:
        if table.name == "document":
            tx.run(documents.DROP, {"id": row["id"]})
        if table.name in row_sums.SUMMED and _is_genuine(tx, table, row):
            row_sums.note(tx, table.name, case_id, was=row[MAC])
        if table.name in GUARDED:
            key = {column.name: row[column.name] for column in table.primary_key}
            unbind(tx, f"case/{case_id}", table.name, key)
    if rows:
        tx.run(_DELETE[table.name], {"b_case": case_id})
    return len(rows)


def _is_genuine(tx: Tx, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether the sums of the case have a row: one that somebody else wrote is in none."""
    mac = FORMS[table.name].mac(row_maker(tx), row)
    return hmac.compare_digest(mac, row[MAC] or b"")


def _rows(reader: Reader, table: Table, case_id: str) -> list[dict[str, Any]]:
    names = [column.name for column in table.c]
    return reader.all(
        lambda *cells: dict(zip(names, cells, strict=True)), _ROWS[table.name], {CASE: case_id}
    )
