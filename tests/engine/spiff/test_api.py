"""What we lean on in SpiffWorkflow: names with their parameters, private ones included, and that it
asks nobody for time, chance or ids behind our back.
"""

from __future__ import annotations

import importlib
import inspect
import re
from importlib.metadata import version
from pathlib import Path

import pytest
import SpiffWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.timer import DurationTimerEventDefinition
from SpiffWorkflow.util.task import TaskState

from service.engine.spiff import api
from service.engine.spiff.api import (
    BoundaryEventJoin,
    BoundaryEventSplit,
    BpmnProcessSpec,
    BpmnStartTask,
    BpmnSubWorkflow,
    BpmnTaskSpec,
    BpmnWorkflow,
    MultiInstanceTask,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    SubWorkflowTask,
    TaskSpec,
    Workflow,
)
from service.engine.spiff.patches import current

ROOT = Path(inspect.getfile(SpiffWorkflow)).parent

PARAMETERS = {
    "SpiffTask.__init__": "workflow task_spec parent state id",
    "SpiffTask._set_state": "value",
    "SpiffTask._add_child": "task_spec state",
    "SpiffTask._sync_children": "task_specs state",
    "SpiffTask._ready": "",
    "SpiffTask.run": "",
    "SpiffTask.cancel": "",
    "SpiffTask.complete": "",
    "TaskSpec._update": "my_task",
    "TaskSpec._predict": "my_task seen looked_ahead mask",
    "TaskSpec._update_hook": "my_task",
    "TaskSpec._run_hook": "my_task",
    "TaskSpec._on_complete_hook": "my_task",
    "TaskSpec._on_cancel": "my_task",
    "TaskSpec.connect": "taskspec",
    "Workflow._remove_task": "task_id",
    "Workflow._task_removed_notify": "task",
    "Workflow._mark_complete": "task",
    "Workflow.cancel": "success",
    "Workflow.update_waiting_tasks": "",
    "BpmnWorkflow.create_subprocess": "my_task spec_name",
    "SubWorkflowTask._on_subworkflow_completed": "subworkflow my_task",
    "SubWorkflowTask.start_workflow": "my_task",
    "SubWorkflowTask.copy_data": "my_task subworkflow",
    "SubWorkflowTask.update_data": "my_task subworkflow",
    "BoundaryEventSplit._predict_hook": "my_task",
    "MultiInstanceTask.__init__": (
        "wf_spec bpmn_id task_spec cardinality data_input data_output input_item output_item"
        " condition kwargs"
    ),
    "MultiInstanceTask.merge_child": "workflow child",
    "ParallelMultiInstanceTask._update_hook": "my_task",
    "SequentialMultiInstanceTask._update_hook": "my_task",
    "BoundaryEvent.__init__": "wf_spec bpmn_id event_definition cancel_activity kwargs",
    "BoundaryEventJoin._check_threshold_structured": "my_task",
    "BpmnSubWorkflow._calculate_depth": "",
    "BpmnSubWorkflow.__init__": "spec parent_task_id top_workflow kwargs",
    "BpmnWorkflow.__init__": "spec subprocess_specs script_engine kwargs",
    "BpmnProcessSpec.__init__": "name description filename svg",
}


def parameters(name: str) -> str:
    """Of a method, without `self`."""
    kind, method = name.split(".")
    return " ".join(list(inspect.signature(getattr(getattr(api, kind), method)).parameters)[1:])


def test_the_names_that_we_lean_on_exist_with_their_parameters() -> None:
    assert {name: parameters(name) for name in PARAMETERS} == PARAMETERS


def test_the_base_classes_are_still_related_as_they_were() -> None:
    for kind in (
        BpmnTaskSpec,
        BoundaryEventSplit,
        BoundaryEventJoin,
        BpmnStartTask,
        MultiInstanceTask,
        ParallelMultiInstanceTask,
        SequentialMultiInstanceTask,
        SubWorkflowTask,
    ):
        assert issubclass(kind, TaskSpec)
    assert issubclass(BpmnWorkflow, Workflow)
    assert issubclass(BpmnSubWorkflow, Workflow)
    spec = BpmnProcessSpec("p")
    assert {"Start", "End"} <= set(spec.task_specs)
    assert spec.start.trigger_specs == []
    assert (spec.start._inputs, spec.end._outputs) == ([], ["End"])


def test_states_are_the_integers_that_the_codec_keeps() -> None:
    for name in ("MAYBE", "FUTURE", "WAITING", "READY", "STARTED", "COMPLETED", "CANCELLED"):
        assert getattr(api, name) == getattr(TaskState, name), name
    assert api.UNFINISHED == TaskState.NOT_FINISHED_MASK


