"""Read log: who looked at which case, for which purpose and with which reason.

The entry is committed before the page is sent, so that nothing is shown unrecorded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from service.access import Viewer
from service.actions.context import Services, actor
from service.actions.ledger_entries import append_entry, seal_reason
from service.errors import NotFound
from service.security import ledger
from service.store.installation import ledger_entries
from service.store.transaction import Tx

PURPOSES = frozenset(
    {
        "task",
        "case",
        "referral",
        "search",
        "lookup",
        "print",
        "export",
        "audit",
        "log_review",
        "support",
        "own",
    }
)
"""Purposes of a read. Source: screens.md 2.14."""
REASONS = ("PHONE", "COVER", "PREPARE", "SAFETY", "OTHER")
"""Why somebody opens a case in which her office has nothing to do."""
LOOKUP_LASTS = timedelta(hours=8)
"""How long a reason counts: a working day. Assumed."""
RECENT = 50
"""Entries of a case in which a reason is looked for."""


def record_read(
    tx: Tx,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    purpose: str,
    classes: Collection[str],
    about: Mapping[str, str] | None = None,
) -> None:
    """Record that a person looks at a case.

    Args:
        purpose: one of `PURPOSES`.
        classes: the classes of answers on the page.
        about: ids of what is shown, such as a task, a field or a document; never a value.
    Raises:
        ValueError: there is no such purpose.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"no such purpose: {purpose}")
    kind = purpose if purpose in ("print", "lookup") else "read"
    body: dict[str, ledger.Canonical] = {"purpose": purpose, "classes": (*sorted(classes),)}
    body |= about or {}
    append_entry(tx, f"reads/{case_id}", kind, by=actor(by), now=now, body=body)


def record_lookup_reason(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    purpose: str,
    reason: str,
) -> None:
    """Record why a person opens a case in which her office has no task.

    Args:
        purpose: one of `REASONS`.
        reason: her own words, sealed under the case's key; may be empty.
    Raises:
        NotFound: the case has no key any more, or there is no such reason.
    """
    key = services.key(tx, f"case:{case_id}")
    if key is None or purpose not in REASONS:
        raise NotFound
    stream = f"reads/{case_id}"
    sealed = seal_reason(key, stream, by.person, reason)
    body = {"purpose": "lookup", "reason": purpose, "word": sealed}
    append_entry(tx, stream, "lookup", by=actor(by), now=now, body=body)


def has_lookup_reason(tx: Tx, viewer: Viewer, case_id: str, now: datetime) -> bool:
    """Whether the viewer gave a reason lately for opening the case."""
    entries = ledger_entries.latest(tx, f"reads/{case_id}", kinds=["lookup"], limit=RECENT)
    own = (entry.at for entry in entries if entry.actor == viewer.person)
    return any(now - at < LOOKUP_LASTS for at in own)


def record_search(
    tx: Tx, services: Services, *, by: Viewer, now: datetime, kind: str, hits: int, words: str
) -> None:
    """Record that a person searched: by what, and how many hits.

    The words are sealed under the searcher's own key, for a review that has a reason to ask.
    """
    stream, key = f"office/{by.office}", services.key(tx, f"person:{by.person}")
    sealed = seal_reason(key, stream, by.person, words)
    body: dict[str, ledger.Canonical] = {"purpose": "search", "by": kind, "word": sealed}
    body["hits"] = hits
    append_entry(tx, stream, "search", by=actor(by), now=now, body=body)
