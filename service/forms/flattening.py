"""Turn answers that a program sends as JSON into the texts that a browser would send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def flatten(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Structured answers as a browser would send them: `risks.0.severity` to texts."""
    texts: dict[str, list[str]] = {}
    for path, text in _leaves("", answers):
        texts.setdefault(path, []).append(text)
    return texts


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}.{number}" if isinstance(inner, Mapping) else path, inner)
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif value is not None:
        yield path, str(value)
