"""A parallel multi-instance activity gives its results in the order in which instances ended.

The list is [1, 2, 3], each result is its item, and the last instance is completed first.
Source: BPMN 2.0.2, 10.3.8: the output is a collection like the input, an item for an item.
"""

from __future__ import annotations

from typing import Any

EXPECTED = [1, 2, 3]
SEEN = [3, 2, 1]


def show(lib: Any) -> object:
    run = lib.case("mi_order.bpmn", list=[1, 2, 3])
    while lib.ready(run):
        task = lib.task(run, "a", last=True)
        task.data["y"] = task.data["x"]
        task.run()
        run.do_engine_steps()
    return run.data["out"]
