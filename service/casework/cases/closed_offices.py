"""Offices to which danger to life opens a case never, whatever anybody says: those that the person
has left, and those that what has happened concerns.

An alarm rings neither of them; nobody there breaks the glass, nor hears that somebody did.
Source: decisions/0135.
"""

from __future__ import annotations

from service.access import CLASSES
from service.casework.cases import given_answers
from service.records.context import Services
from service.release.programme.party_rules import ENDS, left_offices
from service.store.at_hand import Read, Reader
from service.store.casefile import facts, parties
from service.store.installation import keys


def load_closed_offices(reader: Reader, services: Services, case_id: str) -> frozenset[str]:
    """Load them, by every answer of the case, earlier ones too: rather one too many."""
    rule = services.programme.approvals.glass
    of_case = services.case_keys(reader, case_id)
    given = given_answers.series(given_answers.load_answers(reader, of_case, case_id))
    rows = services.programme.configuration.parties
    left = {
        office for row in rows if row.to == ENDS for office in left_offices([row], row.role, given)
    }
    holders = parties.of_case(reader, case_id)
    said = given.get(rule.about, ()) if rule is not None else ()
    roles = {rule.concerns.get(str(one), "") for one in said} if rule is not None else set()
    concerned = {holders.get(role, "") for role in roles}
    return frozenset(str(office) for office in left | concerned if office)


def reads_of_closed_offices(case_id: str) -> list[Read]:
    """What `load_closed_offices` reads."""
    of_case = {"case_id": case_id}
    return [
        (parties.OF_CASE, of_case),
        *facts.reads_of_answers(case_id, CLASSES),
        keys.read_of_case(case_id),
    ]
