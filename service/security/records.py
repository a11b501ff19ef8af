"""Records that `security` makes and `store` keeps: ledger entries and wrapped keys; the mark of a
program among roles.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

PROGRAM: Final = "program"
"""What everybody holds who is a program and no human, kept as a role because those are bound. It
opens nothing, and no release, person or lane has it. A program is never a second person, and no
colleague."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger.

    `security.ledger` makes it, `store.installation.ledger_entries` keeps it.
    `hash`, `open` and `seal` are hex; only the line of a fact has the last two. `body` is the
    canonical JSON of what the other fields do not hold. `mac` says that this installation wrote it;
    the store makes it, and older entries bear none.
    """

    stream: str
    seq: int
    hash: str
    kind: str
    at: datetime
    actor: str
    office: str
    body: str
    open: str | None = None
    seal: str | None = None
    mac: bytes | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """An owner's key as the database may hold it.

    `security.vault` makes it, `store.installation.keys` keeps it.
    `owner` is `case:<id>`, `records:<case>:<office>:<class>`, `person:<id>` or `office:<id>`;
    `key_id` is hex. `check_value` is compared before anything is opened, because AES-GCM does not
    commit to its key. The last three are of the keys of a case, by which they are found.
    """

    owner: str
    key_id: str
    epoch: int
    wrapped: bytes = field(repr=False)
    check_value: bytes = field(repr=False)
    case_id: str | None = None
    office_id: str | None = None
    klass: str | None = None
