"""Cases of the rules about files and ids."""

from __future__ import annotations

from tests.engine.lint.case import (
    Case,
    case,
)
from tests.support.diagram_files import release
from tests.support.diagrams import document, end, line, node, process, props, start, task

FILES = [
    Case("X101", release(b" " * (1 << 20) + line(task()))),
    Case("X102", release(b"<bpmn:definitions>")),
    Case("X103", release(b'<!DOCTYPE d [<!ENTITY x "y">]>' + line(task()))),
    Case("X104", release(b"<?php x ?>" + line(task()))),
    Case("X105", release(b"<definitions/>")),
    case("X106", line(task(camunda__formKey="f")), line(task(extra=props(missed="once")))),
    case("X107", line(task(extra="<spiffworkflow:preScript>x</spiffworkflow:preScript>"))),
    case("X108", line(task() + node("choreographyTask", "c"))),
    case("X109", line(task(extra="<other:thing/>")), line(task(extra=props(stage="1")))),
    case("D101", line(task("End"), "s>End End>e")),
    Case(
        "D102",
        release(
            line(task()),
            document(process("q", start("s2") + task("a") + end("e2"), "s2>a a>e2")),
        ),
    ),
    case("D103", line(task("a" * 65), f"s>{'a' * 65} {'a' * 65}>e")),
    case("D104", document(rest=node("process", "p", start() + end()))),
    case(
        "D112",
        document(
            process("p", start() + task() + end(), "s>a a>e"),
            '<bpmn:collaboration id="co"><bpmn:participant id="pool" name="Other" processRef="q"/>'
            "</bpmn:collaboration>"
            '<bpmn:process id="q" isExecutable="false"><bpmn:task id="z"/></bpmn:process>',
        ),
        document(
            process("p", start() + task() + end(), "s>a a>e"), '<bpmn:collaboration id="co"/>'
        ),
    ),
    case("D501", line(task() + node("textAnnotation", "n", "<bpmn:text>x</bpmn:text>"))),
    case("D510", line(task(inner='<bpmn:ioSpecification id="io"/>'))),
    case("D510", line(task(extra='<zeebe:taskDefinition type="letters.send"/>'))),
    case("D510", line(task(extra=props(dsys="working"))), line(task(extra=props(days="working")))),
]
