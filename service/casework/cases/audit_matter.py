"""The matter for which an auditor looks: she states it once a session, and it goes with every entry
of the read log that she causes until she signs in again.
"""

from __future__ import annotations

import json
from datetime import datetime

from service.access import Viewer
from service.errors import CannotOpen, FieldFault, InvalidAnswers
from service.records.context import Services, actor
from service.records.ledger_append import append_entry, open_reason, seal_reason
from service.security.records import LedgerEntry
from service.store.at_hand import Read, Reader
from service.store.installation import keys, ledger_entries
from service.store.transaction import Tx

KIND = "audit_matter"
STATED = (KIND, "sign_in")
"""Kinds of entries of which the newest says whether there is a matter."""
FIELD = "matter"
LONGEST = 200
"""Characters of a matter."""


def state_matter(tx: Tx, services: Services, *, by: Viewer, now: datetime, words: str) -> None:
    """State for which matter an auditor looks; her words are sealed under her own key.

    Raises:
        InvalidAnswers: there are no words, or too many.
    """
    said = " ".join(words.split())
    if not said or len(said) > LONGEST:
        raise InvalidAnswers((FieldFault(FIELD, "required" if not said else "too_long"),))
    stream = f"office/{by.office}"
    sealed = seal_reason(services.key(tx, f"person:{by.person}"), stream, by.person, said)
    append_entry(tx, stream, KIND, by=actor(by), now=now, body={"word": sealed})


def reads_of_matter(by: Viewer) -> list[Read]:
    """Reads of the matter that a person has stated, and of the key of its words."""
    return [
        ledger_entries.read_of_newest_by(by.person, STATED),
        (keys.GET, {"owner": f"person:{by.person}"}),
    ]


def stated_matter(reader: Reader, by: Viewer) -> LedgerEntry | None:
    """The entry of the matter that was stated since the person signed in; None when there is none.

    Its number in the stream of her office is what other entries bear.
    """
    found = ledger_entries.newest_by(reader, by.person, STATED)
    return found if found is not None and found.kind == KIND else None


def matter_of_look(tx: Tx, by: Viewer) -> LedgerEntry | None:
    """The same for an entry of a look: what the page of this request has read before counts."""
    known = tx.changes.matter
    return known if known is not None and known.actor == by.person else stated_matter(tx, by)


def open_matter(reader: Reader, services: Services, by: Viewer) -> str:
    """The words of the matter that the person has stated herself; "" when there is none."""
    found = stated_matter(reader, by)
    return "" if found is None else _words(reader, services, found)


def words_of(reader: Reader, services: Services, person: str, office: str, number: int) -> str:
    """Words of a matter, for the person who decides about a request that the auditor made for it;
    "" when there is none of this number, or it cannot be opened.
    """
    found = ledger_entries.of_stream(reader, f"office/{office}", after=number - 1, limit=1)
    if not found or (found[0].seq, found[0].kind, found[0].actor) != (number, KIND, person):
        return ""
    try:
        return _words(reader, services, found[0])
    except CannotOpen:
        return ""


def _words(reader: Reader, services: Services, found: LedgerEntry) -> str:
    key = services.key(reader, f"person:{found.actor}")
    return open_reason(key, found.stream, found.actor, str(json.loads(found.body)["word"]))
