"""A sequential multi-instance activity without an output fails at its second item.

The item of the first instance is merged into the activity, so that of the second `already exists`.
"""

from __future__ import annotations

from typing import Any

EXPECTED = "passes"
SEEN = "WorkflowDataException"


def show(lib: Any) -> object:
    run = lib.case("mi_without_output.bpmn", list=[1, 2])
    return lib.fails(lambda: lib.do(run, "a", "a"))
