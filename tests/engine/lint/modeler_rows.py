"""What Camunda's modelers write, each in a smallest diagram: the table of docs/conformance.md."""

from __future__ import annotations

from collections.abc import Mapping

from tests.engine.lint.cases_activities import script
from tests.support.diagrams import (
    border,
    call,
    catch,
    diagram,
    document,
    each,
    end,
    event,
    ext,
    job,
    line,
    mapping,
    message,
    node,
    process,
    props,
    rule,
    start,
    sub,
    task,
    throw,
    timer,
    xor,
)


def setting(name: str, inner: str = "", **attributes: str) -> str:
    """A setting of Camunda 8."""
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<zeebe:{name}{given}>{inner}</zeebe:{name}>"


def headed(head: str) -> bytes:
    """A process with settings of its own."""
    return diagram(start() + task() + end(), "s>a a>e", head=ext(head))


def replaced(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode(), 1)


def called(more: str = "", extra: str = "") -> bytes:
    step = call("a", "q", extra).replace("<zeebe:calledElement", f"<zeebe:calledElement{more}")
    return document(
        process("p", start() + step + end(), "s>a a>e"),
        process("q", start("qs") + task("qt") + end("qe"), "qs>qt qt>qe"),
    )


def forked(ways: str) -> bytes:
    return diagram(start() + task("a", "ask") + xor() + end() + end("e2"), f"s>a a>x {ways}")


def waits(inner: str) -> bytes:
    return line(catch("a", inner, name="A"))


def begun_by(inner: str, work: str = "") -> bytes:
    """A process with an event sub-process."""
    inside = start("i", inner) + task("c") + end("f")
    begun = sub("es", inside, "i>c c>f", triggeredByEvent="true")
    return line((work or task("b")) + begun, "s>b b>e")


def decided(more: str = "") -> bytes:
    step = rule("a").replace("<zeebe:calledDecision", f"<zeebe:calledDecision{more}")
    return line(task("b", "ask") + step + task("c", "reader"), "s>b b>a a>c c>e")


_PLAIN = line(task())
_FORM = 'formId="plain"'
_SUBSCRIPTION = ext(setting("subscription", correlationKey="= orderId"))
_TERMINATE = "<bpmn:terminateEventDefinition/>"
_LISTENER = {"eventType": "start", "type": "x"}
_COLOURED = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="D">'
    '<bpmndi:BPMNPlane id="Pl" bpmnElement="p">'
    '<bpmndi:BPMNShape xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0"'
    ' xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0" id="Sh" bpmnElement="a"'
    ' bioc:stroke="#000" color:background-color="#fff"/></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
)

