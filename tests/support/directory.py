"""Offices and people of test installations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from service.people import accounts, letter_choices
from service.people import directory as directory_rules
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry
from service.store.installation import offices, people
from service.store.transaction import Tx
from tests.support.browser import PASSWORD
from tests.support.programs import PASSWORDS

OFFICE, ROLE = "social", "ReferringPartner"
BOARD, HELSINKI, SOFIA = "lansstyrelsen-stockholm", "iom-helsinki", "iom-sofia"
"""As the shipped configuration names the office that approves, and two of IOM's."""


class OfficePlan(NamedTuple):
    """An office that is to be added; without an address it gets no letters."""

    id: str
    name: str
    kind: str
    zone: str = "Europe/Stockholm"
    address: str = ""
    countries: tuple[str, ...] = ()
    language: str = "sv"


class PersonPlan(NamedTuple):
    """A person who is to be added as `p_<name>`, and signs in by her name."""

    name: str
    office: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Directory:
    """Offices and people of an installation."""

    offices: tuple[OfficePlan, ...]
    people: tuple[PersonPlan, ...]
    language: str = "sv"
    password: str | None = None
    """Of all people; None where nobody signs in."""


ONE_OFFICE: Final = Directory(
    (OfficePlan(OFFICE, "Social", "SOCIALTJANST", address="social@example.invalid"),),
    (PersonPlan("sara", OFFICE, (ROLE,)), PersonPlan("stina", OFFICE, (ROLE,))),
)
"""One office whose people hold one role: enough for small processes."""

THREE_OFFICES: Final = Directory(
    (
        OfficePlan(OFFICE, "Social", "SOCIALTJANST"),
        OfficePlan(BOARD, "Board", "MYNDIGHET"),
        OfficePlan(HELSINKI, "Helsinki", "IOM_MISSION", "Europe/Helsinki"),
    ),
    (
        *ONE_OFFICE.people,
        PersonPlan("omar", BOARD, ("CaseApprover",)),
        PersonPlan("maja", BOARD, ("owner",)),
        PersonPlan("nils", BOARD, ("reviewer",)),
        PersonPlan("greta", BOARD, ("auditor",)),
        PersonPlan("disa", BOARD, ("data-protection",)),
    ),
    language="en",
    password=PASSWORD,
)
"""Those who begin and approve a case of the shipped process, its owner, who reviews its releases,
an auditor, and who answers for data protection."""


def add_directory(
    tx: Tx, services: Services, directory: Directory, *, by: Actor, now: datetime
) -> None:
    """Add the offices and people of a directory."""
    password = PASSWORDS.hash(directory.password) if directory.password else None
    for plan in directory.offices:
        add_office(tx, services, plan, by=by, now=now)
    for person in directory.people:
        accounts.add_person(
            tx,
            services,
            id_=f"p_{person.name}",
            sign_in=person.name,
            name=person.name.title(),
            office=person.office,
            roles=person.roles,
            password=password,
            language=directory.language,
            by=by,
            now=now,
        )
        # a test of letters looks at each by itself
        at_once = {letter_choices.CHOICE: letter_choices.AT_ONCE}
        people.set_choices(tx, f"p_{person.name}", language=directory.language, settings=at_once)


def give_password(
    tx: Tx, services: Services, *, sign_in: str, password: bytes, by: Actor, now: datetime
) -> None:
    """Give a person a password, as one that she chose herself; one of before ends.

    Args:
        password: as `Passwords.hash` made it.
    """
    who = directory_rules.locked_person(tx, services, sign_in).person
    accounts.renew_password(tx, who.id, password, office=who.office_id, by=by, now=now)
    stream, body = people.stream_of(who.office_id), {"person": who.id}
    append_entry(tx, stream, "password_set", by=by, now=now, body=body)


def add_office(tx: Tx, services: Services, plan: OfficePlan, *, by: Actor, now: datetime) -> None:
    """Add an office."""
    office = offices.Office(
        plan.id, plan.name, plan.kind, list(plan.countries), [], "sweden", plan.zone, plan.language
    )
    accounts.add_office(tx, services, office=office, address=plan.address, by=by, now=now)
