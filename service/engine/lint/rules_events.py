"""Rules about scopes and events: starts, ends, thrown and awaited events, boundary events,
references.

D105, D106, D108, D110, D111, D2xx but D212 and D234, D434, and D807 of events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from service.engine.bpmn.model import Node
from service.engine.lint.analysis.error_codes import caught
from service.engine.lint.analysis.event_loops import event_loops
from service.engine.lint.context import LintContext, Rule, joined
from service.engine.lint.scopes import (
    ACTIVITIES,
    CAUGHT,
    INSTANT,
    PEOPLE,
    ScopeView,
    event_subs,
    label,
)
from service.errors import Finding

_CATCHES = frozenset({"message", "timer", "link"})
_THROWS = frozenset({"none", "message", "escalation", "link"})
_ENDS = frozenset({"none", "message", "error", "escalation", "terminate"})


def d105_start_and_end(context: LintContext) -> Iterator[Finding]:
    """Every scope has a start and an end event."""
    for view in context.views:
        if not _starts(view) or not any(n.kind == "endEvent" for n in view.scope.nodes):
            yield context.report("D105", view.owner or view.process)


def d106_two_plain_starts(context: LintContext) -> Iterator[Finding]:
    """A process has one plain start event; others begin by a message."""
    for view in context.views:
        if view.owner is None and sum(n.event.kind == "none" for n in _starts(view)) > 1:
            yield context.report("D106", view.process)


def d108_no_name(context: LintContext) -> Iterator[Finding]:
    """A step has a name, which people are shown."""
    for _, node in context.nodes():
        if node.kind in ACTIVITIES and not node.names.get("sv"):
            yield context.report("D108", node, prop="name")


def d110_nobody_responsible(context: LintContext) -> Iterator[Finding]:
    """A task for a person is in a lane, or names its roles."""
    for view, node in context.nodes(*PEOPLE):
        if not view.process.lanes.get(node.id) and not node.groups:
            yield context.report("D110", node)


def d111_unknown_role(context: LintContext) -> Iterator[Finding]:
    """Lanes and candidate groups are roles of the release."""
    roles = joined(role.names.get("sv", role.id) for role in context.files.roles.values())
    for view in context.views:
        for lane in view.scope.lanes:
            if _is_no_role(context, view, lane.name, lane.holds):
                yield context.report("D111", lane, {"name": lane.name, "roles": roles})
    for _, node in context.nodes():
        for group in node.groups:
            if group not in context.files.roles:
                yield context.report(
                    "D111.group",
                    node,
                    {"name": group, "roles": joined(context.files.roles)},
                    prop="candidateGroups",
                )


def _is_no_role(context: LintContext, view: ScopeView, name: str, holds: tuple[str, ...]) -> bool:
    """Whether a lane is no role; one that only groups lanes has no steps and needs none."""
    return name not in context.role_of and any(
        view.nodes[id_].lane == name for id_ in holds if id_ in view.nodes
    )


def d201_case_start(context: LintContext) -> Iterator[Finding]:
    """A process starts by a person or by a message."""
    for view in context.views:
        if view.owner is None:
            yield from (
                context.report("D201", node, {"kind": node.event.kind})
                for node in _starts(view)
                if node.event.kind not in {"none", "message"}
            )


def d202_one_start(context: LintContext) -> Iterator[Finding]:
    """A sub-process has one start event."""
    for view in context.views:
        starts = _starts(view)
        if (
            view.owner is not None
            and starts
            and (len(starts) > 1 or (starts[0].event.kind != "none" and not view.owner.event_sub))
        ):
            key = "D202.event" if view.owner.event_sub else "D202"
            yield context.report(key, view.owner)


def d206_event_sub_start(context: LintContext) -> Iterator[Finding]:
    """An event sub-process starts by a message, a timer, an error or an escalation."""
    for view in context.views:
        if view.owner is None or not view.owner.event_sub:
            continue
        for node in _starts(view):
            if node.event.kind == "none":
                yield context.report("D206.none", view.owner)
            elif node.event.kind not in CAUGHT:
                yield context.report("D206", view.owner, {"kind": node.event.kind})


def d207_caught_twice(context: LintContext) -> Iterator[Finding]:
    """Two event sub-processes of a scope do not catch the same error or escalation."""
    for view in context.views:
        first: dict[tuple[str, str], Node] = {}
        for owner, start in event_subs(view.scope):
            kind, code = start.event.kind, start.event.ref
            if kind not in {"error", "escalation"} or not start.event.known:
                continue
            other = first.setdefault((kind, code), owner)
            if other is not owner:
                key = "D207" if code else "D207.any"
                yield context.report(key, owner, {"y": label(other), "code": code})


def d210_error_leaves(context: LintContext) -> Iterator[Finding]:
    """The error of an end event is caught outside its scope."""
    for view, node in context.nodes("endEvent"):
        if (
            node.event.kind == "error"
            and node.event.ref
            and not caught(context, view, None, "error", node.event.ref)
        ):
            yield context.report("D210", node, {"code": node.event.ref})


def d211_what_may_be_thrown(context: LintContext) -> Iterator[Finding]:
    """No event throws a signal, compensation, cancel or several definitions."""
    for _, node in context.nodes("endEvent", "intermediateThrowEvent"):
        if node.event.kind not in (_ENDS if node.kind == "endEvent" else _THROWS):
            yield context.report("D211", node, {"kind": node.event.kind})


def d213_escalation_uncaught(context: LintContext) -> Iterator[Finding]:
    """An escalation is caught; else it is only noted."""
    for view, node in context.nodes("endEvent", "intermediateThrowEvent"):
        if (
            node.event.kind == "escalation"
            and node.event.ref
            and not caught(context, view, None, "escalation", node.event.ref)
        ):
            yield context.report("D213", node, {"code": node.event.ref})


def d220_cycle_in_the_way(context: LintContext) -> Iterator[Finding]:
    """An intermediate event does not wait for a repeating timer."""
    for _, node in context.nodes("intermediateCatchEvent"):
        if node.event.kind == "timer" and node.event.ref == "cycle":
            yield context.report("D220", node)


def d221_what_may_be_awaited(context: LintContext) -> Iterator[Finding]:
    """An intermediate event waits for a message or a time."""
    for _, node in context.nodes("intermediateCatchEvent"):
        if node.event.kind not in _CATCHES:
            yield context.report("D221", node, {"kind": node.event.kind})


def d222_link_partner(context: LintContext) -> Iterator[Finding]:
    """A link has exactly one partner of its name in its scope."""
    for view in context.views:
        links = [
            node
            for node in view.scope.nodes
            if node.event.kind == "link" and node.kind != "endEvent"
        ]
        catches = Counter(node.event.ref for node in links if node.kind == "intermediateCatchEvent")
        throws = {node.event.ref for node in links if node.kind == "intermediateThrowEvent"}
        for node in links:
            if catches[node.event.ref] != 1 or node.event.ref not in throws:
                yield context.report("D222", node, {"name": node.event.ref, "scope": view.label})


def d240_reference(context: LintContext) -> Iterator[Finding]:
    """The message, error or escalation that an event names is in the same file."""
    for _, node in context.nodes():
        if node.event.kind in {"message", "error", "escalation"} and not node.event.known:
            yield context.report("D240", node, {"kind": node.event.kind})


def d241_message_name(context: LintContext) -> Iterator[Finding]:
    """A message has a name, and a name starts one process only."""
    starts: dict[str, Node] = {}
    for view, node in context.nodes():
        if node.event.kind != "message" or not node.event.known:
            continue
        if not node.event.ref:
            yield context.report("D241", node)
        elif node.kind == "startEvent" and view.owner is None:
            first = starts.setdefault(node.event.ref, node)
            if first is not node:
                yield context.report(
                    "D241.twice", node, {"name": node.event.ref, "y": label(first)}
                )


def d242_code(context: LintContext) -> Iterator[Finding]:
    """An error or escalation that is thrown has a code."""
    for _, node in context.nodes("endEvent", "intermediateThrowEvent"):
        if node.event.kind in {"error", "escalation"} and node.event.known and not node.event.ref:
            yield context.report("D242", node, {"kind": node.event.kind})


def d807_events_without_end(context: LintContext) -> Iterator[Finding]:
    """Events that start each other wait somewhere in between."""
    for loop in event_loops(context):
        steps = joined(_event_label(context, node) for node in loop)
        yield context.report("D807.events", loop[0], {"steps": steps})


def d230_error_interrupts(context: LintContext) -> Iterator[Finding]:
    """A boundary event of an error interrupts, and so does an event sub-process."""
    for view, node in _borders(context):
        if node.event.kind == "error" and not node.interrupting:
            yield context.report(
                "D230", node, {"host": _host(view, node)}, prop="cancelActivity", fix="interrupt"
            )
    for owner, start in _event_sub_starts(context):
        if start.event.kind == "error" and not start.interrupting:
            yield context.report(
                "D230.start", start, {"x": label(owner)}, prop="isInterrupting", fix="interrupt"
            )


def d231_cycle_does_not_interrupt(context: LintContext) -> Iterator[Finding]:
    """A boundary event of a repeating timer does not interrupt, nor does an event sub-process."""
    for view, node in _borders(context):
        if node.event.kind == "timer" and node.event.ref == "cycle" and node.interrupting:
            yield context.report(
                "D231", node, {"host": _host(view, node)}, prop="cancelActivity", fix="go_on"
            )
    for owner, start in _event_sub_starts(context):
        if start.event.kind == "timer" and start.event.ref == "cycle" and start.interrupting:
            yield context.report(
                "D231.start", start, {"x": label(owner)}, prop="isInterrupting", fix="go_on"
            )


def d232_border_of_an_instant(context: LintContext) -> Iterator[Finding]:
    """The host of a boundary event can wait; rules are done in the same turn."""
    for view, node in _borders(context):
        host = view.nodes.get(node.attached_to)
        if host is not None and (
            host.kind in INSTANT or host.kind not in ACTIVITIES or host.event_sub
        ):
            yield context.report("D232", node, {"host": label(host)})


def d233_border_without_way(context: LintContext) -> Iterator[Finding]:
    """A boundary event has a flow out."""
    for view, node in _borders(context):
        if not view.out[node.id]:
            yield context.report("D233", node)


def d235_what_a_border_takes(context: LintContext) -> Iterator[Finding]:
    """A boundary event is of a message, a time, an error or an escalation."""
    for _, node in _borders(context):
        if node.event.kind not in CAUGHT:
            key = "D235.none" if node.event.kind == "none" else "D235"
            yield context.report(key, node, {"kind": node.event.kind})


def d434_behind_event_gateway(context: LintContext) -> Iterator[Finding]:
    """A receive task behind an event-based gateway has no boundary event: the gateway waits in its
    place, and when it comes to the task that is done at once (BPMN 2.0.2, 10.6.6).
    """
    for view, gateway in context.nodes("eventBasedGateway"):
        for flow in view.out[gateway.id]:
            for border in view.borders[flow.target]:
                facts = {"host": _host(view, border), "gateway": label(gateway)}
                yield context.report("D434", border, facts)


def _event_label(context: LintContext, node: Node) -> str:
    """The label of an event; of an event sub-process whose start has none."""
    owner = context.home[node.id][0].owner
    is_start = node.kind == "startEvent" and owner is not None and not node.names.get("sv")
    return label(owner) if is_start and owner is not None else label(node)


def _event_sub_starts(context: LintContext) -> Iterator[tuple[Node, Node]]:
    """Each event sub-process with its start event."""
    return (pair for view in context.views for pair in event_subs(view.scope))


def _starts(view: ScopeView) -> list[Node]:
    return [node for node in view.scope.nodes if node.kind == "startEvent"]


def _borders(context: LintContext) -> Iterator[tuple[ScopeView, Node]]:
    return context.nodes("boundaryEvent")


def _host(view: ScopeView, node: Node) -> str:
    host = view.nodes.get(node.attached_to)
    return node.attached_to if host is None else label(host)


RULES: tuple[Rule, ...] = (
    d105_start_and_end,
    d106_two_plain_starts,
    d108_no_name,
    d110_nobody_responsible,
    d111_unknown_role,
    d201_case_start,
    d202_one_start,
    d206_event_sub_start,
    d207_caught_twice,
    d210_error_leaves,
    d211_what_may_be_thrown,
    d213_escalation_uncaught,
    d220_cycle_in_the_way,
    d221_what_may_be_awaited,
    d222_link_partner,
    d240_reference,
    d241_message_name,
    d242_code,
    d807_events_without_end,
    d230_error_interrupts,
    d231_cycle_does_not_interrupt,
    d232_border_of_an_instant,
    d233_border_without_way,
    d235_what_a_border_takes,
    d434_behind_event_gateway,
)
