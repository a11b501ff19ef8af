"""Schema differences: a sentence for each way in which the tables are not as declared.

Tables, columns with their kinds, keys, unique rules, indexes and references. What is wrong with
triggers says `tables.triggers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from service.store.schema import REMEDY
from service.store.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

Difference: TypeAlias = Sequence[Any]
"""One difference as Alembic tells it: its kind first, then what differs."""
NOUNS = {
    "table": "table",
    "column": "column",
    "index": "index",
    "constraint": "unique rule",
    "fk": "reference",
}
CHANGES = {
    "modify_type": "the kind",
    "modify_nullable": "whether it may be empty",
    "modify_default": "the default value",
}


def differences(conn: Connection) -> Iterator[str]:
    """Sentences about what differs; none when all is as declared."""
    for found in _found(conn):
        yield f"{found}: {REMEDY}"


def _found(conn: Connection) -> Iterator[str]:
    options = {"compare_type": True, "compare_server_default": True}
    for found in compare_metadata(MigrationContext.configure(conn, opts=options), metadata):
        for one in found if isinstance(found, list) else [found]:
            yield _sentence(one)
    yield from _wrong_keys(conn)


def _sentence(difference: Difference) -> str:
    """One difference of a table, a column, an index, a unique rule or a reference."""
    act, _, what = str(difference[0]).partition("_")
    if act == "modify":
        _, _, table, column, _, found, declared = difference
        about = CHANGES.get(str(difference[0]), str(difference[0]))
        return f"of the column {table}.{column} {about} is {found}, not {declared}"
    name = _name(what, difference)
    became = "is missing" if act == "add" else "is not one of this program"
    return f"the {NOUNS.get(what, what)} {name} {became}"


def _name(what: str, difference: Difference) -> str:
    if what == "column":
        return f"{difference[2]}.{difference[3].name}"
    if what == "table":
        return str(difference[1].name)
    return f"{difference[1].name or 'without a name'} of {difference[1].table.name}"


def _wrong_keys(conn: Connection) -> Iterator[str]:
    """Primary keys, which Alembic does not compare."""
    there = inspect(conn)
    known = set(there.get_table_names())
    for table in metadata.sorted_tables:
        if table.name in known:
            found = there.get_pk_constraint(table.name)["constrained_columns"]
            declared = [column.name for column in table.primary_key.columns]
            if found != declared:
                yield (
                    f"the key of the table {table.name} is ({', '.join(found)}), "
                    f"not ({', '.join(declared)})"
                )
