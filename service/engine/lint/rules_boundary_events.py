"""Rules about boundary events, and what is the same for the starts of event sub-processes (D230 to
D235, D434).
"""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.bpmn.model import Node
from service.engine.lint.context import LintContext, Rule
from service.engine.lint.scopes import ACTIVITIES, CAUGHT, INSTANT, ScopeView, event_subs, label
from service.errors import Finding


def d230_error_interrupts(context: LintContext) -> Iterator[Finding]:
    """A boundary event of an error interrupts, and so does an event sub-process."""
    for view, node in _borders(context):
        if node.event.kind == "error" and not node.interrupting:
            yield context.report(
                "D230", node, {"host": _host(view, node)}, prop="cancelActivity", fix="interrupt"
            )
    for owner, start in _starts(context):
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
    for owner, start in _starts(context):
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


def _borders(context: LintContext) -> Iterator[tuple[ScopeView, Node]]:
    return context.nodes("boundaryEvent")


def _starts(context: LintContext) -> Iterator[tuple[Node, Node]]:
    """Each event sub-process with its start event."""
    return (pair for view in context.views for pair in event_subs(view.scope))


def _host(view: ScopeView, node: Node) -> str:
    host = view.nodes.get(node.attached_to)
    return node.attached_to if host is None else label(host)


RULES: tuple[Rule, ...] = (
    d230_error_interrupts,
    d231_cycle_does_not_interrupt,
    d232_border_of_an_instant,
    d233_border_without_way,
    d235_what_a_border_takes,
    d434_behind_event_gateway,
)
