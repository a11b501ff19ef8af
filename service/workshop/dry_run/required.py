"""The condition of publishing: a dry run of exactly the files that are published.

It is read from the ledger, which nobody can add to unnoticed.
"""

from __future__ import annotations

import json
from typing import Final

from service.errors import NotAllowed
from service.records.context import Services, release_stream
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from service.store.work import batches

NEEDED: Final = "dry_run_needed"


def require_dry_run(tx: Tx, services: Services, *, digest: str) -> None:
    """Require that every case was played on these files, unless there is no case.

    Raises:
        NotAllowed: there are cases, and no dry run of these files came to its end.
    """
    if is_missing(tx, services, digest=digest):
        raise NotAllowed(why=NEEDED)


def is_missing(tx: Tx, services: Services, *, digest: str) -> bool:
    """Whether files must be played on the cases that there are before they can be published."""
    if not cases.listed(tx, limit=1):
        return False
    after = 0
    while lines := ledger_entries.of_stream(tx, release_stream(services), after=after):
        after = lines[-1].seq
        for body in (json.loads(line.body) for line in lines if line.kind == "dry_run_ended"):
            if (body["release"], body["state"]) == (digest, batches.DONE):
                return False
    return True
