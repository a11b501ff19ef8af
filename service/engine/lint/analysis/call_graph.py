"""Which process calls which: circles, and how deep scopes lie inside each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

from service.engine.bpmn.model import Node
from service.engine.lint.scopes import ScopeView

Call: TypeAlias = tuple[ScopeView, Node]
"""A call activity with its scope."""


class CallGraph:
    """The calls between the processes of a release.

    `callers` has the call activities by the process that they call.
    """

    def __init__(self, views: Iterable[ScopeView]) -> None:
        self.views = tuple(views)
        callers: defaultdict[str, list[Call]] = defaultdict(list)
        calls: defaultdict[str, set[str]] = defaultdict(set)
        for view, node in self._activities():
            callers[node.calls].append((view, node))
            calls[view.process.id].add(node.calls)
        self.callers: Mapping[str, tuple[Call, ...]] = {
            called: tuple(places) for called, places in callers.items()
        }
        self._calls: Mapping[str, set[str]] = calls

    def _activities(self) -> Iterator[Call]:
        for view in self.views:
            for node in view.scope.nodes:
                if node.kind == "callActivity":
                    yield view, node

    @cached_property
    def circles(self) -> tuple[Call, ...]:
        """Call activities by which a process calls itself."""
        around = {id_: self._reached(id_) for id_ in self._calls.keys() - set(self._ordered)}
        return tuple(
            (view, node)
            for process, places in self.callers.items()
            for view, node in places
            if view.process.id in around.get(process, ())
        )

    @cached_property
    def depth(self) -> Mapping[str, int]:
        """By scope id, how many sub-processes and calls lie around it, on the deepest way."""
        own = {view.id: view.depth for view in self.views}
        around = {view.process.id: 0 for view in self.views}
        for id_ in self._ordered:
            calls = self.callers.get(id_, ())
            around[id_] = max((around[v.process.id] + own[v.id] + 1 for v, _ in calls), default=0)
        return {view.id: around[view.process.id] + own[view.id] for view in self.views}

    @cached_property
    def _ordered(self) -> tuple[str, ...]:
        """Processes, callers before those they call; without those that a circle leads to."""
        waits_for = {
            view.process.id: len({v.process.id for v, _ in self.callers.get(view.process.id, ())})
            for view in self.views
        }
        ready = [id_ for id_, callers in waits_for.items() if not callers]
        for id_ in ready:  # grows while it is walked
            for called in self._calls.get(id_, set()) & waits_for.keys():
                waits_for[called] -= 1
                if not waits_for[called]:
                    ready.append(called)
        return tuple(ready)

    def _reached(self, process: str) -> set[str]:
        """All processes that a call leads to, itself included."""
        visited: set[str] = set()
        todo = [process]
        while todo:
            caller = todo.pop()
            if caller not in visited:
                visited.add(caller)
                todo += self._calls.get(caller, ())
        return visited
