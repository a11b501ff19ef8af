"""Reads of list pages, asked together: of the office, and of the rows that were found."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from service.store.casefile import case_officers
from service.store.installation import absences, offices, people, releases
from service.store.work import incidents

if TYPE_CHECKING:
    from service.store.at_hand import Read
    from service.store.transaction import Tx


def ask_of_list(tx: Tx, process: str, office: str, more: Collection[Read]) -> None:
    """Ask in one round trip what every list reads of the reader's office, and the release in force.

    Args:
        more: what this list reads besides.
    """
    tx.ahead(
        (releases.LIVE, {"process": process}),
        (offices.DIRECTORY, {}),
        (absences.OF_OFFICE, {"office": office}),
        *more,
    )


def read_of_colleagues(office: str) -> Read:
    """What is read of the people of the reader's office, where a page names all of them."""
    return people.OF_OFFICE, {"office": office}


def ask_of_cases(tx: Tx, case_ids: Collection[str], more: Collection[Read]) -> None:
    """Prefetch in one round trip the rows that a list reads of the cases that it found."""
    of_cases = {"case_ids": (*sorted(case_ids),)}
    tx.ahead(
        (incidents.STOPPED, of_cases),
        (case_officers.OF_CASES, of_cases),
        *more,
    )
