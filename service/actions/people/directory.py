"""Offices and people as an operator puts them in: every name is looked at before anything is
written.

A mistyped one is a sentence with the nearest right name, never a person whom no task reaches.

Source: screens.md O4, trust.md 6.1 and 6.2.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Final
from zoneinfo import available_timezones

from service.actions.context import Actor, Services
from service.actions.ledger_entries import append_entry
from service.actions.people import accounts, rate_limits
from service.errors import NotAllowed, Stale, Taken, UnusableWord
from service.security.vault import SIGN_IN
from service.store.installation import offices, people, sessions
from service.store.transaction import Tx
from service.store.work import tasks
from service.text import languages, section

OFFICE_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAIL_ADDRESS: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
LONGEST: Final = 200
"""Characters of a name: the sign-in page takes no more."""

MOST_TOLD: Final = 20
"""So many names are told whole when none is near."""


@dataclass(frozen=True, slots=True)
class OfficeListRow:
    """An office with how many people it has, and the roles that they hold."""

    office: offices.Office
    people: int
    roles: tuple[str, ...]


def open_office(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    office: offices.Office,
    address: str,
    calendars: Collection[str],
) -> None:
    """Put an office into the directory.

    Args:
        address: where its letters go; empty when it has none yet.
        calendars: names of the calendars that cases count working days by.
    Raises:
        UnusableWord: an id or address of the wrong form, or a kind, country, municipality,
            calendar, zone or language that is not known.
        Taken: there is an office of that id.
    """
    if len(office.id) > LONGEST or not OFFICE_ID.fullmatch(office.id):
        raise UnusableWord(
            f"{office.id} cannot be the id of an office: small letters, digits and single hyphens, such as socialtjansten-exempelstad"
        )
    _named("name", office.name)
    _known(
        "kind of office",
        [office.kind],
        {
            *section("office_kind", "en"),
            *(kind for kinds in services.programme.roles.values() for kind in kinds),
        },
    )
    _known(
        "country", office.countries, {code for code, _ in services.directories["en"]["countries"]}
    )
    _known(
        "municipality",
        office.municipalities,
        {code for code, _ in services.programme.municipalities},
    )
    _known("calendar", [office.calendar], calendars)
    _known("time zone", [office.zone], available_timezones())
    _known("language", [office.language], languages())
    _mail(address)
    if offices.get(tx, office.id) is not None:
        raise Taken(f"there is an office {office.id} already")
    accounts.add_office(tx, services, office=office, address=address, by=by, now=now)


def set_address(
    tx: Tx, services: Services, *, by: Actor, now: datetime, office: str, address: str
) -> None:
    """Say where an office's letters go from now on.

    Raises:
        UnusableWord: no such office, or no mail address.
    """
    _known("office", [office], offices.everyone(tx))
    _mail(address)
    accounts.set_address(tx, services, office_id=office, address=address, by=by, now=now)


def list_offices(tx: Tx) -> list[OfficeListRow]:
    """Every office by its id, closed ones too."""
    roles, many = people.roles_of_offices(tx), people.counts_of_offices(tx)
    return [
        OfficeListRow(office, many.get(id_, 0), (*sorted(roles.get(id_, ())),))
        for id_, office in sorted(offices.everyone(tx).items())
    ]


def directory_gaps(tx: Tx, services: Services) -> list[str]:
    """What a case would miss: offices that the programme names and that are not there, and roles of
    its lanes that nobody holds.
    """
    programme = services.programme
    open_ones = {id_ for id_, office in offices.everyone(tx).items() if office.closed_at is None}
    wanted = {"approver_office": programme.approver_office, "iom_office": programme.iom_office}
    loaded = {
        role
        for office, roles in people.roles_of_offices(tx).items()
        if office in open_ones
        for role in roles
    }
    missing = [
        f"programme.toml names {id_} as {name}, and there is no such office"
        for name, id_ in wanted.items()
        if id_ not in open_ones
    ]
    return missing + [
        f"nobody holds the role {role}"
        for role in programme.roles
        if role not in loaded and role not in programme.house_roles
    ]


def check_new_person(
    tx: Tx,
    services: Services,
    *,
    sign_in: str,
    name: str,
    office: str,
    roles: Collection[str],
    language: str,
) -> None:
    """Look whether a person could be put in: before a password is asked for.

    Raises:
        UnusableWord: a name that is empty or too long, no such office, role or language.
        NotAllowed: people of this kind of office may not hold a role; `why` is `role_of_office`.
        Taken: somebody signs in by that name.
    """
    _named("sign-in name", sign_in)
    _named("name", name)
    _known("language", [language], languages())
    _may_hold(tx, services, office, roles)
    if people.by_sign_in(tx, services.vault.blind(SIGN_IN, sign_in)) is not None:
        raise Taken(f"the sign-in name {sign_in} is taken")


def add_person(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    sign_in: str,
    name: str,
    office: str,
    roles: Collection[str],
    password: bytes,
    language: str,
) -> str:
    """Let a person sign in; gives the id.

    Args:
        password: as `Passwords.hash` made it.
    Raises:
        as `check_new_person` does.
    """
    check_new_person(
        tx, services, sign_in=sign_in, name=name, office=office, roles=roles, language=language
    )
    id_ = accounts.new_person_id(now)
    who = {"id_": id_, "sign_in": sign_in, "name": name, "office": office, "language": language}
    accounts.add_person(tx, services, **who, roles=set(roles), password=password, by=by, now=now)
    return id_


def set_roles(
    tx: Tx, services: Services, *, by: Actor, now: datetime, sign_in: str, roles: Collection[str]
) -> None:
    """Let a person hold exactly these roles from now on.

    Her sign-ins end, and tasks of a role that is taken go back to the office.

    Raises:
        UnusableWord, NotAllowed: as `check_new_person` does.   Stale: she is closed.
    """
    known = find_person(tx, services, sign_in)
    who, stream = known.person, f"office/{known.person.office_id}"
    _may_hold(tx, services, who.office_id, roles)
    for kind, changed in (
        ("role_given", set(roles) - known.roles),
        ("role_taken", known.roles - set(roles)),
    ):
        for role in sorted(changed):
            append_entry(tx, stream, kind, by=by, now=now, body={"person": who.id, "role": role})
    people.set_roles(tx, who.id, set(roles))
    sessions.end_all(tx, who.id)
    _put_back(tx, who.id, keeps=roles, by=by, now=now)


def set_password(
    tx: Tx, services: Services, *, by: Actor, now: datetime, sign_in: str, password: bytes
) -> None:
    """Give a person another password. Her sign-ins end, and wrong tries are forgotten.

    Raises:
        UnusableWord: nobody signs in by that name.   Stale: she is closed.
    """
    who = find_person(tx, services, sign_in).person
    people.set_password(tx, who.id, password)
    sessions.end_all(tx, who.id)
    rate_limits.clear_wrong_tries(tx, services, sign_in)
    append_entry(
        tx, f"office/{who.office_id}", "password_set", by=by, now=now, body={"person": who.id}
    )


def close_person(tx: Tx, services: Services, *, by: Actor, now: datetime, sign_in: str) -> None:
    """Let a person sign in no more.

    Her sign-ins end, her tasks go back to the office; what she did stays hers.

    Raises:
        UnusableWord: nobody signs in by that name.   Stale: she is closed already.
    """
    who = find_person(tx, services, sign_in).person
    people.close(tx, who.id, now)
    sessions.end_all(tx, who.id)
    _put_back(tx, who.id, keeps=(), by=by, now=now)
    append_entry(
        tx, f"office/{who.office_id}", "person_closed", by=by, now=now, body={"person": who.id}
    )


def find_person(tx: Tx, services: Services, sign_in: str) -> people.PersonWithKey:
    """The person who signs in by a name.

    Raises:
        UnusableWord: nobody does.   Stale: she is closed.
    """
    known = people.by_sign_in(tx, services.vault.blind(SIGN_IN, sign_in))
    if known is None:
        raise UnusableWord(f"nobody signs in as {sign_in}")
    if known.person.closed_at is not None:
        raise Stale(f"{sign_in} was closed on {known.person.closed_at:%Y-%m-%d}")
    return known


def _put_back(tx: Tx, person: str, *, keeps: Collection[str], by: Actor, now: datetime) -> None:
    """Give tasks that a person has claimed back to her office, but for those of the roles that she
    keeps.
    """
    for task in tasks.claimed(tx, person):
        if task.role not in keeps:
            tasks.put_back(tx, task.key)
            append_entry(
                tx,
                f"case/{task.case_id}",
                "put_back",
                by=by,
                now=now,
                body={"element": task.element, "task": task.key},
            )


def _may_hold(tx: Tx, services: Services, office: str, roles: Collection[str]) -> None:
    everywhere, kinds = offices.everyone(tx), services.programme.roles
    _known("office", [office], everywhere)
    _known("role", roles, kinds)
    if everywhere[office].closed_at is not None:
        raise Stale(f"the office {office} is closed")
    for role in roles:
        if kinds[role] and everywhere[office].kind not in kinds[role]:
            raise NotAllowed(
                f"nobody of {office} ({everywhere[office].kind}) may hold the role {role}: it is for {', '.join(kinds[role])}",
                why="role_of_office",
            )


def _named(what: str, text: str) -> None:
    if not text.strip() or text != text.strip() or len(text) > LONGEST or not text.isprintable():
        raise UnusableWord(
            f"a {what} has 1 to {LONGEST} characters, with no space around them, and no line break"
        )


def _mail(address: str) -> None:
    if address and not MAIL_ADDRESS.fullmatch(address):
        raise UnusableWord(f"{address} is no mail address")


def _known(what: str, given: Iterable[str], known: Collection[str]) -> None:
    """Refuse the first name that is not known, and tell the nearest that is."""
    for name in given:
        if name in known:
            continue
        by_small = {one.casefold(): one for one in sorted(known)}
        near = get_close_matches(name.casefold(), by_small, 1)
        hint = (
            f"; did you mean {by_small[near[0]]}?"
            if near
            else f"; there is {', '.join(sorted(known))}"
            if 0 < len(known) <= MOST_TOLD
            else ""
        )
        raise UnusableWord(f"there is no {what} {name}{hint}")
