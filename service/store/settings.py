"""What is chosen once for the whole installation: its id, the check of its keys, the demo's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from service.store.tables import setting

if TYPE_CHECKING:
    from service.store.database import Tx


def get(tx: Tx, name: str, default: str = "") -> str:
    found: str | None = tx.value(select(setting.c.value).where(setting.c.name == name))
    return default if found is None else found


def put(tx: Tx, name: str, value: str) -> None:
    if tx.run(update(setting).where(setting.c.name == name).values(value=value)) == 0:
        tx.run(insert(setting), {"name": name, "value": value})
