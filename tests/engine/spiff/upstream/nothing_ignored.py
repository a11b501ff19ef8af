"""The parser passes over what it does not run, and the case goes on without it.

A condition on the only way out that is false; a compensation that is thrown; a link with no other
end; a user task that nothing leads to.
"""

from __future__ import annotations

from typing import Any

EXPECTED = [
    "ValidationException",
    "ValidationException",
    "ValidationException",
    "ValidationException",
]
SEEN = ["passes", "passes", "passes", "passes"]


def show(lib: Any) -> object:
    names = ("condition", "compensation", "link", "unreached")
    return [lib.fails(lambda n=name: lib.case(f"nothing_ignored_{n}.bpmn")) for name in names]
