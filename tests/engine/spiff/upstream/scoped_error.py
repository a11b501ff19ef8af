"""The error of one sub-process is caught at the boundary of another one beside it.

Two sub-processes run side by side, each with a boundary event for the same error. The first throws
it: both are interrupted.
Source: BPMN 2.0.2, 10.5.6: an error goes to the innermost enclosing scope.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["p", "twou"]
SEEN = ["p", "q"]


def show(lib: Any) -> object:
    run = lib.case("scoped_error.bpmn")
    return lib.ready(lib.do(run, "oneu"))
