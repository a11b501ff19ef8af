"""An inclusive join does not wait for a branch that is inside a sub-process.

A running sub-process is STARTED, and the join looks for READY and WAITING tasks only. a is done,
the sub-process can still reach the join, and d behind it opens.
Source: BPMN 2.0.2, 13.4.3.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["b"]
SEEN = ["b", "d"]


def show(lib: Any) -> object:
    run = lib.case("or_join.bpmn", yes=True, no=False)
    return lib.ready(lib.do(run, "a"))
