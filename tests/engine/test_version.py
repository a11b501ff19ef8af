"""Each fact names the number of the engine that made it, and each number is told of."""

from __future__ import annotations

import re

from service import VERSION
from service.engine import ENGINE, ENGINE_NUMBER, engine_changes, engine_number
from service.engine.version import MEANINGS
from tests.support.tree import ROOT

PAGE = ROOT / "docs" / "decisions" / "0025-migrations-begin-with-0-2-0.md"
FIRST = "codec 1, feel 1, spiff 3.2.0, tzdata 2026.1"
"""As facts of 0.1.0 say it."""


def test_a_fact_names_the_number_of_its_engine() -> None:
    assert ENGINE.startswith(f"engine {ENGINE_NUMBER}, ")
    assert engine_number(ENGINE) == ENGINE_NUMBER
    assert engine_number("engine 12, codec 4") == 12
    assert engine_number(FIRST) == 1


def test_numbers_are_told_of_one_after_the_other() -> None:
    """A change of meaning raises the number, and the page says what became of what."""
    assert list(MEANINGS) == list(range(1, ENGINE_NUMBER + 1))
    told = re.findall(r"^\| (\d+) \| (\S+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {int(number): since for number, since in told} == {
        number: since.partition(",")[0] for number, since in MEANINGS.items()
    }
    assert MEANINGS[ENGINE_NUMBER].partition(",")[0] <= VERSION


def test_what_has_changed_since_a_fact_is_named() -> None:
    assert engine_changes(ENGINE) == ()
    older = re.sub("tzdata .*", "tzdata 2025.2", ENGINE)
    (change,) = engine_changes(older)
    assert change.startswith("tzdata 2025.2, now 20")
    assert engine_changes(FIRST)[0] == f"engine unnamed, now {ENGINE_NUMBER}"
