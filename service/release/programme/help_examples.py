"""Examples of the Help pages on FEEL and on rules, from `workflows/config/help.toml`.

They read names of the programme, so they belong to it; a test runs each of them.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.release.programme.vocabulary import LANGUAGES, Words

FILE: Final = "help.toml"
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class FeelExample:
    """One expression: FEEL, the values that a case has, the result as JSON, and what it shows."""

    text: str
    values: Mapping[str, object]
    result: object
    words: Words


@dataclass(frozen=True, slots=True)
class FeelGroup:
    """Expressions about one thing."""

    words: Words
    examples: tuple[FeelExample, ...]


@dataclass(frozen=True, slots=True)
class CellExample:
    """One cell of a rule, the name that it tests, a value, and whether that fits."""

    text: str
    name: str
    value: object
    fits: bool
    words: Words


@dataclass(frozen=True, slots=True)
class RuleExample:
    """A rule of the programme asked with values: the rows that fire, and what the first gives."""

    rule: str
    values: Mapping[str, object]
    rows: tuple[int, ...]
    outputs: tuple[object, ...]
    words: Words


@dataclass(frozen=True, slots=True)
class HelpExamples:
    """Every example, in the order of the file."""

    feel: tuple[FeelGroup, ...] = ()
    cells: tuple[CellExample, ...] = ()
    rules: tuple[RuleExample, ...] = ()


def read_help_examples(text: str) -> HelpExamples:
    """Read `help.toml`.

    Raises:
        KeyError: an example lacks something.
        ValueError: it is no TOML.
    """
    table = tomllib.loads(text)
    return HelpExamples(
        tuple(
            FeelGroup(_words(group), tuple(map(_feel, group["example"])))
            for group in table.get("feel", ())
        ),
        tuple(
            CellExample(row["text"], row["name"], row["value"], row["fits"], _words(row))
            for row in table.get("cell", ())
        ),
        tuple(
            RuleExample(
                row["id"], row["values"], tuple(row["rows"]), tuple(row["outputs"]), _words(row)
            )
            for row in table.get("rule", ())
        ),
    )


def value_as_feel(value: object) -> str:
    """A value as FEEL writes it; days and moments bare, for in FEEL they are no texts."""
    if isinstance(value, str) and DAY.match(value):
        return value
    return "null" if value is None else json.dumps(value, ensure_ascii=False)


def named_parts(values: Mapping[str, object]) -> dict[str, object]:
    """Values by name, each part of one with parts by itself: `risk.level`."""
    return {
        f"{name}.{part}" if part else name: value
        for name, whole in values.items()
        for part, value in (whole.items() if isinstance(whole, Mapping) else (("", whole),))
    }


def _feel(row: Mapping[str, Any]) -> FeelExample:
    return FeelExample(row["text"], row["values"], row.get("result"), _words(row))


def _words(row: Mapping[str, object]) -> Words:
    return {lang: str(row[lang]) for lang in LANGUAGES}
