"""Preferences of a person: language, appearance, time zone."""

from __future__ import annotations

from collections.abc import Mapping

from service.actions.people.accounts import SignedInPerson
from service.store.installation import people
from service.store.transaction import Tx


def save_preferences(
    tx: Tx, person: SignedInPerson, *, language: str, settings: Mapping[str, str] | None = None
) -> None:
    """Save a person's preferences; settings that are not named stay as they are."""
    merged = {**person.settings, **(settings or {})}
    people.set_choices(tx, person.id, language=language, settings=merged)
