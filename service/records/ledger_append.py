"""Ledger entries of changes that move no case, and the reasons sealed in them.

A claim, a grant, a sign-in, a document: one entry, written in the transaction of the change itself.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime

from service.records import ledger_kinds
from service.records.context import Actor
from service.security import ledger_lines
from service.security.purposes import REASON
from service.security.vault import OwnerKey
from service.store.changes import EntryDraft, Writer
from service.store.installation import ledger_entries
from service.store.transaction import Tx


def append_entry(
    writer: Writer,
    stream: str,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    body: Mapping[str, ledger_lines.Canonical] | None = None,
) -> None:
    """Write the next entry of a stream, after all rows.

    It binds what was changed in rows of that stream (`store.guarded_rows`), unless another entry of
    the stream follows.

    Args:
        stream: `case/<id>`, `reads/<id>`, `release/<process>`, `office/<id>`,
            `log-review/<month>` or `system`.
        kind: one of `ledger_kinds.KINDS`.
        body: ids, codes and digests by the keys of the kind; never a value of a person.
    Raises:
        CaseMoved: somebody wrote to the stream since; perhaps only when the transaction ends.
    """
    ledger_kinds.check(kind, body or ())
    writer.changes.draft(EntryDraft(stream, kind, now, by.id, by.office, body or {}))


def append_gap(tx: Tx, stream: str, named: int, *, by: Actor, now: datetime) -> None:
    """Write that the entries of a stream up to the number `named` are missing.

    The entry bears the number after them, so that none of theirs is ever given again. Nothing is
    written into a stream that the copy does not know, or that has gone on beyond that number.
    """
    seq, digest = ledger_entries.end(tx, stream)
    if not 0 < seq < named:
        return
    body: dict[str, ledger_lines.Canonical] = {"missing": [seq + 1, named]}
    ledger_kinds.check(ledger_lines.GAP, body)
    gap = EntryDraft(stream, ledger_lines.GAP, now, by.id, by.office, body, named + 1)
    tx.changes.draft(gap, (seq, digest))


def seal_reason(key: OwnerKey | None, stream: str, person: str, reason: str) -> str:
    """Seal the words that a person gave with a change, for the body of its entry.

    Returns: base64; empty when there are no words, or no key for them.
    """
    if key is None or not reason:
        return ""
    return base64.b64encode(key.seal("notes", reason.encode(), **_place(stream, person))).decode()


def digest_reason(key: OwnerKey | None, reason: str) -> str:
    """A keyed digest of the words that a person gave: who has the key can prove that they were
    these, and nobody else can try which they were.

    Returns: hex; empty when there are no words, or no key for them.
    """
    return key.digest(REASON, reason.encode()) if key is not None and reason else ""


def open_reason(key: OwnerKey | None, stream: str, person: str, sealed: str) -> str:
    """The words that `seal_reason` sealed; empty when there are none, or no key any more.

    Raises:
        CannotOpen: they were sealed for another stream or person.
    """
    if key is None or not sealed:
        return ""
    return key.open("notes", base64.b64decode(sealed), **_place(stream, person)).decode()


def _place(stream: str, person: str) -> dict[str, str]:
    """Where sealed words belong; they open nowhere else."""
    return {"table": "line", "column": "body", "row": stream, "extra": person}
