"""A sub-process whose activity is removed while its own steps run breaks `do_engine_steps`.

A sub-process is repeated for each item of a list; one ends with an error, which the boundary event
of the repetition catches. That removes the instances, and the loop then looks for the one it has
just run.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["c"]
SEEN = "TaskNotFoundException"


def show(lib: Any) -> object:
    run = lib.case("removed_owner.bpmn", list=[1, 2])
    failed = lib.fails(lambda: lib.do(run, "b"))
    return lib.ready(run) if failed == "passes" else failed
