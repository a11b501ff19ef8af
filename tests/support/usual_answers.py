"""Usual answers of forms, written into a scenario, so that its file needs no other.

The stories of the demo write down only what differs from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.release.prepared import PreparedRelease
from service.workshop.trial.scenario_file import Scenario, ScenarioStep
from service.workshop.trial.scenario_times import merge

_ASKS = frozenset({"start", "task", "message"})


def with_usual_answers(
    scenario: Scenario, usual: Mapping[str, Mapping[str, Any]], release: PreparedRelease
) -> Scenario:
    """A scenario whose steps name every answer.

    Args:
        usual: form to its usual answers.
    """
    return replace(
        scenario,
        steps=tuple(
            replace(step, answers=merge(usual.get(_form(step, release), {}), step.answers))
            if step.doing in _ASKS
            else step
            for step in scenario.steps
        ),
    )


def _form(step: ScenarioStep, release: PreparedRelease) -> str:
    """The form of a step; empty where it has none."""
    for definition in release.definitions.values():
        named = definition.messages.get(step.target, ()) if step.message else (step.target,)
        for element in named[:1]:
            if element in definition.elements:
                return definition.elements[element].form
    return ""
