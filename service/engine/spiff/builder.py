"""Builder of specs: from the model of a release to specs that run.

One spec for each element, flows wired in the order of the file, never by where things are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.engine.bpmn.model import Node, Scope, SequenceFlow
from service.engine.feel import Expression
from service.engine.feel.types import Type
from service.engine.spiff.api import TaskSpec
from service.engine.spiff.base import BoundaryJoin, BoundarySplit, FlowNode
from service.engine.spiff.catch_events import (
    EventBasedGateway,
    EventSubProcess,
    EventSubProcessTimer,
)
from service.engine.spiff.element_specs import (
    SpecContext,
    awaited_event,
    boundary_spec,
    element_spec,
    names_inside,
)
from service.engine.spiff.gateways import (
    ConditionalGateway,
    InclusiveGateway,
    Join,
    OutgoingFlow,
    upstream,
)
from service.engine.spiff.timers import Timer
from service.engine.spiff.workflow import ProcessSpec


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
