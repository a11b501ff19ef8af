"""A report before it is made, and the template of the page that all reports share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PrintedReport:
    """A report before it is made: the template, what it prints, and the name of its file."""

    source: str
    data: Mapping[str, Any]
    name: str


@cache
def template(name: str) -> str:
    """A template of this folder."""
    return (FOLDER / f"{name}.typ").read_text("utf-8")
