"""How an office is reached: postal and visiting address, telephone, hours and mail.

Everybody who works in a case with the office reads them, and may give them to the person. Where
its letters go (`accounts.set_address`) is another thing, and stays sealed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Final

from service.people.directory_checks import check_known, check_mail_address, check_name
from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.store.at_hand import Read, Reader
from service.store.installation import installation_values, offices
from service.store.transaction import Tx

SETTING: Final = "office.contact."
"""Beginning of the names of the settings that hold them, before the id of the office."""


@dataclass(frozen=True, slots=True)
class OfficeContact:
    """How one office is reached; what is not known is empty."""

    post: str = ""
    visit: str = ""
    telephone: str = ""
    hours: str = ""
    mail: str = ""


NONE: Final = OfficeContact()
PARTS: Final = tuple(part.name for part in fields(OfficeContact))


def read_of_contacts() -> Read:
    """What `office_contacts` reads."""
    return installation_values.read_of_beginning(SETTING)


def office_contacts(reader: Reader) -> dict[str, OfficeContact]:
    """How offices are reached, by their id; those of which nothing is known are left out."""
    rows = installation_values.beginning_with(reader, SETTING)
    return {name.removeprefix(SETTING): _read(value) for name, value in rows.items()}


def set_office_contact(
    tx: Tx, *, by: Actor, now: datetime, office: str, changes: dict[str, str]
) -> None:
    """Change how an office is reached.

    Args:
        changes: part (of `PARTS`) to its text; an empty text takes the part away.
    Raises:
        UnusableWord: no such office, a text that is too long or has a line break, or no mail
            address.
    """
    check_known("office", [office], offices.everyone(tx))
    check_known("part", changes, PARTS)
    for part, text in changes.items():
        if text:
            check_name(part, text)
    check_mail_address(changes.get("mail", ""))
    contact = replace(office_contacts(tx).get(office, NONE), **changes)
    value = json.dumps(asdict(contact), ensure_ascii=False)
    installation_values.put(tx, SETTING + office, value)
    append_entry(tx, "system", "office_contact", by=by, now=now, body={"about": office})


def _read(value: str) -> OfficeContact:
    found = json.loads(value)
    return OfficeContact(**{part: str(found.get(part, "")) for part in PARTS})
