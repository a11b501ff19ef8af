"""Merges that two tokens of one scope can reach, so that what follows is done twice (D391).

Sets of nodes are bits: a merge can have as many ways in as the scope has nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from service.engine.bpmn.model import Node
from service.engine.lint.analysis.graph import sources
from service.engine.lint.analysis.soundness import SoundnessVerdict
from service.engine.lint.scopes import JOINS, ScopeView


def merges_of_two_tokens(view: ScopeView, verdict: SoundnessVerdict) -> Iterator[Node]:
    """Nodes that two tokens can be on their way to at once, one of them on a way of its own."""
    if any(verdict.together.values()):
        upstream = _Upstream(view, verdict)
        yield from (
            node
            for node in view.scope.nodes
            if len(view.into[node.id]) > 1 and node.kind not in JOINS and upstream.meet(node)
        )


class _Upstream:
    """The nodes from which a token reaches another without passing a join."""

    def __init__(self, view: ScopeView, verdict: SoundnessVerdict) -> None:
        self.view = view
        self.bit = {node.id: 1 << n for n, node in enumerate(view.scope.nodes)}
        self.company = {
            self.bit[node.id]: self._mask(verdict.together.get(node.id, ()))
            for node in view.scope.nodes
        }
        """For each node, those that can be open at the same time."""
        self.before = {
            self.bit[node.id]: self._mask(sources(view, node.id))
            for node in view.scope.nodes
            if node.kind not in JOINS or len(view.into[node.id]) <= 1
        }
        """For each node that is no join, those before it."""

    def meet(self, node: Node) -> bool:
        """Whether one of two steps that can be open together leads to a way that the other does
        not lead to.
        """
        known: dict[int, tuple[int, int]] = {}
        into = dict.fromkeys(flow.source for flow in self.view.into[node.id])
        ways = {self._closure(source, node.id, known) for source in into}
        leading = 0
        for closure, _ in ways:
            leading |= closure
        return any(company & leading & ~closure for closure, company in ways)

    def _closure(
        self, source: str, stop: str, known: dict[int, tuple[int, int]]
    ) -> tuple[int, int]:
        """Nodes that lead to a source of a merge, and all that can be open with any of them."""
        first = todo = self.bit.get(source, 0)
        closure = company = 0
        while todo:
            bit = todo & -todo
            if bit in known:
                closure |= known[bit][0]
                company |= known[bit][1]
            elif bit in self.before and bit != self.bit[stop]:
                closure |= bit
                company |= self.company[bit]
                todo |= self.before[bit]
            todo &= ~(closure | bit)
        known[first] = closure, company
        return known[first]

    def _mask(self, ids: Iterable[str]) -> int:
        mask = 0
        for id_ in ids:
            mask |= self.bit.get(id_, 0)
        return mask
