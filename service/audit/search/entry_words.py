"""Entries of the ledger in a list of many streams: what each is called, by whom, of which case."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from service.errors import NotFound
from service.people import accounts
from service.records.context import Services
from service.records.ledger_kinds import KINDS
from service.release.labels import element_name, localized_name
from service.store.at_hand import AtHand, Read, Reader
from service.store.installation import offices, releases
from service.store.transaction import Tx
from service.text import known, say


@dataclass(frozen=True, slots=True)
class EntryWords:
    """Names of people, offices and elements in one language."""

    lang: str
    people: Mapping[str, str]
    offices: Mapping[str, str]
    elements: Mapping[str, str]

    def who(self, actor: str) -> str:
        """The person; for the clock and for the program itself, what it is."""
        return self.people.get(actor) or say("audit_find.by_program", self.lang)

    def office(self, office: str) -> str:
        return self.offices.get(office, "")

    def what(self, kind: str, element: str = "") -> str:
        """What the entry tells of, with the step where that is known."""
        name = self.elements.get(element, "")
        text = kind_name(kind, self.lang)
        return f"{text}: {name}" if name else text


def load_names(tx: Tx, services: Services, more: Collection[Read] = ()) -> AtHand:
    """Load the names of offices and releases that a page of audit writes.

    Args:
        more: what is read besides.
    """
    at_hand = tx.read((releases.EVERYONE, {}), (offices.DIRECTORY, {}), *more)
    services.prepare_current(tx, at_hand)
    return at_hand


def load_entry_words(
    tx: Tx, at_hand: AtHand, services: Services, actors: Sequence[str], lang: str, *, elements: bool
) -> EntryWords:
    """Load the names that a list needs.

    Args:
        at_hand: as `load_names` gives it; has the people too then.
    """
    accounts.load_people(tx, at_hand, actors)
    return EntryWords(
        lang,
        accounts.names(at_hand, services, actors),
        offices.names(at_hand),
        element_names(at_hand, services, lang) if elements else {},
    )


def kind_name(kind: str, lang: str) -> str:
    """What an entry of a kind is called."""
    key = f"audit_kind.{kind}"
    return say(key if known(key) else "audit_find.other_kind", lang)


def kind_names(lang: str) -> list[tuple[str, str]]:
    """(kind, name) of the entries that can be searched for, by name."""
    named = [(kind, kind_name(kind, lang)) for kind in KINDS if known(f"audit_kind.{kind}")]
    return sorted(named, key=lambda pair: pair[1].lower())


def element_names(reader: Reader, services: Services, lang: str) -> dict[str, str]:
    """Element to name, of the release that new cases begin on; none before the first release."""
    try:
        release = services.current(reader)
    except NotFound:
        return {}
    return {
        one.id: element_name(one, lang)
        for definition in release.definitions.values()
        for one in definition.elements.values()
        if one.names
    }


def role_names(reader: Reader, services: Services, lang: str) -> dict[str, str]:
    """Role to name: those of the product, and those of the release that new cases begin on."""
    built_in = services.programme.built_in_roles.items()
    named = {role: localized_name(words, lang) for role, words in built_in}
    try:
        release = services.current(reader)
    except NotFound:
        return named
    return named | {role: release.role_name(role, lang) for role in release.roles}
