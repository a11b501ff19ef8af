"""Violations in words: every invariant has a name, every place a noun."""

from __future__ import annotations

import re

import pytest

from service.audit.violation_text import place_name, violation_name, violation_text
from service.casework.history.violations import Violation
from service.text import languages
from tests.support.tree import ROOT


def reported() -> set[str]:
    """The invariants that the checks name."""
    folders = (ROOT / "service/audit", ROOT / "service/casework/history")
    return {
        code
        for folder in folders
        for file in folder.rglob("*.py")
        for code in re.findall(r'"(I\d+)"', file.read_text("utf-8"))
    }


@pytest.mark.parametrize("lang", languages())
def test_every_invariant_that_a_check_names_has_words(lang: str) -> None:
    assert reported() >= {"I2", "I3", "I10", "I11", "I12"}
    for code in reported():
        assert violation_name(code, lang) != code


def test_a_fault_is_a_sentence_and_keeps_its_code_apart() -> None:
    said = violation_text(Violation("I3", "c", "fact 10", "a fact", "none"), "en")
    assert said.text == "Fact 10: what is stored does not follow from the facts."
    assert said.code == "I3 · fact 10 · expected a fact, found none"
    swedish = violation_text(Violation("I10", "c", "line 4", "a", "b"), "sv")
    assert swedish.text == "Rad 4: loggens kedja håller inte."


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("snapshot", "The stored state of the case"),
        ("payload of fact 3", "Fact 3, what was answered"),
        ("values ROUTING of fact 3", "Fact 3, sealed values"),
        ("values of fact 3", "Fact 3, sealed values"),
        ("task 01J", "A task (01J)"),
        ("checkpoint 7", "A head of the log 7"),
        ("consent a b", "A row of the table consent"),
    ],
)
def test_a_place_is_named_by_a_noun(place: str, words: str) -> None:
    assert place_name(place, "en") == words
