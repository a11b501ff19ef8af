"""Passwords that an older program kept in rows of `person` become rows of `credential`: the upgrade
moves them, once.

A password of a row that this installation has not written is left where it is, and signs nobody in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from service.people import second_factor
from service.people.accounts import new_password
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry
from service.store.installation import credentials, people
from service.store.transaction import Tx

SINCE: Final = "0009"
"""The schema from which on passwords are rows of `credential`."""
UPGRADE: Final = Actor("upgrade")
"""Who writes the entries; the id is part of them."""


def is_older(schema: str | None) -> bool:
    """Whether tables stood at a schema of before; None where there were none."""
    return schema is not None and schema < SINCE


def has_any(tx: Tx) -> bool:
    """Whether any password is to be moved."""
    return bool(people.ids_with_password(tx))


def move(tx: Tx, services: Services, now: datetime) -> None:
    """Move each, with an entry of its person; alone they are enough for a while."""
    tx.row_mac = services.vault.row_mac  # the database was named without its keyring
    second_factor.begin_grace(tx, now)
    append_entry(tx, "system", "second_factor_grace", by=UPGRADE, now=now)
    for id_ in people.ids_with_password(tx):
        known = people.get(tx, id_)
        if known is None or known.person.password is None:
            continue
        office = known.person.office_id
        made = new_password(id_, known.person.password, by=UPGRADE, now=now)
        people.drop_password(tx, known.person)
        credentials.add(tx, made, office=office)
        body = {"person": id_}
        append_entry(tx, people.stream_of(office), "password_set", by=UPGRADE, now=now, body=body)
