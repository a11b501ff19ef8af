"""A value makes a case unloadable, and loading changes the dictionary that it reads.

The value is `{"typename": "BpmnWorkflow"}`: does it load, and is what was read the same afterwards?
"""

from __future__ import annotations

import copy
from typing import Any

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

EXPECTED = ["passes", False]
SEEN = ["KeyError", True]


def show(lib: Any) -> object:
    run = lib.case("move_boundary_old.bpmn")
    lib.task(run, "a").data["odd"] = {"typename": "BpmnWorkflow"}
    serializer = BpmnWorkflowSerializer()
    state = serializer.to_dict(lib.case("move_boundary_old.bpmn"))
    before = copy.deepcopy(state)
    serializer.from_dict(state)
    return [lib.fails(lambda: lib.stored(run)), state != before]
