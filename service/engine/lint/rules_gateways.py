"""Rules about gateways, flows and sizes (D390, D392, D401 to D406, D410 to D462, D700 to D702)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from service.engine.bpmn.model import Node, SequenceFlow
from service.engine.limits import FLOWS_OUT, NESTING, NODES, RELEASE_NODES
from service.engine.lint.analysis.gateway_outcomes import true_together
from service.engine.lint.context import LintContext, Rule, joined
from service.engine.lint.scopes import CHOOSES, ScopeView, flow_label, is_gateway, label
from service.errors import Finding, Label

_AWAITED = frozenset({"message", "timer"})


def d390_split_without_gateway(context: LintContext) -> Iterator[Finding]:
    """A node that is no gateway has one flow out."""
    for view, node in context.nodes():
        if not is_gateway(node) and node.kind != "endEvent" and len(view.out[node.id]) > 1:
            yield context.report("D390", node, fix="parallel_gateway")


def d392_leads_nowhere(context: LintContext) -> Iterator[Finding]:
    """A node has a flow out; else its token is lost, and SpiffWorkflow calls the case done."""
    for view, node in context.nodes():
        apart = (
            node.kind in {"endEvent", "boundaryEvent"}
            or node.event_sub
            or node.compensates
            or node.event.kind == "link"
        )
        if not apart and not view.out[node.id]:
            yield context.report("D392", node)


def d401_default_way(context: LintContext) -> Iterator[Finding]:
    """A gateway that chooses has a default flow; without one a case can stop at it."""
    for view, node in context.nodes(*CHOOSES):
        ways = view.out[node.id]
        chooses = len(ways) > 1 or any(flow.condition for flow in ways)
        if chooses and node.default not in {flow.id for flow in ways}:
            yield context.report("D401", node, prop="default", fix="choose_default")


def d402_condition_missing(context: LintContext) -> Iterator[Finding]:
    """Each flow but the default has a condition."""
    for view, node in context.nodes(*CHOOSES):
        ways = view.out[node.id]
        for flow in ways:
            if len(ways) > 1 and not flow.condition and flow.id != node.default:
                facts = {"x": label(node), "name": _named(view, flow)}
                yield context.report("D402", flow, facts, prop="conditionExpression")


def d403_default_with_condition(context: LintContext) -> Iterator[Finding]:
    """The default flow has no condition."""
    for view, node in context.nodes(*CHOOSES):
        for flow in view.out[node.id]:
            if flow.id == node.default and flow.condition:
                facts, prop = {"x": label(node)}, "conditionExpression"
                yield context.report("D403", flow, facts, prop=prop, fix="drop_condition")


def d404_both_true(context: LintContext) -> Iterator[Finding]:
    """Two conditions of a gateway can be true together; the first drawn wins."""
    for view, node in context.nodes("exclusiveGateway"):
        flows = [flow for flow in view.out[node.id] if flow.condition]
        names = {
            flow.id: label(flow) if flow.names.get("sv") else Label(flow.condition)
            for flow in flows
        }
        never = {flow.id for flow, _ in _never_taken(context, view, node)}
        sets = (ids - never for ids in true_together(context, view, node) or ())
        both = next((ids for ids in sets if len(ids) > 1), None) if len(flows) > 1 else None
        if both is not None:
            first, second, *_ = (flow.id for flow in flows if flow.id in both)
            order = joined(names[flow.id] for flow in flows)
            yield context.report(
                "D404", node, {"a": names[first], "b": names[second], "order": order}, fix="reorder"
            )


def d406_never_taken(context: LintContext) -> Iterator[Finding]:
    """A flow out of an exclusive gateway can be taken; not so behind an equal condition."""
    for view, node in context.nodes("exclusiveGateway"):
        for flow, equal in _never_taken(context, view, node):
            facts = {"x": label(node), "name": _named(view, flow)}
            if equal is None:
                yield context.report("D406.never", flow, facts, prop="conditionExpression")
            else:
                facts["other"] = _named(view, equal)
                yield context.report("D406", flow, facts, prop="conditionExpression")


def _never_taken(
    context: LintContext, view: ScopeView, node: Node
) -> Iterator[tuple[SequenceFlow, SequenceFlow | None]]:
    """Flows that no case takes, with an earlier one of the same condition if there is one.

    Known for equal conditions, and for those whose values can be listed; a condition that is never
    true by itself is D908's matter.
    """
    flows = [flow for flow in view.out[node.id] if flow.condition and flow.id != node.default]
    sets = true_together(context, view, node)
    earlier: dict[str, SequenceFlow] = {}
    for n, flow in enumerate(flows):
        same = earlier.setdefault(_words(flow.condition), flow)
        if same is not flow:
            yield flow, same
            continue
        before = {other.id for other in flows[:n]}
        true = [ids for ids in sets or () if flow.id in ids]
        if true and all(ids & before for ids in true):
            yield flow, None


def _words(condition: str) -> str:
    """A condition without blanks that mean nothing: those outside of texts."""
    parts = condition.split('"')
    outside = (re.sub(r"\s*([=<>(),+*/-])\s*", r"\1", " ".join(p.split())) for p in parts[::2])
    parts[::2] = outside
    return '"'.join(parts)


def d410_parallel_conditions(context: LintContext) -> Iterator[Finding]:
    """Flows out of a parallel gateway have no conditions."""
    for view, node in context.nodes("parallelGateway"):
        if node.default or any(flow.condition for flow in view.out[node.id]):
            yield context.report("D410", node)


def d430_event_gateway_targets(context: LintContext) -> Iterator[Finding]:
    """An event-based gateway leads only to events that wait."""
    for view, node in context.nodes("eventBasedGateway"):
        if any(not _may_follow_event_gateway(target) for _, target in _targets(view, node)):
            yield context.report("D430", node)


def d431_event_has_other_flow_in(context: LintContext) -> Iterator[Finding]:
    """An event behind an event-based gateway has no other flow in."""
    for view, node in context.nodes("eventBasedGateway"):
        for _, target in _targets(view, node):
            if len(view.into[target.id]) > 1:
                yield context.report("D431", target, {"gateway": label(node)})


def d432_same_message_twice(context: LintContext) -> Iterator[Finding]:
    """Events behind an event-based gateway wait for different messages."""
    for view, node in context.nodes("eventBasedGateway"):
        names = Counter(
            target.event.ref for _, target in _targets(view, node) if target.event.kind == "message"
        )
        if any(count > 1 for count in names.values()):
            yield context.report("D432", node)


def d433_event_gateway_of_one(context: LintContext) -> Iterator[Finding]:
    """An event-based gateway has two flows out or more."""
    for view, node in context.nodes("eventBasedGateway"):
        if len(view.out[node.id]) < 2:  # noqa: PLR2004 - two are the matter
            yield context.report("D433", node)


def d440_gateway_kinds(context: LintContext) -> Iterator[Finding]:
    """Complex, parallel event-based and instantiating event-based gateways are refused."""
    for view, node in context.nodes("complexGateway", "eventBasedGateway"):
        kind = "Complex" if node.kind == "complexGateway" else node.gateway
        if kind:
            yield context.report("D440", node, {"kind": kind, "scope": view.label})


def d450_joins_and_splits(context: LintContext) -> Iterator[Finding]:
    """A gateway joins or splits, not both."""
    for view, node in context.nodes():
        if is_gateway(node) and len(view.into[node.id]) > 1 and len(view.out[node.id]) > 1:
            yield context.report("D450", node)


def d460_conditions_elsewhere(context: LintContext) -> Iterator[Finding]:
    """Only flows out of a gateway that chooses have conditions; SpiffWorkflow ignores others."""
    for view in context.views:
        for flow in view.scope.flows:
            source = view.nodes.get(flow.source)
            if (
                source is None
                or source.kind in CHOOSES
                or source.kind in {"parallelGateway", "complexGateway"}
            ):
                continue
            if flow.condition and source.kind == "eventBasedGateway":
                yield context.report(
                    "D460.race", flow, {"gateway": label(source)}, prop="conditionExpression"
                )
            elif flow.condition or source.default == flow.id:
                yield context.report("D460", flow, prop="conditionExpression")


def d461_two_flows_between(context: LintContext) -> Iterator[Finding]:
    """Two nodes have one flow between them; steps of a case name it by its ends."""
    for view in context.views:
        count = Counter((flow.source, flow.target) for flow in view.scope.flows)
        for (source, target), n in count.items():
            if n > 1 and source in view.nodes and target in view.nodes:
                yield context.report("D461", view.nodes[source], {"y": label(view.nodes[target])})


def d462_loose_flow(context: LintContext) -> Iterator[Finding]:
    """Both ends of a flow, and the host of a boundary event, are in its own scope."""
    for view in context.views:
        for flow in view.scope.flows:
            source = view.nodes.get(flow.source)
            target = view.nodes.get(flow.target)
            if source is None or target is None or target.event_sub or source.event_sub:
                yield context.report("D462", flow, {"id": _named(view, flow), "scope": view.label})
            elif source.kind == "endEvent" or target.kind in {"startEvent", "boundaryEvent"}:
                yield context.report("D462.way", flow, {"id": flow.id})
        for node in view.scope.nodes:
            if node.kind == "boundaryEvent" and node.attached_to not in view.nodes:
                yield context.report("D462.border", node, {"scope": view.label})


def d700_too_many_steps(context: LintContext) -> Iterator[Finding]:
    """A process and a release have no more steps than the limit."""
    counts = {
        process.id: sum(1 for _ in process.scope.walk())
        for process in context.model.processes.values()
    }
    for id_, n in counts.items():
        if n > NODES:
            yield context.report("D700", context.model.processes[id_], {"n": n, "most": NODES})
    if sum(counts.values()) > RELEASE_NODES:
        first = next(iter(context.model.processes.values()))
        yield context.report(
            "D700.release", first, {"n": sum(counts.values()), "most": RELEASE_NODES}
        )


def d701_too_deep(context: LintContext) -> Iterator[Finding]:
    """Sub-processes and called processes are nested no deeper than the limit.

    The first one that is too deep is named, and not all inside it.
    """
    for view in context.views:
        if context.call_graph.depth[view.id] == NESTING + 1:
            place = view.owner or view.process
            yield context.report("D701", place, {"n": NESTING + 1, "most": NESTING})


def d702_too_many_ways(context: LintContext) -> Iterator[Finding]:
    """A node has no more flows out than the limit."""
    for view, node in context.nodes():
        n = len(view.out[node.id])
        if n > FLOWS_OUT:
            yield context.report("D702", node, {"n": n, "most": FLOWS_OUT})


def _may_follow_event_gateway(node: Node) -> bool:
    if node.kind == "receiveTask":
        return True
    return node.kind == "intermediateCatchEvent" and node.event.kind in _AWAITED


def _targets(view: ScopeView, node: Node) -> Iterator[tuple[SequenceFlow, Node]]:
    for flow in view.out[node.id]:
        target = view.nodes.get(flow.target)
        if target is not None:
            yield flow, target


def _named(view: ScopeView, flow: SequenceFlow) -> Label:
    return flow_label(flow, view.nodes)


RULES: tuple[Rule, ...] = (
    d390_split_without_gateway,
    d392_leads_nowhere,
    d401_default_way,
    d402_condition_missing,
    d403_default_with_condition,
    d404_both_true,
    d406_never_taken,
    d410_parallel_conditions,
    d430_event_gateway_targets,
    d431_event_has_other_flow_in,
    d432_same_message_twice,
    d433_event_gateway_of_one,
    d440_gateway_kinds,
    d450_joins_and_splits,
    d460_conditions_elsewhere,
    d461_two_flows_between,
    d462_loose_flow,
    d700_too_many_steps,
    d701_too_deep,
    d702_too_many_ways,
)
