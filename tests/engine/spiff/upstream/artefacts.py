"""A data store that nobody uses makes a file unreadable."""

from __future__ import annotations

from typing import Any

EXPECTED = "passes"
SEEN = "ValidationException"


def show(lib: Any) -> object:
    return lib.fails(lambda: lib.parsed("artefacts.bpmn"))
