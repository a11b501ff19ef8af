"""Moving a case to a new version starts its deadlines anew or strands it, by any `reset_mask`.

A user task with a deadline is open and has data; the new version has one step more behind it. By
mask: is the due time kept, what data does the task have, and what opens when it is completed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.util.diff import diff_workflow, migrate_workflow
from SpiffWorkflow.util.task import TaskState

EXPECTED = {
    "default": [True, ["typed"], ["b"]],
    "FUTURE": [True, ["typed"], ["b"]],
    "PREDICTED": [True, ["typed"], ["b"]],
    "both": [True, ["typed"], ["b"]],
}
SEEN = {
    "default": [False, [None], ["b"]],
    "FUTURE": [True, ["typed"], []],
    "PREDICTED": [True, ["typed", None], []],
    "both": [True, ["typed", None], []],
}


def show(lib: Any) -> object:
    masks = {
        "default": None,
        "FUTURE": TaskState.FUTURE,
        "PREDICTED": TaskState.PREDICTED_MASK,
        "both": TaskState.FUTURE | TaskState.PREDICTED_MASK,
    }
    return {name: _moved(lib, mask) for name, mask in masks.items()}


def _moved(lib: Any, mask: int | None) -> object:
    with lib.clock() as now:
        run = lib.case("migrate_old.bpmn")
        lib.task(run, "a").data["draft"] = "typed"
        due = lib.due_times(run)
        now.hands += timedelta(days=2)
        spec, subs = lib.parsed("migrate_new.bpmn")
        diff, _ = diff_workflow(BpmnWorkflowSerializer().registry, run, spec, subs)
        migrate_workflow(diff, run, spec, reset_mask=mask)
        run.do_engine_steps()
        kept = lib.due_times(run) == due
        drafts = [task.data.get("draft") for task in run.get_tasks(state=TaskState.READY)]
        lib.do(run, "a")
        return [kept, drafts, lib.ready(run)]
