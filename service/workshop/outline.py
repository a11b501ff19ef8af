"""A diagram as an indented outline in words, for pull requests and screen readers.

Flows out of a gateway are indented under it, and the step where they join again follows them at
the gateway's own depth. A step that was described already is named with an arrow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

from service.engine import Files, Node, Scope, SequenceFlow, read_model
from service.errors import BadDiagram
from service.forms import Form
from service.release.element_words import ElementWords
from service.text import say

STEP = "  "
FOLDER = "workflows/"


def outline(files: Files, forms: Mapping[str, Form], name: str, lang: str) -> list[str]:
    """Describe every process of one file, line by line.

    Args:
        files: the whole release, so that forms, handlers, roles and called processes have names.
        name: the diagram's name in its bundle.
        lang: of the words, and of labels where the diagram has them in it.
    Raises:
        BadDiagram: the file cannot be read as BPMN. Other findings of the linter do not matter.
    """
    file = name.removeprefix(FOLDER)
    model, findings = read_model(files)
    if unreadable := tuple(finding for finding in findings if finding.file == file):
        raise BadDiagram(unreadable)
    processes = [process for process in model.processes.values() if process.file == file]
    names = {process.id: process.names for process in model.processes.values()}
    if not processes:
        return [say("explain.no_process", lang)]
    lines: list[str] = []
    for process in processes:
        lines += [""] if lines else []
        lines += _process_lines(ElementWords(files, forms, names, process, lang))
    return lines


def _process_lines(words: ElementWords) -> Iterator[str]:
    yield words.process()
    yield from (STEP + line for line in words.about_process())
    yield from (STEP + line for line in ScopeOutline(words.of.scope, words).lines())


@dataclass
class ScopeOutline:
    """The outline of one scope, from its start events on."""

    scope: Scope
    words: ElementWords
    described: set[str] = field(default_factory=set)

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
        """A step to the steps that it dominates directly, in reverse postorder."""
        for id_ in order:
            self.inside.setdefault(above[id_], []).append(id_)

    def lines(self) -> Iterator[str]:
        """Yield the starts with all that follows, event sub-processes, and unreachable steps."""
        for id_ in self.first:
            yield from self._from(id_, 0)
        unreached = [node for node in self.scope.nodes if node.id not in self.described]
        if unreached:
            yield self.words.say("lost")
            for node in unreached:
                yield from self._from(node.id, 1)

    # ---- the walk

    def _from(self, id_: str, depth: int) -> Iterator[str]:
        """Yield a step, its boundary events, and all that follows."""
        todo = [(id_, depth)]
        while todo:
            current, level = todo.pop()
            if current in self.described:
                continue
            self.described.add(current)
            yield from self._step(self.nodes[current], level)
            todo += [(following, level) for following in reversed(self._after(current))]
            yield from self._branches(current, level)

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

    def _branches(self, id_: str, depth: int) -> Iterator[str]:
        """Yield the flows out of a step, unless the only one leads to the step described next."""
        node, flows = self.nodes[id_], self.out[id_]
        for flow in flows if len(flows) > 1 else ():
            indent = STEP * (depth + 1)
            if self._opens(flow):
                yield f"{indent}{self.words.way(node, flow)}:"
                yield from self._from(flow.target, depth + 2)
            else:
                yield f"{indent}{self.words.way(node, flow)} {self._arrow(flow.target)}"
        if len(flows) == 1 and not (
            self._leads_on(flows[0]) and flows[0].target not in self.described
        ):
            yield f"{STEP * (depth + 1)}{self._arrow(flows[0].target)}"

    def _after(self, id_: str) -> list[str]:
        """List what follows a step at its own depth: the next step, or where its flows join."""
        flows, dominated = self.out[id_], self.inside.get(id_, [])
        indented = {flow.target for flow in flows if len(flows) > 1 and self._opens(flow)}
        indented |= {border.id for border in self.borders[id_]}
        return [other for other in dominated if other not in indented]

    def _opens(self, flow: SequenceFlow) -> bool:
        """Whether a step is reached by this flow only, and so is described under it."""
        return self.arrivals[flow.target] == 1 and flow.target in self.inside.get(flow.source, ())

    def _leads_on(self, flow: SequenceFlow) -> bool:
        return flow.target in self.inside.get(flow.source, ())

    def _arrow(self, id_: str) -> str:
        return f"→ {self.words.name(self.nodes[id_])}"

    # ---- which step dominates which

    def _next(self, id_: str) -> list[str]:
        return [
            *(flow.target for flow in self.out[id_]),
            *(border.id for border in self.borders[id_]),
        ]

    def _order(self) -> list[str]:
        """List every node that a start reaches, in reverse postorder."""
        seen: set[str] = set()
        finished: list[str] = []
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
                    finished.append(id_)
                    stack.pop()
                else:
                    seen.add(following)
                    stack.append((following, iter(reversed(self._next(following)))))
        return finished[::-1]


def _dominators(order: list[str], following: Callable[[str], list[str]]) -> dict[str, str]:
    """Map each step to its immediate dominator: the last step that every way to it passes.

    Empty for a start, and for what several starts reach.

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
            dominator = reduce(meet, known) if known else ""
            changed |= above.get(id_) != dominator
            above[id_] = dominator
    return above
