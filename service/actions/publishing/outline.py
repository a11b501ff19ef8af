"""A diagram as an indented outline in words: for a pull request, for a screen reader, for anybody
who would rather read than look.

What belongs together stands together: ways out of a gateway are indented under it, and the step
where they meet again stands behind them, as far left as
the gateway. A step that was told already is named with an arrow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

from service.actions.publishing.element_words import ElementWords
from service.engine import Files, Node, Process, Scope, SequenceFlow, read_model
from service.errors import BadDiagram
from service.forms import Form

STEP = "  "
FOLDER = "workflows/"


def outline(files: Files, forms: Mapping[str, Form], name: str, lang: str) -> list[str]:
    """Tell every process of one file.

    Args:
        files: the whole release, so that forms, handlers, roles and called processes have names.
        name: the diagram's name in its bundle.
        lang: of the words; labels are told in it where the diagram has them.
    Raises:
        BadDiagram: the file cannot be read as BPMN. What the linter says otherwise does not matter
            here.
    """
    file = name.removeprefix(FOLDER)
    model, findings = read_model(files)
    if mine := tuple(found for found in findings if found.file == file):
        raise BadDiagram(mine)
    processes = [process for process in model.processes.values() if process.file == file]
    names = {process.id: process.names for process in model.processes.values()}
    told = [
        list(_process(process, ElementWords(files, forms, names, process, lang)))
        for process in processes
    ]
    if not told:
        return [ElementWords(files, forms, names, None, lang).say("no_process")]
    return [line for n, lines in enumerate(told) for line in (*([""] if n else []), *lines)]


def _process(process: Process, words: ElementWords) -> Iterator[str]:
    yield words.process()
    yield from (STEP + line for line in words.about_process())
    yield from (STEP + line for line in ScopeOutline(process.scope, words).lines())


@dataclass
class ScopeOutline:
    """One scope, told from its starts."""

    scope: Scope
    words: ElementWords
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.nodes = {node.id: node for node in self.scope.nodes}
        self.out: dict[str, list[SequenceFlow]] = {id_: [] for id_ in self.nodes}
        for flow in self.scope.flows:
            if flow.source in self.nodes and flow.target in self.nodes:
                self.out[flow.source].append(flow)
        self.borders = {
            id_: [n for n in self.scope.nodes if n.kind == "boundaryEvent" and n.attached_to == id_]
            for id_ in self.nodes
        }
        self.arrivals = Counter(flow.target for flows in self.out.values() for flow in flows)
        order = self._order()
        above = _dominators(order, self._next)
        self.first = [id_ for id_ in order if not above[id_]]
        self.inside: dict[str, list[str]] = {}
        """Each step under the last one that every way to it passes, in the order of a walk."""
        for id_ in order:
            self.inside.setdefault(above[id_], []).append(id_)

    def lines(self) -> Iterator[str]:
        """The starts with all that follows, event sub-processes, and what no way leads to."""
        for id_ in self.first:
            yield from self._from(id_, 0)
        lost = [node for node in self.scope.nodes if node.id not in self.told]
        if lost:
            yield self.words.say("lost")
            for node in lost:
                yield from self._from(node.id, 1)

    # ---- the walk

    def _from(self, id_: str, depth: int) -> Iterator[str]:
        """A step, what hangs on it, and all that follows."""
        todo = [(id_, depth)]
        while todo:
            here, deep = todo.pop()
            if here in self.told:
                continue
            self.told.add(here)
            yield from self._step(self.nodes[here], deep)
            todo += [(following, deep) for following in reversed(self._after(here))]
            yield from self._ways(here, deep)

    def _step(self, node: Node, depth: int) -> Iterator[str]:
        indent = STEP * depth
        yield indent + self.words.step(node)
        yield from (f"{indent}{STEP * 2}{line}" for line in self.words.details(node))
        if node.scope is not None:
            yield from (
                indent + STEP + line for line in ScopeOutline(node.scope, self.words).lines()
            )
        for border in self.borders[node.id]:
            yield from self._from(border.id, depth + 1)

    def _ways(self, id_: str, depth: int) -> Iterator[str]:
        """Ways out that are more than `and then`."""
        node, flows = self.nodes[id_], self.out[id_]
        for flow in flows if len(flows) > 1 else ():
            indent = STEP * (depth + 1)
            if self._opens(flow):
                yield f"{indent}{self.words.way(node, flow)}:"
                yield from self._from(flow.target, depth + 2)
            else:
                yield f"{indent}{self.words.way(node, flow)} {self._arrow(flow.target)}"
        if len(flows) == 1 and not (self._leads_on(flows[0]) and flows[0].target not in self.told):
            yield f"{STEP * (depth + 1)}{self._arrow(flows[0].target)}"

    def _after(self, id_: str) -> list[str]:
        """What is told behind a step, at its own depth: the one that follows, or those in which its
        ways meet again.
        """
        flows, met = self.out[id_], self.inside.get(id_, [])
        opened = {flow.target for flow in flows if len(flows) > 1 and self._opens(flow)}
        bordering = {border.id for border in self.borders[id_]}
        return [other for other in met if other not in opened and other not in bordering]

    def _opens(self, flow: SequenceFlow) -> bool:
        """Whether a step is reached by this way only, and so is told under it."""
        return self.arrivals[flow.target] == 1 and flow.target in self.inside.get(flow.source, ())

    def _leads_on(self, flow: SequenceFlow) -> bool:
        return flow.target in self.inside.get(flow.source, ())

    def _arrow(self, id_: str) -> str:
        return f"→ {self.words.name(self.nodes[id_])}"

    # ---- which step stands inside which

    def _next(self, id_: str) -> list[str]:
        return [
            *(flow.target for flow in self.out[id_]),
            *(border.id for border in self.borders[id_]),
        ]

    def _order(self) -> list[str]:
        """Every node that a start reaches, each before those behind it (reverse postorder)."""
        seen: set[str] = set()
        left: list[str] = []
        roots = [n.id for n in self.scope.nodes if n.kind == "startEvent" or n.event_sub]
        for root in reversed(roots):
            stack: list[tuple[str, Iterator[str]]] = []
            if root not in seen:
                seen.add(root)
                stack.append((root, iter(reversed(self._next(root)))))
            while stack:
                id_, rest = stack[-1]
                following = next((other for other in rest if other not in seen), None)
                if following is None:
                    left.append(id_)
                    stack.pop()
                else:
                    seen.add(following)
                    stack.append((following, iter(reversed(self._next(following)))))
        return left[::-1]


def _dominators(order: list[str], following: Callable[[str], list[str]]) -> dict[str, str]:
    """The last step that every way to a step passes; empty for a start, and for what several starts
    reach.

    Source: Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm.
    """
    place = {id_: n for n, id_ in enumerate(order)}
    before: dict[str, list[str]] = {id_: [] for id_ in order}
    for id_ in order:
        for other in following(id_):
            before[other].append(id_)
    above: dict[str, str] = {}

    def meet(one: str, other: str) -> str:
        while one != other and one and other:
            one, other = (above[one], other) if place[one] > place[other] else (one, above[other])
        return one if one == other else ""

    changed = True
    while changed:
        changed = False
        for id_ in order:
            known = [other for other in before[id_] if other in above]
            found = reduce(meet, known) if known else ""
            changed |= above.get(id_) != found
            above[id_] = found
    return above
