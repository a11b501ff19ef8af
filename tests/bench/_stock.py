"""The process of the benches as plain SpiffWorkflow runs it, the way everybody writes it first.

Conditions and rules in Python, services as inline scripts, the library's own serializer. It runs in
a process of its own, because ours gives the library another clock and other ids. It reads one JSON
line with diagram, answers and database, then runs one case for each further line, `memory` or
`naive`, and answers with the seconds of each completion.
"""

from __future__ import annotations

import io
import json
import sqlite3
import sys
import time
from collections.abc import Mapping
from typing import Any

import psycopg
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.camunda.parser import CamundaParser
from SpiffWorkflow.camunda.serializer import DEFAULT_CONFIG
from SpiffWorkflow.util.task import TaskState

from tests.bench._forms import own_fields

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
RULE = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"'
    b' namespace="t"><decision id="pick" name="pick"><decisionTable id="t" hitPolicy="FIRST">'
    b'<input id="i"><inputExpression id="ie" typeRef="string"><text>answer</text>'
    b'</inputExpression></input><output id="o" name="picked" typeRef="string"/>'
    b'<rule id="r1"><inputEntry id="c1"><text>"YES"</text></inputEntry>'
    b'<outputEntry id="o1"><text>"A"</text></outputEntry></rule>'
    b'<rule id="r2"><inputEntry id="c2"><text></text></inputEntry>'
    b'<outputEntry id="o2"><text>"B"</text></outputEntry></rule>'
    b"</decisionTable></decision></definitions>"
)


def in_stock_dialect(diagram: bytes) -> bytes:
    """The bench's diagram as the library alone reads it."""
    root = etree.fromstring(diagram)
    for element in list(root.iter()):
        for extension in element.findall(f"{BPMN}extensionElements"):
            element.remove(extension)
        tag = etree.QName(element).localname
        if tag == "conditionExpression":
            element.text = (element.text or "").lstrip("=").replace(" = ", " == ")
        if tag == "timeDuration":
            element.text = f'"{element.text}"'
        if tag == "serviceTask":
            element.tag = f"{BPMN}scriptTask"
            etree.SubElement(element, f"{BPMN}script").text = "sent = 1"
        if tag == "businessRuleTask":
            element.set("{http://camunda.org/schema/1.0/bpmn}decisionRef", "pick")
    return etree.tostring(root)


def new_case(diagram: bytes) -> BpmnWorkflow:
    """A case at its first task."""
    parser = CamundaParser()
    parser.add_bpmn_io(io.BytesIO(in_stock_dialect(diagram)))
    parser.add_dmn_io(io.BytesIO(RULE))
    workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
    workflow.do_engine_steps()
    workflow.refresh_waiting_tasks()
    return workflow


def step(workflow: BpmnWorkflow, answers: Mapping[str, str]) -> bool:
    """One user task in the stock loop; False when the case has ended."""
    ready = workflow.get_tasks(state=TaskState.READY, manual=True)
    if not ready:
        return False
    ready[0].data.update(own_fields(ready[0].task_spec.name, answers))
    ready[0].run()
    workflow.do_engine_steps()
    workflow.refresh_waiting_tasks()
    return True


class Naive:
    """Load, run, `serialize_json`, one UPDATE: the naive loop, on SQLite with the same pragmas as
    ours, or on PostgreSQL.
    """

    def __init__(self, url: str, diagram: bytes, answers: Mapping[str, str]) -> None:
        self.answers = answers
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(DEFAULT_CONFIG))
        self.postgres = not url.startswith("sqlite")
        self.conn: Any
        if self.postgres:
            self.conn = psycopg.connect(url)
            self.mark = "%s"
        else:
            self.conn = sqlite3.connect(
                url.removeprefix("sqlite:///") + ".naive", isolation_level=None
            )
            for pragma in (
                "journal_mode=wal",
                "synchronous=2",
                "secure_delete=1",
                "foreign_keys=1",
            ):
                self.conn.execute(f"PRAGMA {pragma}")
            self.mark = "?"
        self.conn.execute("CREATE TABLE naive (id TEXT PRIMARY KEY, state TEXT)")
        self.conn.commit()
        self.first = self.serializer.serialize_json(new_case(diagram))

    def start(self, id_: str) -> None:
        self.conn.execute(
            f"INSERT INTO naive VALUES ({self.mark}, {self.mark})",  # noqa: S608 - a placeholder of the driver
            (id_, self.first),
        )
        self.conn.commit()

    def step(self, id_: str) -> bool:
        """One completion; False when there was none left."""
        if not self.postgres:
            self.conn.execute("BEGIN IMMEDIATE")
        row = self.conn.execute(
            f"SELECT state FROM naive WHERE id = {self.mark}",  # noqa: S608 - a placeholder of the driver
            (id_,),
        ).fetchone()
        workflow = self.serializer.deserialize_json(row[0])
        went = step(workflow, self.answers)
        state = self.serializer.serialize_json(workflow)
        self.conn.execute(
            f"UPDATE naive SET state = {self.mark} WHERE id = {self.mark}",  # noqa: S608 - a placeholder of the driver
            (state, id_),
        )
        self.conn.commit()
        return went

    def size(self, id_: str) -> int:
        row = self.conn.execute(
            f"SELECT state FROM naive WHERE id = {self.mark}",  # noqa: S608 - a placeholder of the driver
            (id_,),
        ).fetchone()
        return len(row[0])


def memory(diagram: bytes, answers: Mapping[str, str]) -> dict[str, Any]:
    """One case in the stock loop, nothing stored; seconds of the processor, as ours are measured
    beside it.
    """
    workflow, seconds = new_case(diagram), list[float]()
    while True:
        begun = time.process_time()
        if not step(workflow, answers):
            return {"seconds": seconds}
        seconds.append(time.process_time() - begun)


def naive(loop: Naive, id_: str) -> dict[str, Any]:
    """One case in the naive loop."""
    loop.start(id_)
    seconds = list[float]()
    while True:
        begun = time.perf_counter()
        if not loop.step(id_):
            return {"seconds": seconds, "bytes": loop.size(id_)}
        seconds.append(time.perf_counter() - begun)


def main() -> None:
    request = json.loads(sys.stdin.readline())
    diagram, answers = request["diagram"].encode(), request["answers"]
    loop = Naive(request["url"], diagram, answers)
    for number, line in enumerate(sys.stdin):
        answer = memory(diagram, answers) if line.strip() == "memory" else naive(loop, str(number))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
