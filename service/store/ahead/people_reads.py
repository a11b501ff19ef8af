"""People of the reader's office and others whom a page names, in one statement.

For SQLite: on PostgreSQL both questions go in round trips that are made anyway.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_

from service.store.installation import people
from service.store.prepared import PreparedStatement, in_list
from service.store.tables import person

if TYPE_CHECKING:
    from service.store.transaction import Tx

OFFICE_AND = PreparedStatement(
    people.KNOWN.where(or_(and_(*people.OPEN), in_list(person.c.id, "ids"))).order_by(person.c.id)
)
AT = {column.name: place for place, column in enumerate(people.COLUMNS)}
"""Where a row has each column of a person."""


def ask_office_and(tx: Tx, office: str, ids: Collection[str]) -> None:
    """Read the people of an office who are not closed, and some others by their ids.

    `people.of_office` and `people.of` find them read then.
    """

    def is_of_office(row: tuple[Any, ...]) -> bool:
        return row[AT["office_id"]] == office and row[AT["closed_at"]] is None

    rows = tx.all(lambda *row: row, OFFICE_AND, {"office": office, "ids": (*sorted(ids),)})
    tx.keep_answer((people.OF_OFFICE, {"office": office}), [*filter(is_of_office, rows)])
    people.of_office(tx, office)
    for read in people.reads_of(tx, ids):
        tx.keep_answer(read, [row for row in rows if not is_of_office(row)])
    people.of(tx, ids)
