"""Loops of events that start each other within one turn: what is thrown is caught at once, and the
way behind the catching event throws again.

An event is followed only if it waits again after it was caught: the start of an event sub-process
or a boundary event that does not interrupt, and an event in the way to which the token comes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from service.engine.bpmn.model import Node, SequenceFlow
from service.engine.lint.analysis.graph import reached
from service.engine.lint.analysis.net import waits
from service.engine.lint.context import LintContext
from service.engine.lint.scopes import ScopeView, event_subs

_CATCHES = frozenset({"intermediateCatchEvent", "receiveTask"})
_SCOPES = frozenset({"subProcess", "callActivity"})
_THROWS = frozenset({"intermediateThrowEvent", "endEvent"})


def event_loops(context: LintContext) -> Iterator[list[Node]]:
    """Each loop once: the events that take part in it, in the order of the file."""
    loops = _EventLoops(context)
    catchers = [node.id for _, node in context.nodes() if loops.waits_again(node)]
    reach = {id_: reached(loops.after(id_), loops.after) for id_ in catchers}
    named: set[str] = set()
    for id_ in catchers:
        if id_ in reach[id_] and id_ not in named:
            loop = {other for other in reach[id_] if id_ in reach.get(other, ())} | {id_}
            named |= loop
            yield [node for _, node in context.nodes() if node.id in loop]


class _EventLoops:
    """Where a token comes within one turn, and what it wakes there."""

    def __init__(self, context: LintContext) -> None:
        self.context = context
        self.messages: defaultdict[str, list[str]] = defaultdict(list)
        """Events that wait for a message, by its name."""
        for view, node in context.nodes():
            is_start = node.kind == "startEvent" and view.owner is not None
            if node.event.kind == "message" and (
                node.kind in _CATCHES or node.kind == "boundaryEvent" or is_start
            ):
                self.messages[node.event.ref].append(node.id)

    def waits_again(self, node: Node) -> bool:
        """Whether an event that can be thrown waits again once it was caught."""
        if node.event.kind not in {"message", "escalation"}:
            return False
        view, _ = self.context.home[node.id]
        if node.kind == "boundaryEvent" or (node.kind == "startEvent" and view.owner is not None):
            return not node.interrupting
        return node.kind in _CATCHES and node.id in reached(
            self._onwards(node.id),
            lambda id_: [] if self._node(id_).kind in _CATCHES else self._onwards(id_),
        )

    def after(self, id_: str) -> list[str]:
        """Where a token comes from a node without waiting, and what it wakes."""
        view, node = self.context.home[id_]
        following = [o for o in self._onwards(id_) if self._node(o).kind not in _CATCHES]
        if node.kind in _THROWS and not node.topic:
            following += [
                other for other in self._woken(view, node) if self.waits_again(self._node(other))
            ]
        return following

    def _onwards(self, id_: str) -> list[str]:
        """Where a token that leaves a node comes to next, over scopes and calls, unless it waits
        there for something else than an event.
        """
        view, node = self.context.home[id_]
        inside = self._inside(node)
        if inside is not None:
            following = [n.id for n in inside.scope.nodes if n.kind == "startEvent"]
        elif node.kind == "endEvent":
            following = [flow.target for owner in self._owners(view) for flow in owner]
        else:
            following = [flow.target for flow in view.out[id_]]
        return [other for other in following if self._is_passed(other)]

    def _is_passed(self, id_: str) -> bool:
        if id_ not in self.context.home:
            return False
        node = self._node(id_)
        return node.kind in _CATCHES or self._inside(node) is not None or not waits(node)

    def _owners(self, view: ScopeView) -> Iterator[tuple[SequenceFlow, ...]]:
        """The flows behind a scope: of its sub-process, or of each call."""
        if view.owner is not None and view.outer is not None:
            yield view.outer.out[view.owner.id]
            return
        for place, caller in self.context.callers.get(view.process.id, ()):
            yield place.out[caller.id]

    def _inside(self, node: Node) -> ScopeView | None:
        if node.kind not in _SCOPES or node.event_sub:
            return None
        return self.context.inside(node)

    def _woken(self, view: ScopeView, thrower: Node) -> list[str]:
        """The events that catch what a node throws."""
        if thrower.event.kind == "message":
            return self.messages.get(thrower.event.ref, [])
        if thrower.event.kind == "escalation":
            return list(self._escalated(view, None, thrower.event.ref, set()))
        return []

    def _escalated(
        self, view: ScopeView, inner: Node | None, code: str, seen: set[str]
    ) -> Iterator[str]:
        """The nearest events around a place that catch an escalation, one for each call; `seen`
        are the calls that were looked at.
        """
        if catcher := _first_catcher(view, inner, code):
            yield catcher
        elif view.owner is not None and view.outer is not None:
            yield from self._escalated(view.outer, view.owner, code, seen)
        else:
            for place, caller in self.context.callers.get(view.process.id, ()):
                if caller.id not in seen:
                    seen.add(caller.id)
                    yield from self._escalated(place, caller, code, seen)

    def _node(self, id_: str) -> Node:
        return self.context.home[id_][1]


def _first_catcher(view: ScopeView, inner: Node | None, code: str) -> str:
    """The event that catches an escalation at the border of a step, else in its scope, an exact
    code before any; empty when there is none.
    """
    borders = () if inner is None else view.borders[inner.id]
    subs = {sub.id: start for sub, start in event_subs(view.scope)}
    if inner is not None and inner.id in subs and subs[inner.id].interrupting:
        subs = {}  # it has interrupted the scope, where nothing else can begin any more
    for catchers in (borders, subs.values()):
        found = {node.event.ref: node.id for node in catchers if node.event.kind == "escalation"}
        if catcher := found.get(code) or found.get(""):
            return catcher
    return ""
