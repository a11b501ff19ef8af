"""The protection marking of a case: kept beside it, changed by an act with a reason. Lists, letters and exports obey it at once."""

from __future__ import annotations

from datetime import datetime

from service import ledger
from service.access import Viewer
from service.actions.acts import act
from service.actions.house import House, actor
from service.errors import NotAllowed, NotFound
from service.store import cases, parties
from service.store.database import Tx

MARKINGS = ("NONE", "PROGRAMME_PROTECTED", "SEKRETESSMARKERING", "SKYDDAD_FOLKBOKFORING", "FINGERADE_UPPGIFTER")
LONGEST = 500


def mark(tx: Tx, house: House, *, by: Viewer, case_id: str, marking: str, why: str, now: datetime) -> None:
    """Set the protection marking of a case.

    Args:
        why: the reason; the ledger keeps its digest, so that it can be proven and not read.
    Raises:
        NotFound: `by` has no part in the case.   NotAllowed: her role may not, the marking is unknown, or there is no reason.
        CaseMoved: somebody moved the case meanwhile.
    Source: programme.md 2.3.
    """
    case = cases.get(tx, case_id)
    holders = parties.of_case(tx, case_id)
    if case is None or by.office not in holders.values():
        raise NotFound
    if not any(holders.get(role) == by.office and role in by.lane_roles for role in house.programme.beside.duties.marking):
        raise NotAllowed(why="role")
    if marking not in MARKINGS or not why.strip() or len(why) > LONGEST:
        raise NotAllowed(why="marking")
    if case.marking == marking:
        return
    cases.set_marking(tx, case_id, case.rev, marking)
    act(tx, f"case/{case_id}", "marking", by=actor(by), now=now, body={"from": case.marking, "to": marking, "why": ledger.digest(why)})
