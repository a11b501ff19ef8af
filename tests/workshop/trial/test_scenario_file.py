"""The file of a scenario: read with a word on what is wrong, written as it was read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.settings import Settings
from service.text import say
from service.workshop.trial.scenario_file import (
    BadScenario,
    CaseStanding,
    Scenario,
    Unmet,
    read_scenario,
    scenario_content,
    unmet,
)

SHIPPED = sorted((Path(Settings().workflows_dir) / "scenarios").rglob("*.scenario.json"))


@pytest.mark.parametrize(
    ("content", "step", "words"),
    [
        (b"", 0, "must be JSON"),
        (b"[]", 0, "must be JSON"),
        (b"[" * 99_999, 0, "must be JSON"),
        (b'{"steps": 3}', 0, "must be JSON"),
        (b'{"steps": [], "expect": {"closed": []}}', 0, "nothing but: open, late, waits, end"),
        (b'{"steps": [], "colour": "red"}', 0, "“colour” is nothing that a scenario has"),
        (b'{"steps": [], "name": 3}', 0, "“name” is of the wrong kind"),
        (b'{"steps": [], "expect": {"open": [3]}}', 0, "“open” is of the wrong kind"),
        (b'{"steps": [], "begins": "x"}', 0, "neither a moment"),
        (b'{"steps": [], "begins": "P"}', 0, "neither a moment"),
        (b'{"steps": ["a"]}', 1, "this is no step"),
        (b'{"steps": [{"task": "a"}, {"taks": "b"}]}', 2, "“taks” is nothing"),
        (b'{"steps": [{"task": "a", "start": "b"}]}', 1, "one thing"),
        (b'{"steps": [{"by": "sara"}]}', 1, "one thing"),
        (b'{"steps": [{"task": "a", "answers": []}]}', 1, "“answers” is of the wrong kind"),
        (b'{"steps": [{"wait": "soon"}]}', 1, "“soon” is no time"),
        (b'{"steps": [{"wait": "P99999999D"}]}', 1, "is no time"),
        (b'{"steps": [{"task": "a", "at": "999999999w"}]}', 1, "is no time"),
        (
            b'{"begins": "2026-03-02T09:00+01:00", "steps": [{"task": "a", "at": "2d"}]}',
            0,
            "Write “after” instead",
        ),
        (json.dumps({"steps": [{"wait": "P1D"}] * 201}).encode(), 0, "at most 200 steps"),
    ],
)
def test_what_is_wrong_is_said_with_its_step(content: bytes, step: int, words: str) -> None:
    with pytest.raises(BadScenario) as refused:
        read_scenario(content, "file")
    assert refused.value.step == step
    assert words in say(refused.value.key, "en", **refused.value.facts)
    assert say(refused.value.key, "sv", **refused.value.facts)


def test_every_shipped_story_is_written_as_it_was_read() -> None:
    for path in SHIPPED:
        read = read_scenario(path.read_bytes(), path.name)
        assert read_scenario(scenario_content(read), path.name) == read, path.name


def test_what_is_expected_is_compared_with_where_a_case_stands() -> None:
    story = Scenario("s", "", "P1D", (), open=("b", "a"), late=("a",), waits=("t",), end="e")
    stands = CaseStanding(("a", "b"), ("a",), frozenset({"t", "u"}), frozenset({"e", "f"}))
    assert unmet(story, stands) is None
    elsewhere = CaseStanding(("a", "b"), ("a",), frozenset({"t"}), frozenset({"f"}))
    assert unmet(story, elsewhere) == Unmet("end", ("e",), ("f",))
    shut = CaseStanding(("a",), ("a",), frozenset({"t"}), frozenset({"e"}))
    assert unmet(story, shut) == Unmet("open", ("a", "b"), ("a",))
    early = CaseStanding(("a", "b"), (), frozenset({"t"}), frozenset({"e"}))
    assert unmet(story, early) == Unmet("late", ("a",), ())
    done = CaseStanding(("a", "b"), ("a",), frozenset(), frozenset({"e"}))
    assert unmet(story, done) == Unmet("waits", ("t",), ())
