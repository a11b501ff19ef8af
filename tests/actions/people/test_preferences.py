"""Preferences are kept by name; those that are not named stay."""

from __future__ import annotations

from dataclasses import replace

from service.actions.people import accounts
from service.actions.people.accounts import SignedInPerson
from service.actions.people.preferences import save_preferences
from tests.support.world import World


def test_settings_that_are_not_named_stay(desk: World, sara: SignedInPerson) -> None:
    with desk.database.transaction() as tx:
        before = replace(sara, settings={"theme": "dark", "zone": "UTC"})
        save_preferences(tx, before, language="en", settings={"theme": "light"})
        after = accounts.person(tx, desk.program.services, "p_sara")
    assert after is not None
    assert (after.language, after.settings) == ("en", {"theme": "light", "zone": "UTC"})


def test_a_language_alone_changes_no_setting(desk: World, sara: SignedInPerson) -> None:
    with desk.database.transaction() as tx:
        save_preferences(tx, sara, language="en")
        after = accounts.person(tx, desk.program.services, "p_sara")
    assert after is not None
    assert (after.language, after.settings) == ("en", sara.settings)
