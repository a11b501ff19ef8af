"""Event sub-processes: one that interrupts does not, and one inside a sub-process never begins.

A message arrives while a is open. The interrupting event sub-process must end a; the nested one
must begin.
Source: BPMN 2.0.2, 13.5.4.
"""

from __future__ import annotations

from typing import Any

EXPECTED = [["b"], "taken", ["b"]]
SEEN = [["a", "b"], "WorkflowException", ["a"]]


def show(lib: Any) -> object:
    run = lib.case("event_sub.bpmn")
    lib.send(run)
    nested = lib.case("event_sub_nested.bpmn")
    return [lib.ready(run), lib.send(nested), lib.ready(nested)]
