"""People who work in the offices, with the roles that they hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Text,
    bindparam,
    delete,
    func,
    null,
    or_,
    select,
    type_coerce,
    update,
)

from service.security.records import PROGRAM, WrappedKey
from service.store.at_hand import AtHand, worked_out
from service.store.checked_rows import CheckedRows, Refused
from service.store.installation.keys import COLUMNS as KEY_COLUMNS
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import columns, width
from service.store.tables import membership, person, vault_key

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Person:
    """A person.

    Name and mail address are sealed under the key `person:<id>`; `sign_in` is a blind index of the
    sign-in name.
    """

    id: str
    office_id: str
    sign_in: bytes
    name: bytes
    email: bytes | None
    password: bytes | None
    """Always None: the column is empty since schema 0009, and the MAC of the row covers it."""
    language: str
    settings: dict[str, Any]
    made_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonWithKey:
    """A person with the key of their own data and their roles."""

    person: Person
    key: WrappedKey | None
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Membership:
    """A role that a person holds."""

    person_id: str
    role: str


PEOPLE = CheckedRows(person, Person, Refused.MISSING)
ROLES = CheckedRows(membership, Membership, Refused.MISSING)
KEPT = "people"
LETTERS = "letters"
"""How the names of those settings of a person begin that say how she gets letters."""
COLUMNS = columns(person, Person)
KEY_AT = width(Person)
MAC_AT = KEY_AT + width(WrappedKey)
ROLE_AT = MAC_AT + 1
WIDTH = ROLE_AT + 2
KNOWN = (
    select(*COLUMNS, *KEY_COLUMNS, person.c.mac, membership.c.role, membership.c.mac)
    .select_from(person)
    .outerjoin(membership, membership.c.person_id == person.c.id)
    .outerjoin(vault_key, vault_key.c.owner == "person:" + person.c.id)
)
BY_ID = PreparedStatement(KNOWN.where(person.c.id == bindparam("id")))
BY_IDS = PreparedStatement(KNOWN.where(in_list(person.c.id, "ids")))
BY_SIGN_IN = PreparedStatement(KNOWN.where(person.c.sign_in == bindparam("sign_in")))
LOCK = PreparedStatement(
    select(person.c.id).where(person.c.id == bindparam("id")).with_for_update()
)
LOCK_OFFICE = PreparedStatement(
    select(person.c.id)
    .where(person.c.office_id == bindparam("office"), person.c.closed_at.is_(None))
    .order_by(person.c.id)
    .with_for_update()
)
OPEN = (person.c.office_id == bindparam("office"), person.c.closed_at.is_(None))
OF_OFFICE = PreparedStatement(KNOWN.where(*OPEN).order_by(person.c.id))
CHOSE = or_(person.c.email.is_not(None), type_coerce(person.c.settings, Text).like(f'%"{LETTERS}%'))
READERS = PreparedStatement(
    select(*COLUMNS, *KEY_COLUMNS, person.c.mac, null(), null())
    .select_from(person)
    .outerjoin(vault_key, vault_key.c.owner == "person:" + person.c.id)
    .where(
        *OPEN,
        or_(
            CHOSE,
            in_list(person.c.id, "named"),
            person.c.id == select(func.min(person.c.id)).where(*OPEN, ~CHOSE).scalar_subquery(),
        ),
    )
    .order_by(person.c.id)
)
OF_PROGRAM = membership.alias("of_program")
IS_PROGRAM = (
    select(OF_PROGRAM.c.person_id)
    .where(OF_PROGRAM.c.person_id == person.c.id, OF_PROGRAM.c.role == PROGRAM)
    .exists()
)
ROLES_OF_OFFICES = PreparedStatement(
    select(person.c.office_id, membership.c.role)
    .join_from(person, membership, membership.c.person_id == person.c.id)
    .where(person.c.closed_at.is_(None), ~IS_PROGRAM)
    .distinct()
)
COUNTS_OF_OFFICES = PreparedStatement(
    select(person.c.office_id, func.count())
    .where(person.c.closed_at.is_(None), ~IS_PROGRAM)
    .group_by(person.c.office_id)
)
CLEAR_ROLE = PreparedStatement(
    delete(membership).where(
        membership.c.person_id == bindparam("id"), membership.c.role == bindparam("role")
    )
)
WITH_PASSWORD = PreparedStatement(
    select(person.c.id).where(person.c.password.is_not(None)).order_by(person.c.id)
)
CHANGED = update(person).where(person.c.id == bindparam("b_id"))
SET_CHOICES = PreparedStatement(
    CHANGED.values(language=bindparam("b_language"), settings=bindparam("b_settings"))
)


def gathered(reader: Reader, rows: list[tuple[Any, ...]]) -> list[PersonWithKey]:
    """Rows with one role each, put together by person; the order of the persons stays.

    A person, or a role, that this installation has not written is as if it were not there.
    """
    people: dict[str, tuple[tuple[Any, ...], set[str]]] = {}
    for row in rows:
        _, roles = people.setdefault(row[0], (row, set()))
        role, mac = row[ROLE_AT : ROLE_AT + 2]
        if role is not None:
            roles.update(one.role for one in ROLES.genuine(reader, [(row[0], role, mac)]))
    return [
        PersonWithKey(
            found,
            None if row[KEY_AT] is None else WrappedKey(*row[KEY_AT:MAC_AT]),
            frozenset(roles),
        )
        for row, roles in people.values()
        for found in PEOPLE.genuine(reader, [(*row[:KEY_AT], row[MAC_AT])])
    ]


def stream_of(office: str) -> str:
    """The stream of the ledger that tells of the people of an office."""
    return f"office/{office}"


def add(tx: Tx, row: Person, roles: Collection[str]) -> None:
    PEOPLE.add(tx, row, stream=stream_of(row.office_id))
    _add_roles(tx, row, roles)


def _add_roles(writer: Writer, row: Person, roles: Collection[str]) -> None:
    members = [Membership(row.id, role) for role in sorted(roles)]
    ROLES.add(writer, *members, stream=stream_of(row.office_id))


def get(reader: Reader, id: str) -> PersonWithKey | None:
    return _first(reader, reader.all(lambda *row: row, BY_ID, {"id": id}))


def by_sign_in(reader: Reader, sign_in: bytes) -> PersonWithKey | None:
    """The person with this blind index of a sign-in name."""
    return _first(reader, reader.all(lambda *row: row, BY_SIGN_IN, {"sign_in": sign_in}))


def lock(tx: Tx, id: str) -> None:
    """Let nobody else change the person, or begin a session of hers, before this transaction ends.

    What was read of her before may have changed meanwhile. On SQLite one writes at a time.
    """
    tx.value(LOCK, {"id": id})


def lock_office(tx: Tx, office: str) -> None:
    """Let nobody else change the people of an office before this transaction ends."""
    tx.all(str, LOCK_OFFICE, {"office": office})


def of_office(reader: Reader, office: str) -> list[PersonWithKey]:
    """People of an office who are not closed. Programs are none of them: nobody gives one a task,
    writes to it, or has it stand in for her; the names of both are at hand then.
    """
    found = gathered(reader, reader.all(lambda *row: row, *read_of_office(office)))
    _known(reader).update({known.person.id: known for known in found})
    return [known for known in found if PROGRAM not in known.roles]


def read_of_office(office: str) -> Read:
    """What `of_office` reads."""
    return OF_OFFICE, {"office": office}


def letter_readers(reader: Reader, office: str, named: Collection[str]) -> list[PersonWithKey]:
    """People of an office whose letters differ, without their roles: people who chose how they get
    letters or have an own address, the named ones, and one person for all others.

    When a row's MAC is not of this installation, everybody of the office is loaded.
    """
    rows = reader.all(lambda *row: row, *read_of_letter_readers(office, named))
    found = gathered(reader, rows)
    return found if len(found) == len(rows) else of_office(reader, office)


def are_genuine_readers(reader: Reader, office: str, named: Collection[str]) -> bool:
    """Whether `letter_readers` reads no more than `read_of_letter_readers`: this installation has
    written all of these rows.
    """
    rows = reader.all(lambda *row: row, *read_of_letter_readers(office, named))
    return len(gathered(reader, rows)) == len(rows)


def read_of_letter_readers(office: str, named: Collection[str]) -> Read:
    """What `letter_readers` reads."""
    return READERS, {"office": office, "named": (*sorted(named),)}


def _known(reader: Reader) -> dict[str, PersonWithKey | None]:
    """People who were put together from rows at hand, by id; None for one who is not there. A
    transaction keeps none.
    """
    if not isinstance(reader, AtHand):
        return {}
    found: dict[str, PersonWithKey | None] = worked_out(reader).setdefault(KEPT, {})
    return found


def of(reader: Reader, ids: Collection[str]) -> dict[str, PersonWithKey]:
    """Several people, by id."""
    known = _known(reader)
    for statement, given in reads_of(reader, ids):
        rows = reader.all(lambda *row: row, statement, given)
        known |= dict.fromkeys(set(ids) - known.keys())
        known |= {found.person.id: found for found in gathered(reader, rows)}
    return {id_: found for id_ in ids if (found := known[id_]) is not None}


def load(tx: Tx, at_hand: AtHand, ids: Collection[str], more: Collection[Read] = ()) -> None:
    """Have several people at hand; those who are already are not asked for again.

    Args:
        more: what is read in the same batch.
    """
    if reads := [*reads_of(at_hand, ids), *more]:
        at_hand.take(tx.read(*reads))
    of(at_hand, ids)


def reads_of(reader: Reader, ids: Collection[str]) -> list[Read]:
    """What `of` reads: those of several people who are not at hand yet."""
    new = set(ids) - _known(reader).keys()
    return [(BY_IDS, {"ids": (*sorted(new),)})] if new else []


def with_role(reader: Reader, office: str, role: str) -> list[PersonWithKey]:
    """People of an office who hold a role: who is written to."""
    return [known for known in of_office(reader, office) if role in known.roles]


def roles_of_offices(reader: Reader) -> dict[str, frozenset[str]]:
    """Roles that the people of each office hold, by office."""
    found: dict[str, set[str]] = {}
    for office, role in reader.all(lambda office, role: (office, role), ROLES_OF_OFFICES):
        found.setdefault(office, set()).add(role)
    return {office: frozenset(roles) for office, roles in found.items()}


def counts_of_offices(reader: Reader) -> dict[str, int]:
    """How many people each office has who are not closed; an office without any is not there."""
    return dict(reader.all(lambda office, many: (office, int(many)), COUNTS_OF_OFFICES))


def set_roles(tx: Tx, known: PersonWithKey, roles: Collection[str]) -> None:
    """Set the roles of a person, as she was read and locked."""
    row = known.person
    for role in sorted(known.roles - set(roles)):
        ROLES.drop(tx, Membership(row.id, role), stream=stream_of(row.office_id))
    given = set(roles) - known.roles
    for role in sorted(given):  # a row that was refused as she was read counts as none
        tx.run(CLEAR_ROLE, {"id": row.id, "role": role})
    _add_roles(tx, row, given)


def _change_person(tx: Tx, before: Person, after: Person) -> None:
    """Change a person, as she was read and locked; she is read anew then."""
    PEOPLE.change(tx, before, after, stream=stream_of(before.office_id))


def ids_with_password(reader: Reader) -> list[str]:
    """Who has a password that an older program kept here."""
    return reader.all(str, WITH_PASSWORD)


def drop_password(tx: Tx, row: Person) -> None:
    """Take away a password that an older program kept here."""
    _change_person(tx, row, replace(row, password=None))


def set_choices(tx: Tx, id: str, *, language: str, settings: dict[str, Any]) -> None:
    tx.run(SET_CHOICES, {"b_id": id, "b_language": language, "b_settings": settings})


def set_email(tx: Tx, row: Person, email: bytes | None) -> None:
    """Set the mail address of a person, as she was read and locked."""
    _change_person(tx, row, replace(row, email=email))


def close(tx: Tx, row: Person, at: datetime) -> None:
    """The person, as she was read and locked, may not sign in any more."""
    _change_person(tx, row, replace(row, closed_at=at))


def _first(reader: Reader, rows: list[tuple[Any, ...]]) -> PersonWithKey | None:
    return next(iter(gathered(reader, rows)), None)
