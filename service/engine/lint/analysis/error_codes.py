"""Error codes that each activity and each scope can report."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.bpmn.model import Node
from service.engine.lint.context import LintContext
from service.engine.lint.scopes import ScopeView, event_subs

_Trail = frozenset[str]
"""Scopes that are being looked through; a process may not call itself, but the linter is asked
before that is known."""


def caught_codes(context: LintContext) -> Iterator[tuple[Node, frozenset[str]]]:
    """Each event that catches errors, with the codes that can come to it."""
    for view in context.views:
        for node in view.scope.nodes:
            host = view.nodes.get(node.attached_to)
            if host is not None and node.event.kind == "error" and node.event.known:
                yield node, reported(context, host)
        for _, start in event_subs(view.scope):
            if start.event.kind == "error" and start.event.known:
                yield start, _reported_in(context, view, frozenset({view.id}))


def reported(context: LintContext, host: Node, trail: _Trail = frozenset()) -> frozenset[str]:
    """Error codes that an activity can report.

    Of its handler, of its error end events, or of the process it calls; without what event
    sub-processes inside catch.
    """
    if host.topic:
        topic = context.files.topics.get(host.topic)
        return frozenset(topic.errors if topic else ())
    inside = host.scope.id if host.scope else host.calls
    if inside not in context.view or inside in trail:
        return frozenset()
    view, trail = context.view[inside], trail | {inside}
    subs = list(event_subs(view.scope))
    codes = _without(
        _reported_in(context, view, trail),
        {start.event.ref for _, start in subs if start.event.kind == "error"},
    )
    after = (reported(context, sub, trail) for sub, start in subs if start.interrupting)
    return codes.union(*after)


def _reported_in(context: LintContext, view: ScopeView, trail: _Trail) -> frozenset[str]:
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
            codes |= _without(reported(context, node, trail), borders)
    return frozenset(codes)


def _without(codes: frozenset[str], caught: set[str]) -> frozenset[str]:
    """The codes that are not caught; an empty code catches all."""
    return frozenset() if "" in caught else codes - caught
