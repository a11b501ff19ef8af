"""From the model of a release to specs that run: one spec for each element, flows wired in the
order of the file, never by where things are drawn.

The linter has passed the model before; what it refuses, this page does not know how to build and
raises `LookupError` for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.engine.bpmn.model import EventDefinition, Node, Scope, SequenceFlow
from service.engine.feel import Expression
from service.engine.feel.types import ANY, Type, item
from service.engine.spiff.activities import (
    BusinessRuleTask,
    CallActivity,
    ParallelMultiInstance,
    SequentialMultiInstance,
    ServiceEndEvent,
    ServiceTask,
    ServiceThrowEvent,
    SubProcess,
    UserTask,
)
from service.engine.spiff.api import TaskSpec
from service.engine.spiff.base import (
    BoundaryJoin,
    BoundarySplit,
    EndEvent,
    FlowNode,
    PassThrough,
    ProcessSpec,
    TerminateEndEvent,
)
from service.engine.spiff.boundary_events import BoundaryCatch
from service.engine.spiff.catch_events import (
    CatchEvent,
    ErrorDefinition,
    EventBasedGateway,
    EventGatewayTarget,
    MessageDefinition,
    Waits,
)
from service.engine.spiff.gateways import (
    ConditionalGateway,
    ExclusiveGateway,
    InclusiveGateway,
    Join,
    OutgoingFlow,
    ParallelGateway,
    upstream,
)
from service.engine.spiff.throw_events import ThrowEndEvent, ThrowEvent
from service.engine.spiff.timers import Given, Schedule, Timer
from service.engine.timing.calendars import Calendar, zone
from service.engine.timing.durations import time_of

_GATEWAYS: Mapping[
    str, type[ExclusiveGateway | ParallelGateway | InclusiveGateway | EventBasedGateway]
] = {
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
}


def build(scope: Scope, names: Mapping[str, Type]) -> dict[str, ProcessSpec]:
    """The specs of a process and of every sub-process in it, by id, hardened."""
    found: dict[str, ProcessSpec] = {}
    _build(scope, names, found, top=True)
    return found


def _build(
    scope: Scope, names: Mapping[str, Type], found: dict[str, ProcessSpec], *, top: bool
) -> None:
    spec = found[scope.id] = ProcessSpec(scope.id)
    _Builder(spec, scope, names, top=top).run()
    for node in scope.nodes:
        if node.scope is not None:
            _build(node.scope, _inside(node, names), found, top=False)


def _inside(node: Node, names: Mapping[str, Type]) -> Mapping[str, Type]:
    """The names that count inside an activity: an instance knows its item."""
    if node.repeat is None or not node.repeat.item:
        return names
    return {
        **names,
        node.repeat.item: item(names.get(node.repeat.collection, ANY))
        if node.repeat.collection in names
        else ANY,
    }


class _Builder:
    """Builds the spec of one scope."""

    def __init__(
        self, spec: ProcessSpec, scope: Scope, names: Mapping[str, Type], *, top: bool
    ) -> None:
        self.spec = spec
        self.scope = scope
        self.names = names
        self.top = top
        self.raced = {
            f.target
            for f in scope.flows
            for n in scope.nodes
            if n.id == f.source and n.kind == "eventBasedGateway"
        }
        self.entry: dict[str, TaskSpec] = {}
        """By element, where a flow into it leads: the activity, or the split before it."""
        self.leave: dict[str, FlowNode] = {}
        """And where a flow out of it starts."""

    def run(self) -> None:
        """Make the specs, then the flows between them."""
        for node in self.scope.nodes:
            if node.kind != "boundaryEvent":
                self.entry[node.id] = self.leave[node.id] = self.element(node)
        for node in self.scope.nodes:
            if node.kind == "boundaryEvent":
                self.border(node)
        by_id = {node.id: node for node in self.scope.nodes}
        for flow in self.scope.flows:
            self.flow(flow, by_id)
        for spec in self.leave.values():
            if spec.is_end:
                spec.connect(self.spec.end)
        self.triggers()
        self.harden()

    # ---- elements

    def element(self, node: Node) -> FlowNode:
        """The spec of one element; a repeated one stands behind the activity that repeats it."""
        if node.repeat is None:
            return self.plain(node, node.id)
        inner = self.plain(node, f"{node.id} [child]")
        inner._inputs.append(node.id)
        inside, each = (
            _inside(node, self.names),
            SequentialMultiInstance if node.repeat.sequential else ParallelMultiInstance,
        )
        return each(
            self.spec,
            node.id,
            element=node.id,
            inner=inner.name,
            collection=Expression(node.repeat.collection, self.names),
            item=node.repeat.item,
            into=node.repeat.into,
            output=Expression(node.repeat.output, inside) if node.repeat.output else None,
            until=Expression(node.repeat.until, inside) if node.repeat.until else None,
        )

    def plain(self, node: Node, name: str) -> FlowNode:
        """The spec of one element, without its repetition."""
        if node.kind in _GATEWAYS:
            return _GATEWAYS[node.kind](self.spec, name, element=node.id)
        return _MAKERS[node.kind](self, node, name)

    def person(self, node: Node, name: str) -> FlowNode:
        """A task for a person."""
        inside = _inside(node, self.names)
        due, follow_up = (
            None if not text else _given(text, inside) for text in (node.due, node.follow_up)
        )
        schedule = Schedule(
            node.id, due, follow_up, working=node.properties.get("days") == "working"
        )
        return UserTask(
            self.spec,
            name,
            element=node.id,
            schedule=schedule,
            gives=_mapping(node.outputs, inside),
        )

    def job(self, node: Node, name: str, made: type[ServiceTask] = ServiceTask) -> FlowNode:
        """A handler's work."""
        inside = _inside(node, self.names)
        return made(
            self.spec,
            name,
            element=node.id,
            topic=node.topic,
            takes=_mapping(node.inputs, inside),
            gives=_mapping(node.outputs, inside),
        )

    def rule(self, node: Node, name: str) -> FlowNode:
        """A decision."""
        return BusinessRuleTask(
            self.spec, name, element=node.id, decision=node.decision, result=node.result
        )

    def start(self, node: Node, name: str) -> FlowNode:
        """Every start is a plain one here: the message that starts a case, or an event sub-process,
        is matched outside.
        """
        made = PassThrough(self.spec, name, element=node.id)
        self.spec.start.connect(made)
        return made

    def catch(self, node: Node, name: str) -> FlowNode:
        """An event that waits, or the far end of a link."""
        if node.event.kind == "link":
            return PassThrough(self.spec, name, element=node.id)
        if node.id in self.raced:
            return EventGatewayTarget(self.spec, name, element=node.id)
        return CatchEvent(self.spec, name, element=node.id, event=self.waits(node))

    def throw(self, node: Node, name: str) -> FlowNode:
        """A milestone, a link, a message, an escalation."""
        if node.event.kind in {"none", "link"}:
            return PassThrough(self.spec, name, element=node.id)
        if node.topic:
            return self.job(node, name, ServiceThrowEvent)
        return ThrowEvent(self.spec, name, element=node.id, event=_thrown(node.event))

    def end(self, node: Node, name: str) -> FlowNode:
        """An end event."""
        if node.event.kind == "none":
            return EndEvent(self.spec, name, element=node.id)
        if node.event.kind == "terminate":
            return TerminateEndEvent(self.spec, name, element=node.id)
        if node.topic:
            return self.job(node, name, ServiceEndEvent)
        return ThrowEndEvent(self.spec, name, element=node.id, event=_thrown(node.event))

    def sub(self, node: Node, name: str) -> FlowNode:
        """An embedded sub-process."""
        return SubProcess(self.spec, name, element=node.id, subworkflow_spec=node.id)

    def call(self, node: Node, name: str) -> FlowNode:
        """A called process."""
        return CallActivity(self.spec, name, element=node.id, subworkflow_spec=node.calls)

    def border(self, node: Node) -> None:
        """A border event: the first one of an activity puts the split before it and the join behind
        it.
        """
        host = self.leave[node.attached_to]
        split = self.entry[node.attached_to]
        if split is host:
            split = self.entry[node.attached_to] = BoundarySplit(
                self.spec, f"{host.name}.BoundaryEventSplit"
            )
            split.connect(host)
            host.connect(
                BoundaryJoin(self.spec, f"{host.name}.BoundaryEventJoin", split_task=split.name)
            )
        event = self.leave[node.id] = BoundaryCatch(
            self.spec,
            node.id,
            element=node.id,
            event=self.waits(node),
            interrupting=node.interrupting,
        )
        split.connect(event)
        event.connect(self.spec.task_specs[f"{host.name}.BoundaryEventJoin"])

    def waits(self, node: Node) -> Waits:
        """What an event waits for."""
        event = node.event
        if event.kind == "message":
            return MessageDefinition(event.ref)
        if event.kind in {"error", "escalation"}:
            return ErrorDefinition(event.kind, event.ref)
        given = (
            event.text
            if event.ref == "cycle" and not event.text.startswith("=")
            else _given(event.text, self.names)
        )
        return Timer(
            node.id,
            event.ref,
            given,
            working=node.properties.get("days") == "working",
            own=Calendar(zone(node.properties["zone"])) if node.properties.get("zone") else None,
            every_round=node.properties.get("missed") == "all",
        )

    # ---- flows

    def flow(self, flow: SequenceFlow, by_id: Mapping[str, Node]) -> None:
        """One flow, with its condition if a gateway asks it."""
        source, target, node = self.leave[flow.source], self.entry[flow.target], by_id[flow.source]
        source.connect(target)
        if node.event.kind != "link" or node.kind != "intermediateThrowEvent":
            source.flow_to[target.name] = flow.id
        if isinstance(source, ConditionalGateway):
            asks = flow.condition and flow.id != node.default
            source.ways.append(
                OutgoingFlow(
                    flow.id, target.name, Expression(flow.condition, self.names) if asks else None
                )
            )
        if isinstance(source, EventBasedGateway):
            source.events[flow.target] = self.waits(by_id[flow.target])

    def triggers(self) -> None:
        """Event sub-processes wait beside the flow; the scope stays open until all their runs have
        ended.
        """
        for node in self.scope.nodes:
            if node.event_sub and node.scope is not None:
                start = next(n for n in node.scope.nodes if n.kind == "startEvent")
                self.spec.triggers.setdefault(start.event.ref, []).append((node.id, start.id))
                self.entry[node.id].connect(self.spec.end)

    def harden(self) -> None:
        """What would otherwise be worked out while a case runs; afterwards no case changes the
        spec.
        """
        for spec in self.spec.task_specs.values():
            if isinstance(spec, Join):
                spec.numbered = len(spec._inputs) > 1
            if isinstance(spec, InclusiveGateway):
                spec.feeders = {name: upstream(self.spec, name, spec.name) for name in spec._inputs}


