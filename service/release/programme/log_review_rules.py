"""What stands out in the monthly log review, from `workflows/config/log_review.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

FILE: Final = "log_review.toml"
HOURS: Final = 24
LARGEST: Final = 1000
"""Largest number that a limit may be."""


@dataclass(frozen=True, slots=True)
class LogReviewRules:
    """Limits of the log review; all are assumed."""

    cases_a_day: int = 25
    """Looks stand out where one person opened more cases than this in one day."""
    searches_a_day: int = 10
    """Searches stand out where one person searched more often than this in one day without opening
    any case."""
    hours_from: int = 6
    """Hour at which looks begin to be within working hours, in the zone of the reader's office."""
    hours_to: int = 20
    """Hour from which looks are outside working hours again."""
    weekends: bool = False
    """Whether Saturdays and Sundays have working hours too."""
    sample: int = 10
    """How many looks that do not stand out are drawn by lot and reviewed as well."""
    most: int = 200
    """How many looks one review lists; what is left out is counted."""


def read_log_review(text: str) -> LogReviewRules:
    """Read `log_review.toml`; what it does not say is as `LogReviewRules` has it.

    Raises:
        ValueError: it is no TOML, names what there is not, or a limit that is none; the sentence
            says which and what it may be.
    """
    table = tomllib.loads(text)
    known = {one.name for one in fields(LogReviewRules)}
    if unknown := sorted(table.keys() - known):
        raise ValueError(f"there is no {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    given: dict[str, Any] = {name: _checked(name, table) for name in table}
    rules = LogReviewRules(**given)
    if rules.hours_from >= rules.hours_to:
        raise ValueError("hours_from must be an hour before hours_to, such as 6 and 20")
    if not rules.most:
        raise ValueError("most must be at least 1")
    return rules


def _checked(name: str, table: Mapping[str, Any]) -> int | bool:
    value = table[name]
    if name == "weekends":
        if not isinstance(value, bool):
            raise ValueError(f"weekends is true or false, not {value!r}")
        return value
    most = HOURS if name.startswith("hours_") else LARGEST
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"{name} is a whole number from 0 to {most}, not {value!r}")
    return value
