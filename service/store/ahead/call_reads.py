"""Reads of a handler's call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.store.casefile import consents, parties
from service.store.installation import offices

if TYPE_CHECKING:
    from service.store.transaction import Tx


def ask_ahead(tx: Tx, case_id: str, *, last: bool) -> None:
    """Ask it in one round trip, when the case is loaded.

    Args:
        last: nothing else is read, so the transaction ends with it.
    """
    of_case: dict[str, object] = {"case_id": case_id}
    tx.ahead(
        (parties.OF_CASE, of_case),
        (consents.OF_CASE, of_case),
        (offices.OF_PARTIES, of_case),
        last=last,
    )
