"""Who has confirmed each row of a file whose rows a lawyer confirms, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from service.release.programme.appeal_roads import FILE as APPEALS
from service.release.programme.appeal_roads import AppealRoads, read_appeals
from service.release.programme.ground_rules import FILE as GROUNDS
from service.release.programme.ground_rules import SecrecyGrounds, read_grounds
from service.release.programme.signatures import signatory
from service.workshop.configuration.entries import Entry
from service.workshop.configuration.words import ConfigurationWords

CONFIRMED: Final = "confirmed"
"""The table of those who have confirmed, and the key under which each row shows hers."""


def with_confirmations(
    file: str, text: str, entries: Mapping[str, Entry], words: ConfigurationWords
) -> dict[str, Entry]:
    """The rows of a file with who has confirmed each, or that nobody has; without the table that
    says so by id. Rows of other files as they are.

    Args:
        entries: what `read_entries` found in the text.
    """
    confirmed = _confirmed(file, text)
    if not confirmed:
        return dict(entries)
    found = {}
    for id_, entry in entries.items():
        row = id_.removeprefix(f"{entry.part}:")
        if row in confirmed:
            who = confirmed[row] or words.say("to_confirm")
            found[id_] = replace(entry, values={**entry.values, CONFIRMED: who})
        elif id_ != CONFIRMED:
            found[id_] = entry
    return found


def _confirmed(file: str, text: str) -> dict[str, str]:
    """Id of each row that is to be confirmed to who has; empty where nobody has, or not as it
    stands now.
    """
    read: SecrecyGrounds | AppealRoads
    try:
        if file == GROUNDS:
            read = read_grounds(text)
            ids = [one.id for one in read.grounds]
        elif file == APPEALS:
            read = read_appeals(text)
            ids = [one.id for one in read.roads]
        else:
            return {}
    except ValueError:
        return {}  # it has a finding of its own
    return {
        id_: signatory(read.confirmed.get(id_, "")) if read.is_confirmed(id_) else "" for id_ in ids
    }
