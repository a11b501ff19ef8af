"""The part of SpiffWorkflow that the engine uses: every name of the library, typed, private ones
included.

Nothing else of it is touched but what `patches` patches. Another release of the library is first
compared with this module (`tests/engine/spiff/test_traps_*.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from service.engine.types import Json

    class SpiffEvent:
        """The library's list of callbacks."""

        def connect(self, callback: Callable[..., None], *args: object) -> None: ...
        def emit(self, *args: object) -> None: ...

    class SpiffTask:
        """A node of the task tree: one token at one element."""

        id: str
        workflow: Workflow
        triggered: bool
        task_spec: TaskSpec
        data: dict[str, Json]
        internal_data: dict[str, Any]
        last_state_change: float
        _parent: str | None
        _children: list[str]
        _state: int

        def __init__(
            self,
            workflow: Workflow,
            task_spec: TaskSpec,
            parent: SpiffTask | None = None,
            state: int = 1,
            id: str | None = None,
        ) -> None: ...
        @property
        def parent(self) -> SpiffTask: ...
        @parent.setter
        def parent(self, task: SpiffTask) -> None: ...
        @property
        def children(self) -> list[SpiffTask]: ...
        def _add_child(self, task_spec: TaskSpec, state: int = 1) -> SpiffTask: ...
        def _sync_children(self, task_specs: list[TaskSpec], state: int = 1) -> None: ...
        def _set_state(self, value: int) -> None: ...
        def _ready(self) -> None: ...
        def run(self) -> bool | None: ...
        def cancel(self) -> None: ...
        def complete(self) -> None: ...

    class TaskSpec:
        """One element of a diagram, shared by all cases."""

        name: str
        manual: bool
        bpmn_id: str | None
        completed_event: SpiffEvent
        _inputs: list[str]
        _outputs: list[str]

        def __init__(self, wf_spec: BpmnProcessSpec, name: str, **kwargs: object) -> None: ...
        @property
        def outputs(self) -> list[TaskSpec]: ...
        def connect(self, taskspec: TaskSpec) -> None: ...
        def _predict(
            self,
            my_task: SpiffTask,
            seen: list[TaskSpec] | None = None,
            looked_ahead: int = 0,
            mask: int = 3,
        ) -> None: ...
        def _update(self, my_task: SpiffTask) -> None: ...
        def _update_hook(self, my_task: SpiffTask) -> bool | None: ...
        def _run_hook(self, my_task: SpiffTask) -> bool | None: ...
        def _on_complete_hook(self, my_task: SpiffTask) -> None: ...
        def _on_cancel(self, my_task: SpiffTask) -> None: ...

    class BpmnTaskSpec(TaskSpec): ...

    class BpmnStartTask(BpmnTaskSpec):
        trigger_specs: list[str]

    class BpmnProcessSpec:
        name: str
        task_specs: dict[str, TaskSpec]
        start: BpmnStartTask
        end: TaskSpec

        def __init__(self, name: str) -> None: ...

    class Workflow:
        spec: BpmnProcessSpec
        tasks: dict[str, SpiffTask]
        task_tree: SpiffTask
        completed: bool
        success: bool
        completed_event: SpiffEvent
        depth: int

        @property
        def top_workflow(self) -> BpmnWorkflow: ...
        def cancel(self, success: bool = False) -> list[SpiffTask]: ...  # noqa: FBT001, FBT002 - the library's signature
        def _remove_task(self, task_id: str) -> None: ...
        def _task_removed_notify(self, task: SpiffTask) -> None: ...
        def _task_completed_notify(self, task: SpiffTask) -> None: ...
        def _mark_complete(self, task: SpiffTask) -> None: ...
        def update_waiting_tasks(self) -> None: ...

    class BpmnWorkflow(Workflow):
        subprocesses: dict[str, Any]

        def __init__(
            self,
            spec: BpmnProcessSpec,
            subprocess_specs: Mapping[str, BpmnProcessSpec],
            script_engine: object,
            *,
            deserializing: bool = False,
        ) -> None: ...

    class BpmnSubWorkflow(Workflow):
        parent_task_id: str

        def __init__(
            self,
            spec: BpmnProcessSpec,
            parent_task_id: str,
            top_workflow: BpmnWorkflow,
            *,
            deserializing: bool = False,
        ) -> None: ...
        def _calculate_depth(self) -> int: ...

    class SubWorkflowTask(TaskSpec):
        spec: str

        def __init__(
            self, wf_spec: BpmnProcessSpec, bpmn_id: str, subworkflow_spec: str, **kwargs: object
        ) -> None: ...
        def start_workflow(self, my_task: SpiffTask) -> None: ...
        def _on_subworkflow_completed(self, subworkflow: Workflow, my_task: SpiffTask) -> None: ...

    class BoundaryEvent(BpmnTaskSpec):
        event_definition: object
        cancel_activity: bool

        def __init__(
            self,
            wf_spec: BpmnProcessSpec,
            bpmn_id: str,
            event_definition: object,
            cancel_activity: bool,  # noqa: FBT001 - the library's signature
            **kwargs: object,
        ) -> None: ...

    class BoundaryEventSplit(BpmnTaskSpec):
        def _predict_hook(self, my_task: SpiffTask) -> None: ...

    class BoundaryEventJoin(BpmnTaskSpec):
        def _check_threshold_structured(
            self, my_task: SpiffTask
        ) -> tuple[bool, list[SpiffTask]]: ...

    class MultiInstanceTask(BpmnTaskSpec):
        task_spec: str

        def __init__(
            self,
            wf_spec: BpmnProcessSpec,
            bpmn_id: str,
            *,
            task_spec: str,
            data_input: object,
            data_output: object,
            input_item: object,
            output_item: object,
            condition: object,
            **kwargs: object,
        ) -> None: ...
        def merge_child(self, workflow: Workflow, child: SpiffTask) -> None: ...

    class SequentialMultiInstanceTask(MultiInstanceTask): ...

    class ParallelMultiInstanceTask(MultiInstanceTask): ...

else:
    from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
    from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
    from SpiffWorkflow.bpmn.specs.control import (
        BoundaryEventJoin,
        BoundaryEventSplit,
        BpmnStartTask,
    )
    from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
    from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import (
        MultiInstanceTask,
        ParallelMultiInstanceTask,
        SequentialMultiInstanceTask,
    )
    from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
    from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
    from SpiffWorkflow.specs.base import TaskSpec
    from SpiffWorkflow.task import Task as SpiffTask
    from SpiffWorkflow.workflow import Workflow

MAYBE, FUTURE, WAITING, READY, STARTED, COMPLETED, CANCELLED = 1, 4, 8, 16, 32, 64, 256
"""The library's states of a task, as the codec keeps them."""
LIVE = WAITING | READY | STARTED
UNFINISHED = 3 | FUTURE | LIVE
FINISHED = COMPLETED | 128 | CANCELLED

__all__ = [
    "CANCELLED",
    "COMPLETED",
    "FINISHED",
    "FUTURE",
    "LIVE",
    "MAYBE",
    "READY",
    "STARTED",
    "UNFINISHED",
    "WAITING",
    "BoundaryEvent",
    "BoundaryEventJoin",
    "BoundaryEventSplit",
    "BpmnProcessSpec",
    "BpmnStartTask",
    "BpmnSubWorkflow",
    "BpmnTaskSpec",
    "BpmnWorkflow",
    "MultiInstanceTask",
    "ParallelMultiInstanceTask",
    "SequentialMultiInstanceTask",
    "SpiffTask",
    "SubWorkflowTask",
    "TaskSpec",
    "Workflow",
]
