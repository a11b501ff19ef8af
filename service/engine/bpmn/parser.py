"""The parser of BPMN: read the diagrams of a release into a `Model`.

It reads leniently and refuses no element; that is the linter's work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from service.engine.bpmn.elements import (
    BPMN,
    EVENTS,
    FLOW_NODES,
    SUBS,
    ZEEBE,
    extensions,
    feel,
    line_of,
    local,
    properties,
)
from service.engine.bpmn.model import (
    EventDefinition,
    Lane,
    Model,
    Node,
    Process,
    Repeat,
    Scope,
    SequenceFlow,
)
from service.engine.bpmn.sentences import finding
from service.engine.bpmn.xml import safe_tree
from service.errors import BadDiagram, Finding

if TYPE_CHECKING:
    from lxml import etree

    from service.engine.types import Files


_NAMED = {"message": "name", "error": "errorCode", "escalation": "escalationCode", "signal": "name"}
_ONLY_CATCHES = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})


@dataclass(frozen=True, slots=True)
class ParseResult:
    """The result of parsing a release: model, XML trees, and findings about unreadable files."""

    model: Model
    trees: Mapping[str, etree._Element] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def read_model(files: Files) -> tuple[Model, list[Finding]]:
    """Parse all diagrams of a release.

    Args:
        files: the release; only `diagrams` is looked at, in the order of the mapping.
    Returns:
        The model of every executable process, and findings X101 to X105 of files that are no
        diagrams (those files are left out).
    """
    reading = read_trees(files)
    return reading.model, list(reading.findings)


def read_trees(files: Files) -> ParseResult:
    """As `read_model`, with the trees for the checks of the XML itself."""
    trees: dict[str, etree._Element] = {}
    findings: list[Finding] = []
    processes: dict[str, Process] = {}
    for file, data in files.diagrams.items():
        try:
            root = safe_tree(data, file)
        except BadDiagram as error:
            findings += error.findings
            continue
        if root.tag != f"{BPMN}definitions":
            findings.append(finding("X105", file))
            continue
        trees[file] = root
        for process in _File(root, file).processes():
            processes.setdefault(process.id, process)
    return ParseResult(Model(processes), trees, tuple(findings))


class _File:
    """The parser of one diagram file; `named` has its messages, errors and escalations by id."""

    def __init__(self, root: etree._Element, file: str) -> None:
        self.root = root
        self.file = file
        self.named = {child.get("id", ""): child for child in root if local(child) in _NAMED}

    def processes(self) -> Iterator[Process]:
        """Each process that is marked as executable, in the order of the file."""
        for element in self.root.iterchildren(f"{BPMN}process"):
            if element.get("isExecutable") != "true":
                continue
            scope = self.scope(element)
            own = properties(element)
            yield Process(
                id=element.get("id", ""),
                file=self.file,
                names=_names(element, own),
                scope=scope,
                properties=own,
                version=_version(element),
                documentation=_documentation(element),
                line=line_of(element),
                lanes=dict(_lanes_of(scope, "")),
            )

    def scope(self, element: etree._Element) -> Scope:
        """Read the content of a process or sub-process."""
        lanes = tuple(_lanes(element))
        lane_of = {id_: lane.name for lane in lanes for id_ in lane.holds}
        nodes = tuple(self.node(child, lane_of) for child in element if local(child) in FLOW_NODES)
        flows = (
            *(_flow(child) for child in element.iterchildren(f"{BPMN}sequenceFlow")),
            *_links(nodes),
        )
        return Scope(element.get("id", ""), nodes, flows, lanes)

    def node(self, element: etree._Element, lane_of: Mapping[str, str]) -> Node:
        """Read one flow node with its zeebe settings."""
        kind = local(element)
        id_ = element.get("id", "")
        own = properties(element)
        interrupts = "cancelActivity" if kind == "boundaryEvent" else "isInterrupting"
        loop = element.find(f"{BPMN}multiInstanceLoopCharacteristics")
        return Node(
            id=id_,
            kind=kind,
            names=_names(element, own),
            line=line_of(element),
            lane=lane_of.get(id_, ""),
            event=self.event(element, kind),
            attached_to=element.get("attachedToRef", ""),
            interrupting=element.get(interrupts, "true") != "false",
            default=element.get("default", ""),
            gateway=_event_gateway_kind(element),
            event_sub=element.get("triggeredByEvent") == "true",
            repeat=None if loop is None else _repeat_of(loop),
            loops=element.find(f"{BPMN}standardLoopCharacteristics") is not None,
            compensates=element.get("isForCompensation") == "true",
            scope=self.scope(element) if kind in SUBS else None,
            properties=own,
            documentation=_documentation(element),
            **_settings_of(element),
        )

    def event(self, element: etree._Element, kind: str) -> EventDefinition:
        """Read what an event throws or waits for."""
        if kind == "receiveTask":
            return self.reference("message", element.get("messageRef", ""))
        if kind not in EVENTS:
            return EventDefinition("none")
        definitions = [
            child
            for child in element
            if local(child).endswith(("EventDefinition", "eventDefinitionRef"))
        ]
        if not definitions:
            return EventDefinition("none")
        if len(definitions) > 1 or local(definitions[0]) == "eventDefinitionRef":
            return EventDefinition("several")
        definition = definitions[0]
        what = local(definition).removesuffix("EventDefinition")
        if what == "timer":
            return _timer(definition)
        if what == "link":
            return EventDefinition("link", definition.get("name", ""))
        if what in _NAMED:
            refers = definition.get(f"{what}Ref", "")
            return self.reference(what, refers, catches=kind in _ONLY_CATCHES)
        return EventDefinition(what)

    def reference(self, what: str, refers: str, *, catches: bool = True) -> EventDefinition:
        """Resolve a message by name, an error or escalation by code.

        A boundary event without reference catches every error.
        """
        target = self.named.get(refers.rpartition(":")[2]) if refers else None
        if target is None:
            return EventDefinition(
                what,
                refers=refers,
                known=not refers and catches and what in {"error", "escalation"},
            )
        return EventDefinition(
            what, target.get(_NAMED[what], ""), refers=refers, known=local(target) == what
        )


def _version(process: etree._Element) -> str:
    tags = (e for e in extensions(process) if e.tag == f"{ZEEBE}versionTag")
    return next((tag.get("value", "") for tag in tags), "")


def _event_gateway_kind(element: etree._Element) -> str:
    if element.get("instantiate") == "true":
        return "Instantiating event-based"
    return "Parallel event-based" if element.get("eventGatewayType") == "Parallel" else ""


def _timer(definition: etree._Element) -> EventDefinition:
    for child in definition:
        way = local(child).removeprefix("time").lower()
        if way in {"duration", "date", "cycle"}:
            return EventDefinition("timer", way, (child.text or "").strip())
    return EventDefinition("timer")


def _flow(element: etree._Element) -> SequenceFlow:
    return SequenceFlow(
        id=element.get("id", ""),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        names=_names(element, properties(element)),
        condition=feel(element.findtext(f"{BPMN}conditionExpression") or ""),
        line=line_of(element),
    )


def _links(nodes: tuple[Node, ...]) -> Iterator[SequenceFlow]:
    """The flow that a pair of link events stands for.

    One from each throw to the one catch of its name.
    """
    links = [node for node in nodes if node.event.kind == "link"]
    for throw in links:
        partners = [node for node in links if node.event.ref == throw.event.ref]
        catches = [node for node in partners if node.kind == "intermediateCatchEvent"]
        if throw.kind == "intermediateThrowEvent" and len(catches) == 1:
            yield SequenceFlow(f"{throw.id}.link", throw.id, catches[0].id, {}, line=throw.line)


def _lanes(element: etree._Element) -> Iterator[Lane]:
    """All lanes of a scope, outer ones first, so that an inner lane decides about its nodes."""
    for holder in (
        *element.iterchildren(f"{BPMN}laneSet"),
        *element.iterchildren(f"{BPMN}childLaneSet"),
    ):
        for lane in holder.iterchildren(f"{BPMN}lane"):
            holds = tuple(
                (ref.text or "").strip() for ref in lane.iterchildren(f"{BPMN}flowNodeRef")
            )
            yield Lane(lane.get("id", ""), lane.get("name", ""), holds, line_of(lane))
            yield from _lanes(lane)


def _lanes_of(scope: Scope, around: str) -> Iterator[tuple[str, str]]:
    hosts = {node.id: node.lane for node in scope.nodes}
    for node in scope.nodes:
        lane = node.lane or hosts.get(node.attached_to, "") or around
        yield node.id, lane
        if node.scope is not None:
            yield from _lanes_of(node.scope, lane)


def _names(element: etree._Element, own: Mapping[str, str]) -> dict[str, str]:
    """Labels by language; the drawn one is Swedish."""
    drawn = " ".join(element.get("name", "").split())
    named = {name: value for name, value in own.items() if name.startswith("name.")}
    others = {name.removeprefix("name."): value for name, value in named.items()}
    return {"sv": drawn, **others} if drawn else others


def _documentation(element: etree._Element) -> str:
    return (element.findtext(f"{BPMN}documentation") or "").strip()


def _settings_of(element: etree._Element) -> dict[str, Any]:
    """Fields of `Node` that the zeebe settings of an element give.

    `Any`, because each field has a type of its own.
    """
    fields: dict[str, Any] = {}
    for setting in extensions(element):
        read = _READERS.get(setting.tag[len(ZEEBE) :])
        if read is not None:
            fields |= read(setting)
    return fields


def _mapping(setting: etree._Element) -> dict[str, Any]:
    """The pairs (target, source) of an `ioMapping`, inputs and outputs."""
    return {
        field_: tuple(
            (pair.get("target", ""), pair.get("source", ""))
            for pair in setting.iterchildren(f"{ZEEBE}{name}")
        )
        for field_, name in (("inputs", "input"), ("outputs", "output"))
    }


_READERS: dict[str, Callable[[etree._Element], dict[str, Any]]] = {
    "taskDefinition": lambda e: {"topic": e.get("type", ""), "retries": e.get("retries", "")},
    "taskHeaders": lambda e: {
        "headers": {h.get("key", ""): h.get("value", "") for h in e.iterchildren(f"{ZEEBE}header")}
    },
    "ioMapping": _mapping,
    "formDefinition": lambda e: {"form": e.get("formId", "")},
    "assignmentDefinition": lambda e: {
        "groups": tuple(g.strip() for g in e.get("candidateGroups", "").split(",") if g.strip())
    },
    "taskSchedule": lambda e: {"due": e.get("dueDate", ""), "follow_up": e.get("followUpDate", "")},
    "priorityDefinition": lambda e: {"priority": e.get("priority", "")},
    "calledDecision": lambda e: {
        "decision": e.get("decisionId", ""),
        "result": e.get("resultVariable", ""),
    },
    "script": lambda e: {
        "script": feel(e.get("expression", "")),
        "result": e.get("resultVariable", ""),
    },
    "calledElement": lambda e: {"calls": e.get("processId", "")},
}


def _repeat_of(loop: etree._Element) -> Repeat:
    """Read a multi-instance marker."""
    zeebe = next((e for e in extensions(loop) if e.tag == f"{ZEEBE}loopCharacteristics"), None)
    given = {} if zeebe is None else {str(k): str(v) for k, v in zeebe.attrib.items()}
    return Repeat(
        sequential=loop.get("isSequential") == "true",
        collection=feel(given.get("inputCollection", "")),
        item=given.get("inputElement", ""),
        into=given.get("outputCollection", ""),
        output=feel(given.get("outputElement", "")),
        until=feel(loop.findtext(f"{BPMN}completionCondition") or ""),
        count=(loop.findtext(f"{BPMN}loopCardinality") or "").strip(),
    )
