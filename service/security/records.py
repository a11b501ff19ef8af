"""Records that one room makes and another keeps: neither may know the other, and both must mean the
same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger (`service.security.ledger` makes it,
    `service.store.installation.ledger_entries` keeps it).

    `prev` and `hash` are hex; `prev` is empty in the first line of a stream. `body` is the
    canonical JSON of what the other fields do not hold.
    """

    stream: str
    seq: int
    prev: str
    hash: str
    kind: str
    at: datetime
    actor: str
    office: str
    body: str


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """An owner's key as the database may hold it (`service.security.vault` makes it,
    `service.store.installation.keys` keeps it).

    `owner` is `case:<id>`, `person:<id>` or `office:<id>`; `key_id` is hex.
    `check_value` is compared before anything is opened, because AES-GCM does not commit to its key.
    """

    owner: str
    key_id: str
    epoch: int
    wrapped: bytes = field(repr=False)
    check_value: bytes = field(repr=False)