_Maker = Callable[[_Builder, Node, str], FlowNode]
_MAKERS: Mapping[str, _Maker] = {
    "userTask": _Builder.person,
    "manualTask": _Builder.person,
    "serviceTask": _Builder.job,
    "sendTask": _Builder.job,
    "businessRuleTask": _Builder.rule,
    "receiveTask": _Builder.catch,
    "startEvent": _Builder.start,
    "endEvent": _Builder.end,
    "intermediateCatchEvent": _Builder.catch,
    "intermediateThrowEvent": _Builder.throw,
    "subProcess": _Builder.sub,
    "callActivity": _Builder.call,
}


def _thrown(event: EventDefinition) -> MessageDefinition | ErrorDefinition:
    return (
        MessageDefinition(event.ref)
        if event.kind == "message"
        else ErrorDefinition(event.kind, event.ref)
    )


def _mapping(
    pairs: tuple[tuple[str, str], ...], names: Mapping[str, Type]
) -> dict[str, Expression]:
    return {target: _feel(source, names) for target, source in pairs}


def _feel(text: str, names: Mapping[str, Type]) -> Expression:
    """FEEL behind `=`, else the text itself."""
    if text.startswith("="):
        return Expression(text, names)
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return Expression(f'"{quoted}"', names)


def _given(text: str, names: Mapping[str, Type]) -> Given:
    """A time: FEEL, or a constant read once."""
    if text.startswith("="):
        return Expression(text, names)
    constant = time_of(text)
    if constant is None:
        raise LookupError(f"{text} is no time")
    return constant
