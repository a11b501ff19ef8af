"""Tables of zeebe settings: which have a meaning here, and on which elements.

Also the zeebe setting that replaces a setting of another engine.

Source: zeebe-bpmn-moddle.
"""

from __future__ import annotations

from service.engine.bpmn.model import Node

ZEEBE_INSTEAD = {
    "topic": "zeebe:taskDefinition type",
    "type": "zeebe:taskDefinition type",
    "class": "zeebe:taskDefinition type",
    "expression": "zeebe:taskDefinition type",
    "delegateExpression": "zeebe:taskDefinition type",
    "connector": "zeebe:taskDefinition type",
    "serviceTaskOperator": "zeebe:taskDefinition type",
    "formKey": "zeebe:formDefinition formId",
    "formRef": "zeebe:formDefinition formId",
    "formData": "zeebe:formDefinition formId",
    "assignee": "a lane, or zeebe:assignmentDefinition candidateGroups",
    "candidateUsers": "a lane, or zeebe:assignmentDefinition candidateGroups",
    "candidateGroups": "zeebe:assignmentDefinition candidateGroups",
    "dueDate": "zeebe:taskSchedule dueDate",
    "followUpDate": "zeebe:taskSchedule followUpDate",
    "priority": "zeebe:priorityDefinition",
    "decisionRef": "zeebe:calledDecision",
    "calledDecisionId": "zeebe:calledDecision",
    "resultVariable": "zeebe:calledDecision resultVariable",
    "inputOutput": "zeebe:ioMapping",
    "collection": "zeebe:loopCharacteristics inputCollection",
    "elementVariable": "zeebe:loopCharacteristics inputElement",
    "in": "zeebe:ioMapping input",
    "out": "zeebe:ioMapping output",
    "preScript": "a rule or a handler",
    "postScript": "a rule or a handler",
    "executionListener": "a handler",
    "taskListener": "a handler",
    "asyncBefore": "nothing; every step is saved",
    "asyncAfter": "nothing; every step is saved",
    "exclusive": "nothing; every step is saved",
}
"""The zeebe setting that replaces a setting of another engine."""

REFUSED_ZEEBE = {
    "executionListeners": "D608.listener",
    "taskListeners": "D608.listener",
    "publishMessage": "D608.message",
}
"""Settings with a sentence of their own; others that are not known get D608."""

TOLD_BY_THE_ELEMENT = {
    "adHoc": "adHocSubProcess",
    "conditionalFilter": "conditionalEventDefinition",
}
"""Settings of elements that are refused themselves, which says enough."""

ZEEBE_ATTRIBUTES: dict[str, frozenset[str]] = {
    "taskDefinition": frozenset({"type", "retries"}),
    "taskHeaders": frozenset(),
    "header": frozenset({"key", "value"}),
    "ioMapping": frozenset(),
    "input": frozenset({"source", "target"}),
    "output": frozenset({"source", "target"}),
    "formDefinition": frozenset(
        {"formId", "formKey", "externalReference", "bindingType", "versionTag"}
    ),
    "userTask": frozenset(),
    "assignmentDefinition": frozenset({"assignee", "candidateGroups", "candidateUsers"}),
    "taskSchedule": frozenset({"dueDate", "followUpDate"}),
    "priorityDefinition": frozenset({"priority"}),
    "calledDecision": frozenset({"decisionId", "resultVariable", "bindingType", "versionTag"}),
    "script": frozenset({"expression", "resultVariable"}),
    "calledElement": frozenset(
        {
            "processId",
            "propagateAllChildVariables",
            "propagateAllParentVariables",
            "bindingType",
            "versionTag",
        }
    ),
    "loopCharacteristics": frozenset(
        {"inputCollection", "inputElement", "outputCollection", "outputElement"}
    ),
    "subscription": frozenset({"correlationKey"}),
    "properties": frozenset(),
    "property": frozenset({"name", "value"}),
    "versionTag": frozenset({"value"}),
    "userTaskForm": frozenset({"id"}),
}
"""Elements and attributes of the zeebe namespace that mean something here, or have a rule of their
own."""

_THROWS_MESSAGE = frozenset({"message endEvent", "message intermediateThrowEvent"})
_ASKS_WITH_FORM = frozenset(
    {
        "startEvent",
        "message startEvent",
        "message boundaryEvent",
        "message intermediateCatchEvent",
        "receiveTask",
    }
)

_EVENTS = frozenset(
    {"startEvent", "intermediateCatchEvent", "boundaryEvent", "intermediateThrowEvent", "endEvent"}
)
_CALLS_HANDLER = frozenset({"serviceTask", "sendTask", "intermediateThrowEvent", "endEvent"})
_MAPS = frozenset(
    {
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "scriptTask",
        "subProcess",
        "callActivity",
    }
)


def maps_outputs(node: Node) -> bool:
    """Whether the output mapping of an element runs: on activities and events that complete."""
    leaves = node.kind == "endEvent" and node.event.kind in {"error", "terminate"}
    return (node.kind in _MAPS or node.kind in _EVENTS) and not leaves


def maps_inputs(node: Node) -> bool:
    """Whether the input mapping of an element runs: for handlers, rules, sub-processes and calls.

    A task for a person is shown the case's own answers, and an event asks nothing.
    """
    if node.kind in _CALLS_HANDLER:
        return bool(node.topic)
    return node.kind in {"businessRuleTask", "scriptTask", "subProcess", "callActivity"}


HOSTS: dict[str, frozenset[str]] = {
    "taskDefinition": frozenset({"serviceTask", "sendTask", "businessRuleTask"}) | _THROWS_MESSAGE,
    "taskHeaders": frozenset({"serviceTask", "sendTask"}) | _THROWS_MESSAGE,
    "ioMapping": _MAPS | _EVENTS | {f"message {kind}" for kind in _EVENTS},
    "formDefinition": frozenset({"userTask"}) | _ASKS_WITH_FORM,
    "userTask": frozenset({"userTask"}),
    "assignmentDefinition": frozenset({"userTask", "manualTask"}),
    "taskSchedule": frozenset({"userTask", "manualTask"}),
    "priorityDefinition": frozenset({"userTask", "manualTask"}),
    "calledDecision": frozenset({"businessRuleTask"}),
    "script": frozenset({"scriptTask"}),
    "calledElement": frozenset({"callActivity"}),
    "loopCharacteristics": frozenset({"multiInstanceLoopCharacteristics"}),
    "subscription": frozenset({"message"}),
    "versionTag": frozenset({"process"}),
}
"""Where a setting means something; `message` stands before events that carry one.

Elsewhere D510 names it.
"""
