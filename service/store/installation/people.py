"""People who work in the offices, with the roles that they hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from service.security.records import WrappedKey
from service.store.installation.keys import COLUMNS as KEY_COLUMNS
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values, width
from service.store.tables import membership, person, vault_key

if TYPE_CHECKING:
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


COLUMNS = columns(person, Person)
KEY_AT = width(Person)
ROLE_AT = KEY_AT + width(WrappedKey)
KNOWN = (
    select(*COLUMNS, *KEY_COLUMNS, membership.c.role)
    .select_from(person)
    .outerjoin(membership, membership.c.person_id == person.c.id)
    .outerjoin(vault_key, vault_key.c.owner == "person:" + person.c.id)
)
BY_ID = PreparedStatement(KNOWN.where(person.c.id == bindparam("id")))
BY_SIGN_IN = PreparedStatement(KNOWN.where(person.c.sign_in == bindparam("sign_in")))
LOCK = PreparedStatement(
    select(person.c.id).where(person.c.id == bindparam("id")).with_for_update()
)
OF_OFFICE = PreparedStatement(
    KNOWN.where(person.c.office_id == bindparam("office"), person.c.closed_at.is_(None)).order_by(
        person.c.id
    )
)
ROLES_OF_OFFICES = PreparedStatement(
    select(person.c.office_id, membership.c.role)
    .join_from(person, membership, membership.c.person_id == person.c.id)
    .where(person.c.closed_at.is_(None))
    .distinct()
)
COUNTS_OF_OFFICES = PreparedStatement(
    select(person.c.office_id, func.count())
    .where(person.c.closed_at.is_(None))
    .group_by(person.c.office_id)
)
ADD, ADD_ROLE = PreparedStatement(insert(person)), PreparedStatement(insert(membership))
DROP_ROLES = PreparedStatement(delete(membership).where(membership.c.person_id == bindparam("id")))
CHANGED = update(person).where(person.c.id == bindparam("b_id"))
SET_PASSWORD = PreparedStatement(CHANGED.values(password=bindparam("b_password")))
SET_CHOICES = PreparedStatement(
    CHANGED.values(language=bindparam("b_language"), settings=bindparam("b_settings"))
)
CLOSE = PreparedStatement(CHANGED.values(closed_at=bindparam("b_at")))


def gathered(rows: list[tuple[Any, ...]]) -> list[PersonWithKey]:
    """Rows with one role each, put together by person; the order of the persons stays."""
    people: dict[str, tuple[tuple[Any, ...], set[str]]] = {}
    for row in rows:
        _, roles = people.setdefault(row[0], (row, set()))
        if row[ROLE_AT] is not None:
            roles.add(row[ROLE_AT])
    return [
        PersonWithKey(
            Person(*row[:KEY_AT]),
            None if row[KEY_AT] is None else WrappedKey(*row[KEY_AT:ROLE_AT]),
            frozenset(roles),
        )
        for row, roles in people.values()
    ]


def add(tx: Tx, row: Person, roles: Collection[str]) -> None:
    tx.run(ADD, values(row))
    tx.run(ADD_ROLE, [{"person_id": row.id, "role": role} for role in sorted(roles)])


def get(tx: Tx, id: str) -> PersonWithKey | None:
    return _first(tx.all(lambda *row: row, BY_ID, {"id": id}))


def by_sign_in(tx: Tx, sign_in: bytes) -> PersonWithKey | None:
    """The person with this blind index of a sign-in name."""
    return _first(tx.all(lambda *row: row, BY_SIGN_IN, {"sign_in": sign_in}))


def lock(tx: Tx, id: str) -> None:
    """Let nobody else change the person, or begin a session of hers, before this transaction ends.

    What was read of her before may have changed meanwhile. On SQLite one writes at a time.
    """
    tx.value(LOCK, {"id": id})


def of_office(tx: Tx, office: str) -> list[PersonWithKey]:
    """People of an office who are not closed."""
    return gathered(tx.all(lambda *row: row, OF_OFFICE, {"office": office}))


def of(tx: Tx, ids: Collection[str]) -> dict[str, PersonWithKey]:
    """Several people, by id."""
    rows = tx.all(lambda *row: row, KNOWN.where(person.c.id.in_(ids))) if ids else []
    return {known.person.id: known for known in gathered(rows)}


def with_role(tx: Tx, office: str, role: str) -> list[PersonWithKey]:
    """People of an office who hold a role: who is written to."""
    return [known for known in of_office(tx, office) if role in known.roles]


def roles_of_offices(tx: Tx) -> dict[str, frozenset[str]]:
    """Roles that the people of each office hold, by office."""
    found: dict[str, set[str]] = {}
    for office, role in tx.all(lambda office, role: (office, role), ROLES_OF_OFFICES):
        found.setdefault(office, set()).add(role)
    return {office: frozenset(roles) for office, roles in found.items()}


def counts_of_offices(tx: Tx) -> dict[str, int]:
    """How many people each office has who are not closed; an office without any is not there."""
    return dict(tx.all(lambda office, many: (office, int(many)), COUNTS_OF_OFFICES))


def set_roles(tx: Tx, id: str, roles: Collection[str]) -> None:
    tx.run(DROP_ROLES, {"id": id})
    tx.run(ADD_ROLE, [{"person_id": id, "role": role} for role in sorted(roles)])


def set_password(tx: Tx, id: str, password: bytes) -> None:
    tx.run(SET_PASSWORD, {"b_id": id, "b_password": password})


def set_choices(tx: Tx, id: str, *, language: str, settings: dict[str, Any]) -> None:
    tx.run(SET_CHOICES, {"b_id": id, "b_language": language, "b_settings": settings})


def close(tx: Tx, id: str, at: datetime) -> None:
    """The person may not sign in any more."""
    tx.run(CLOSE, {"b_id": id, "b_at": at})


def _first(rows: list[tuple[Any, ...]]) -> PersonWithKey | None:
    return next(iter(gathered(rows)), None)
