"""Checks of the MACs of entries (I10): the hashes of a chain need no key, so anybody who can write
into the database can go on with one. Source: decisions/0095.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from service.audit.checks.checkpoint_checks import subject
from service.casework.history.violations import Violation
from service.security.records import LedgerEntry
from service.store.installation.ledger_anchor import EntryCheck

OWN: Final = "an entry that this installation wrote"


def check_entry_macs(
    check: EntryCheck, entries: Iterable[LedgerEntry], known: Collection[Violation]
) -> Iterator[Violation]:
    """I10: each entry of a stream bears its MAC, from where the installation began to give one.

    Args:
        known: what is wrong already: an entry that stands there is not named twice.
    """
    named = {(one.case, one.place) for one in known}
    for entry in entries:
        about, place = subject(entry.stream), f"line {entry.seq}"
        if (about, place) not in named and not check.is_genuine(entry):
            found = "one without its MAC" if entry.mac is None else "one with another MAC"
            yield Violation("I10", about, place, OWN, found)
