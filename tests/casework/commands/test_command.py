"""Commands: frozen values, each with the one method that the submission calls."""

from __future__ import annotations

import inspect
from dataclasses import is_dataclass
from types import ModuleType

import pytest

from service.casework.commands import case_message, case_start, job_commands, task_completion
from service.casework.pages import case_commands
from service.casework.referrals import referral_answers
from service.casework.tasks import task_commands
from service.workshop import draft_commands

MODULES = (
    case_message,
    case_start,
    job_commands,
    task_completion,
    case_commands,
    draft_commands,
    referral_answers,
    task_commands,
)


def commands(module: ModuleType) -> list[type]:
    """The commands that a module defines."""
    return [
        kind
        for kind in vars(module).values()
        if inspect.isclass(kind) and kind.__module__ == module.__name__ and hasattr(kind, "perform")
    ]


@pytest.mark.parametrize("module", MODULES)
def test_a_command_is_frozen_and_takes_its_facts_by_name(module: ModuleType) -> None:
    found = commands(module)
    assert found
    for kind in found:
        assert is_dataclass(kind)
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]  # of dataclasses
        perform = inspect.signature(kind.__dict__["perform"]).parameters
        by_name = [n for n, p in perform.items() if p.kind is p.KEYWORD_ONLY]
        asked = ["asked"] if hasattr(kind, "reads") else []
        assert by_name in (["by", "now", *asked], ["now"]), kind
