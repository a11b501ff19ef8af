"""A parallel join fires in the second pass of a loop before all its branches have come.

In pass 2 only b is done; a is open, and w behind the join is open too. The join counts what came in
pass 1 (a comment of the library says so).
Source: BPMN 2.0.2, 13.4.1: the gateway consumes one token from each incoming flow.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["a"]
SEEN = ["a", "w"]


def show(lib: Any) -> object:
    run = lib.case("loop_join.bpmn", done=False)
    return lib.ready(lib.do(run, "a", "b", "w", "b"))
