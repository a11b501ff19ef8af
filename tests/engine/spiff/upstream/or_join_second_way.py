"""An inclusive join follows only the first way into an element before it.

c is open and can reach the join through the second way into m. The search for such tasks returns
the outcome of m's first way, where there is none, and d behind the join opens.
Source: BPMN 2.0.2, 13.4.3.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["c"]
SEEN = ["c", "d"]


def show(lib: Any) -> object:
    run = lib.case("or_join_second_way.bpmn", yes=True, no=False)
    return lib.ready(lib.do(run, "a"))
