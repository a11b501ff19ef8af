"""The protection marking of a case, and how it is changed, with a reason.

It is a column of the case and not a variable of its diagram. Lists, letters and exports obey it at
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.access import Viewer
from service.actions.context import Services, actor
from service.actions.ledger_entries import append_entry, digest_reason, seal_reason
from service.errors import FieldFault, InvalidAnswers, NotAllowed, NotFound, Stale
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
"""Characters of a reason."""


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
        reason: the ledger keeps its keyed digest, so that it can be proven, and the words sealed
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
    unknown = [] if marking in MARKINGS else [FieldFault("marking", "form.not_an_option")]
    check_reason(reason, *unknown)
    if case.marking == marking:
        return
    cases.set_marking(tx, case_id, case.rev, marking)
    stream, key = f"case/{case_id}", services.key(tx, f"case:{case_id}")
    words = {"why": digest_reason(key, reason), "word": seal_reason(key, stream, by.person, reason)}
    body = {"from": case.marking, "to": marking, **words}
    append_entry(tx, stream, "marking", by=actor(by), now=now, body=body)


def check_reason(reason: str, *others: FieldFault) -> None:
    """Refuse a reason that is missing or longer than `LONGEST`.

    Args:
        others: faults of other fields, which are raised together with those of the reason.
    Raises:
        InvalidAnswers: there is a fault.
    """
    faults = list(others)
    if not reason:
        faults.append(FieldFault("why", "form.reason_missing"))
    if len(reason) > LONGEST:
        over = len(reason) - LONGEST
        faults.append(FieldFault("why", "form.too_long", {"n": over, "most": LONGEST}))
    if faults:
        raise InvalidAnswers(tuple(faults))
