"""After `migrate_workflow` a running multi-instance activity never ends.

The callback that counts the instances is put on the spec of the instance when the first one begins.
The specs of another file have none, so nobody counts: all are done, and the case waits.
By `reset_mask`: how many instances were completed, and is the case completed?
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.util.diff import diff_workflow, migrate_workflow
from SpiffWorkflow.util.task import TaskState

EXPECTED = {"default": [2, True], "FUTURE": [2, True]}
SEEN = {"default": [2, False], "FUTURE": [2, False]}


def show(lib: Any) -> object:
    outcome = {}
    for name, mask in (("default", None), ("FUTURE", TaskState.FUTURE)):
        run = lib.case("mi_migrated.bpmn", list=[1, 2])
        spec, subs = lib.parsed("mi_migrated.bpmn")
        diff, _ = diff_workflow(BpmnWorkflowSerializer().registry, run, spec, subs)
        migrate_workflow(diff, run, spec, reset_mask=mask)
        run.do_engine_steps()
        done = 0
        while lib.ready(run) and done < 5:
            lib.do(run, "a")
            done += 1
        outcome[name] = [done, run.is_completed()]
    return outcome
