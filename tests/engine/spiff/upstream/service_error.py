"""Two slips in the script engine hide what went wrong in a service.

`call_service` hands on a name that does not exist; and a detail that is no text is added to one.
"""

from __future__ import annotations

from typing import Any

EXPECTED = ["WorkflowTaskException", "passes"]
SEEN = ["NameError", "TypeError"]


def show(lib: Any) -> object:
    engine = lib.engine()
    task = lib.task(lib.case("shared_data.bpmn"), "a")
    return [
        lib.fails(lambda: engine.call_service(task)),
        lib.fails(lambda: engine.create_task_exec_exception(task, "x", KeyError(404))),
    ]
