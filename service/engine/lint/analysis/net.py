"""One scope as a net of bits: tokens on flows, open steps, and border events that have fired beside
their host.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from service.engine.bpmn.model import Node
from service.engine.lint.scopes import JOINS, ScopeView

_MANY_WAYS = 6
"""From so many ways on, an inclusive gateway is tried with one, two and all of them, not with every
set."""

Choices = Mapping[str, Sequence[frozenset[str]]]
"""Flow ids that an inclusive gateway can take together, by gateway."""


class ScopeNet:
    """One scope as bits."""

    def __init__(self, view: ScopeView, choices: Choices) -> None:
        self.view = view
        self.bits: dict[str, int] = {}
        self.names: list[str] = []
        for flow in view.scope.flows:
            self._add(f"f:{flow.id}")
        for node in view.scope.nodes:
            self._add(f"n:{node.id}")
        self.flows = {flow.id: self.bits[f"f:{flow.id}"] for flow in view.scope.flows}
        self.open = {node.id: self.bits[f"n:{node.id}"] for node in view.scope.nodes}
        self.target = {
            self.flows[flow.id]: view.nodes[flow.target]
            for flow in view.scope.flows
            if flow.target in view.nodes
        }
        loose = {
            self.flows[flow.id]: flow.source
            for flow in view.scope.flows
            if flow.target not in view.nodes
        }
        self.node_of = (
            loose
            | {bit: id_ for id_, bit in self.open.items()}
            | {bit: node.id for bit, node in self.target.items()}
        )
        self.out = {
            node.id: tuple(self.flows[f.id] for f in view.out[node.id]) for node in view.scope.nodes
        }
        self.into = {
            node.id: sum(self.flows[f.id] for f in view.into[node.id]) for node in view.scope.nodes
        }
        self.waits = frozenset(node.id for node in view.scope.nodes if waits(node))
        self.main = self._main()
        self.named_fields = sum(
            self.open[node.id]
            for node in view.scope.nodes
            if node.kind == "boundaryEvent" and not node.interrupting
        )
        """Bits of border events that have fired beside their host; then nobody can tell which token
        is left over."""
        self.reach = {
            n.id: self._reach(n)
            for n in view.scope.nodes
            if n.kind == "inclusiveGateway" and len(view.into[n.id]) > 1
        }
        self.splits = {
            n.id: self._sets(n, choices) for n in view.scope.nodes if n.kind == "inclusiveGateway"
        }

    def _add(self, name: str) -> None:
        self.bits[name] = 1 << len(self.names)
        self.names.append(name)

    def _main(self) -> frozenset[str]:
        """What a token reaches without a border event that leaves its host open: a side path may
        outlive the main way.
        """
        todo = [n.id for n in self.view.scope.nodes if n.kind == "startEvent"]
        found: set[str] = set()
        while todo:
            id_ = todo.pop()
            if id_ in found:
                continue
            found.add(id_)
            todo += [flow.target for flow in self.view.out[id_]]
            todo += [border.id for border in self.view.borders[id_] if border.interrupting]
        return frozenset(found)

    def _reach(self, join: Node) -> dict[int, int]:
        """For each way into an inclusive join, the bits from which a token can still get onto it
        without passing the join.
        """
        return {
            self.flows[flow.id]: self._before(flow.source, join.id)
            for flow in self.view.into[join.id]
        }

    def _before(self, source: str, join: str) -> int:
        mask, todo, found = 0, [source], {join}
        while todo:
            id_ = todo.pop()
            if id_ in found:
                continue
            found.add(id_)
            mask |= self.open.get(id_, 0) | self.into.get(id_, 0)
            node = self.view.nodes.get(id_)
            todo += [flow.source for flow in self.view.into[id_]]
            if node is not None and node.attached_to:
                todo.append(node.attached_to)
        return mask

    def _sets(self, node: Node, choices: Choices) -> tuple[tuple[int, ...], ...]:
        """Sets of ways that an inclusive gateway can take."""
        flows = self.view.out[node.id]
        if node.id in choices:
            return tuple(
                tuple(self.flows[id_] for id_ in sorted(together)) for together in choices[node.id]
            )
        asked = [self.flows[f.id] for f in flows if f.id != node.default]
        sizes = range(1, len(asked) + 1) if len(asked) < _MANY_WAYS else (1, 2, len(asked))
        sets = [chosen for size in sizes for chosen in combinations(asked, size)]
        return (*sets, *((self.flows[f.id],) for f in flows if f.id == node.default))


def waits(node: Node) -> bool:
    """Whether a token stays at a node until something comes from outside, or from inside a
    sub-process.
    """
    if node.kind in {"intermediateThrowEvent", "endEvent"}:
        return bool(node.topic) and node.kind != "endEvent"
    if node.kind == "intermediateCatchEvent":
        return node.event.kind != "link"
    return node.kind not in {"startEvent", "boundaryEvent", "businessRuleTask", "scriptTask"} | (
        JOINS | {"exclusiveGateway", "complexGateway"}
    )