ROWS: Mapping[tuple[str, str], bytes] = {
    ("`camunda:diagramRelationId`, `modeler:*`, `exporter`", "file"): replaced(
        _PLAIN,
        ' id="Definitions"',
        ' xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="Definitions" exporter="x"'
        ' camunda:diagramRelationId="1f" modeler:executionPlatform="Camunda Cloud"',
    ),
    ("`zeebe:modelerTemplate*`", "any step"): line(
        task(zeebe__modelerTemplate="x", zeebe__modelerTemplateIcon="data:")
    ),
    ("`bioc:*`, `color:*`", "shape"): diagram(
        start() + task() + end(), "s>a a>e", rest=_COLOURED
    ),
    ("`documentation`", "any element"): line(task(inner=node("documentation", inner="why"))),
    ("`categoryValueRef`, `category`", "any element"): line(
        task(inner=node("categoryValueRef", inner="cv"))
    ),
    ("`group`", "picture"): line(task() + node("group", "g", categoryValueRef="cv")),
    ("`textAnnotation`, `association`", "picture"): line(
        task() + node("textAnnotation", "n", node("text", inner="x"))
    ),
    ("`dataObjectReference`, `dataStoreReference`", "picture"): line(
        task() + node("dataObjectReference", "d", dataObjectRef="o")
    ),
    ("empty `participant`, `messageFlow`", "picture"): document(
        process("p", start() + task() + end(), "s>a a>e"),
        node("collaboration", "c", node("participant", "o", name="Other")),
    ),
    ("`zeebe:versionTag`", "process"): headed(setting("versionTag", value="1.2")),
    ("`zeebe:properties` that Tresteg knows", "any element"): line(task(extra=props(stage="1"))),
    ("other `zeebe:properties`", "any element"): line(task(extra=props(team="blue"))),
    ("`zeebe:userTask`", "user task"): _PLAIN,
    ("`zeebe:formDefinition formId`", "user task"): _PLAIN,
    ("`zeebe:formDefinition formKey`, `externalReference`", "user task"): replaced(
        _PLAIN, _FORM, 'externalReference="x"'
    ),
    ("`zeebe:userTaskForm`", "process"): headed(setting("userTaskForm", "{}", id="f")),
    ("`zeebe:assignmentDefinition candidateGroups`", "user task"): _PLAIN,
    ("`zeebe:assignmentDefinition assignee`", "user task"): line(
        task(
            group="",
            extra=setting("assignmentDefinition", assignee="= her", candidateGroups="Doer"),
        )
    ),
    ("`zeebe:assignmentDefinition candidateUsers`", "user task"): line(
        task(
            group="",
            extra=setting("assignmentDefinition", candidateUsers="anna", candidateGroups="Doer"),
        )
    ),
    ("`zeebe:taskSchedule dueDate`, `followUpDate`", "user task"): line(
        task(extra=setting("taskSchedule", dueDate="P3D", followUpDate="P1D"))
    ),
    ("`zeebe:priorityDefinition` 0 to 100", "user task"): line(
        task(extra=setting("priorityDefinition", priority="70"))
    ),
    ("`zeebe:priorityDefinition` by FEEL", "user task"): line(
        task(extra=setting("priorityDefinition", priority="= 70"))
    ),
    ("`zeebe:taskListeners`", "user task"): line(
        task(extra=setting("taskListeners", setting("taskListener", **_LISTENER)))
    ),
    ("`zeebe:executionListeners`", "any step"): line(
        job("a", extra=setting("executionListeners", setting("executionListener", **_LISTENER)))
    ),
    ("`zeebe:taskHeaders`", "user task"): line(
        task(extra=setting("taskHeaders", setting("header", key="k", value="v")))
    ),
    ("`zeebe:taskDefinition type`, `retries`", "service task, send task"): line(
        job("a", extra="").replace('type="', 'retries="3" type="')
    ),
    ("`zeebe:taskDefinition type`", "message throw or end event"): line(
        throw("a", message() + ext(setting("taskDefinition", type="letters.send")))
    ),
    ("`zeebe:taskHeaders`", "service task, send task"): line(
        job("a", extra=setting("taskHeaders", setting("header", key="k", value="v")))
    ),
    ("`zeebe:ioMapping`", "service task, send task"): line(
        job("a", extra=mapping({"sent": "= 1"}, {"what": "= 2"})) + task("b", "reader"),
        "s>a a>b b>e",
    ),
    ("`zeebe:linkedResources`", "service task"): line(
        job("a", extra=setting("linkedResources"))
    ),
    ("`zeebe:script expression`, `resultVariable`", "script task"): line(
        script("a") + task("b", "reader"), "s>a a>b b>e"
    ),
    ("`script`, `scriptFormat`, `zeebe:taskDefinition`", "script task"): line(
        node("scriptTask", "a", node("script", inner="x = 1"), scriptFormat="javascript")
    ),
    ("`zeebe:calledDecision decisionId`, `resultVariable`", "business rule task"): decided(),
    ("`zeebe:taskDefinition`", "business rule task"): line(
        task("b", "ask")
        + rule("a", extra=setting("taskDefinition", type="letters.send"))
        + task("c", "reader"),
        "s>b b>a a>c c>e",
    ),
    ("`zeebe:calledElement processId`", "call activity"): called(),
    ("`propagateAllChildVariables`, `propagateAllParentVariables`", "call activity"): called(
        ' propagateAllChildVariables="false"'
    ),
    ('`bindingType="deployment"`', "form, decision, call"): decided(' bindingType="deployment"'),
    ('`bindingType="latest"`', "form, decision, call"): decided(' bindingType="latest"'),
    ('`bindingType="versionTag"`', "form, decision, call"): decided(
        ' bindingType="versionTag" versionTag="1"'
    ),
    ("`zeebe:loopCharacteristics` over a list", "multi-instance"): line(
        task("b", "people") + task(inner=each()), "s>b b>a a>e"
    ),
    ("`loopCardinality`", "multi-instance"): line(
        task(
            inner=node(
                "multiInstanceLoopCharacteristics", inner=node("loopCardinality", inner="3")
            )
        )
    ),
    ("`zeebe:subscription correlationKey`", "message"): replaced(
        waits(message()), 'name="m"/>', f'name="m">{_SUBSCRIPTION}</bpmn:message>'
    ),
    ("`zeebe:publishMessage`", "message throw or end event"): line(
        throw("a", message() + ext(setting("publishMessage", correlationKey="= id")))
    ),
    ("`conditionExpression` in FEEL, with a default flow", "exclusive, inclusive gateway"): forked(
        'x>e[answer = "YES"] x>e2*'
    ),
    ("no default flow", "exclusive, inclusive gateway"): forked(
        'x>e[answer = "YES"] x>e2[answer = "NO"]'
    ),
    ("`timeDuration`, `timeDate`", "catch event"): waits(timer("Duration", "P1D")),
    ("`timeCycle`, not interrupting", "boundary event"): line(
        task() + border("t", "a", timer("Cycle", "R3/P1D"), interrupting=False) + end("e2"),
        "s>a a>e t>e2",
    ),
    ("cron in `timeCycle`", "boundary event"): line(
        task() + border("t", "a", timer("Cycle", "0 0 9 * * *"), interrupting=False) + end("e2"),
        "s>a a>e t>e2",
    ),
    ("`messageEventDefinition`", "catch event, receive task, boundary event"): waits(message()),
    ("`signalEventDefinition`", "any event"): waits(node("signalEventDefinition", "d")),
    ("`conditionalEventDefinition`, `zeebe:conditionalFilter`", "any event"): waits(
        node(
            "conditionalEventDefinition",
            "d",
            node("condition", inner="= x") + ext(setting("conditionalFilter", variableNames="x")),
        )
    ),
    ("`errorEventDefinition`", "end event, boundary event"): line(
        sub("a", start("i") + task("b") + end("f", event("error", "LOST")), "i>b b>f")
        + border("x", "a", event("error", "LOST"))
        + end("e2"),
        "s>a a>e x>e2",
    ),
    ("`escalationEventDefinition`", "throw event, end event, boundary event"): line(
        sub("a", start("i") + task("b") + end("f", event("escalation", "U")), "i>b b>f")
        + border("x", "a", event("escalation", "U"), interrupting=False)
        + end("e2"),
        "s>a a>e x>e2",
    ),
    ("`triggeredByEvent`, started by a message", "sub-process"): begun_by(message()),
    ("`triggeredByEvent`, started by a timer", "sub-process"): begun_by(timer("Duration", "P1D")),
    ("`triggeredByEvent`, started by an error or escalation", "sub-process"): begun_by(
        event("error", "LOST"), job("b", "letters.fail")
    ),
    ("`linkEventDefinition`", "throw and catch event"): line(
        throw("t", '<bpmn:linkEventDefinition name="L"/>')
        + catch("c", '<bpmn:linkEventDefinition name="L"/>')
        + task(),
        "s>t c>a a>e",
    ),
    ("`terminateEventDefinition`", "end event"): replaced(
        _PLAIN, '<bpmn:endEvent id="e">', f'<bpmn:endEvent id="e">{_TERMINATE}'
    ),
    ("`subProcess`", "activity"): line(
        sub("a", start("i") + task("b") + end("f"), "i>b b>f")
    ),
    ("`adHocSubProcess`, `zeebe:adHoc`", "activity"): line(
        node("adHocSubProcess", "a", ext(setting("adHoc", completionCondition="= x")), name="A")
    ),
    ("`isForCompensation`, compensation events", "activity"): line(
        task(isForCompensation="true") + task("b"), "s>b b>e"
    ),
    ("`complexGateway`", "gateway"): line(node("complexGateway", "a", name="A")),
}  # fmt: skip
"""What is written, and on which element, to the file with it."""
