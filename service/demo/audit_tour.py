"""The tour of the auditor: from the matter to a proof bundle that is checked without us.

Where the visitor is follows from what the auditor has caused in the ledger since the tour began,
so it can be left at any point, taken up again, and done in another order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.demo import state
from service.security.records import LedgerEntry
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.transaction import Tx

BEGAN: Final = "audit"
"""Key of what the setting of a tour holds: the moment when this one began."""
AUDITOR: Final = "greta"
"""First name of who walks it."""
STEPS: Final = ("matter", "find", "replay", "verify", "proof", "check")
"""What is done, in the order of the numbers that the strip shows; the last is done outside."""
READS: Final = "reads/"


@dataclass(frozen=True, slots=True)
class AuditStop:
    """The next thing to do, and the case that it is done with."""

    step: str
    case: str = ""

    @property
    def number(self) -> int:
        """Its place among `STEPS`, from 1."""
        return STEPS.index(self.step) + 1


def begin(tx: Tx, now: datetime) -> None:
    """Begin the tour."""
    state.keep_walk(tx, json.dumps({BEGAN: now.isoformat()}))


def began_at(kept: str) -> datetime | None:
    """When it began, from the setting of a tour; None when nobody is on it."""
    found = json.loads(kept).get(BEGAN) if kept else None
    return datetime.fromisoformat(found) if found else None


def next_stop(tx: Tx, auditor: str, began: datetime) -> AuditStop:
    """The next thing to do.

    Args:
        auditor: id of the person who walks it.
    """

    def since(*kinds: str) -> LedgerEntry | None:
        entry = ledger_entries.newest_by(tx, auditor, kinds)
        return entry if entry is not None and entry.at >= began else None

    if since("audit_matter") is None:
        return AuditStop("matter")
    if since("audit_search") is None:
        return AuditStop("find")
    looked = since("read")
    handed_out = since("export")
    case = looked.stream.removeprefix(READS) if looked is not None else ""
    if not case:
        return AuditStop("replay", _longest(tx))
    if since("verify_begun") is None:
        return AuditStop("verify", case)
    if handed_out is None or not handed_out.stream.startswith(READS):
        return AuditStop("proof", case)
    return AuditStop("check", handed_out.stream.removeprefix(READS))


def _longest(tx: Tx) -> str:
    """The case with the most facts among the first: it has much to replay."""
    found = cases.listed(tx)
    return max(found, key=lambda case: case.rev).id if found else ""
