"""The second token through a gateway takes away what the first one opened.

x and y run side by side, and both go on to a fork that opens c and d. After x: c, d and y. After y
there are two tokens in c and two in d by BPMN, and one each is left.
Source: BPMN 2.0.2, 13.4.1.
"""

from __future__ import annotations

from typing import Any

EXPECTED = [["c", "d", "y"], ["c", "c", "d", "d"]]
SEEN = [["c", "d", "y"], ["c", "d"]]


def show(lib: Any) -> object:
    run = lib.case("loop_drop.bpmn")
    return [lib.ready(lib.do(run, "x")), lib.ready(lib.do(run, "y"))]
