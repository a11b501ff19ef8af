"""Letters of an office that leave together: given back to wait, and leased at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.tables import letter
from service.store.work.letters import COLUMNS, FREE, LEASED, TAKEN, Letter, settle

if TYPE_CHECKING:
    from service.store.transaction import Tx

GATHER = PreparedStatement(
    LEASED.values(
        state="waiting",
        not_before=bindparam("b_at"),
        params=bindparam("b_params"),
        error="",
        **FREE,
    ).returning(*COLUMNS)
)
UNSENT_OF_OFFICE = PreparedStatement(
    as_system(
        "queue",
        select(*COLUMNS)
        .where(letter.c.office_id == bindparam("office"), letter.c.not_before.is_not(None))
        .order_by(letter.c.key)
        .with_for_update(),
    )
)
TAKE = PreparedStatement(
    as_system(
        "queue",
        update(letter)
        .where(letter.c.key == bindparam("b_key"))
        .values(**TAKEN)
        .returning(*COLUMNS),
    )
)


def gather(tx: Tx, row: Letter, who: str, *, at: datetime, params: Mapping[str, Any]) -> bool:
    """Give a letter back untried, to leave at `at` together with others; False when the lease was
    lost.
    """
    given = {"b_key": row.key, "b_who": who, "b_at": at, "b_params": {**row.params, **params}}
    return settle(tx, GATHER, given)


def take_gathered(
    tx: Tx, row: Letter, who: str, *, name: str, now: datetime, until: datetime
) -> list[Letter]:
    """Lease every letter that leaves together with a leased one, and give them all, by key.

    Args:
        name: the parameter that letters which leave together have in common.
    Returns:
        Nothing while another worker has one of them.
    """
    asked = {"b_who": who, "b_until": until}
    found = [
        one
        for one in tx.all(Letter, UNSENT_OF_OFFICE, {"office": row.office_id})
        if one.params.get(name) == row.params[name] and not one.channel
    ]
    if any(one.leased_by not in ("", who) and (one.lease_until or now) > now for one in found):
        return []
    return [
        one if one.leased_by == who else tx.changed(Letter, TAKE, {**asked, "b_key": one.key})
        for one in found
    ]
