"""Every marking that one scope can reach, and the bad ones among them (D803 to D806, D810).

A marking is a set of bits: tokens on flows, open steps, and border events that have fired beside
their host. The nets are safe or wrong, so a bit is
enough: whoever sets one that is set has found D805. Steps that never wait are run at once, one
token at a time; only waiting steps and choices branch.
Source: engine.md 3.10.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from service.engine.bpmn.model import Node
from service.engine.limits import MARKINGS
from service.engine.lint.analysis.net import Choices, ScopeNet
from service.engine.lint.scopes import JOINS, ScopeView


@dataclass(frozen=True, slots=True)
class BadMarking:
    """A bad marking: the code, the place, and the elements passed on the way there."""

    code: str
    element: str
    way: tuple[str, ...]
    cause: str = ""
    """D810: the border event that left the block."""


@dataclass(frozen=True, slots=True)
class SoundnessVerdict:
    """What the search found."""

    bad: tuple[BadMarking, ...] = ()
    markings: int = 0
    complete: bool = True
    together: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each step, the other steps that can be open, or about to run, at the same time."""
    cut: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each terminate end, the steps that can be open when it is reached."""


def search(
    view: ScopeView,
    choices: Choices | None = None,
    most: int = MARKINGS,
    *,
    standing: Sequence[str] | None = None,
) -> SoundnessVerdict:
    """Walk through all markings of one scope, breadth first, so that the shortest bad way is found
    first.

    Args:
        choices: sets of flows that an inclusive gateway can take together; all sets when it is not
            named.
        most: markings to visit before giving up (D806).
        standing: where the tokens of a running case are, as `f:` and a flow, or `n:` and a step;
            the walk begins there, and not at the starts.
    """
    return _Search(view, choices or {}, most, standing).run()


class _Unsafe(Exception):  # a signal inside this module, never an error
    """A token reached a place that has one already."""

    def __init__(self, element: str) -> None:
        super().__init__(element)
        self.element = element


@dataclass(slots=True)
class _Step:
    """One move: what remains, the element that moved, and whether a border event did."""

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
        """Breadth first over all markings."""
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
                self.found("D805", unsafe.element, marking)
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

        A step that only a border event can have opened tells that the border event has fired.
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
        found, todo = set[str](), [start]
        while todo:
            here = todo.pop()
            if here not in found:
                found.add(here)
                todo += [flow.target for flow in self.view.out[here]]
        return found

    # ---- moves

    def moves(self, marking: int) -> Iterator[_Step]:
        """What can happen next.

        A token that need not wait is moved alone and first, since the order of such moves changes
        nothing.
        """
        late: list[tuple[int, Node]] = []
        rest = marking
        while rest:
            bit = rest & -rest
            rest ^= bit
            node = self.net.target.get(bit)
            if node is None:
                continue
            if node.kind in JOINS and self.net.into[node.id] != bit:
                late.append((bit, node))
                continue
            yield from self.enter(marking, bit, node)
            return
        joined = self.join(marking, late)
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
        if source in self.net.main and not left & self.net.named_fields:
            others = [id_ for id_ in self._ids(left) if id_ in self.net.main]
            if others:
                self.found("D804", others[0], marking, last=node.id)
        return left

    def join(self, marking: int, late: list[tuple[int, Node]]) -> Iterator[_Step] | None:
        """A join whose tokens are all there."""
        for _, node in late:
            into = self.net.into[node.id]
            here = marking & into
            if node.kind == "parallelGateway":
                if here == into:
                    return self.leave(marking & ~into, node)
            elif self.complete(marking, here, node):
                return self.leave(marking & ~here, node)
        return None

    def complete(self, marking: int, here: int, node: Node) -> bool:
        """Whether no other token can still reach an empty way into an inclusive join, and no filled
        one.
        """
        empty = filled = 0
        for flow, reach in self.net.reach[node.id].items():
            if flow & here:
                filled |= reach
            else:
                empty |= reach
        return not (marking & ~here & empty & ~filled)

    def wait(self, marking: int) -> Iterator[_Step]:
        """Steps that wait end, are interrupted, or start something beside themselves."""
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

    # ---- what is found

    def note(self, marking: int) -> None:
        """Remember what was open at the same time."""
        rest = marking
        while rest:
            bit = rest & -rest
            rest ^= bit
            self.together[bit] = self.together.get(bit, 0) | (marking ^ bit)

    def stuck(self, marking: int) -> None:
        """Nothing can move: a join waits for a token that will never come."""
        for id_ in self._ids(marking):
            if self.view.nodes[id_].kind in JOINS:
                borders = [
                    step.border
                    for step in self._trail(marking)
                    if step.border and self.view.nodes[step.border].interrupting
                ]
                self.found(
                    "D810" if borders else "D803",
                    id_,
                    marking,
                    cause=borders[-1] if borders else "",
                )
                return

    def found(
        self, code: str, element: str, marking: int, *, last: str = "", cause: str = ""
    ) -> None:
        way = [step.element for step in self._trail(marking)]
        self.bad.setdefault(
            (code, cause or element),
            BadMarking(code, element, tuple(way + ([last] if last else [])), cause),
        )

    def _worst(self) -> Iterator[BadMarking]:
        """A token that is left over at an end usually has a cause that is named already; else the
        shortest way to it is enough.
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

    def _ids(self, marking: int) -> list[str]:
        """The elements that hold a token; border events that have fired hold none."""
        found: list[str] = []
        rest = marking
        while rest:
            bit = rest & -rest
            rest ^= bit
            id_ = self.net.node_of[bit]
            if self.view.nodes[id_].kind != "boundaryEvent" and id_ not in found:
                found.append(id_)
        return found

    def _steps(self, marking: int) -> frozenset[str]:
        return frozenset(self._ids(marking))

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
