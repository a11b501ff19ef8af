"""Going back to a task inside a parallel block leaves the token that is behind its join.

a and b are done, c behind the join is open. Back to a: only a may be open.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["a"]
SEEN = ["a", "c"]


def show(lib: Any) -> object:
    run = lib.do(lib.case("reset.bpmn"), "a", "b")
    run.reset_from_task_id(next(t for t in run.get_tasks() if t.task_spec.name == "a").id)
    run.do_engine_steps()
    return lib.ready(run)
