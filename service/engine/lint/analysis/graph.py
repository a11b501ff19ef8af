"""Searches over a graph and over the flows of one scope: what is reached, in which order, cycles,
and fixpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from service.engine.lint.scopes import ScopeView


def reached(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    """All ids that are reached from some, these included."""
    visited: set[str] = set()
    todo = list(start)
    while todo:
        id_ = todo.pop()
        if id_ not in visited:
            visited.add(id_)
            todo += following(id_)
    return visited


def trail(before: Mapping[str, str], id_: str) -> tuple[str, ...]:
    """The way to an id, from the one before each."""
    way = [id_]
    while way[-1] in before:
        way.append(before[way[-1]])
    return tuple(reversed(way))


def targets(view: ScopeView, id_: str) -> list[str]:
    """Where a token may go from a node: over its flows, or out over a boundary event."""
    flows = [flow.target for flow in view.out[id_]]
    return flows + [border.id for border in view.borders[id_]]


def sources(view: ScopeView, id_: str) -> list[str]:
    """From where a token may come to a node: over its flows, or from the host it is attached to."""
    node = view.nodes.get(id_)
    flows = [flow.source for flow in view.into[id_]]
    return [*flows, node.attached_to] if node is not None and node.attached_to else flows


def forward(view: ScopeView) -> set[str]:
    """Nodes that a token can reach from a start event."""
    starts = (node.id for node in view.scope.nodes if node.kind == "startEvent")
    return reached(starts, lambda id_: targets(view, id_))


def backward(view: ScopeView) -> set[str]:
    """Nodes from which a token can reach an end event."""
    ends = (node.id for node in view.scope.nodes if node.kind == "endEvent")
    return reached(ends, lambda id_: sources(view, id_))


def cycles(view: ScopeView, allowed: set[str]) -> Iterator[set[str]]:
    """Strongly connected parts among the allowed nodes, each once, in the order of the file."""

    def following(id_: str) -> list[str]:
        return [flow.target for flow in view.out[id_] if flow.target in allowed]

    reach = {id_: reached(following(id_), following) for id_ in allowed}
    named: set[str] = set()
    for id_ in (node.id for node in view.scope.nodes if node.id in allowed):
        if id_ in reach[id_] and id_ not in named:
            cycle = {other for other in reach[id_] if id_ in reach.get(other, ())}
            named |= cycle
            yield cycle


def settle(
    order: Sequence[str], asked: Mapping[str, Iterable[str]], changes: Callable[[str], bool]
) -> None:
    """Solve all places until nothing changes.

    Args:
        order: all places; the nearer to the way that facts go, the sooner it ends.
        asked: the places that the facts of each place are made of.
        changes: solves one place again, and tells whether its facts have changed.
    """
    dependents: dict[str, list[str]] = {id_: [] for id_ in order}
    for id_, others in asked.items():
        for other in others:
            if other in dependents:
                dependents[other].append(id_)
    stale = set(order)
    while stale:
        for id_ in order:
            if id_ in stale:
                stale.discard(id_)
                if changes(id_):
                    stale.update(dependents[id_])


def ordered(first: Iterable[str], following: Callable[[str], Iterable[str]]) -> list[str]:
    """All places that are reached, each behind those that follow it, loops aside (postorder)."""
    done: dict[str, None] = {}
    entered: set[str] = set()
    todo = [(id_, False) for id_ in first][::-1]
    while todo:
        id_, left = todo.pop()
        if left:
            done[id_] = None
        elif id_ not in entered:
            entered.add(id_)
            todo.append((id_, True))
            todo += [(other, False) for other in following(id_)]
    return [*done]
