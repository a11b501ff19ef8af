"""What every turn of a case reads before it changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.store.casefile import grants, parties
from service.store.lists import open_work

if TYPE_CHECKING:
    from service.store.transaction import Tx


def ask_ahead(tx: Tx, case_id: str) -> None:
    """Ask it in one round trip, when the case is locked."""
    of_case: dict[str, object] = {"case_id": case_id}
    tx.ahead((parties.OF_CASE, of_case), (open_work.OF_CASE, of_case), (grants.OF_CASE, of_case))
