"""Scopes of a release with their nodes, flows and boundary events by id, and kinds of nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from lxml import etree

from service.engine.bpmn.elements import BPMN, GATEWAYS, ZEEBE
from service.engine.bpmn.model import Lane, Node, Process, Scope, SequenceFlow
from service.errors import Label

ACTIVITIES = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "scriptTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
    }
)
PEOPLE = frozenset({"userTask", "manualTask"})
JOBS = frozenset({"serviceTask", "sendTask"})
INSTANT = frozenset({"businessRuleTask", "scriptTask"})
JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
CAUGHT = frozenset({"message", "timer", "error", "escalation"})
"""What a boundary event and the start of an event sub-process may catch."""
CHOOSES = frozenset({"exclusiveGateway", "inclusiveGateway"})

_LABEL = 60
"""Characters of a text annotation that name it."""
_Item = TypeVar("_Item")
Place: TypeAlias = "Node | Process | SequenceFlow | Lane"


@dataclass(frozen=True, slots=True)
class ScopeView:
    """A scope with its flows and boundary events by node."""

    process: Process
    scope: Scope
    owner: Node | None
    """The sub-process that holds the scope; None at the top level."""
    outer: ScopeView | None
    depth: int
    nodes: Mapping[str, Node]
    """Nodes by id. The next three have an entry for every node and every end of a flow."""
    into: Mapping[str, tuple[SequenceFlow, ...]]
    out: Mapping[str, tuple[SequenceFlow, ...]]
    borders: Mapping[str, tuple[Node, ...]]
    """Boundary events by the activity that they are attached to."""

    @property
    def id(self) -> str:
        return self.scope.id

    @property
    def label(self) -> Label:
        return label(self.owner or self.process)


def label(place: Place) -> Label:
    """The label of a place as drawn, in each language; its id where it has none."""
    if isinstance(place, Lane):
        return Label(place.name or place.id)
    return Label(place.names.get("sv") or place.id, place.names)


def flow_label(flow: SequenceFlow, nodes: Mapping[str, Node]) -> Label:
    """The label of a flow; of one without a name, from where to where it leads."""
    if flow.names.get("sv"):
        return label(flow)
    ends = [label(nodes[id_]) if id_ in nodes else Label(id_) for id_ in (flow.source, flow.target)]
    words = {"sv": "vägen från {} till {}", "en": "the way from {} to {}"}
    names = {lang: text.format(*(end.say(lang) for end in ends)) for lang, text in words.items()}
    return Label(names["sv"], names)


def element_label(element: etree._Element) -> Label:
    """What the picture says of an element: its name, or the beginning of a text annotation."""
    given = element.iterfind(f"{BPMN}extensionElements/{ZEEBE}properties/{ZEEBE}property")
    names = {
        name.removeprefix("name."): _shortened(one.get("value", ""))
        for one in given
        if (name := one.get("name", "")).startswith("name.")
    }
    return Label(_shortened(element.get("name") or element.findtext(f"{BPMN}text") or ""), names)


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LABEL else f"{words[:_LABEL]}…"


def event_subs(scope: Scope) -> Iterator[tuple[Node, Node]]:
    """Each event sub-process of a scope with its start event; one without a start is left out."""
    for node in scope.nodes:
        if node.event_sub and node.scope is not None:
            starts = [inner for inner in node.scope.nodes if inner.kind == "startEvent"]
            yield from ((node, start) for start in starts[:1])


def is_gateway(node: Node) -> bool:
    return node.kind in GATEWAYS


def scope_views(
    process: Process,
    scope: Scope,
    owner: Node | None = None,
    outer: ScopeView | None = None,
    depth: int = 0,
) -> Iterator[ScopeView]:
    """Every scope of a process, outer before inner, in the order of the file."""
    nodes = {node.id: node for node in scope.nodes}
    known = {
        *nodes,
        *(node.attached_to for node in scope.nodes),
        *(end for flow in scope.flows for end in (flow.source, flow.target)),
    }
    into = _by_place(known, ((flow.target, flow) for flow in scope.flows))
    out = _by_place(known, ((flow.source, flow) for flow in scope.flows))
    boundary_events = (node for node in scope.nodes if node.kind == "boundaryEvent")
    borders = _by_place(known, ((node.attached_to, node) for node in boundary_events))
    view = ScopeView(process, scope, owner, outer, depth, nodes, into, out, borders)
    yield view
    for node in scope.nodes:
        if node.scope is not None:
            yield from scope_views(process, node.scope, node, view, depth + 1)


def _by_place(
    known: Iterable[str], pairs: Iterable[tuple[str, _Item]]
) -> dict[str, tuple[_Item, ...]]:
    lists: dict[str, list[_Item]] = {id_: [] for id_ in known}
    for id_, item in pairs:
        lists[id_].append(item)
    return {id_: tuple(items) for id_, items in lists.items()}
