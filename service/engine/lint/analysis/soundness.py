"""Soundness of one scope: search every marking for deadlocks (D803), doubled tokens (D805, D810).

A marking is a set of bits (`net.py`). A second token where there is one already is D805, so a bit
is enough. Steps that never wait are run at once, one token at a time; only waiting steps and
choices branch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from service.engine.bpmn.model import Node
from service.engine.limits import MARKINGS
from service.engine.lint.analysis.graph import reached
from service.engine.lint.analysis.net import Choices, ScopeNet, bits_of
from service.engine.lint.scopes import JOINS, ScopeView


@dataclass(frozen=True, slots=True)
class BadMarking:
    """A bad marking: the code, the place, and the elements passed on the way there."""

    code: str
    element: str
    way: tuple[str, ...]
    cause: str = ""
    """D810: the boundary event that left the block."""


@dataclass(frozen=True, slots=True)
class SoundnessVerdict:
    """The result of the search of one scope."""

    bad: tuple[BadMarking, ...] = ()
    markings: int = 0
    complete: bool = True
    together: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each step, the other steps that can be open, or about to run, at the same time."""
    cut: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each terminate end, the steps that can be open when it is reached."""
    left: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each plain end of the main way, the steps of that way that can be open behind it."""


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


_Move: TypeAlias = tuple[int, str, str]
"""One move: the marking after it, the element, and the boundary event if it was one."""


