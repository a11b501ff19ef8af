"""A process of a thousand user tasks in a row is refused: the parser calls itself along flows."""

from __future__ import annotations

from typing import Any

EXPECTED = "passes"
SEEN = "ValidationException"


def show(lib: Any) -> object:
    names = [f"t{number}" for number in range(1_000)]
    return lib.fails(lambda: lib.parsed_text(lib.row(names)))
