"""Ledger entries of what an auditor verified and what she handed out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.actions.context import Actor, Services
from service.actions.history.verify import VerifyReport
from service.actions.ledger_entries import append_entry, seal_reason
from service.security import ledger
from service.store.transaction import Tx


def record_case_export(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    case_id: str,
    what: str,
    scope: Sequence[str],
    digest: str,
    reason: str,
) -> None:
    """Record that the history of a case was handed out, before it is.

    Args:
        what: `proof`, or another kind of export.
        scope: what is in it, as codes.
        digest: SHA-256 of the file, hex.
        reason: her own words, sealed under the case's key.
    """
    stream = f"reads/{case_id}"
    sealed = seal_reason(services.key(tx, f"case:{case_id}"), stream, by.id, reason)
    body: dict[str, ledger.Canonical] = {"what": what, "scope": (*scope,)}
    body |= {"digest": digest, "word": sealed}
    append_entry(tx, stream, "export", by=by, now=now, body=body)


def record_verification(
    tx: Tx, *, by: Actor, now: datetime, case_id: str, report: VerifyReport
) -> None:
    """Record that a case was verified, and what came of it."""
    body = {"lines": report.lines, "faults": len(report.faults)}
    append_entry(tx, f"reads/{case_id}", "verified", by=by, now=now, body=body)