class _Search:
    def __init__(
        self, view: ScopeView, choices: Choices, most: int, standing: Sequence[str] | None
    ) -> None:
        self.net = ScopeNet(view, choices)
        self.view = view
        self.most = most
        self.standing = standing
        self.before: dict[int, tuple[int, _Move] | None] = {}
        self.together: dict[int, int] = {}
        self.cut: dict[str, int] = {}
        self.left: dict[str, int] = {}
        self.bad: dict[tuple[str, str], BadMarking] = {}
        self._sort_nodes()

    def _sort_nodes(self) -> None:
        """Masks and lists by which a move is found without asking every node."""
        net, nodes = self.net, self.view.scope.nodes
        self.joins = [
            (net.into[node.id], node)
            for node in nodes
            if node.kind in JOINS and net.into[node.id].bit_count() > 1
        ]
        meets = sum(into for into, _ in self.joins)
        self.moving = sum(bit for bit in net.target if not bit & meets)
        """Tokens on flows that do not lead to a join."""
        self.waiting = [
            (net.open[node.id], node, net.out[node.id]) for node in nodes if node.id in net.waits
        ]
        """Steps that wait, with the flows out of them."""
        self.plain = {
            node.id
            for _, node, out in self.waiting
            if node.kind != "eventBasedGateway" and len(out) == 1 and not self.view.borders[node.id]
        }
        """Those that can be left in one way only."""

    def run(self) -> SoundnessVerdict:
        """Visit all markings, breadth first."""
        todo: deque[int] = deque()
        for start in self.starts():
            self.before[start] = None
            self.note(start, start)
            todo.append(start)
        while todo and len(self.before) <= self.most:
            marking = todo.popleft()
            try:
                moves = list(self.moves(marking))
            except _Unsafe as unsafe:
                self.record("D805", unsafe.element, marking)
                continue
            if not moves and marking:
                self.stuck(marking)
            for move in moves:
                if move[0] not in self.before:
                    self.before[move[0]] = (marking, move)
                    self.note(move[0], move[0] & ~marking)
                    todo.append(move[0])
        return SoundnessVerdict(
            tuple(self.bad.values()),
            len(self.before),
            not todo,
            self._together(),
            {end: self._steps(bits) for end, bits in self.cut.items()},
            {end: self._steps(bits) & self.net.main for end, bits in self.left.items()},
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

    def moves(self, marking: int) -> Iterable[_Move]:
        """The moves that are possible from a marking.

        A token that need not wait is moved alone and first, since the order of such moves changes
        nothing.
        """
        if moving := marking & self.moving:
            bit = moving & -moving
            return self.enter(marking, bit, self.net.target[bit])
        joined = self.join(marking)
        return self.wait(marking) if joined is None else joined

    def enter(self, marking: int, bit: int, node: Node) -> Iterator[_Move]:
        """The token on a flow reaches its target."""
        left = marking & ~bit
        if node.kind == "endEvent":
            yield self.end(left, bit, node), node.id, ""
        elif node.id in self.net.waits:
            if left & self.net.open[node.id]:
                raise _Unsafe(node.id)
            yield left | self.net.open[node.id], node.id, ""
        else:
            yield from self.leave(left, node)

    def leave(self, left: int, node: Node, border: str = "") -> Iterator[_Move]:
        """A token goes on from a node that is done."""
        out = self.net.out[node.id]
        if node.kind == "exclusiveGateway":
            for bit in out:
                yield self.put(left, (bit,)), node.id, border
        elif node.kind == "inclusiveGateway":
            for bits in self.net.splits[node.id]:
                yield self.put(left, bits), node.id, border
        elif out:
            yield self.put(left, out), border or node.id, border

    def put(self, marking: int, bits: Sequence[int]) -> int:
        for bit in bits:
            if marking & bit:
                raise _Unsafe(self.net.node_of[bit])
            marking |= bit
        return marking

    def end(self, left: int, bit: int, node: Node) -> int:
        """A plain end takes its token; terminate and error empty the scope."""
        if node.event.kind in {"terminate", "error"}:
            if node.event.kind == "terminate":
                self.cut[node.id] = self.cut.get(node.id, 0) | left
            return 0
        flow = self.net.names[bit.bit_length() - 1].removeprefix("f:")
        source = next(f.source for f in self.view.into[node.id] if f.id == flow)
        if source in self.net.main and not left & self.net.fired:
            self.left[node.id] = self.left.get(node.id, 0) | left
        return left

    def join(self, marking: int) -> Iterator[_Move] | None:
        """Pass the first join whose tokens are all there."""
        for into, node in self.joins:
            here = marking & into
            if node.kind == "parallelGateway":
                if here == into:
                    return self.leave(marking & ~into, node)
            elif here and self.complete(marking, here, node):
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
        return not (self.net.live(marking & ~here) & empty & ~filled)

    def wait(self, marking: int) -> Iterator[_Move]:
        """Moves of steps that wait: they end, are interrupted, or a boundary event fires."""
        for bit, node, out in self.waiting:
            if not marking & bit:
                continue
            left = marking & ~bit
            if node.id in self.plain:
                yield self.put(left, out), node.id, ""
                continue
            if node.kind == "eventBasedGateway":
                for flow in self.view.out[node.id]:
                    yield from self.leave(left, self.view.nodes[flow.target])
            else:
                yield from self.leave(left, node)
            for border in self.view.borders[node.id]:
                yield from self.fire(marking, left, border)

    def fire(self, marking: int, left: int, border: Node) -> Iterator[_Move]:
        if border.interrupting:
            yield from self.leave(left, border, border.id)
        elif not marking & self.net.open[border.id]:  # counted once: its bit stays in the marking
            yield from self.leave(marking | self.net.open[border.id], border, border.id)

    # ---- results

    def note(self, marking: int, new: int) -> None:
        """Record what is open at the same time as the tokens that have just come."""
        for bit in bits_of(new):
            self.together[bit] = self.together.get(bit, 0) | (marking ^ bit)

    def stuck(self, marking: int) -> None:
        """Record a marking without moves: a join waits for a token that will never come."""
        for id_ in self.net.elements(marking):
            if self.view.nodes[id_].kind in JOINS:
                passed = [border for _, _, border in self._trail(marking) if border]
                borders = [border for border in passed if self.view.nodes[border].interrupting]
                if borders:
                    self.record("D810", id_, marking, cause=borders[-1])
                else:
                    self.record("D803", id_, marking)
                return

    def record(self, code: str, element: str, marking: int, *, cause: str = "") -> None:
        way = tuple(passed for _, passed, _ in self._trail(marking))
        self.bad.setdefault((code, cause or element), BadMarking(code, element, way, cause))

    def _trail(self, marking: int) -> list[_Move]:
        moves: list[_Move] = []
        before = self.before[marking]
        while before is not None:
            moves.append(before[1])
            before = self.before[before[0]]
        return moves[::-1]

    def _steps(self, marking: int) -> frozenset[str]:
        return frozenset(self.net.elements(marking))

    def _together(self) -> dict[str, frozenset[str]]:
        """Each pair was noted when the later of its two tokens came; here it gets both ways."""
        masks: dict[str, int] = {}
        for bit, mask in self.together.items():
            id_ = self.net.node_of[bit]
            masks[id_] = masks.get(id_, 0) | mask
            for other in bits_of(mask):
                other_id = self.net.node_of[other]
                masks[other_id] = masks.get(other_id, 0) | bit
        return {
            id_: self._steps(mask)
            for id_, mask in masks.items()
            if self.view.nodes[id_].kind != "boundaryEvent"
        }
