"""A completed task shares nested data with the tasks behind it, so its record changes later.

a was completed with one item in the box; what is added at b is in a's data too.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["a"]
SEEN = ["a", "b"]


def show(lib: Any) -> object:
    run = lib.case("shared_data.bpmn")
    task = lib.task(run, "a")
    task.data["box"] = {"items": ["a"]}
    task.run()
    run.do_engine_steps()
    lib.task(run, "b").data["box"]["items"].append("b")
    return task.data["box"]["items"]
