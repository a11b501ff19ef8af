"""Traps of SpiffWorkflow alone: files, decision tables, logs and stored bytes."""

from __future__ import annotations

import copy
import logging
import sys

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.migration.version_1_2 import convert_timer_expressions
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser import BpmnDmnParser
from SpiffWorkflow.util.task import TaskState

from tests.engine.spiff.stock_cases import (
    Outcome,
    case,
    do,
    drawn,
    fails,
    parsed,
    ready,
    stored,
)
from tests.support.diagrams import (
    catch,
    document,
    end,
    event,
    flows,
    link,
    message,
    node,
    nodes,
    process,
    start,
    sub,
    throw,
    xor,
)


def codec_no_code() -> Outcome:
    """The state holds the diagram's Python; and one old state, read again, runs what it holds."""
    text = BpmnWorkflowSerializer().serialize_json(
        case(drawn(xor("g", default="g_k"), "s>g g>e[40 + 2 == 41] g>k", "e k"))
    )
    payload = (
        "__import__('builtins').setattr(__import__('sys'), 'trodden', True) or datetime(2026, 1, 1)"
    )
    spec = {
        "name": "t",
        "event_definition": {"typename": "TimerEventDefinition", "label": "t", "dateTime": payload},
    }
    convert_timer_expressions({"spec": {"task_specs": {"t": spec}}})
    return ["40 + 2 == 41" in text, hasattr(sys, "trodden")]


def nothing_ignored() -> Outcome:
    def passes(inside: str, flow: str) -> str:
        return fails(lambda: case(drawn(inside, flow)))

    return [
        passes(nodes("userTask", "a"), "s>a a>e[False]"),
        passes(
            nodes("userTask", "a") + throw("t", event("compensate")),
            "s>a a>t t>e",
        ),
        passes(
            nodes("userTask", "a") + throw("t", link()),
            "s>a a>t t>e",
        ),
        passes(nodes("userTask", "a b"), "s>a a>e b>e"),
    ]


def kinds() -> Outcome:
    def left(inside: str) -> list[str] | str:
        how = fails(lambda: case(drawn(inside, "s>a a>e")))
        return ready(case(drawn(inside, "s>a a>e"))) if how == "passes" else how

    loop = node("userTask", "a", node("standardLoopCharacteristics", loopMaximum="2"))
    box = start("is") + nodes("userTask", "u") + end("ie") + flows("is>u u>ie")
    return [
        left(nodes("task", "a")),
        left(nodes("receiveTask", "a")),
        left(loop),
        left(node("transaction", "a", box)),
        left(nodes("businessRuleTask", "a")),
    ]


def one_error() -> Outcome:
    """Two faults in one file: the parser tells one of them, and no line."""
    broken = catch("w", message("nowhere")) + catch("v", message("nothing"))
    try:
        parsed(drawn(broken, "s>w w>v v>e"))
    except ValidationException as error:
        return ["TypeError" in str(error), bool(error.line_number)]
    return []


def ids() -> Outcome:
    inside = start("is") + nodes("userTask", "a") + end("ie")
    return fails(lambda: parsed(drawn(sub("p", inside, "is>a a>ie"), "s>p p>e")))


def artefacts() -> Outcome:
    body = document(process("p", start() + end(), "s>e"))
    store = body.replace(
        b"<bpmn:process ", b'<bpmn:dataStore id="r" name="register"/><bpmn:process '
    )
    return fails(lambda: parsed(store))


def decides(policy: str, *rows: tuple[str, str]) -> Outcome:
    head = 'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" namespace="t" name="d"'
    rules = "".join(
        f'<rule id="r{n}"><inputEntry id="i{n}"><text>{cell}</text></inputEntry>'
        f'<outputEntry id="o{n}"><text>"{out}"</text></outputEntry></rule>'
        for n, (cell, out) in enumerate(rows)
    )
    table = (
        f'<definitions {head}><decision id="rule" name="r">'
        f'<decisionTable id="t" hitPolicy="{policy}">'
        '<input id="i"><inputExpression id="ie" typeRef="string"><text>x</text></inputExpression>'
        f'</input><output id="o" name="y" typeRef="string"/>{rules}'
        "</decisionTable></decision></definitions>"
    )
    parser = BpmnDmnParser()
    parser.add_dmn_xml(etree.fromstring(table.encode()))
    engine = parser.dmn_parsers["rule"]
    engine.parse()
    task = case(drawn(nodes("userTask", "a"), "s>a a>e"), x="b").get_tasks(state=TaskState.READY)[0]
    try:
        return DMNEngine(engine.decision.decisionTables[0]).result(task)
    except Exception as error:  # noqa: BLE001 - whatever it says is what is shown
        return type(error).__name__


def dmn() -> Outcome:
    return {
        "unique": decides("UNIQUE", ('"b"', "first"), ('"b"', "second")),
        "alternatives": decides("FIRST", ('"a", "b"', "either")),
        "not": decides("FIRST", ('not("a")', "other")),
        "range": decides("FIRST", ('["a".."c"]', "inside")),
        "priority": decides("PRIORITY", ('"b"', "low"), ('"b"', "high")),
    }


def ad_hoc() -> Outcome:
    """The attributes carry no prefix in any tool's file, and the parser asks for one."""
    box = node("adHocSubProcess", "a", nodes("userTask", "u"), ordering="Sequential")
    return fails(lambda: parsed(drawn(box, "s>a a>e")))


def quiet() -> Outcome:
    class Everything(logging.Handler):
        """Keeps the fields of each record."""

        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def emit(self, record: logging.LogRecord) -> None:
            self.seen.append(repr(vars(record)))

    ear, logger = Everything(), logging.getLogger("spiff")
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    do(case(drawn(nodes("userTask", "a"), "s>a a>e"), secret="canary"), "a")
    logger.removeHandler(ear)
    logger.setLevel(logging.WARNING)
    return any("canary" in seen for seen in ear.seen)


def codec_round() -> Outcome:
    run = case(drawn(nodes("userTask", "a"), "s>a a>e"))
    run.get_tasks(state=TaskState.READY)[0].data["odd"] = {"typename": "BpmnWorkflow"}
    serializer = BpmnWorkflowSerializer()
    state = serializer.to_dict(case(drawn(nodes("userTask", "a"), "s>a a>e")))
    before = copy.deepcopy(state)
    fails(lambda: serializer.from_dict(state))
    return [fails(lambda: stored(run)), state != before]
