"""The dialect as tables: which elements and attributes a diagram may hold, and what becomes of
each.

Source: engine.md 3.4 to 3.8; BPMN 2.0.2; zeebe-bpmn-moddle.
"""

from __future__ import annotations

from service.engine.bpmn.parser import FLOW_NODES

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

RUNS = (
    FLOW_NODES
    | _EVENT_DEFINITIONS
    | {
        "eventDefinitionRef",
        "definitions",
        "process",
        "sequenceFlow",
        "conditionExpression",
        "laneSet",
        "childLaneSet",
        "lane",
        "flowNodeRef",
    }
    | {
        "incoming",
        "outgoing",
        "extensionElements",
        "documentation",
        "message",
        "error",
        "escalation",
        "signal",
        "timeDuration",
        "timeDate",
    }
    | {
        "timeCycle",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "loopCondition",
        "loopCardinality",
        "completionCondition",
    }
    | {"condition", "script", "collaboration", "participant"}
)
"""Elements that run, and those that a rule of their own judges."""

PICTURE = frozenset(
    {
        "dataObject",
        "dataObjectReference",
        "dataStore",
        "dataStoreReference",
        "dataInputAssociation",
        "dataOutputAssociation",
    }
    | {"textAnnotation", "group", "association", "messageFlow"}
)
"""Kept and shown; each is named by D501."""

DRAWING = PICTURE | {
    "text", "category", "categoryValue", "dataState", "sourceRef", "targetRef", "assignment", "transformation", "from", "to", "participantMultiplicity",
    "outMessageRef", "inMessageRef", "messageFlowRef", "participantRef",
}  # fmt: skip
"""Parts of the picture and of its parts."""

_IDLE_PARTS = {
    "dataInput", "dataOutput", "inputSet", "outputSet", "dataInputRefs", "dataOutputRefs", "optionalInputRefs", "whileExecutingInputRefs", "outputSetRefs",
    "optionalOutputRefs", "whileExecutingOutputRefs", "inputSetRefs", "resourceRef", "resourceAssignmentExpression", "formalExpression",
    "resourceParameterBinding", "resourceParameter", "operation", "inMessageRef", "outMessageRef", "errorRef", "interfaceRef", "supports", "import",
    "endPointRef", "correlationKey", "correlationPropertyRef", "correlationPropertyRetrievalExpression", "messagePath", "correlationPropertyBinding",
    "dataPath",    "relationship", "source", "target", "expression", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem",
}  # fmt: skip

_IDLE = {
    "ioSpecification", "property", "potentialOwner", "humanPerformer", "performer", "resourceRole", "monitoring", "auditing", "rendering", "interface",
    "itemDefinition", "resource", "ioBinding", "correlationProperty", "correlationSubscription", "conversationLink", "endPoint", "extension", "dataInputRefs",
    "supportedInterfaceRef", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem", "operationRef",
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
    }
    | {
        ("instantiate", "false"),
        ("behavior", "All"),
        ("isInterrupting", "true"),
        ("triggeredByEvent", "false"),
        ("isImmediate", "false"),
    }
    | {
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
    }
    | {
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    }
    | {
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
        "http://www.omg.org/spec/DD/20100524/DI",
    }
)
"""Namespaces of pictures, colours and editors: kept without a word."""

HARMLESS_CAMUNDA = frozenset(
    {"historyTimeToLive", "versionTag", "properties", "isStartableInTasklist"}
)

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
    "in": "nothing; called processes share the case's variables",
    "out": "nothing; called processes share the case's variables",
    "preScript": "a rule or a handler",
    "postScript": "a rule or a handler",
    "executionListener": "a handler",
    "taskListener": "a handler",
    "asyncBefore": "nothing; every step is saved",
    "asyncAfter": "nothing; every step is saved",
    "exclusive": "nothing; every step is saved",
}
"""How a setting of another engine is said in the Camunda 8 dialect."""

REFUSED_ZEEBE = frozenset(
    {
        "script",
        "executionListeners",
        "taskListeners",
        "adHoc",
        "conditionalFilter",
        "agentDefinition",
        "linkedResources",
        "publishMessage",
    }
)

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

HOSTS: dict[str, frozenset[str]] = {
    "taskDefinition": frozenset({"serviceTask", "sendTask", "businessRuleTask"}) | _THROWS_MESSAGE,
    "taskHeaders": frozenset({"serviceTask", "sendTask"}) | _THROWS_MESSAGE,
    "ioMapping": frozenset({"serviceTask", "sendTask", "callActivity", "userTask"})
    | _THROWS_MESSAGE,
    "formDefinition": frozenset({"userTask"}) | _ASKS_WITH_FORM,
    "userTask": frozenset({"userTask"}),
    "assignmentDefinition": frozenset({"userTask", "manualTask"}),
    "taskSchedule": frozenset({"userTask", "manualTask"}),
    "priorityDefinition": frozenset({"userTask", "manualTask"}),
    "calledDecision": frozenset({"businessRuleTask"}),
    "calledElement": frozenset({"callActivity"}),
    "loopCharacteristics": frozenset({"multiInstanceLoopCharacteristics"}),
    "subscription": frozenset({"message"}),
    "versionTag": frozenset({"process"}),
}
"""Where a setting means something; `message` stands before events that carry one.

Elsewhere D510 names it.
"""
