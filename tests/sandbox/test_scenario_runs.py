"""Scenarios run in a child process: what never ends there is told in a sentence."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, cast

import pytest

from service.release.bundle import Bundle
from service.sandbox import scenario_runs
from service.sandbox.child_processes import ChildEnded, ChildProcesses
from service.sandbox.scenario_runs import SHARED, ScenarioProcesses, answer_one
from service.workshop.trial.scenario_results import ScenarioResult
from service.workshop.trial.setting import TrialSetting
from tests.support import diagrams as d
from tests.support import small

SETTING = TrialSetting("sv", "Europe/Stockholm", {}, {}, {}, {}, "SEK")
STORY = {
    "begins": "P1D",
    "steps": [{"start": "s", "answers": {"note": "Påhittat"}}],
    "expect": {"open": ["a"]},
}


def with_stories(bundle: Bundle, **stories: Mapping[str, Any]) -> Bundle:
    for name, story in stories.items():
        bundle = bundle.with_file(f"scenarios/{name}.scenario.json", json.dumps(story).encode())
    return bundle


def test_scenarios_pass_and_fail_in_the_child() -> None:
    other = {**STORY, "expect": {"end": "e"}}
    bundle = with_stories(small.loop(), first=STORY, second=other)
    first, second = SHARED.run(bundle, SETTING)
    assert (first.name, first.passed, "s_m" in first.done) == ("first", True, True)
    assert second.failure is not None
    assert (second.failure.key, second.failure.found) == ("trial.no_end", ("a",))


def test_a_draft_that_cannot_be_built_fails_in_words() -> None:
    broken = small.one(d.node("scriptTask", "x"), "s>x x>e")
    bundle = with_stories(Bundle({**broken.files, "forms/bad.form": b"{"}), first=STORY)
    (result,) = SHARED.run(bundle, SETTING)
    assert not result.passed


class Ending:
    """Children that end whenever they are asked about a certain scenario."""

    def __init__(self, bad: str) -> None:
        self.bad = bad
        self.asked: list[int] = []

    def ask(self, line: str) -> str:
        names = json.loads(line)["files"]
        self.asked.append(len(names))
        if any(self.bad in name for name in names):
            raise ChildEnded("slow")
        return json.dumps([ScenarioResult(name, name, None).as_json() for name in names])


def ending(bad: str) -> tuple[ScenarioProcesses, Ending]:
    processes, children = ScenarioProcesses(), Ending(bad)
    processes._children = cast("ChildProcesses", children)
    return processes, children


def test_one_that_ends_the_child_fails_alone() -> None:
    processes, children = ending("b.")
    bundle = with_stories(small.loop(), a=STORY, b=STORY, c=STORY)
    results = processes.run(bundle, SETTING)
    assert [one.passed for one in results] == [True, False, True]
    failure = results[1].failure
    assert failure is not None
    assert failure.key == "trial.too_slow"
    assert children.asked == [3, 1, 1, 1]


def test_when_too_many_end_the_child_the_rest_is_not_run() -> None:
    processes, children = ending(".scenario")
    stories = {f"s{n}": STORY for n in range(9)}
    results = processes.run(with_stories(small.loop(), **stories), SETTING)
    keys = [one.failure.key for one in results if one.failure is not None]
    assert keys == ["trial.too_slow"] * 4 + ["trial.not_run"] * 5
    assert len(children.asked) == scenario_runs.MOST_ENDS + 1


def test_a_task_says_what_it_has_before_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_runs, "TOGETHER", -1.0)
    bundle = with_stories(small.loop(), a=STORY, b=STORY)
    asked = {
        "bundle": b64encode(bundle.pack()).decode(),
        "setting": SETTING.as_json(),
        "files": ["scenarios/a.scenario.json", "scenarios/b.scenario.json"],
    }
    assert len(json.loads(answer_one(json.dumps(asked)))) == 1
