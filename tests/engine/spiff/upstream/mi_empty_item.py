"""An empty item stalls a sequential multi-instance activity.

The list is [1, None, 3]: how many instances can be completed, and is the case completed?
"""

from __future__ import annotations

from typing import Any

EXPECTED = [3, True]
SEEN = [1, False]


def show(lib: Any) -> object:
    run = lib.case("mi_empty_item.bpmn", list=[1, None, 3])
    done = 0
    while lib.ready(run):
        task = lib.task(run, "a")
        task.data["y"] = 0
        task.run()
        run.do_engine_steps()
        done += 1
    return [done, run.is_completed()]
