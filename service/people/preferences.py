"""Preferences of a person: language, appearance, time zone."""

from __future__ import annotations

from collections.abc import Mapping

from service.access import Viewer
from service.errors import NotFound
from service.store.installation import people
from service.store.transaction import Tx


def save_preferences(
    tx: Tx, *, by: Viewer, language: str, settings: Mapping[str, str] | None = None
) -> None:
    """Save a person's preferences; settings that are not named stay as they are.

    Raises:
        NotFound: there is no such person.
    """
    row = people.get(tx, by.person)
    if row is None:
        raise NotFound
    merged = {**row.person.settings, **(settings or {})}
    people.set_choices(tx, by.person, language=language, settings=merged)
