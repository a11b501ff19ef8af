"""What the configuration names is called as its release calls it, and otherwise by its id."""

from __future__ import annotations

import pytest

from service.access import ENDED
from service.engine import survey
from service.release.bundle import ROLES, Bundle
from service.release.prepared import files_of
from service.workshop.configuration.words import ConfigurationWords, read_words, role_rows
from tests.support.local_handlers import TOPICS
from tests.support.world import shipped


@pytest.fixture(scope="module")
def words() -> ConfigurationWords:
    files, forms, _ = files_of(shipped(), TOPICS)
    return read_words(shipped(), survey(files), forms, "en", {})


def test_names_come_from_the_release(words: ConfigurationWords) -> None:
    assert words.role("IomLocal") == "Local IOM office"
    assert words.stage("1") == "Information and support"
    assert words.stage(ENDED) == "when the case has ended"
    assert words.purpose("REFER") == "referral to the programme"
    assert words.group("child") == "The child"
    assert words.office_kind("NGO") == "NGO"
    assert words.step("Task_GoNoGo") == "“Final check: go or no go”"
    assert words.form("final_check").startswith("“")
    assert words.question("countryOfReturn") == "“Returns to”"
    assert words.data_class("C2") == "sensitive answers (C2)"
    assert words.mode("-") == "nothing"
    assert words.letter("news") == "News in a case"


def test_what_has_no_name_is_called_by_its_id() -> None:
    words = ConfigurationWords("sv")
    for name in (words.role, words.stage, words.purpose, words.step, words.form, words.question):
        assert name("Thing") == "Thing"
    assert words.letter("thing") == "thing"


def test_another_version_gives_what_is_not_here(words: ConfigurationWords) -> None:
    both = ConfigurationWords("en", {"IomLocal": "Mine"}).or_of(words)
    assert (both.role("IomLocal"), both.role("IomMedical")) == ("Mine", "IOM medical")
    assert both.purpose("REFER") == words.purpose("REFER")


def test_a_table_of_roles_that_cannot_be_read_names_none() -> None:
    assert role_rows(Bundle({ROLES: b"= no"})) == role_rows(Bundle({})) == {}
