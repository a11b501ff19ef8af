"""What the linter reports of a release, as tests ask it."""

from __future__ import annotations

from datetime import date

from service.engine.lint import lint
from service.engine.types import Files
from service.errors import Finding

TODAY = date(2026, 11, 25)


def keys(files: Files) -> list[str]:
    return [str(found.facts.get("sentence", found.code)) for found in lint(files, today=TODAY)]


def only(files: Files, code: str) -> Finding:
    (found,) = [found for found in lint(files, today=TODAY) if found.code == code]
    return found
