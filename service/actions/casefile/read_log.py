"""Who looked at what, and why. A line is committed before the page is sent: no line, no look."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from service.access import Viewer
from service.actions.context import Services, actor
from service.actions.ledger_entries import append_entry, seal_reason
from service.errors import NotFound
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
"""Source: screens.md 2.14."""
REASONS = ("PHONE", "COVER", "PREPARE", "SAFETY", "OTHER")
"""Why somebody opens a case in which her office has nothing to do."""
LOOKUP_LASTS = timedelta(hours=8)
"""How long the answer to that counts: a working day. Assumed."""
RECENT = 50


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
    """Write that somebody looks.

    Args:
        purpose: one of `PURPOSES`.
        classes: the classes of answers on the page.
        about: ids of what is shown, such as a task, a field or a paper; never a value.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"no such purpose: {purpose}")
    kind = purpose if purpose in ("print", "lookup") else "read"
    append_entry(
        tx,
        f"reads/{case_id}",
        kind,
        by=actor(by),
        now=now,
        body={"purpose": purpose, "classes": (*sorted(classes),), **(about or {})},
    )


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
    """Write why somebody opens a case in which her office has no task; her own words are sealed
    under the case's key.

    Raises:
        NotFound: the case has no key any more, or there is no such reason.
    """
    key = services.key(tx, f"case:{case_id}")
    if key is None or purpose not in REASONS:
        raise NotFound
    stream = f"reads/{case_id}"
    told = {
        "purpose": "lookup",
        "reason": purpose,
        "word": seal_reason(key, stream, by.person, reason),
    }
    append_entry(tx, stream, "lookup", by=actor(by), now=now, body=told)


def has_lookup_reason(tx: Tx, viewer: Viewer, case_id: str, now: datetime) -> bool:
    """Whether the viewer said lately why she opens the case."""
    told = ledger_entries.latest(tx, f"reads/{case_id}", kinds=["lookup"], limit=RECENT)
    return any(line.actor == viewer.person and now - line.at < LOOKUP_LASTS for line in told)


def record_search(
    tx: Tx, services: Services, *, by: Viewer, now: datetime, kind: str, hits: int, words: str
) -> None:
    """Write that somebody searched: by what, and how many hits.

    The words are sealed under the searcher's own key, for a review that has a reason to ask.
    """
    stream = f"office/{by.office}"
    told = {
        "purpose": "search",
        "by": kind,
        "word": seal_reason(services.key(tx, f"person:{by.person}"), stream, by.person, words),
    }
    append_entry(tx, stream, "search", by=actor(by), now=now, body={**told, "hits": hits})
