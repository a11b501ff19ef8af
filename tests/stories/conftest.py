"""Stories that a test plays step by step."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from service.security.keyring import Keyring
from tests.support.step_by_step import StepByStep

Begin: TypeAlias = Callable[..., StepByStep]


@pytest.fixture
def begin(empty_sqlite: Path, tmp_path: Path, keyring: Keyring) -> Iterator[Begin]:
    """Begins a scenario with answers of the test's own: name, then element to answers."""
    begun: list[StepByStep] = []

    def start(name: str, answers: Mapping[str, Mapping[str, Any]] | None = None) -> StepByStep:
        path = tmp_path / f"{len(begun)}.db"
        shutil.copyfile(empty_sqlite, path)
        begun.append(StepByStep(f"sqlite:///{path}", keyring, name, answers or {}))
        return begun[-1]

    yield start
    for story in begun:
        story.close()
