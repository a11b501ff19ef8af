"""The floor: the naive loop behind Flask, the way everybody writes it first.

Load, run, `serialize_json`, one UPDATE, a table of what waits and a table of what happened. No
sign-in, no access rules, no forms, no sealing, no audit; services are inline scripts. It answers
under gunicorn with as many processes and threads as the product. It imports nothing of `service`,
which would give the library another clock and other ids.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, request
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.camunda.serializer import DEFAULT_CONFIG
from SpiffWorkflow.util.task import TaskState

from tests.bench._stock import new_case
from tests.bench.over_http.floor_tables import connect

URL = os.environ["FLOOR_URL"]
POSTGRES = not URL.startswith("sqlite")
STATE = "SELECT state FROM floor_case WHERE id = ?"
LOCKED = f"{STATE} FOR UPDATE" if POSTGRES else STATE
app = Flask(__name__)
own = threading.local()
serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(DEFAULT_CONFIG))
MODEL = new_case(Path(os.environ["FLOOR_DIAGRAM"]).read_bytes())


@contextmanager
def transaction() -> Iterator[Any]:
    """One transaction on the connection of this thread; gives what runs a statement."""
    if not hasattr(own, "conn"):
        own.conn = connect(URL)
    conn = own.conn
    conn.execute("BEGIN" if POSTGRES else "BEGIN IMMEDIATE")
    try:
        yield lambda text, *values: conn.execute(
            text.replace("?", "%s") if POSTGRES else text, values
        )
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")


def wait(run: Any, case: str, workflow: BpmnWorkflow) -> None:
    """Write down what waits now."""
    run("DELETE FROM floor_waiting WHERE case_id = ?", case)
    for task in workflow.get_tasks(state=TaskState.READY, manual=True):
        values = (str(task.id), case, task.task_spec.name, datetime.now(UTC).isoformat())
        run("INSERT INTO floor_waiting VALUES (?, ?, ?, ?)", *values)


@app.post("/cases")
def start() -> dict[str, str]:
    """Begin a case."""
    case, workflow = uuid.uuid4().hex, BpmnWorkflow(MODEL.spec, MODEL.subprocess_specs)
    workflow.do_engine_steps()
    workflow.refresh_waiting_tasks()
    with transaction() as run:
        run("INSERT INTO floor_case VALUES (?, ?)", case, serializer.serialize_json(workflow))
        wait(run, case, workflow)
    return {"id": case}


@app.post("/tasks/<task>/completion")
def complete(task: str) -> dict[str, str]:
    """Complete a task, and let its case go on."""
    answers = request.get_json()
    with transaction() as run:
        case = run("SELECT case_id FROM floor_waiting WHERE task = ?", task).fetchone()[0]
        state = run(LOCKED, case).fetchone()[0]
        workflow = serializer.deserialize_json(state)
        ready = workflow.get_task_from_id(uuid.UUID(task))
        ready.data.update(answers)
        ready.run()
        workflow.do_engine_steps()
        workflow.refresh_waiting_tasks()
        state = serializer.serialize_json(workflow)
        run("UPDATE floor_case SET state = ? WHERE id = ?", state, case)
        wait(run, case, workflow)
        at = datetime.now(UTC).isoformat()
        values = (uuid.uuid4().hex, case, at, task, json.dumps(answers))
        run("INSERT INTO floor_event VALUES (?, ?, ?, ?, ?)", *values)
    return {"case": case}
