"""Built-in functions of FEEL: arguments, kinds and implementation.

A wrong value gives None, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.engine.feel import types
from service.engine.feel.functions import lists, numbers, patterns, texts, times
from service.engine.feel.functions.function import Function, call
from service.engine.feel.types import Type

__all__ = ["CLOCKS", "ELSEWHERE", "FUNCTIONS", "NAMES", "Function", "call"]

FUNCTIONS: Final[Mapping[str, Function]] = {
    **numbers.FUNCTIONS,
    **lists.FUNCTIONS,
    **texts.FUNCTIONS,
    **patterns.FUNCTIONS,
    **times.FUNCTIONS,
}
"""All built-in functions but `not`, `today` and `now`, which the compiler implements."""

CLOCKS: Final[Mapping[str, Type]] = {"today": types.DATE, "now": types.MOMENT}
"""Functions that read the current time."""
NAMES: Final = (*FUNCTIONS, *CLOCKS, "not")

ELSEWHERE: Final[Mapping[str, str]] = {
    "sort": "least",
    "string": "same",
    "cron": "timer",
    "cycle": "timer",
    "context": "context",
    "round": "round",
    "is": "equal",
}
"""Functions outside our subset, by keys of `errors.INSTEAD`."""
