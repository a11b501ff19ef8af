"""A boundary event that does not interrupt takes one message, and no second one.

a is open the whole time.
Source: BPMN 2.0.2, 10.5.6: it can occur several times while its activity is active.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["taken", "taken"]
SEEN = ["taken", "WorkflowException"]


def show(lib: Any) -> object:
    run = lib.case("again.bpmn")
    return [lib.send(run), lib.send(run)]
