"""A walk over the task tree stops at depth 1,000 without a word, and the case counts as completed.

A loop with one user task is left open at its 250th pass: `is_completed` finds nothing unfinished.
`TaskIterator` is asked for all tasks, so its default must not hide some.
"""

from __future__ import annotations

from typing import Any

EXPECTED = [False, []]
SEEN = [True, []]


def show(lib: Any) -> object:
    run = lib.case("depth.bpmn", done=False)
    for _ in range(400):
        if run.is_completed():
            break
        lib.do(run, "a")
    return [run.is_completed(), lib.ended(run)]
