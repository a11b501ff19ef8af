"""The protection marking of a case: kept beside it, changed by an act with a reason.

Lists, letters and exports obey it at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.access import Viewer
from service.actions.context import Services, actor
from service.actions.ledger_entries import append_entry, seal_reason
from service.errors import FieldFault, InvalidAnswers, NotAllowed, NotFound, Stale
from service.security import ledger
from service.store.casefile import cases, parties
from service.store.transaction import Tx

MARKINGS = (
    "NONE",
    "PROGRAMME_PROTECTED",
    "SEKRETESSMARKERING",
    "SKYDDAD_FOLKBOKFORING",
    "FINGERADE_UPPGIFTER",
)
ORDINARY = frozenset({"", "NONE", "PROGRAMME_PROTECTED"})
"""Markings that any case may have; each of the others is a protection of its own and shows a
shield."""
LONGEST = 500


def may_mark(services: Services, viewer: Viewer, holders: Mapping[str, str]) -> bool:
    """Whether the viewer may change it: her office holds one of the roles that `programme.toml`
    names, and she holds that role.
    """
    return any(
        holders.get(role) == viewer.office and role in viewer.lane_roles
        for role in services.programme.named_fields.duties.marking
    )


def set_marking(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    marking: str,
    reason: str,
    was: str | None = None,
) -> None:
    """Set the protection marking of a case.

    Args:
        why: the reason; the ledger keeps its digest, so that it can be proven, and the words sealed
            under the case's key.
        was: the marking that the page was made from; None when nobody looked at a page.
    Raises:
        NotFound: `by` has no part in the case.
        NotAllowed: her role may not.
        InvalidAnswers: an unknown marking, or no reason.
        Stale: somebody else changed it since.   CaseMoved: somebody moved the case meanwhile.
    Source: programme.md 2.3.
    """
    case, holders, reason = cases.get(tx, case_id), parties.of_case(tx, case_id), reason.strip()
    if case is None or by.office not in holders.values():
        raise NotFound
    if not may_mark(services, by, holders):
        raise NotAllowed(why="role")
    if was is not None and was != case.marking:
        raise Stale
    check_reason(
        reason, *([] if marking in MARKINGS else [FieldFault("marking", "form.not_an_option")])
    )
    if case.marking == marking:
        return
    cases.set_marking(tx, case_id, case.rev, marking)
    stream = f"case/{case_id}"
    word = seal_reason(services.key(tx, f"case:{case_id}"), stream, by.person, reason)
    append_entry(
        tx,
        stream,
        "marking",
        by=actor(by),
        now=now,
        body={"from": case.marking, "to": marking, "why": ledger.digest(reason), "word": word},
    )


def check_reason(why: str, *others: FieldFault) -> None:
    """An act that needs a reason has one, and not a long story.

    Raises:
        InvalidAnswers: it has none, or too long a one; beside the faults that were found already.
    """
    found = list(others)
    if not why:
        found.append(FieldFault("why", "form.reason_missing"))
    if len(why) > LONGEST:
        found.append(FieldFault("why", "form.too_long", {"n": len(why) - LONGEST, "most": LONGEST}))
    if found:
        raise InvalidAnswers(tuple(found))
