"""The number of the engine, and the text in each fact that says what made it.

The number says what a diagram, a rule, an expression and a time *mean*. Whoever changes that so
that a case may fold to something else raises it, and adds a line to `MEANINGS`. A program refuses a
database whose facts have a higher number than its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Final

from service.engine.spiff.codec import FORMAT

MEANINGS: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "0.1.0, whose facts name no number",
        2: "0.2.0",
        3: "0.3.0, which knows the correction of an answer",
    }
)
"""Number to the first version of Tresteg whose facts have it; docs/decisions/0025 says more."""
ENGINE_NUMBER: Final = max(MEANINGS)
ENGINE: Final = (
    f"engine {ENGINE_NUMBER}, codec {FORMAT}, spiff {version('SpiffWorkflow')}, "
    f"tzdata {version('tzdata')}"
)
"""What made a fact: if a later fold gives other bytes, this tells where to look."""
_NUMBER: Final = re.compile(r"engine (\d{1,9})(?:,|$)", re.ASCII)


def engine_number(text: str) -> int:
    """The number of the engine that made a fact, by what the fact says."""
    found = _NUMBER.match(text)
    return int(found[1]) if found else min(MEANINGS)


def engine_changes(text: str) -> tuple[str, ...]:
    """What of the text in a fact is another now, such as "tzdata 2025.2, now 2026.1"."""
    before = _parts(text)
    after = _parts(ENGINE)
    return tuple(
        f"{name} {before.get(name, 'unnamed')}, now {value}"
        for name, value in after.items()
        if before.get(name) != value
    )


def _parts(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition(" ") for part in text.split(", "))}