def test_nothing_else_of_the_library_is_imported() -> None:
    """The one page is `api.py`; `patches.py` patches further modules."""
    here = Path(inspect.getfile(api)).parent
    found = {
        page.name: sorted(
            set(
                re.findall(
                    r"^ *(?:from|import) (SpiffWorkflow[\w.]*)", page.read_text(), re.MULTILINE
                )
            )
        )
        for page in here.glob("*.py")
    }
    assert {name for name, modules in found.items() if modules} == {"api.py", "patches.py"}
    assert found["patches.py"] == [
        *(
            "SpiffWorkflow.bpmn.specs.event_definitions.timer",
            "SpiffWorkflow.task",
        ),
    ]


HOOKS = {
    *("_update_hook", "_run_hook", "_on_complete_hook", "_on_cancel", "create_subprocess"),
    *("copy_data", "update_data"),
}
"""Methods that the library asks an application to write."""


def test_what_is_replaced_and_no_hook_names_the_test_that_shows_why() -> None:
    replaced = {}
    for page in Path(inspect.getfile(api)).parent.glob("*.py"):
        module = importlib.import_module(f"service.engine.spiff.{page.stem}")
        for kind in vars(module).values():
            if inspect.isclass(kind) and kind.__module__ == module.__name__:
                stock = [base for base in kind.__mro__ if base.__module__.startswith("Spiff")]
                for name, method in vars(kind).items():
                    if inspect.isfunction(method) and any(name in vars(base) for base in stock):
                        replaced[f"{kind.__name__}.{name}"] = inspect.getdoc(method) or ""
    texts = "".join(page.read_text() for page in Path(__file__).parents[1].rglob("test_*.py"))
    known = set()
    for name, reason in replaced.items():
        if name.partition(".")[2] not in HOOKS | {"__init__"}:
            known.add(name)
            shown = re.search(r"Shown by `(test_\w+)`", reason)
            assert shown, f"{name} names no test"
            assert f"def {shown[1]}(" in texts, name
    assert known == {
        "DeferredSpec._predict",
        *(f"FlatWorkflow.{name}" for name in ("update_waiting_tasks", "cancel")),
        "FlatWorkflow._task_removed_notify",
        "ScopeWorkflow._calculate_depth",
    }


def test_traps_that_the_engine_names_are_tested() -> None:
    here = Path(inspect.getfile(api)).parents[1]
    named = {
        number
        for page in here.rglob("*.py")
        for found in re.findall(r"\btraps? ([\d, ]+)", page.read_text())
        for number in re.findall(r"\d+", found)
    }
    texts = "".join(page.read_text() for page in Path(__file__).parent.glob("test_traps_*.py"))
    assert len(named) > 10
    assert named <= set(re.findall(r"def test_trap_(\d+)_", texts))


ASKS = re.compile(
    r"^\s*(?:import|from)\s+(?:uuid|time|random|secrets)\b|datetime\.now|utcnow|date\.today",
    re.MULTILINE,
)
KNOWN = {
    "task.py": "patched: ids, and the time of a change",
    "bpmn/specs/event_definitions/timer.py": "its clock is taken away",
    "workflow.py": "the name of a type",
    "bpmn/serializer/default/workflow.py": "not imported",
    "bpmn/serializer/helpers/registry.py": "not imported",
    "bpmn/serializer/migration/version_1_3.py": "not imported",
    "serializer/json.py": "not imported",
    "serializer/xml.py": "not imported",
}


def test_only_known_modules_ask_for_time_chance_or_ids() -> None:
    assert {
        str(p.relative_to(ROOT)) for p in ROOT.rglob("*.py") if ASKS.search(p.read_text())
    } == set(KNOWN)


def test_a_stock_timer_that_asks_for_the_time_fails_at_once() -> None:
    with pytest.raises(AttributeError):
        DurationTimerEventDefinition.get_timedelta_from_start({"days": 1})


def test_outside_a_turn_the_library_gets_no_id() -> None:
    with pytest.raises(LookupError):
        current()
    with pytest.raises(LookupError):
        BpmnWorkflow(BpmnProcessSpec("p"), {}, None)


def test_the_version_is_pinned_and_the_engine_alone_imports_it() -> None:
    assert version("SpiffWorkflow") == "3.2.0"
    root = Path(__file__).parents[3]
    importers = {
        page.relative_to(root).parts[:2]
        for folder in ("service", "handlers")
        for page in (root / folder).rglob("*.py")
        if re.search(r"^ *(?:from|import) SpiffWorkflow", page.read_text(), re.MULTILINE)
    }
    assert importers == {("service", "engine")}
