"""Functions of FEEL about patterns: `matches`, `replace` and `split`, by RE2.

RE2 takes time in the length of the text only, whatever the pattern. A pattern is compiled with its
expression, within a limit of memory.

Source: DMN 1.3, table 74; XPath and XQuery Functions 3.1, 5.6.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import re2

from service.engine import limits
from service.engine.feel import types
from service.engine.feel.errors import FuelSpent
from service.engine.feel.functions.function import TEXT, Function, WrongValue, want
from service.engine.feel.values import Value

FLAGS: Final = frozenset("ims")
"""Letters of XPath that RE2 knows too: any case, ends of lines, a point for every character."""
Spend: TypeAlias = Callable[[int], None]
"""Takes work from the evaluation."""
_FIRST, _ANOTHER = 2, 4
"""Characters that one unit of work pays for, in the search for the first match and for others: the
worst pattern takes 8 microseconds a character."""
_OPTIONS: Final = re2.Options()
_OPTIONS.max_mem = limits.FEEL_PATTERN_MEMORY
_OPTIONS.log_errors = False
_REFERENCE: Final = re.compile(r"\\([\\$])|\$(\d+)|([\\$])", re.ASCII)


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: str) -> Any | None:  # noqa: ANN401 - RE2 has no types
    """The pattern ready to use; None when RE2 cannot read it."""
    try:
        return re2.compile(f"(?{flags}){pattern}" if flags else pattern, _OPTIONS)
    except re2.error:
        return None


def cost(text: str) -> int:
    """The work of looking for the first match in a text."""
    return 1 + len(text) // _FIRST


def fits_nothing(pattern: Any) -> bool:  # noqa: ANN401 - as above
    """Whether it fits an empty text, so that nothing can be replaced or split by it."""
    return pattern.search("") is not None


def _matches(pattern: Any, _spend: Spend, text: str) -> bool:  # noqa: ANN401 - as above
    return pattern.search(text) is not None


def _split(pattern: Any, spend: Spend, text: str) -> list[Value]:  # noqa: ANN401 - as above
    parts, end = list[Value](), 0
    for found in pattern.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        spend((len(text) - end) // _ANOTHER)
        if len(parts) >= limits.FEEL_LIST:
            raise FuelSpent
    return [*parts, text[end:]]


def _replace(pattern: Any, spend: Spend, text: str, by: Value) -> str:  # noqa: ANN401 - as above
    pieces = _pieces(want(by, str), pattern.groups)
    done, end, length = list[str](), 0, 0
    for found in pattern.finditer(text):
        new = "".join(p if isinstance(p, str) else found.group(p) or "" for p in pieces)
        length += found.start() - end + len(new)
        if length > limits.FEEL_TEXT:
            raise FuelSpent
        done += [text[end : found.start()], new]
        end = found.end()
        spend((len(text) - end) // _ANOTHER)
    return "".join([*done, text[end:]])


def _pieces(by: str, groups: int) -> list[str | int]:
    r"""What stands in for a match: texts, and numbers of groups for `$1`; `\$` is a dollar sign.

    A number beyond the groups leaves its last digits as text.
    """
    pieces, end = list[str | int](), 0
    for found in _REFERENCE.finditer(by):
        pieces.append(by[end : found.start()])
        end = found.end()
        if found[3]:
            raise WrongValue
        if found[1]:
            pieces.append(found[1])
            continue
        digits = found[2]
        while len(digits) > 1 and int(digits) > groups:
            digits = digits[:-1]
        end = found.start() + 1 + len(digits)
        pieces.append(int(digits) if int(digits) <= groups else "")
        pieces.append(found[2][len(digits) :])
        end = found.end()
    return [*pieces, by[end:]]


RUNS: Final[Mapping[str, Callable[..., Value]]] = {
    "matches": _matches,
    "replace": _replace,
    "split": _split,
}
"""By name, what each does with a compiled pattern, the text, and what may follow."""


def _never(*_values: Value) -> None:
    raise WrongValue  # pragma: no cover - `pattern_calls` runs these


FUNCTIONS: Final[Mapping[str, Function]] = {
    "matches": Function(2, 3, _never, (TEXT,), types.BOOLEAN),
    "replace": Function(3, 4, _never, (TEXT,), types.STRING),
    "split": Function(2, 3, _never, (TEXT,), types.LIST),
}
