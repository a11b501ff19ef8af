"""Scenarios of the demo: stories of cases in `workflows/scenarios/*.scenario.json`.

The demo, the guided tour and the tests play them (`service.demo.player`). Their format is that of
the scenarios of a draft (`service.workshop.trial.scenario_file`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from service.errors import BadSettings
from service.release.bundle import SCENARIO
from service.text import say
from service.workshop.trial import scenario_file
from service.workshop.trial.scenario_file import BadScenario, Scenario


def read_scenario(path: Path) -> Scenario:
    """Read one scenario file.

    Raises:
        BadSettings: it is no scenario; the sentence names the file and the place.
    """
    try:
        return scenario_file.read_scenario(path.read_bytes(), path.name.removesuffix(SCENARIO))
    except OSError as e:
        raise BadSettings(f"{path.name} cannot be read: {e}") from e
    except BadScenario as e:
        place = f"{path.name}, step {e.step}" if e.step else path.name
        raise BadSettings(f"{place}: {say(e.key, 'en', **e.facts)}") from e


def read_usual(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Form to the answers that invented people usually give.

    Raises:
        BadSettings: it cannot be read.
    """
    try:
        found: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise BadSettings(f"{path.name} cannot be read: {e}") from e
    return found


def read_scenarios(folder: Path) -> Sequence[Scenario]:
    """Every scenario of a folder and the folders in it, by path."""
    return [read_scenario(path) for path in sorted(folder.rglob(f"*{SCENARIO}"))]
