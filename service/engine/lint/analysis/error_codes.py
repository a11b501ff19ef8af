"""Error codes that each activity and each scope can report, and what catches them."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.bpmn.model import Node
from service.engine.lint.context import LintContext, once
from service.engine.lint.scopes import ScopeView, event_subs


def caught(context: LintContext, view: ScopeView, node: Node | None, kind: str, code: str) -> bool:
    """Whether a boundary event or an event sub-process catches an error or escalation.

    The activity itself, those around it, or every call of the process may have one. What an event
    sub-process throws after it has interrupted its scope, no other one of the scope catches. Where
    a process calls itself (D351) nobody knows, and nothing is said.
    """
    if context.circles:
        return True
    if node is not None and any(_takes(border, kind, code) for border in view.borders[node.id]):
        return True
    starts = {sub_process.id: start for sub_process, start in event_subs(view.scope)}
    begun = starts.get(node.id) if node is not None else None
    if (begun is None or not begun.interrupting) and any(
        _takes(start, kind, code) for start in starts.values()
    ):
        return True
    if view.owner is not None and view.outer is not None:
        return caught(context, view.outer, view.owner, kind, code)
    calls = context.callers.get(view.process.id, ())
    return once(
        context,
        ("caught", view.process.id, kind, code),
        lambda: bool(calls) and all(caught(context, *call, kind, code) for call in calls),
    )


def _takes(catcher: Node, kind: str, code: str) -> bool:
    return catcher.event.kind == kind and catcher.event.ref in {"", code}


def caught_codes(context: LintContext) -> Iterator[tuple[Node, frozenset[str]]]:
    """Each event that catches errors, with the codes that can come to it.

    No process calls itself where this is asked.
    """
    for view in context.views:
        for node in view.scope.nodes:
            host = view.nodes.get(node.attached_to)
            if host is not None and node.event.kind == "error" and node.event.known:
                yield node, reported(context, host)
        for _, start in event_subs(view.scope):
            if start.event.kind == "error" and start.event.known:
                yield start, _reported_in(context, view)


def reported(context: LintContext, host: Node) -> frozenset[str]:
    """Error codes that an activity can report.

    Of its handler, of its error end events, or of the process it calls; without what event
    sub-processes inside catch. No process calls itself where this is asked.
    """
    if host.topic:
        topic = context.files.topics.get(host.topic)
        return frozenset(topic.errors if topic else ())
    inside = context.inside(host)
    if inside is None:
        return frozenset()
    return once(
        context,
        ("reported", inside.id),
        lambda: _reported_by(context, inside),
        meanwhile=frozenset(),
    )


def _reported_by(context: LintContext, view: ScopeView) -> frozenset[str]:
    """Error codes that leave a scope."""
    subs = list(event_subs(view.scope))
    codes = _without(
        _reported_in(context, view),
        {start.event.ref for _, start in subs if start.event.kind == "error"},
    )
    return codes.union(*(reported(context, sub) for sub, start in subs if start.interrupting))


def _reported_in(context: LintContext, view: ScopeView) -> frozenset[str]:
    """Error codes that its event sub-processes can catch in a scope: of all it holds, but for an
    event sub-process that has interrupted it.
    """
    after = {sub.id for sub, start in event_subs(view.scope) if start.interrupting}
    codes: set[str] = set()
    for node in view.scope.nodes:
        if node.kind == "endEvent" and node.event.kind == "error":
            codes.add(node.event.ref)
        elif node.id not in after:
            borders = {b.event.ref for b in view.borders[node.id] if b.event.kind == "error"}
            codes |= _without(reported(context, node), borders)
    return frozenset(codes)


def _without(codes: frozenset[str], caught: set[str]) -> frozenset[str]:
    """The codes that are not caught; an empty code catches all."""
    return frozenset() if "" in caught else codes - caught
