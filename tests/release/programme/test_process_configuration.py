"""Each file of the configuration of a process is read by itself, and what is wrong is named."""

from __future__ import annotations

import pytest

from service.access import ENDED
from service.errors import BadSettings
from service.release.programme.configuration import read_programme
from service.release.programme.process_configuration import (
    PROCESS_FILES,
    ReadingContext,
    read_process_file,
)
from tests.release.programme.test_configuration import shipped

CONTEXT = ReadingContext(("1", "2", "3"), ("A",))


@pytest.mark.parametrize("name", PROCESS_FILES)
def test_what_is_no_toml_is_refused_with_its_name(name: str) -> None:
    with pytest.raises(BadSettings, match=f"^{name}"):
        read_process_file(name, "= no", CONTEXT)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("visibility.toml", '[A]\n7 = "FFFF"\n', r"^visibility\.toml: \[A\] 7"),
        ("visibility.toml", '[[narrow]]\nrole = "A"\n', "lacks 'class'"),
        ("parties.toml", "[[party]]\n", "party 1: it lacks role"),
        ("reminders.toml", "", "lacks"),
        ("process.toml", "", "duties"),
        ("task_pages.toml", "[[page]]\n", "page 1: it lacks forms"),
    ],
)
def test_what_is_missing_is_named(name: str, text: str, sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence):
        read_process_file(name, text, CONTEXT)


def test_a_case_without_stage_is_in_the_first() -> None:
    configuration = read_programme(shipped()).configuration
    found = [
        configuration.stage_of_sight(*at) for at in (("open", ""), ("open", "2"), ("ended", "2"))
    ]
    assert found == ["1", "2", ENDED]
