"""`tresteg try`: scenarios of a folder or a release, with exit codes that a script reads."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest

from tests.support.terminal import tresteg

ROOT = Path(__file__).parents[2]
BEGUN = {
    "name": "Ett ärende börjar",
    "begins": "2026-03-02T09:00:00+00:00",
    "by_hand": True,
    "steps": [
        {
            "start": "Start_PersonIdentified",
            "answers": {
                "protectedIdentity": ["NO"],
                "identifiedOn": ["2026-03-01"],
                "municipality": ["0180"],
                "ageBand": ["21_PLUS"],
                "immediateDanger": ["false"],
            },
        }
    ],
    "expect": {"open": ["Task_OfferReturnInformation"]},
}


@pytest.fixture
def draft(installed: Path) -> Path:
    """A folder with a release and one scenario, beside an installation that has the release."""
    folder = installed / "files"
    for part in ("workflows", "forms"):
        copytree(ROOT / part, folder / part)
    (folder / "scenarios").mkdir()
    scenario = folder / "scenarios" / "begun.scenario.json"
    scenario.write_text(json.dumps(BEGUN), "utf-8")
    assert tresteg("publish").exit_code == 0
    return folder


def test_the_scenarios_of_a_folder_are_run(draft: Path) -> None:
    done = tresteg("try", draft, "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Ett ärende börjar: passes\n")
    assert "1 of 1 pass" in done.stdout
    assert "The scenarios visit " in done.stdout


def test_a_named_scenario_is_run_on_a_release_and_fails_in_words(draft: Path) -> None:
    scenario = draft / "scenarios" / "begun.scenario.json"
    assert tresteg("try", "current", scenario).exit_code == 0
    other = {**BEGUN, "expect": {"end": "End_CaseClosed"}}
    scenario.write_text(json.dumps(other), "utf-8")
    failed = tresteg("try", "v1", scenario, "--json", "--lang", "en")
    assert failed.exit_code == 1
    said = json.loads(failed.stdout)
    assert said["scenarios"][0]["passed"] is False
    assert "The end was to be" in said["scenarios"][0]["reason"]
    assert (said["passed"], said["of"]) == (0, 1)
    assert said["ways"]["taken"] > 0
    assert said["percent"] == 1
    assert said["steps"]["visited"] > 0


def test_what_is_not_there_cannot_be_tried(draft: Path) -> None:
    for words in (("draft",), ("v9",), ("current",), (str(draft / "forms"),)):
        done = tresteg("try", *words)
        assert done.exit_code == 2, words
