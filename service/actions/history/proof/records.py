"""Ledger entries of what an auditor verified and what she handed out."""

from __future__ import annotations

from datetime import datetime

from service.access import CLASSES
from service.actions.context import Actor, Services
from service.actions.history.proof.bundle import ProofBundle, ProofOrder
from service.actions.history.verify import VerifyReport
from service.actions.ledger_entries import append_entry, seal_reason
from service.security import ledger
from service.store.transaction import Tx

OPEN = CLASSES[0]


def record_bundle(
    tx: Tx,
    services: Services,
    order: ProofOrder,
    bundle: ProofBundle,
    *,
    by: Actor,
    now: datetime,
    reason: str,
) -> None:
    """Record that the history of a case was handed out, before it is.

    Args:
        reason: her own words, sealed under the case's key.
    """
    stream = f"reads/{order.case.id}"
    sealed = seal_reason(services.key(tx, f"case:{order.case.id}"), stream, by.id, reason)
    scope = [name.partition("/")[0] for name in bundle.streams]
    scope += [OPEN] if order.answers else []
    body: dict[str, ledger.Canonical] = {"what": "proof", "scope": (*scope,)}
    body |= {"digest": bundle.digest, "word": sealed}
    append_entry(tx, stream, "export", by=by, now=now, body=body)


def record_verification(
    tx: Tx, *, by: Actor, now: datetime, case_id: str, report: VerifyReport
) -> None:
    """Record that a case was verified, and what came of it."""
    body = {"lines": report.lines, "faults": len(report.faults)}
    append_entry(tx, f"reads/{case_id}", "verified", by=by, now=now, body=body)
