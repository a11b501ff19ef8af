"""A case cannot move to a version whose open task has got a boundary event.

`Split was not reached`: the split that the library puts before such a task is not in the tree.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.util.diff import diff_workflow, migrate_workflow

EXPECTED = "passes"
SEEN = "WorkflowException"


def show(lib: Any) -> object:
    run = lib.case("move_boundary_old.bpmn")
    spec, subs = lib.parsed("move_boundary_new.bpmn")
    diff, _ = diff_workflow(BpmnWorkflowSerializer().registry, run, spec, subs)

    def moves() -> None:
        migrate_workflow(diff, run, spec)
        lib.do(run, "a")

    return lib.fails(moves)
