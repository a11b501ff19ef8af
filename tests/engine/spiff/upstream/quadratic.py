"""Each pass of a loop costs more than the one before.

Calls of Python functions in pass 60 against pass 6: is it more than four times as many?
"""

from __future__ import annotations

from typing import Any

EXPECTED = False
SEEN = True


def show(lib: Any) -> object:
    run = lib.case("depth.bpmn", done=False)
    calls = [lib.calls(lambda: lib.do(run, "a")) for _ in range(60)]
    return calls[59] > 4 * calls[5]
