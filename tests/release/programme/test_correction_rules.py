"""The rules of corrected answers are read from a file of the programme."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.release.programme.correction_rules import CorrectionRules, read_corrections
from service.settings import Settings
from tests.support.world import shipped

SHIPPED = (Path(Settings().workflows_dir) / "config" / "corrections.toml").read_text("utf-8")


def test_without_a_file_nothing_is_a_decision_and_none_is_told() -> None:
    assert read_corrections("") == CorrectionRules()


def test_the_role_of_what_rested_on_it_says_who_weighs() -> None:
    rules = read_corrections(SHIPPED)
    assert rules.weigher({"IomHelsinki", "CaseApprover"}) == "APPROVER"
    assert rules.weigher({"IomLocal"}) == "HELSINKI"
    assert (rules.weigh.message, rules.weigh.name, rules.letter) == (
        "answer_corrected",
        "correctionFor",
        "answer_corrected",
    )


def test_every_decision_of_the_shipped_file_is_drawn() -> None:
    diagrams = b"".join(data for name, data in shipped().files.items() if name.endswith(".bpmn"))
    for step in read_corrections(SHIPPED).decisions:
        assert f'id="{step}"'.encode() in diagrams, step


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('[weigh]\nmessage = "m"\n', "weigh: it lacks name"),
        ('decision = ["a"]', "there is no decision; there are decisions, letter, weigh"),
        ('decisions = "a"', "decisions: this must be a list, not a text"),
    ],
)
def test_what_says_too_little_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}"):
        read_corrections(text)
