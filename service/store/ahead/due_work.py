"""Reads of a worker's round: whether anything is to be done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from service.store.installation import checkpoints, installation_values
from service.store.work import batches, jobs, letters

if TYPE_CHECKING:
    from service.store.transaction import Tx


def ask_ahead(tx: Tx, *, now: datetime, entries: int, settings: Iterable[str]) -> None:
    """Ask it in one round trip, and end the transaction, which asks nothing else.

    Args:
        entries: up to how many entries of the ledger without a place are counted.
        settings: names of the settings that are read.
    """
    tx.ahead(
        (jobs.NEXT, {}),
        (letters.NEXT, {}),
        (batches.NEXT, {"now": now}),
        (checkpoints.SOME, {"limit": entries}),
        *((installation_values.GET, {"name": name}) for name in settings),
        last=True,
    )


def ask_before_lease(tx: Tx, *, now: datetime, settings: Iterable[str]) -> None:
    """Ask in one round trip what is read before jobs are leased.

    Args:
        settings: names of the settings that are read.
    """
    tx.ahead(
        *((installation_values.GET, {"name": name}) for name in settings),
        (jobs.LEVELS, {"now": now}),
    )
