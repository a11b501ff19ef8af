"""What people choose for themselves: language, appearance, zone of times."""

from __future__ import annotations

from collections.abc import Mapping

from service.actions.people.accounts import SignedInPerson
from service.store.installation import people
from service.store.transaction import Tx


def save_preferences(
    tx: Tx, person: SignedInPerson, *, language: str, settings: Mapping[str, str] | None = None
) -> None:
    """Keep a person's choices; settings that are not named stay as they are."""
    people.set_choices(
        tx, person.id, language=language, settings={**person.settings, **(settings or {})}
    )
