"""Offices and persons of the directory: put them in, set an address, read rights and names.

Names and addresses are sealed under a key of their owner and opened when they are read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from service.access import Viewer
from service.errors import NotFound
from service.records.context import CLOCK, WORKER, Actor, Services
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.purposes import SIGN_IN
from service.security.vault import OwnerKey
from service.store.at_hand import AtHand, Read, Reader, worked_out
from service.store.installation import barred_people, credentials, offices, people, sessions
from service.store.installation.credentials import Credential
from service.store.transaction import Tx

NAMES: Final = "names of people"
NOBODY: Final = frozenset({CLOCK.id, WORKER.id, ""})
"""Actors who are no people."""


def add_office(
    tx: Tx, services: Services, *, by: Actor, now: datetime, office: offices.Office, address: str
) -> None:
    """Put an office into the directory; its mail address is sealed under a key of its own."""
    key = services.new_key(tx, f"office:{office.id}", stream="system")
    offices.add(tx, replace(office, address=_seal_address(key, office.id, address)))
    append_entry(tx, "system", "office_added", by=by, now=now, body={"about": office.id})


def set_address(
    tx: Tx, services: Services, *, by: Actor, now: datetime, office_id: str, address: str
) -> None:
    """Put an office's mail address right; letters that gave up for the want of one can be tried
    again then.

    Raises:
        NotFound: there is no such office, or its key is gone.
    """
    office = offices.get(tx, office_id)
    key = services.key(tx, f"office:{office_id}")
    if office is None or key is None:
        raise NotFound
    offices.save(tx, replace(office, address=_seal_address(key, office_id, address)))
    append_entry(tx, "system", "office_address", by=by, now=now, body={"about": office_id})


def _seal_address(key: OwnerKey, office_id: str, address: str) -> bytes | None:
    if not address:
        return None
    return key.seal("contact", address.encode(), table="office", column="address", row=office_id)


def add_person(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    id_: str,
    sign_in: str,
    name: str,
    office: str,
    roles: Collection[str],
    password: bytes | None,
    language: str,
) -> None:
    """Put a person into an office. The name is sealed; the sign-in name is kept as a keyed digest.

    Args:
        password: as `Passwords.hash` made it; None for a person who signs in in another way.
    """
    key = services.new_key(tx, f"person:{id_}", stream=f"office/{office}")
    row = people.Person(
        id=id_,
        office_id=office,
        sign_in=services.vault.blind(SIGN_IN, sign_in),
        name=key.seal("contact", name.encode(), table="person", column="name", row=id_),
        email=None,
        password=None,
        language=language,
        settings={},
        made_at=now,
    )
    people.add(tx, row, roles)
    if password is not None:
        credentials.add(tx, new_password(id_, password, by=by, now=now), office=office)
    body: dict[str, ledger_lines.Canonical] = {"person": id_, "roles": (*sorted(roles),)}
    append_entry(tx, f"office/{office}", "person_added", by=by, now=now, body=body)


def new_password(person: str, hashed: bytes, *, by: Actor, now: datetime) -> Credential:
    """A password as it is kept.

    Args:
        hashed: as `Passwords.hash` made it.
    """
    return Credential(ulid(now), person, credentials.PASSWORD, now, by.id, proof=hashed)


def renew_password(
    tx: Tx, person: str, hashed: bytes, *, office: str, by: Actor, now: datetime
) -> Credential:
    """End the password of a person, if there is one, and set another, which is given; all her
    sign-ins end, whatever they were begun by: who knew the password may have begun others.
    """
    old = credentials.password_of(tx, person, now=now)
    if old is not None:
        credentials.end(tx, old, now, office=office)
    made = new_password(person, hashed, by=by, now=now)
    credentials.add(tx, made, office=office)
    sessions.end_all(tx, person, office=office)
    return made


def load_viewer(reader: Reader, id_: str) -> Viewer | None:
    """Rights and language of a person; None when there is none, or she is closed."""
    row = people.get(reader, id_)
    if row is None:
        return None
    viewer = viewer_of(row, offices.get(reader, row.person.office_id))
    return (
        replace(viewer, barred=barred_people.barred_to(reader, id_)) if viewer is not None else None
    )


def viewer_of(row: people.PersonWithKey, office: offices.Office | None) -> Viewer | None:
    """Rights and language of a stored person of this office; None when she is closed."""
    if row.person.closed_at is not None or office is None:
        return None
    return Viewer(row.person.id, office.id, row.roles, row.person.language, office.zone)


def open_name(services: Services, row: people.PersonWithKey) -> str:
    """A person's name, opened now; empty when she was erased."""
    if row.key is None:
        return ""
    key = services.open(row.key)
    sealed, id_ = row.person.name, row.person.id
    return key.open("contact", sealed, table="person", column="name", row=id_).decode()


def names(reader: Reader, services: Services, ids: Collection[str]) -> dict[str, str]:
    """Names of people by id, of rows at hand opened once; unknown ids are left out."""
    known: dict[str, str] = worked_out(reader).setdefault(NAMES, {})
    if missing := set(ids) - set(known) - NOBODY:
        rows = people.of(reader, missing)
        known |= {id_: open_name(services, row) for id_, row in rows.items()}
    return {id_: known[id_] for id_ in ids if id_ in known}


def load_people(tx: Tx, at_hand: AtHand, ids: Collection[str], more: Collection[Read] = ()) -> None:
    """Have at hand what `names` reads of these people, or of some of them.

    Args:
        more: what is read in the same batch.
    """
    people.load(tx, at_hand, set(ids) - NOBODY, more)


def colleagues(
    reader: Reader, services: Services, office: str, role: str = ""
) -> list[tuple[str, str]]:
    """(person id, name) of the people of an office, by name; of those who hold a role when it is
    named.
    """
    rows = people.with_role(reader, office, role) if role else people.of_office(reader, office)
    opened = [(row.person.id, open_name(services, row)) for row in rows]
    return sorted(opened, key=lambda pair: pair[1])


def new_person_id(now: datetime) -> str:
    """An id for a person: random, no name in it."""
    return f"p_{ulid(now)}"
