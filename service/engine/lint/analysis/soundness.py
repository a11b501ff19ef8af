"""Soundness of one scope: search every marking it can reach for bad ones (D803 to D806, D810).

A marking is a set of bits (`net.py`). A second token where there is one already is D805, so a bit
is enough. Steps that never wait are run at once, one token at a time; only waiting steps and
choices branch.

Source: engine.md 3.10.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.engine.bpmn.model import Node
from service.engine.limits import MARKINGS
from service.engine.lint.analysis.graph import reached
from service.engine.lint.analysis.net import Choices, ScopeNet, bits_of
from service.engine.lint.analysis.verdict import BadMarking, SoundnessVerdict
from service.engine.lint.scopes import JOINS, ScopeView


def search(
    view: ScopeView,
    choices: Choices | None = None,
    most: int = MARKINGS,
    *,
    standing: Sequence[str] | None = None,
) -> SoundnessVerdict:
    """Visit all markings of one scope, breadth first, so the shortest bad way is found first.

    Args:
        choices: sets of flows that an inclusive gateway can take together; all sets when it is not
            named.
        most: markings to visit before giving up (D806).
        standing: where the tokens of a running case are, as `f:` and a flow, or `n:` and a step;
            the search begins there, and not at the start events.
    """
    return _Search(view, choices or {}, most, standing).run()


class _Unsafe(Exception):  # a signal inside this module, never an error
    """A token reached a place that has one already."""

    def __init__(self, element: str) -> None:
        super().__init__(element)
        self.element = element


@dataclass(slots=True)
class _Step:
    """One move: the marking after it, the element, and the boundary event if it was one."""

    marking: int
    element: str
    border: str = ""


class _Search:
    def __init__(
        self, view: ScopeView, choices: Choices, most: int, standing: Sequence[str] | None
    ) -> None:
        self.net = ScopeNet(view, choices)
        self.view = view
        self.most = most
        self.standing = standing
        self.before: dict[int, tuple[int, _Step] | None] = {}
        self.together: dict[int, int] = {}
        self.cut: dict[str, int] = {}
        self.bad: dict[tuple[str, str], BadMarking] = {}

    def run(self) -> SoundnessVerdict:
        """Visit all markings, breadth first."""
        todo: deque[int] = deque()
        for start in self.starts():
            self.before[start] = None
            todo.append(start)
        while todo and len(self.before) <= self.most:
            marking = todo.popleft()
            self.note(marking)
            try:
                steps = list(self.moves(marking))
            except _Unsafe as unsafe:
                self.record("D805", unsafe.element, marking)
                continue
            if not steps and marking:
                self.stuck(marking)
            for step in steps:
                if step.marking not in self.before:
                    self.before[step.marking] = (marking, step)
                    todo.append(step.marking)
        return SoundnessVerdict(
            tuple(self._worst()),
            len(self.before),
            not todo,
            self._together(),
            {end: self._steps(bits) for end, bits in self.cut.items()},
        )

    def starts(self) -> Iterator[int]:
        if self.standing is not None:
            yield self.stands(self.standing)
            return
        for node in self.view.scope.nodes:
            if node.kind == "startEvent":
                yield sum(self.net.out[node.id])

    def stands(self, tokens: Sequence[str]) -> int:
        """The marking of a running case.

        A step that only a boundary event can have opened shows that the event has fired.
        """
        open_ = {name[2:] for name in tokens if name.startswith("n:")}
        aside = {
            node.id
            for node in self.view.scope.nodes
            if node.attached_to
            and not node.interrupting
            and self._follows(node.id) & open_ - self.net.main
        }
        return sum(self.net.bits[name] for name in {*tokens, *(f"n:{id_}" for id_ in aside)})

    def _follows(self, start: str) -> set[str]:
        return reached([start], lambda id_: [flow.target for flow in self.view.out[id_]])

    # ---- moves

    def moves(self, marking: int) -> Iterator[_Step]:
        """The moves that are possible from a marking.

        A token that need not wait is moved alone and first, since the order of such moves changes
        nothing.
        """
        joins: list[Node] = []
        for bit in bits_of(marking):
            node = self.net.target.get(bit)
            if node is None:
                continue
            if node.kind in JOINS and self.net.into[node.id] != bit:
                joins.append(node)
                continue
            yield from self.enter(marking, bit, node)
            return
        joined = self.join(marking, joins)
        if joined is not None:
            yield from joined
            return
        yield from self.wait(marking)

    def enter(self, marking: int, bit: int, node: Node) -> Iterator[_Step]:
        """The token on a flow reaches its target."""
        left = marking & ~bit
        if node.kind == "endEvent":
            yield _Step(self.end(marking, left, bit, node), node.id)
        elif node.id in self.net.waits:
            if left & self.net.open[node.id]:
                raise _Unsafe(node.id)
            yield _Step(left | self.net.open[node.id], node.id)
        else:
            yield from self.leave(left, node)

    def leave(self, left: int, node: Node, border: str = "") -> Iterator[_Step]:
        """A token goes on from a node that is done."""
        out = self.net.out[node.id]
        if node.kind == "exclusiveGateway":
            for bit in out:
                yield _Step(self.put(left, (bit,)), node.id, border)
        elif node.kind == "inclusiveGateway":
            for bits in self.net.splits[node.id]:
                yield _Step(self.put(left, bits), node.id, border)
        elif out:
            yield _Step(self.put(left, out), border or node.id, border)

    def put(self, marking: int, bits: Sequence[int]) -> int:
        for bit in bits:
            if marking & bit:
                raise _Unsafe(self.net.node_of[bit])
            marking |= bit
        return marking

    def end(self, marking: int, left: int, bit: int, node: Node) -> int:
        """A plain end takes its token; terminate and error empty the scope."""
        if node.event.kind == "terminate":
            self.cut[node.id] = self.cut.get(node.id, 0) | left
            return 0
        if node.event.kind == "error":
            return 0
        flow = self.net.names[bit.bit_length() - 1].removeprefix("f:")
        source = next(f.source for f in self.view.into[node.id] if f.id == flow)
        if source in self.net.main and not left & self.net.fired:
            others = [id_ for id_ in self.net.elements(left) if id_ in self.net.main]
            if others:
                self.record("D804", others[0], marking, last=node.id)
        return left

    def join(self, marking: int, joins: list[Node]) -> Iterator[_Step] | None:
        """Pass the first join whose tokens are all there."""
        for node in joins:
            into = self.net.into[node.id]
            here = marking & into
            if node.kind == "parallelGateway":
                if here == into:
                    return self.leave(marking & ~into, node)
            elif self.complete(marking, here, node):
                return self.leave(marking & ~here, node)
        return None

    def complete(self, marking: int, here: int, node: Node) -> bool:
        """Whether an inclusive join waits for no more tokens.

        It waits for one that can still reach an empty way into it, unless the token can as well
        reach a filled one.
        """
        empty = filled = 0
        for flow, reach in self.net.reach[node.id].items():
            if flow & here:
                filled |= reach
            else:
                empty |= reach
        return not (marking & ~here & empty & ~filled)

    def wait(self, marking: int) -> Iterator[_Step]:
        """Moves of steps that wait: they end, are interrupted, or a boundary event fires."""
        for id_, bit in self.net.open.items():
            if not marking & bit:
                continue
            node = self.view.nodes[id_]
            left = marking & ~bit
            if node.kind == "eventBasedGateway":
                for flow in self.view.out[id_]:
                    yield from self.leave(left, self.view.nodes[flow.target])
            elif node.kind != "boundaryEvent":
                yield from self.leave(left, node)
            for border in self.view.borders[id_]:
                yield from self.fire(marking, left, border)

    def fire(self, marking: int, left: int, border: Node) -> Iterator[_Step]:
        if border.interrupting:
            yield from self.leave(left, border, border.id)
        elif not marking & self.net.open[border.id]:  # counted once: its bit stays in the marking
            yield from self.leave(marking | self.net.open[border.id], border, border.id)

    # ---- results

    def note(self, marking: int) -> None:
        """Record what was open at the same time."""
        for bit in bits_of(marking):
            self.together[bit] = self.together.get(bit, 0) | (marking ^ bit)

    def stuck(self, marking: int) -> None:
        """Record a marking without moves: a join waits for a token that will never come."""
        for id_ in self.net.elements(marking):
            if self.view.nodes[id_].kind in JOINS:
                passed = [step.border for step in self._trail(marking) if step.border]
                borders = [border for border in passed if self.view.nodes[border].interrupting]
                if borders:
                    self.record("D810", id_, marking, cause=borders[-1])
                else:
                    self.record("D803", id_, marking)
                return

    def record(
        self, code: str, element: str, marking: int, *, last: str = "", cause: str = ""
    ) -> None:
        way = [step.element for step in self._trail(marking)] + ([last] if last else [])
        bad = BadMarking(code, element, tuple(way), cause)
        self.bad.setdefault((code, cause or element), bad)

    def _worst(self) -> Iterator[BadMarking]:
        """All bad markings; a token left over (D804) only without any other, and only once.

        It usually has a cause that is reported already.
        """
        left_over = [bad for bad in self.bad.values() if bad.code == "D804"]
        others = [bad for bad in self.bad.values() if bad.code != "D804"]
        yield from others or left_over[:1]

    def _trail(self, marking: int) -> list[_Step]:
        steps: list[_Step] = []
        before = self.before[marking]
        while before is not None:
            steps.append(before[1])
            before = self.before[before[0]]
        return steps[::-1]

    def _steps(self, marking: int) -> frozenset[str]:
        return frozenset(self.net.elements(marking))

    def _together(self) -> dict[str, frozenset[str]]:
        masks: dict[str, int] = {}
        for bit, mask in self.together.items():
            id_ = self.net.node_of[bit]
            masks[id_] = masks.get(id_, 0) | mask
        return {
            id_: self._steps(mask)
            for id_, mask in masks.items()
            if self.view.nodes[id_].kind != "boundaryEvent"
        }
