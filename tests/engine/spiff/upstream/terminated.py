"""A task that a terminate end event has cancelled in the same round is run all the same.

A fork leads to a terminate end event and to a script. The end event ends the process; the list of
READY tasks was made before that, so the script runs, and its task goes from CANCELLED to COMPLETED.
Source: BPMN 2.0.2, 13.5.6.
"""

from __future__ import annotations

from typing import Any

EXPECTED: list[str] = []
SEEN = ["ran"]


def show(lib: Any) -> object:
    ran: list[str] = []
    lib.case("terminated.bpmn", hit=lambda: ran.append("ran"))
    return ran
