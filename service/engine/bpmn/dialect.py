"""Tables of BPMN elements and attributes: which run, which are only drawn, which do nothing.

Source: BPMN 2.0.2; zeebe-bpmn-moddle.
"""

from __future__ import annotations

from service.engine.bpmn.elements import FLOW_NODES

_EVENT_DEFINITIONS = frozenset(
    f"{kind}EventDefinition"
    for kind in (
        "message",
        "timer",
        "error",
        "escalation",
        "terminate",
        "signal",
        "conditional",
        "compensate",
        "cancel",
        "link",
    )
)

RUNS = FLOW_NODES | _EVENT_DEFINITIONS | {
    "eventDefinitionRef", "definitions", "process", "sequenceFlow", "conditionExpression",
    "laneSet", "childLaneSet", "lane", "flowNodeRef", "incoming", "outgoing", "extensionElements",
    "documentation", "message", "error", "escalation", "signal", "timeDuration", "timeDate",
    "timeCycle", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "loopCondition",
    "loopCardinality", "completionCondition", "condition", "script", "collaboration", "participant",
}  # fmt: skip
"""Elements that run, and those that a rule of their own judges."""

PICTURE = frozenset({
    "dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "dataInputAssociation",
    "dataOutputAssociation", "textAnnotation", "group", "association", "messageFlow",
})  # fmt: skip
"""Kept and shown; each is named by D501."""

DRAWING = PICTURE | {
    "text", "category", "categoryValue", "dataState", "sourceRef", "targetRef", "assignment",
    "transformation", "from", "to", "participantMultiplicity", "outMessageRef", "inMessageRef",
    "messageFlowRef", "participantRef", "categoryValueRef",
}  # fmt: skip
"""Parts of the picture and of its parts."""

_IDLE_PARTS = {
    "dataInput", "dataOutput", "inputSet", "outputSet", "dataInputRefs", "dataOutputRefs",
    "optionalInputRefs", "whileExecutingInputRefs", "outputSetRefs", "optionalOutputRefs",
    "whileExecutingOutputRefs", "inputSetRefs", "resourceRef", "resourceAssignmentExpression",
    "formalExpression", "resourceParameterBinding", "resourceParameter", "operation",
    "inMessageRef", "outMessageRef", "errorRef", "interfaceRef", "supports", "import",
    "endPointRef", "correlationKey", "correlationPropertyRef",
    "correlationPropertyRetrievalExpression", "messagePath", "correlationPropertyBinding",
    "dataPath", "relationship", "source", "target", "expression", "loopDataInputRef",
    "loopDataOutputRef", "inputDataItem", "outputDataItem",
}  # fmt: skip

_IDLE = {
    "ioSpecification", "property", "potentialOwner", "humanPerformer", "performer", "resourceRole",
    "monitoring", "auditing", "rendering", "interface", "itemDefinition", "resource", "ioBinding",
    "correlationProperty", "correlationSubscription", "conversationLink", "endPoint", "extension",
    "dataInputRefs", "supportedInterfaceRef", "loopDataInputRef", "loopDataOutputRef",
    "inputDataItem", "outputDataItem", "operationRef",
}  # fmt: skip

IDLE = frozenset(_IDLE)
"""Settings that D510 names; they are never built."""

KNOWN = RUNS | DRAWING | IDLE | frozenset(_IDLE_PARTS)

_COMMON = frozenset({"id", "name"})
_ACTIVITY = _COMMON | {"default", "isForCompensation"}

ATTRIBUTES: dict[str, frozenset[str]] = {
    **dict.fromkeys(RUNS, _COMMON),
    **dict.fromkeys(
        _IDLE_PARTS,
        frozenset({"id", "name", "itemSubjectRef", "isCollection", "structureRef", "itemKind"}),
    ),
    **dict.fromkeys(
        (
            "task",
            "userTask",
            "manualTask",
            "serviceTask",
            "sendTask",
            "businessRuleTask",
            "scriptTask",
            "callActivity",
            "transaction",
            "adHocSubProcess",
        ),
        _ACTIVITY,
    ),
    "receiveTask": _ACTIVITY | {"messageRef"},
    "subProcess": _ACTIVITY | {"triggeredByEvent"},
    "definitions": _COMMON
    | {"targetNamespace", "exporter", "exporterVersion", "expressionLanguage", "typeLanguage"},
    "process": _COMMON
    | {"isExecutable", "isClosed", "processType", "definitionalCollaborationRef"},
    "startEvent": _COMMON | {"isInterrupting"},
    "boundaryEvent": _COMMON | {"attachedToRef", "cancelActivity"},
    "sequenceFlow": _COMMON | {"sourceRef", "targetRef"},
    "exclusiveGateway": _COMMON | {"default", "gatewayDirection"},
    "inclusiveGateway": _COMMON | {"default", "gatewayDirection"},
    "parallelGateway": _COMMON | {"gatewayDirection", "default"},
    "eventBasedGateway": _COMMON | {"gatewayDirection", "instantiate", "eventGatewayType"},
    "complexGateway": _COMMON | {"gatewayDirection", "default"},
    "messageEventDefinition": _COMMON | {"messageRef"},
    "errorEventDefinition": _COMMON | {"errorRef"},
    "escalationEventDefinition": _COMMON | {"escalationRef"},
    "signalEventDefinition": _COMMON | {"signalRef"},
    "compensateEventDefinition": _COMMON | {"activityRef", "waitForCompletion"},
    "multiInstanceLoopCharacteristics": _COMMON | {"isSequential"},
    "standardLoopCharacteristics": _COMMON | {"testBefore", "loopMaximum"},
    "error": _COMMON | {"errorCode", "structureRef"},
    "escalation": _COMMON | {"escalationCode", "structureRef"},
    "message": _COMMON | {"itemRef"},
    "participant": _COMMON | {"processRef"},
    "collaboration": _COMMON | {"isClosed"},
    "documentation": _COMMON | {"textFormat"},
    "conditionExpression": _COMMON | {"language", "evaluatesToTypeRef"},
}

INNOCENT = frozenset(
    {
        ("startQuantity", "1"),
        ("completionQuantity", "1"),
        ("isForCompensation", "false"),
        ("parallelMultiple", "false"),
        ("isImmediate", "true"),
        ("instantiate", "false"),
        ("behavior", "All"),
        ("isInterrupting", "true"),
        ("triggeredByEvent", "false"),
        ("isImmediate", "false"),
        ("implementation", "##unspecified"),
        ("implementation", "##WebService"),
        ("implementation", "##webService"),
    }
)
"""Attributes that say what holds anyhow."""

MEANINGLESS = frozenset(
    {
        "http://camunda.org/schema/modeler/1.0",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
        "http://www.omg.org/spec/DD/20100524/DI",
    }
)
"""Namespaces of pictures, colours and editors: kept without a word."""

SILENT_CAMUNDA = frozenset({"diagramRelationId"})
"""Marks of Camunda's Web Modeler itself: kept without a word."""

HARMLESS_CAMUNDA = frozenset(
    {"historyTimeToLive", "versionTag", "properties", "isStartableInTasklist"}
)
"""Names of Camunda 7 that change nothing here."""
