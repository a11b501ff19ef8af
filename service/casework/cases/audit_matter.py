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

KIND, WORDS = "audit_matter", "audit_matter_words"
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
    for kept in (KIND, WORDS):
        tx.kept.pop(f"{kept}/{by.person}", None)
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
    place = f"{KIND}/{by.person}"
    if place not in reader.kept:
        found = ledger_entries.newest_by(reader, by.person, STATED)
        reader.kept[place] = found if found is not None and found.kind == KIND else None
    stated: LedgerEntry | None = reader.kept[place]
    return stated


def keep_matter(reader: Reader, stated: LedgerEntry, words: str) -> None:
    """Hand a transaction the matter that its page has read before: its entries bear the number."""
    reader.kept[f"{KIND}/{stated.actor}"] = stated
    reader.kept[f"{WORDS}/{stated.actor}"] = words


def open_matter(reader: Reader, services: Services, by: Viewer) -> str:
    """The words of the matter that the person has stated herself; "" when there is none."""
    found = stated_matter(reader, by)
    if found is None:
        return ""
    kept: str | None = reader.kept.get(f"{WORDS}/{by.person}")
    return _words(reader, services, found) if kept is None else kept


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
