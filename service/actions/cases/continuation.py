"""A person who comes back gets a new case.

The two cases know each other by a line in each history, sealed under that case's own key.

Nothing is copied, and who sees one of them alone learns nothing of the other.
Source: programme.md 8.2.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.actions.cases import case_visibility
from service.actions.context import Services, actor
from service.actions.ledger_entries import append_entry, open_reason, seal_reason
from service.errors import NotFound
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.transaction import Tx

CONTINUES, CONTINUED = "continues", "continued"
"""Kinds of line: in the new case's history, and in the old one's."""
MOST = 50


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """Another case of the same person."""

    case: str
    ref: str


@dataclass(frozen=True, slots=True)
class CaseLinks:
    """The case that one continues, if any, and those that continue it."""

    before: LinkedCase | None
    after: tuple[LinkedCase, ...]


def find_ended_case(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> cases.CaseSummary:
    """A case that a new one may continue.

    Raises:
        NotFound: there is none for this viewer, or it has not ended.
    """
    case = cases.get(tx, case_id)
    if (
        case is None
        or case.status != "ended"
        or not case_visibility.load_case_visibility(tx, services, viewer, case, now).by_office
    ):
        raise NotFound
    return case


def link_cases(
    tx: Tx, services: Services, *, by: Viewer, new: str, old: str, now: datetime
) -> None:
    """Write into both histories that one case continues the other.

    Raises:
        NotFound: the old case is not there for `by`, or has not ended.
    """
    find_ended_case(tx, services, by, old, now)
    for case, kind, other in ((new, CONTINUES, old), (old, CONTINUED, new)):
        stream = f"case/{case}"
        append_entry(
            tx,
            stream,
            kind,
            by=actor(by),
            now=now,
            body={"word": seal_reason(services.key(tx, f"case:{case}"), stream, by.person, other)},
        )


def load_case_links(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> CaseLinks:
    """The cases linked with one, as far as the viewer sees them too."""
    stream, before, after = f"case/{case_id}", list[LinkedCase](), list[LinkedCase]()
    key = services.key(tx, f"case:{case_id}")
    for line in reversed(
        ledger_entries.latest(tx, stream, kinds=[CONTINUES, CONTINUED], limit=MOST)
    ):
        other = _seen(
            tx,
            services,
            viewer,
            open_reason(key, stream, line.actor, str(json.loads(line.body).get("word", ""))),
            now,
        )
        if other is not None:
            (before if line.kind == CONTINUES else after).append(other)
    return CaseLinks(before[0] if before else None, tuple(after))


def _seen(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> LinkedCase | None:
    case = cases.get(tx, case_id) if case_id else None
    if case is None:
        return None
    try:
        return (
            LinkedCase(case.id, case.ref)
            if case_visibility.load_case_visibility(tx, services, viewer, case, now).by_office
            else None
        )
    except NotFound:
        return None
