"""Preferences are kept by name; those that are not named stay."""

from __future__ import annotations

import pytest

from service.access import Viewer
from service.errors import NotFound
from service.people.own_account import save_preferences
from tests.support.world import World


def test_settings_that_are_not_named_stay(desk: World, sara: Viewer) -> None:
    with desk.database.transaction() as tx:
        save_preferences(tx, by=sara, language="sv", settings={"theme": "dark", "zone": "UTC"})
        save_preferences(tx, by=sara, language="en", settings={"theme": "light"})
    after = desk.person("sara")
    assert (after.language, after.settings["theme"], after.settings["zone"]) == (
        "en",
        "light",
        "UTC",
    )


def test_a_language_alone_changes_no_setting(desk: World, sara: Viewer) -> None:
    before = desk.person("sara").settings
    with desk.database.transaction() as tx:
        save_preferences(tx, by=sara, language="en")
    after = desk.person("sara")
    assert (after.language, after.settings) == ("en", before)


def test_nobody_has_no_preferences(desk: World) -> None:
    stranger = Viewer("p_nobody", "", frozenset())
    with desk.database.transaction() as tx, pytest.raises(NotFound):
        save_preferences(tx, by=stranger, language="en")
