"""Acts: what must be in the history and moves no engine.

A claim, a grant, a sign-in, a paper: one line of the ledger, written with the change itself.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime

from service.actions import ledger_kinds
from service.actions.context import Actor
from service.security import ledger
from service.security.vault import OwnerKey
from service.store.installation import ledger_entries
from service.store.transaction import Tx


def append_entry(
    tx: Tx,
    stream: str,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    body: Mapping[str, ledger.Canonical] | None = None,
) -> None:
    """Write the next line of a stream.

    Args:
        stream: `case/<id>`, `reads/<id>`, `release/<process>`, `office/<id>` or `system`.
        kind: one of `ledger_kinds.KINDS`.
        body: ids, codes and digests by the keys of the kind; never a value of a person.
    Raises:
        CaseMoved: somebody wrote to the stream since.
    """
    ledger_kinds.check(kind, body or ())
    ledger_entries.add(
        tx,
        ledger.write(
            stream,
            ledger_entries.end(tx, stream),
            kind=kind,
            at=now,
            actor=by.id,
            office=by.office,
            body=body,
        ),
    )


def seal_reason(key: OwnerKey | None, stream: str, person: str, word: str) -> str:
    """What somebody typed beside an act, such as a reason, as a line may hold it: sealed, in
    base64; empty when there is nothing to keep or no key for it.
    """
    if key is None or not word:
        return ""
    return base64.b64encode(
        key.seal("notes", word.encode(), table="line", column="body", row=stream, extra=person)
    ).decode()


def open_reason(key: OwnerKey | None, stream: str, person: str, word: str) -> str:
    """What `seal_reason` kept; empty when there is nothing, or no key any more."""
    if key is None or not word:
        return ""
    return key.open(
        "notes", base64.b64decode(word), table="line", column="body", row=stream, extra=person
    ).decode()
