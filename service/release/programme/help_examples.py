"""Examples of the Help pages on FEEL and on rules, from `workflows/config/help.toml`.

They read names of the programme, so they belong to it; a test runs each of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field

from service.release.programme.typed_tables import Text, Worded, read_table

FILE: Final = "help.toml"
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class FeelExample(Worded, frozen=True, kw_only=True):
    """One expression: FEEL, the values that a case has, the result as JSON, and what it shows."""

    text: Text
    values: Mapping[str, Any]
    result: Any = None


class FeelGroup(Worded, frozen=True, kw_only=True):
    """Expressions about one thing."""

    examples: tuple[FeelExample, ...] = field(name="example")


class CellExample(Worded, frozen=True, kw_only=True):
    """One cell of a rule, the name that it tests, a value, and whether that fits."""

    text: Text
    name: Text
    value: Any
    fits: bool


class RuleExample(Worded, frozen=True, kw_only=True):
    """A rule of the programme asked with values: the rows that fire, and what the first gives."""

    rule: Text = field(name="id")
    values: Mapping[str, Any]
    rows: tuple[int, ...]
    outputs: tuple[Any, ...]


class HelpExamples(Struct, frozen=True):
    """Every example, in the order of the file."""

    feel: tuple[FeelGroup, ...] = ()
    cells: tuple[CellExample, ...] = field(name="cell", default=())
    rules: tuple[RuleExample, ...] = field(name="rule", default=())


def read_help_examples(text: str) -> HelpExamples:
    """Read `help.toml`.

    Raises:
        WrongTable: it is no TOML, or an example lacks something.
    """
    return read_table(text, HelpExamples)


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
