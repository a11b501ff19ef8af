"""Ledger entries of what an auditor verified and what she handed out."""

from __future__ import annotations

from datetime import datetime

from service.access import CLASSES
from service.audit.proof.proof_bundle import ProofBundle, ProofOrder
from service.audit.verify import VerifyReport
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry, seal_reason
from service.security import ledger_lines
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
    """Record a bundle before it is handed out, in the read log of each case.

    Where it holds more than one case, or other streams, the stream of the office of `by` gets an
    entry too; without an office the stream `system`.

    Args:
        reason: the reader's words, sealed under the key of each case, and under her own.
    """
    digest = bundle.digest
    for case in order.cases:
        stream = f"reads/{case.id}"
        names = [name for name in bundle.streams if name.partition("/")[2] == case.id]
        scope = [name.partition("/")[0] for name in names]
        scope += ["release"] + ([OPEN] if order.answers else [])
        body: dict[str, ledger_lines.Canonical] = {
            "what": "proof",
            "scope": (*scope,),
            "digest": digest,
        }
        key = services.case_keys(tx, case.id).own
        body["word"] = seal_reason(key, stream, by.id, reason)
        append_entry(tx, stream, "export", by=by, now=now, body=body)
    if order.streams or len(order.cases) > 1:
        stream = f"office/{by.office}" if by.office else "system"
        body = {"what": "proof", "items": len(order.cases), "options": (*order.streams,)}
        key = services.key(tx, f"person:{by.id}")
        body |= {"digest": digest, "word": seal_reason(key, stream, by.id, reason)}
        append_entry(tx, stream, "export", by=by, now=now, body=body)


def record_verification(
    tx: Tx, *, by: Actor, now: datetime, case_id: str, report: VerifyReport
) -> None:
    """Record that a case was verified, and what came of it."""
    body = {"lines": report.lines, "faults": len(report.faults)}
    append_entry(tx, f"reads/{case_id}", "verified", by=by, now=now, body=body)
