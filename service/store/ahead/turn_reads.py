"""What every turn of a case reads before it changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.store.casefile import grants, parties
from service.store.installation import offices
from service.store.lists import open_work

if TYPE_CHECKING:
    from service.store.transaction import Tx


def ask_ahead(tx: Tx, case_id: str, *, letters: bool = False) -> None:
    """Ask it in one round trip, when the case is locked.

    Args:
        letters: whether the turn surely brings letters to the offices of the case.
    """
    of_case: dict[str, object] = {"case_id": case_id}
    statements = [parties.OF_CASE, open_work.OF_CASE, grants.OF_CASE]
    if letters:
        statements.append(offices.OF_PARTIES)
    tx.ahead(*((statement, of_case) for statement in statements))
