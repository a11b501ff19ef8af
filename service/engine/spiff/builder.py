"""Builder of specs: from the model of a release to specs that run, scope by scope and element by
element.

One spec for each element, flows wired in the order of the file, never by where things are drawn.

The linter has passed the model before; what it refuses is not known here and raises `LookupError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.engine.bpmn.model import EventDefinition, Node, Scope, SequenceFlow
from service.engine.bpmn.zeebe_dialect import maps_inputs, maps_outputs
from service.engine.feel import Expression
from service.engine.feel.types import ANY, Type, item
from service.engine.spiff.activities import (
    BusinessRuleTask,
    CallActivity,
    ParallelMultiInstance,
    ScriptTask,
    SequentialMultiInstance,
    ServiceTask,
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
    TerminateEndEvent,
)
from service.engine.spiff.catch_events import (
    AwaitedEvent,
    BoundaryCatch,
    CatchEvent,
    ErrorDefinition,
    EventBasedGateway,
    EventGatewayTarget,
    EventSubProcess,
    EventSubProcessTimer,
    MessageDefinition,
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
from service.engine.spiff.throw_events import (
    ServiceEndEvent,
    ServiceThrowEvent,
    ThrowEndEvent,
    ThrowEvent,
)
from service.engine.spiff.timers import Schedule, Timer, TimeSource
from service.engine.spiff.workflow import ProcessSpec
from service.engine.timing.calendars import Calendar, zone
from service.engine.timing.durations import time_of


@dataclass(frozen=True, slots=True)
class SpecContext:
    """The scope in which element specs are built."""

    spec: ProcessSpec
    names: Mapping[str, Type]
    """Variables that count in the scope, with their types."""
    gateway_targets: frozenset[str]
    """Elements behind an event-based gateway, which waits for them."""


def build(scope: Scope, names: Mapping[str, Type]) -> dict[str, ProcessSpec]:
    """Build the specs of a process and of every sub-process in it, by id.

    Args:
        names: the variables with their types.
    Raises:
        LookupError: the model has an element that the linter refuses.
    """
    specs = {scope.id: _ScopeBuilder(scope, names).run()}
    for node in scope.nodes:
        if node.scope is not None:
            specs |= build(node.scope, names_inside(node, names))
    return specs


class _ScopeBuilder:
    """Builds the spec of one scope."""

    def __init__(self, scope: Scope, names: Mapping[str, Type]) -> None:
        self.spec = ProcessSpec(scope.id)
        self.scope = scope
        self.nodes = {node.id: node for node in scope.nodes}
        kinds = {node.id: node.kind for node in scope.nodes}
        targets = (f.target for f in scope.flows if kinds.get(f.source) == "eventBasedGateway")
        self.context = SpecContext(self.spec, names, frozenset(targets))
        self.entry: dict[str, TaskSpec] = {}
        """By element, where a flow into it leads: the activity, or the split before it."""
        self.leave: dict[str, FlowNode] = {}
        """And where a flow out of it starts."""
        self.spec.message_starts |= {
            node.id
            for node in scope.nodes
            if node.kind == "startEvent" and node.event.kind == "message"
        }

    def run(self) -> ProcessSpec:
        """Make the specs, then the flows between them."""
        for node in self.scope.nodes:
            if node.kind != "boundaryEvent":
                self.entry[node.id] = self.leave[node.id] = element_spec(self.context, node)
        for node in self.scope.nodes:
            if node.kind == "boundaryEvent":
                self.boundary_event(node)
        for flow in self.scope.flows:
            self.flow(flow)
        for spec in self.leave.values():
            if spec.is_end:
                spec.connect(self.spec.end)
        self.triggers()
        self.harden()
        return self.spec

    def boundary_event(self, node: Node) -> None:
        """Add a boundary event: the first one of an activity puts the split before it and the join
        behind it.
        """
        activity, split = self.leave[node.attached_to], self.entry[node.attached_to]
        join = f"{activity.name}.BoundaryEventJoin"
        if split is activity:
            split = BoundarySplit(self.spec, f"{activity.name}.BoundaryEventSplit")
            self.entry[node.attached_to] = split
            split.connect(activity)
            activity.connect(BoundaryJoin(self.spec, join, split_task=split.name))
        event = self.leave[node.id] = boundary_spec(self.context, node)
        split.connect(event)
        event.connect(self.spec.task_specs[join])

    def flow(self, flow: SequenceFlow) -> None:
        """Wire one flow, with its condition if a gateway asks it."""
        source, target, node = (
            self.leave[flow.source],
            self.entry[flow.target],
            self.nodes[flow.source],
        )
        source.connect(target)
        if node.event.kind != "link" or node.kind != "intermediateThrowEvent":
            source.flow_to[target.name] = flow.id
        if isinstance(source, ConditionalGateway):
            asks = flow.condition and flow.id != node.default
            condition = Expression(flow.condition, self.context.names) if asks else None
            source.outgoing.append(OutgoingFlow(flow.id, target.name, condition))
        if isinstance(source, EventBasedGateway):
            event = awaited_event(self.nodes[flow.target], self.context.names)
            source.events[flow.target] = event

    def triggers(self) -> None:
        """Register event sub-processes, which wait outside the flow; the scope stays open until all
        their runs have ended.
        """
        for node in self.scope.nodes:
            if node.event_sub and node.scope is not None:
                spec = self.entry[node.id]
                spec.connect(self.spec.end)
                self.spec.event_subs.append(node.id)
                if isinstance(spec, EventSubProcess) and isinstance(spec.event, Timer):
                    EventSubProcessTimer(self.spec, spec.start, begins=spec, event=spec.event)
                    self.spec.event_timers.append(spec.start)

    def harden(self) -> None:
        """Work out what would otherwise be worked out while a case runs; afterwards no case changes
        the spec.
        """
        for spec in self.spec.task_specs.values():
            if isinstance(spec, Join):
                spec.numbered = len(spec._inputs) > 1
            if isinstance(spec, InclusiveGateway):
                spec.feeders = {name: upstream(self.spec, name, spec.name) for name in spec._inputs}


def element_spec(context: SpecContext, node: Node) -> FlowNode:
    """Build the spec of one element; a repeated one stands behind the activity that repeats it."""
    if node.repeat is None:
        return _single(context, node, node.id)
    inner = _single(context, node, f"{node.id} [child]")
    inner._inputs.append(node.id)
    inside = names_inside(node, context.names)
    kind = SequentialMultiInstance if node.repeat.sequential else ParallelMultiInstance
    return kind(
        context.spec,
        node.id,
        element=node.id,
        inner=inner.name,
        collection=Expression(node.repeat.collection, context.names),
        item=node.repeat.item,
        into=node.repeat.into,
        output=Expression(node.repeat.output, inside) if node.repeat.output else None,
        until=Expression(node.repeat.until, inside) if node.repeat.until else None,
    )


def boundary_spec(context: SpecContext, node: Node) -> BoundaryCatch:
    """Build the spec of a boundary event."""
    spec = BoundaryCatch(
        context.spec,
        node.id,
        element=node.id,
        event=awaited_event(node, context.names),
        interrupting=node.interrupting,
    )
    _with_mappings(spec, context, node)
    return spec


def awaited_event(node: Node, names: Mapping[str, Type]) -> AwaitedEvent:
    """What an event waits for."""
    event = node.event
    if event.kind == "message":
        return MessageDefinition(event.ref)
    if event.kind in {"error", "escalation"}:
        return ErrorDefinition(event.kind, event.ref)
    is_text = event.ref == "cycle" and not event.text.startswith("=")
    return Timer(
        node.id,
        event.ref,
        event.text if is_text else _time_source(event.text, names),
        working=node.properties.get("days") == "working",
        own=Calendar(zone(node.properties["zone"])) if node.properties.get("zone") else None,
        every_round=node.properties.get("missed") == "all",
    )


def names_inside(node: Node, names: Mapping[str, Type]) -> Mapping[str, Type]:
    """The names that count inside an activity: an instance knows its item."""
    if node.repeat is None or not node.repeat.item:
        return names
    collection = names.get(node.repeat.collection)
    return {**names, node.repeat.item: ANY if collection is None else item(collection)}


def _single(context: SpecContext, node: Node, name: str) -> FlowNode:
    """The spec of one element, without its repetition."""
    if gateway := _GATEWAYS.get(node.kind):
        return gateway(context.spec, name, element=node.id)
    return _with_mappings(_MAKERS[node.kind](context, node, name), context, node)


def _with_mappings(spec: FlowNode, context: SpecContext, node: Node) -> FlowNode:
    """Give a spec the mappings that run on its element."""
    inside = names_inside(node, context.names)
    if maps_inputs(node):
        spec.input_mapping = _mapping(node.inputs, inside)
    if maps_outputs(node):
        spec.output_mapping = _mapping(node.outputs, inside)
        spec.keeps = node.kind == "callActivity" and bool(node.outputs)
    return spec


def _user_task(context: SpecContext, node: Node, name: str) -> FlowNode:
    inside = names_inside(node, context.names)
    schedule = Schedule(
        node.id,
        _time_source(node.due, inside) if node.due else None,
        _time_source(node.follow_up, inside) if node.follow_up else None,
        _time_source(node.properties["before"], inside) if "before" in node.properties else None,
        working=node.properties.get("days") == "working",
    )
    return UserTask(context.spec, name, element=node.id, schedule=schedule)


def _service_task(
    context: SpecContext, node: Node, name: str, kind: type[ServiceTask] = ServiceTask
) -> FlowNode:
    return kind(context.spec, name, element=node.id, topic=node.topic)


def _rule_task(context: SpecContext, node: Node, name: str) -> FlowNode:
    return BusinessRuleTask(
        context.spec, name, element=node.id, decision=node.decision, result=node.result
    )


def _script_task(context: SpecContext, node: Node, name: str) -> FlowNode:
    script = Expression(node.script, context.names)
    return ScriptTask(context.spec, name, element=node.id, script=script, result=node.result)


def _start_event(context: SpecContext, node: Node, name: str) -> FlowNode:
    """Every start is a plain one here: the message that starts a case, or an event sub-process, is
    matched outside.
    """
    start = PassThrough(context.spec, name, element=node.id)
    context.spec.start.connect(start)
    return start


def _catch_event(context: SpecContext, node: Node, name: str) -> FlowNode:
    """An event that waits, or the far end of a link."""
    if node.event.kind == "link":
        return PassThrough(context.spec, name, element=node.id)
    if node.id in context.gateway_targets:
        return EventGatewayTarget(context.spec, name, element=node.id)
    event = awaited_event(node, context.names)
    return CatchEvent(context.spec, name, element=node.id, event=event)


def _throw_event(context: SpecContext, node: Node, name: str) -> FlowNode:
    """A milestone, a link, a message, an escalation."""
    if node.event.kind in {"none", "link"}:
        return PassThrough(context.spec, name, element=node.id)
    if node.topic:
        return _service_task(context, node, name, ServiceThrowEvent)
    return ThrowEvent(context.spec, name, element=node.id, event=_thrown(node.event))


def _end_event(context: SpecContext, node: Node, name: str) -> FlowNode:
    if node.event.kind == "none":
        return EndEvent(context.spec, name, element=node.id)
    if node.event.kind == "terminate":
        return TerminateEndEvent(context.spec, name, element=node.id)
    if node.topic:
        return _service_task(context, node, name, ServiceEndEvent)
    return ThrowEndEvent(context.spec, name, element=node.id, event=_thrown(node.event))


def _sub_process(context: SpecContext, node: Node, name: str) -> FlowNode:
    if not node.event_sub or node.scope is None:
        return SubProcess(context.spec, name, element=node.id, subworkflow_spec=node.id)
    start = next(inner for inner in node.scope.nodes if inner.kind == "startEvent")
    return EventSubProcess(
        context.spec,
        name,
        element=node.id,
        start=start.id,
        event=awaited_event(start, context.names),
        interrupting=start.interrupting,
    )


def _call_activity(context: SpecContext, node: Node, name: str) -> FlowNode:
    return CallActivity(context.spec, name, element=node.id, subworkflow_spec=node.calls)


_Gateway = ExclusiveGateway | ParallelGateway | InclusiveGateway | EventBasedGateway
_GATEWAYS: Mapping[str, type[_Gateway]] = {
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
}

_MAKERS: Mapping[str, Callable[[SpecContext, Node, str], FlowNode]] = {
    "userTask": _user_task,
    "manualTask": _user_task,
    "serviceTask": _service_task,
    "sendTask": _service_task,
    "businessRuleTask": _rule_task,
    "scriptTask": _script_task,
    "receiveTask": _catch_event,
    "startEvent": _start_event,
    "endEvent": _end_event,
    "intermediateCatchEvent": _catch_event,
    "intermediateThrowEvent": _throw_event,
    "subProcess": _sub_process,
    "callActivity": _call_activity,
}


def _thrown(event: EventDefinition) -> MessageDefinition | ErrorDefinition:
    if event.kind == "message":
        return MessageDefinition(event.ref)
    return ErrorDefinition(event.kind, event.ref)


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


def _time_source(text: str, names: Mapping[str, Type]) -> TimeSource:
    """A time: FEEL, or a constant read once."""
    if text.startswith("="):
        return Expression(text, names)
    constant = time_of(text)
    if constant is None:
        raise LookupError(f"{text} is no time")
    return constant
