"""The net of one scope, for the search of markings: one bit for each flow and each node.

A bit of a flow is a token on it; a bit of a node is an open step, or a non-interrupting boundary
event that has fired. Bits of armed boundary events stand in no marking; `live` adds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from service.engine.bpmn.model import Node
from service.engine.lint.analysis.graph import reached
from service.engine.lint.scopes import JOINS, ScopeView

_MANY_WAYS = 6
"""From so many ways on, an inclusive gateway is tried with one, two and all of them only."""

Choices = Mapping[str, Sequence[frozenset[str]]]
"""Flow ids that an inclusive gateway can take together, by gateway."""


class ScopeNet:
    """The bits of one scope, and what they lead to."""

    def __init__(self, view: ScopeView, choices: Choices) -> None:
        self.view = view
        self.bits: dict[str, int] = {}
        self.names: list[str] = []
        self.flows = {flow.id: self._add(f"f:{flow.id}") for flow in view.scope.flows}
        self.open = {node.id: self._add(f"n:{node.id}") for node in view.scope.nodes}
        self.armed = {
            node.id: self._add(f"a:{node.id}")
            for node in view.scope.nodes
            if node.kind == "boundaryEvent"
        }
        self._connect()
        self.waits = frozenset(node.id for node in view.scope.nodes if waits(node))
        self.main = self._main()
        self.fired = sum(self.open[node.id] for node in view.scope.nodes if _leaves_host_open(node))
        """Bits of non-interrupting boundary events; after one, nobody knows what is left over."""
        inclusive = [node for node in view.scope.nodes if node.kind == "inclusiveGateway"]
        self.reach = {n.id: self._reach(n) for n in inclusive if len(view.into[n.id]) > 1}
        self.splits = {n.id: self._sets(n, choices) for n in inclusive}

    def _connect(self) -> None:
        view = self.view
        self.target = {
            self.flows[flow.id]: view.nodes[flow.target]
            for flow in view.scope.flows
            if flow.target in view.nodes
        }
        self.node_of = {self.flows[flow.id]: flow.source for flow in view.scope.flows}
        self.node_of |= {bit: id_ for id_, bit in self.open.items()}
        self.node_of |= {bit: node.id for bit, node in self.target.items()}
        ids = [node.id for node in view.scope.nodes]
        self.out = {id_: tuple(self.flows[f.id] for f in view.out[id_]) for id_ in ids}
        self.into = {id_: sum(self.flows[f.id] for f in view.into[id_]) for id_ in ids}

    def elements(self, marking: int) -> list[str]:
        """The elements that hold a token; boundary events that have fired hold none."""
        ids = dict.fromkeys(self.node_of[bit] for bit in bits_of(marking))
        return [id_ for id_ in ids if self.view.nodes[id_].kind != "boundaryEvent"]

    def _add(self, name: str) -> int:
        self.bits[name] = 1 << len(self.names)
        self.names.append(name)
        return self.bits[name]

    def _main(self) -> frozenset[str]:
        """Nodes reached without a non-interrupting boundary event.

        What such an event begins may be open longer than the main way.
        """
        view = self.view
        starts = [n.id for n in view.scope.nodes if n.kind == "startEvent"]
        return frozenset(
            reached(
                starts,
                lambda id_: [
                    *(flow.target for flow in view.out[id_]),
                    *(border.id for border in view.borders[id_] if border.interrupting),
                ],
            )
        )

    def _reach(self, join: Node) -> dict[int, int]:
        """For each flow into an inclusive join, the bits from which a token can still reach it.

        Ways through the join itself do not count.
        """
        ways = self.view.into[join.id]
        return {self.flows[flow.id]: self._before(flow.source, join.id) for flow in ways}

    def _before(self, source: str, join: str) -> int:
        """As `upstream` of the engine's gateways.

        A boundary event comes from where its host does, and not from the host: a token in the
        host goes over the host's own flow, or over the event.
        """

        def behind(id_: str) -> list[str]:
            host = self.view.nodes[id_].attached_to if id_ in self.armed else id_
            return [] if id_ == join else [flow.source for flow in self.view.into[host]]

        mask = 0
        for id_ in reached([source], behind) - {join}:
            if id_ in self.armed:
                mask |= self.armed[id_] | self.into.get(self.view.nodes[id_].attached_to, 0)
            else:
                mask |= self.open.get(id_, 0) | self.into.get(id_, 0)
        return mask

    def live(self, marking: int) -> int:
        """A marking with the boundary events that wait while their hosts are open.

        One that has fired waits again, unless it is a timer of one round.
        """
        for id_, bit in self.armed.items():
            node = self.view.nodes[id_]
            once = node.event.kind == "timer" and node.event.ref != "cycle"
            if marking & self.open.get(node.attached_to, 0) and not (
                once and marking & self.open[id_]
            ):
                marking |= bit
        return marking

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


def bits_of(marking: int) -> Iterator[int]:
    """The single bits of a marking, lowest first."""
    while marking:
        bit = marking & -marking
        yield bit
        marking ^= bit


def _leaves_host_open(node: Node) -> bool:
    return node.kind == "boundaryEvent" and not node.interrupting


def waits(node: Node) -> bool:
    """Whether a token stays at a node until a person, handler, message or timer ends it."""
    if node.kind in {"intermediateThrowEvent", "endEvent"}:
        return bool(node.topic) and node.kind != "endEvent"
    if node.kind == "intermediateCatchEvent":
        return node.event.kind != "link"
    return node.kind not in {"startEvent", "boundaryEvent", "businessRuleTask", "scriptTask"} | (
        JOINS | {"exclusiveGateway", "complexGateway"}
    )
