"""The tool that names cases which fold otherwise: the same engine differs in none, another does."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from service import engine
from service.engine.types import Advance
from tests.support.scale import FIGURES
from tests.tools import folds


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A few random cases, recorded."""
    monkeypatch.setattr(folds, "demo_cases", lambda: iter(()))
    monkeypatch.setitem(FIGURES, "runs", (6, 6, ""))
    folds.record(tmp_path / "kept.gz")
    return tmp_path / "kept.gz"


def test_the_same_engine_folds_no_recorded_case_otherwise(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert folds.main(["compare", str(recorded)]) == 0
    assert "0 of 6 cases fold otherwise" in capsys.readouterr().out


def test_a_recorded_case_that_folds_otherwise_is_named(
    recorded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = engine.advance

    def forgetful(*given: object, **named: object) -> Advance:
        turn = usual(*given, **named)  # type: ignore[arg-type] # as it is called
        return dataclasses.replace(turn, open=turn.open[1:])

    monkeypatch.setattr(engine, "advance", forgetful)
    assert folds.main(["compare", str(recorded)]) == 1
    assert "random 0: act 1" in capsys.readouterr().out


def test_a_wrong_command_is_answered_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert folds.main(["look"]) == 2
    assert "compare FILE" in capsys.readouterr().err
