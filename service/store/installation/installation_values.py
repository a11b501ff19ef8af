"""Settings of the installation: its id, the check of its keys, the demo's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import String, bindparam, func, select, update

from service.store import guarded_rows
from service.store.prepared import PreparedStatement, PreparedUpsert
from service.store.tables import setting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.store.at_hand import Read, Reader
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    name: str
    value: str


GET = PreparedStatement(select(setting.c.value).where(setting.c.name == bindparam("name")))
START = bindparam("start", type_=String)
BEGINNING_WITH = PreparedStatement(
    select(setting.c.name, setting.c.value)
    .where(func.substr(setting.c.name, 1, func.length(START)) == START)
    .order_by(setting.c.name)
)
CHANGE = PreparedStatement(
    update(setting).where(setting.c.name == bindparam("b_name")).values(value=bindparam("b_value"))
)
FIRST = PreparedUpsert(
    setting,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[setting.c.name], set_={"value": insert.excluded.value}
    ),
)


def get(reader: Reader, name: str, default: str = "") -> str:
    found: str | None = reader.value(GET, {"name": name})
    return default if found is None else found


def read_of_beginning(start: str) -> Read:
    """What `beginning_with` reads."""
    return BEGINNING_WITH, {"start": start}


def beginning_with(reader: Reader, start: str) -> dict[str, str]:
    """The settings whose names begin with `start`; name to value."""
    rows = reader.all(Setting, *read_of_beginning(start))
    return {row.name: row.value for row in rows}


def reads_of(names: Iterable[str]) -> list[Read]:
    """What `get` reads of several settings."""
    return [(GET, {"name": name}) for name in names]


def put(tx: Tx, name: str, value: str) -> None:
    """Set it; an entry of the stream `system` binds it, unless it is in `UNBOUND_SETTINGS`.

    Also when somebody else sets it for the first time at the same moment.
    """
    if name not in guarded_rows.UNBOUND_SETTINGS:
        guarded_rows.bind(tx, "system", "setting", {"name": name, "value": value})
    if tx.run(CHANGE, {"b_name": name, "b_value": value}) == 0:
        tx.run(FIRST, {"name": name, "value": value})
