"""How urgent each step of a process is: 0 to 100, as the diagram says.

A task for persons says it by `zeebe:priorityDefinition`, as in Camunda 8. A timer and a step that a
handler does say it by the property `priority`. Where these say nothing they are as urgent as the
tasks for persons that they lead to, and a border event as the task on whose border it lies, if that
is more: what brings an urgent task must not wait behind what is not urgent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.engine.bpmn.model import Node, Process, Scope

USUAL = 50
MOST = 100
PROPERTY = "priority"
_TASKS = frozenset({"userTask", "manualTask"})


def waits_for_worker(node: Node) -> bool:
    """Whether a worker moves a case on from here: a timer, or a step that a handler does."""
    return node.event.kind == "timer" or bool(node.topic)


def said_priority(node: Node) -> int | None:
    """The priority that is drawn on a node; None when there is none, or it is no whole number."""
    said = node.priority if node.kind in _TASKS else node.properties.get(PROPERTY, "")
    return min(int(said), MOST) if said.isascii() and said.isdigit() else None


def priorities(process: Process) -> Mapping[str, int]:
    """The priority of every node of a process, by id."""
    return dict(_of_scope(process.scope))


def _of_scope(scope: Scope) -> Iterator[tuple[str, int]]:
    for node in scope.nodes:
        said = said_priority(node)
        if said is None and waits_for_worker(node):
            said = max(_beside(scope, node), default=None)
        yield node.id, USUAL if said is None else said
        if node.scope is not None:
            yield from _of_scope(node.scope)


def _beside(scope: Scope, node: Node) -> Iterator[int]:
    """Priorities of the task on whose border a node lies, and of the first tasks behind it."""
    host = scope.node(node.attached_to) if node.attached_to else None
    if host is not None and host.kind in _TASKS:
        yield _of_task(host)
    seen, todo = {node.id}, _targets(scope, node)
    while todo:
        inside, one = todo.pop()
        if one.id in seen:
            continue
        seen.add(one.id)
        if one.kind in _TASKS:
            yield _of_task(one)
        elif one.scope is not None:
            todo += [(one.scope, n) for n in one.scope.nodes if n.kind == "startEvent"]
        else:
            todo += _targets(inside, one)


def _targets(scope: Scope, node: Node) -> list[tuple[Scope, Node]]:
    found = (scope.node(flow.target) for flow in scope.flows if flow.source == node.id)
    return [(scope, target) for target in found if target is not None]


def _of_task(node: Node) -> int:
    said = said_priority(node)
    return USUAL if said is None else said
