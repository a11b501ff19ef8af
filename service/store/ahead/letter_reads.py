"""Reads of sending a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.store.casefile import cases, consents
from service.store.installation import absences, keys, offices, people, releases

if TYPE_CHECKING:
    from service.store.at_hand import Read
    from service.store.transaction import Tx


def ask_ahead(tx: Tx, case_id: str, office: str, process: str, consent: str) -> None:
    """Ask in one round trip what a letter to an office is made of, and end the transaction.

    Args:
        process: the installation's, whose current release says what never waits.
        consent: the purpose that the letter rests on; "" for none.
    """
    of_case: list[Read] = [(consents.OF_CASE, {"case_id": case_id})] if consent else []
    tx.ahead(
        (offices.GET, {"id": office}),
        (keys.GET, {"owner": f"office:{office}"}),
        (cases.GET, {"id": case_id}),
        (absences.OF_OFFICE, {"office": office}),
        people.read_of_letter_readers(office, ()),
        (releases.LIVE, {"process": process}),
        *of_case,
        last=True,
    )
