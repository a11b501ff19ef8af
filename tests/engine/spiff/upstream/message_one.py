"""One message wakes two activities that wait for it side by side.

Source: BPMN 2.0.2, 13.5.1: a message is delivered once; events that many may catch are signals.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["b", "c"]
SEEN = ["c", "d"]


def show(lib: Any) -> object:
    run = lib.case("message_one.bpmn")
    lib.send(run)
    return lib.ready(run)
