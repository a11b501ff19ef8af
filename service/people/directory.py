"""Directory of offices and people, as an operator changes it from the command line.

Every name is checked before anything is written: a mistyped one is refused with the nearest right
name, so that nobody becomes a person whom no task reaches.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from service.errors import NotAllowed, Stale, Taken, UnusableWord
from service.people import accounts
from service.people.directory_checks import (
    check_known,
    check_mail_address,
    check_name,
    check_office_id,
)
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry
from service.release.programme.named_fields import OFFICE
from service.release.programme.vocabulary import OFFICE_KIND
from service.security.ledger_lines import Canonical
from service.security.purposes import SIGN_IN
from service.store.at_hand import Reader
from service.store.installation import offices, people, sessions
from service.store.transaction import Tx
from service.store.work import tasks
from service.text import languages


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
    _check_office(services, office, calendars)
    check_mail_address(address)
    if offices.get(tx, office.id) is not None:
        raise Taken(f"there is an office {office.id} already")
    accounts.add_office(tx, services, office=office, address=address, by=by, now=now)


def _check_office(services: Services, office: offices.Office, calendars: Collection[str]) -> None:
    programme = services.programme
    named = (kind for kinds in programme.roles.values() for kind in kinds)
    countries = {code for code, _ in services.directories["en"]["countries"]}
    municipalities = {code for code, _ in programme.municipalities}
    check_office_id(office.id)
    check_name("name", office.name)
    kinds = programme.configuration.vocabulary.ids(OFFICE_KIND)
    check_known("kind of office", [office.kind], {*kinds, *named})
    check_known("country", office.countries, countries)
    check_known("municipality", office.municipalities, municipalities)
    check_known("calendar", [office.calendar], calendars)
    check_known("time zone", [office.zone], available_timezones())
    check_known("language", [office.language], languages())


def set_address(
    tx: Tx, services: Services, *, by: Actor, now: datetime, office: str, address: str
) -> None:
    """Set the mail address of an office.

    Raises:
        UnusableWord: no such office, or no mail address.
    """
    check_known("office", [office], offices.everyone(tx))
    check_mail_address(address)
    accounts.set_address(tx, services, office_id=office, address=address, by=by, now=now)


def list_offices(reader: Reader) -> list[OfficeListRow]:
    """Every office by its id, closed ones too."""
    roles = people.roles_of_offices(reader)
    counts = people.counts_of_offices(reader)
    return [
        OfficeListRow(office, counts.get(id_, 0), (*sorted(roles.get(id_, ())),))
        for id_, office in sorted(offices.everyone(reader).items())
    ]


def directory_gaps(reader: Reader, services: Services) -> list[str]:
    """What the directory lacks for cases: offices that the programme names, and people for roles of
    its lanes.
    """
    programme = services.programme
    active = {id_ for id_, office in offices.everyone(reader).items() if office.closed_at is None}
    by_office = people.roles_of_offices(reader).items()
    filled = {role for office, roles in by_office if office in active for role in roles}
    missing = [
        f"programme.toml names {id_} as {name}{OFFICE}, and there is no such office"
        for name, id_ in programme.offices.items()
        if id_ not in active
    ]
    missing += [
        f"parties.toml names who is on duty at {id_}, and there is no such office"
        for id_ in programme.on_call
        if id_ not in active
    ]
    return missing + [
        f"nobody holds the role {role}"
        for role in programme.roles
        if role not in filled and role not in programme.built_in_roles
    ]


def check_new_person(
    reader: Reader,
    services: Services,
    *,
    sign_in: str,
    name: str,
    office: str,
    roles: Collection[str],
    language: str,
) -> None:
    """Check whether a person could be added.

    Raises:
        UnusableWord: a name that is empty or too long, no such office, role or language.
        NotAllowed: people of this kind of office may not hold a role; `why` is `role_of_office`.
        Taken: somebody signs in by that name.
    """
    check_name("sign-in name", sign_in)
    check_name("name", name)
    check_known("language", [language], languages())
    check_may_hold(reader, services, office, roles)
    if people.by_sign_in(reader, services.vault.blind(SIGN_IN, sign_in)) is not None:
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
    language: str,
) -> str:
    """Add a person, who comes in by an invitation (`invitations`); gives the id.

    Raises:
        as `check_new_person` does.
    """
    check_new_person(
        tx, services, sign_in=sign_in, name=name, office=office, roles=roles, language=language
    )
    id_ = accounts.new_person_id(now)
    who = {"id_": id_, "sign_in": sign_in, "name": name, "office": office, "language": language}
    accounts.add_person(tx, services, **who, roles=set(roles), password=None, by=by, now=now)
    return id_


def set_roles(
    tx: Tx, services: Services, *, by: Actor, now: datetime, sign_in: str, roles: Collection[str]
) -> None:
    """Set the roles of a person to exactly these.

    Her sessions end, and tasks of a role that is taken go back to the office.

    Raises:
        UnusableWord, NotAllowed: as `check_new_person` does.   Stale: she is closed.
    """
    known = locked_person(tx, services, sign_in)
    who, stream = known.person, f"office/{known.person.office_id}"
    check_may_hold(tx, services, who.office_id, roles)
    for kind, changed in (
        ("role_given", set(roles) - known.roles),
        ("role_taken", known.roles - set(roles)),
    ):
        for role in sorted(changed):
            append_entry(tx, stream, kind, by=by, now=now, body={"person": who.id, "role": role})
    people.set_roles(tx, known, set(roles))
    ended = sessions.end_all(tx, who.id, office=who.office_id)
    if ended and set(roles) == known.roles:
        body: dict[str, Canonical] = {"person": who.id, "number": ended}
        append_entry(tx, stream, "sessions_ended", by=by, now=now, body=body)
    put_back_tasks(tx, who.id, keeps=roles, by=by, now=now)


def close_person(tx: Tx, services: Services, *, by: Actor, now: datetime, sign_in: str) -> None:
    """Close a person, who cannot sign in from then on.

    Her sessions end, her tasks go back to the office; what she did stays under her name.

    Raises:
        UnusableWord: nobody signs in by that name.   Stale: she is closed already.
    """
    who = locked_person(tx, services, sign_in).person
    people.close(tx, who, now)
    sessions.end_all(tx, who.id, office=who.office_id)
    put_back_tasks(tx, who.id, keeps=(), by=by, now=now)
    stream, body = f"office/{who.office_id}", {"person": who.id}
    append_entry(tx, stream, "person_closed", by=by, now=now, body=body)


def find_person(reader: Reader, services: Services, sign_in: str) -> people.PersonWithKey:
    """The person who signs in by a name.

    Raises:
        UnusableWord: nobody does.   Stale: she is closed.
    """
    known = people.by_sign_in(reader, services.vault.blind(SIGN_IN, sign_in))
    if known is None:
        raise UnusableWord(f"nobody signs in as {sign_in}")
    if known.person.closed_at is not None:
        raise Stale(f"{sign_in} was closed on {known.person.closed_at:%Y-%m-%d}")
    return known


def locked_person(tx: Tx, services: Services, sign_in: str) -> people.PersonWithKey:
    """The person who signs in by a name, as she is once nobody else can change her: no session of
    hers begins before the transaction ends.

    Raises:
        UnusableWord, Stale: as `find_person` does.
    """
    people.lock(tx, find_person(tx, services, sign_in).person.id)
    return find_person(tx, services, sign_in)


def put_back_tasks(
    tx: Tx, person: str, *, keeps: Collection[str], by: Actor, now: datetime
) -> None:
    """Give tasks that a person has claimed back to her office, except for roles that she keeps."""
    for task in tasks.claimed(tx, person):
        if task.role not in keeps:
            tasks.put_back(tx, task.key)
            stream, body = f"case/{task.case_id}", {"element": task.element, "task": task.key}
            append_entry(tx, stream, "put_back", by=by, now=now, body=body)


def check_may_hold(reader: Reader, services: Services, office: str, roles: Collection[str]) -> None:
    """Check whether people of an office may hold some roles.

    Raises:
        UnusableWord: no such office or role.   Stale: the office is closed.
        NotAllowed: as `check_new_person` says.
    """
    known, kinds = offices.everyone(reader), services.programme.roles
    check_known("office", [office], known)
    check_known("role", roles, kinds)
    kind = known[office].kind
    if known[office].closed_at is not None:
        raise Stale(f"the office {office} is closed")
    for role in roles:
        if kinds[role] and kind not in kinds[role]:
            allowed = f"it is for {', '.join(kinds[role])}"
            raise NotAllowed(
                f"nobody of {office} ({kind}) may hold the role {role}: {allowed}",
                why="role_of_office",
            )
