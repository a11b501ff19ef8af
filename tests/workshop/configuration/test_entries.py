"""A file of the configuration is read as rows with names and values in words."""

from __future__ import annotations

import pytest

from service.engine import survey
from service.release.bundle import CONFIG
from service.release.prepared import files_of
from service.release.programme.process_configuration import PROCESS_FILES, VISIBILITY
from service.text import known
from service.workshop.configuration.entries import file_name, nothing, part_name, read_entries, said
from service.workshop.configuration.words import ConfigurationWords, read_words
from tests.support.local_handlers import TOPICS
from tests.support.world import shipped

OWN_KEYS = ("money_kinds", "consent_months", "protection", "complaint", "words", "weigh")
"""Tables whose keys are of the process; a page of its own shows the matrix."""


@pytest.fixture(scope="module")
def words() -> ConfigurationWords:
    files, forms, _ = files_of(shipped(), TOPICS)
    return read_words(shipped(), survey(files), forms, "en", {})


@pytest.mark.parametrize("file", PROCESS_FILES)
def test_every_part_and_key_of_the_shipped_files_has_words(
    words: ConfigurationWords, file: str
) -> None:
    entries = read_entries(file, shipped().text(CONFIG + file), words)
    assert entries
    assert file_name(file, words) != file
    for one in entries.values():
        assert one.name
        if file == VISIBILITY or one.part in OWN_KEYS:
            continue
        for key in one.values:
            said_so = known(f"configuration.key_{key.replace('.', '_')}")
            assert said_so or key in words.questions, f"{file}: {key}"


def test_a_row_says_what_it_opens_and_when(words: ConfigurationWords) -> None:
    entries = read_entries("grants.toml", shipped().text(f"{CONFIG}grants.toml"), words)
    row = entries["grant:G6|IomLocal|Task_ConfirmLocalSupport"]
    assert row.name == "G6, Local IOM office"
    assert row.values["groups"] == ("Needs",)
    assert row.values["moment"] == "begins"
    assert "consent: support by the office at home" in row.text(words)


def test_rows_inside_rows_are_named_with_their_row(words: ConfigurationWords) -> None:
    entries = read_entries("task_pages.toml", shipped().text(f"{CONFIG}task_pages.toml"), words)
    assert any(one.name == "Checklist: Tickets" for one in entries.values())


def test_the_same_row_twice_is_two_rows(words: ConfigurationWords) -> None:
    text = '[[party]]\nrole = "A"\nwhen = "x"\nto = "only"\n' * 2
    assert len(read_entries("parties.toml", text, words)) == 2


def test_no_limit_is_everything_and_else_nothing(words: ConfigurationWords) -> None:
    assert (nothing("groups", words), nothing("days", words)) == ("everything", "nothing")
    assert said(("a", "b")) == "a, b"
    assert part_name("visibility.toml", "IomLocal", words) == "Local IOM office"
