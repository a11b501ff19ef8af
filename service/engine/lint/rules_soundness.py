"""Rules about the graph of each scope: reach, soundness, loops, and what can be open at the same
time (D212, D234, D391, D404, D801 to D807, D810).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations

from service.engine.bpmn.model import Node
from service.engine.lint.analysis.gateway_outcomes import true_together, ways_taken
from service.engine.lint.analysis.net import waits
from service.engine.lint.analysis.soundness import SoundnessVerdict, search
from service.engine.lint.context import LintContext, joined
from service.engine.lint.scopes import JOINS, ScopeView, label
from service.errors import Finding

_ARROW = " → "


class SoundnessContext:
    """A ground with the verdict on each of its scopes."""

    def __init__(self, context: LintContext) -> None:
        self.context = context

    @cached_property
    def verdicts(self) -> dict[str, SoundnessVerdict]:
        """By scope id."""
        found: dict[str, SoundnessVerdict] = {}
        for view in self.context.views:
            gates = [
                node
                for node in view.scope.nodes
                if node.kind == "inclusiveGateway" and len(view.out[node.id]) > 1
            ]
            choices = {
                node.id: ways
                for node in gates
                if (ways := ways_taken(self.context, view, node)) is not None
            }
            found[view.id] = search(view, choices)
        return found

    def together(self, view: ScopeView) -> Iterator[tuple[Node, Node]]:
        """Pairs of nodes of one scope that can be open, or about to run, at the same time; event
        sub-processes beside everything.
        """
        order = {node.id: n for n, node in enumerate(view.scope.nodes)}
        for one, others in self.verdicts[view.id].together.items():
            yield from (
                (view.nodes[one], view.nodes[other])
                for other in sorted(others, key=order.__getitem__)
                if order[one] < order[other]
            )
        named_fields = [node for node in view.scope.nodes if node.event_sub]
        yield from (
            (node, other)
            for node in named_fields
            for other in view.scope.nodes
            if not other.event_sub and waits(other)
        )
        yield from combinations(named_fields, 2)

    def way(self, ids: tuple[str, ...]) -> str:
        """A way in words."""
        named = [label(self.context.home[id_][1]) for id_ in ids]
        return (
            _ARROW.join(name for n, name in enumerate(named) if n == 0 or named[n - 1] != name)
            or "→"
        )


def d212_terminate(graphs: SoundnessContext) -> Iterator[Finding]:
    """What a terminate end cancels."""
    for view in graphs.context.views:
        for end, steps in graphs.verdicts[view.id].cut.items():
            if steps:
                names = joined(label(view.nodes[id_]) for id_ in view.nodes if id_ in steps)
                yield graphs.context.report(
                    "D212", view.nodes[end], {"scope": view.label, "steps": names}
                )


def d234_one_message_two_takers(graphs: SoundnessContext) -> Iterator[Finding]:
    """Two places that wait for the same message at once, or one place twice: in a parallel
    repetition, or in a process that is called twice.
    """
    context = graphs.context
    for view in context.views:
        for one, other in graphs.together(view):
            yield from _shared_message(
                context, _awaited(context, view, one), _awaited(context, view, other)
            )
        for node in view.scope.nodes:
            borders = {b.event.ref: b for b in view.borders[node.id] if b.event.kind == "message"}
            inside = _awaited_inside(context, node)
            yield from _shared_message(context, borders, inside)
            if node.repeat and not node.repeat.sequential:
                yield from _shared_message(context, inside, inside)


def d391_two_ways_in(graphs: SoundnessContext) -> Iterator[Finding]:
    """A step that is done once for each of two tokens."""
    for view in graphs.context.views:
        verdict = graphs.verdicts[view.id]
        for node in () if verdict.bad else view.scope.nodes:  # what is bad says more than this hint
            ways = view.into[node.id]
            if len(ways) < 2 or node.kind in JOINS:  # noqa: PLR2004 - two ways in are the matter
                continue
            sources = [_upstream(view, flow.source, node.id) for flow in ways]
            if any(_meet(one, other, verdict) for one, other in combinations(sources, 2)):
                yield graphs.context.report("D391", node)


def d404_both_true(graphs: SoundnessContext) -> Iterator[Finding]:
    """Two conditions that can be true together; the order of drawing decides."""
    context = graphs.context
    for view, node in context.nodes("exclusiveGateway"):
        flows = [flow for flow in view.out[node.id] if flow.condition]
        names = {flow.id: flow.names.get("sv") or flow.condition for flow in flows}
        both = (
            next((s for s in true_together(context, view, node) or () if len(s) > 1), None)
            if len(flows) > 1
            else None
        )
        if both is not None:
            first, second, *_ = (flow.id for flow in flows if flow.id in both)
            order = joined(names[flow.id] for flow in flows)
            yield context.report(
                "D404", node, {"a": names[first], "b": names[second], "order": order}, fix="reorder"
            )


def d801_never_reached(graphs: SoundnessContext) -> Iterator[Finding]:
    """A step that no token comes to."""
    for view in graphs.context.views:
        found = _forward(view)
        yield from (
            graphs.context.report("D801", node)
            for node in view.scope.nodes
            if node.id not in found and not node.event_sub
        )


def d802_no_end(graphs: SoundnessContext) -> Iterator[Finding]:
    """A step from which the case cannot end."""
    for view in graphs.context.views:
        found = _backward(view)
        yield from (
            graphs.context.report("D802", node)
            for node in view.scope.nodes
            if node.id not in found and not node.event_sub
        )


def d803_waits_for_ever(graphs: SoundnessContext) -> Iterator[Finding]:
    """A join whose other token never comes."""
    yield from _bad(graphs, "D803")


def d804_left_over(graphs: SoundnessContext) -> Iterator[Finding]:
    """An end that is reached while another token of the main way is still there."""
    yield from _bad(graphs, "D804")


def d805_twice_at_once(graphs: SoundnessContext) -> Iterator[Finding]:
    """A step that gets a second token while it has one."""
    yield from _bad(graphs, "D805")


def d806_too_many_markings(graphs: SoundnessContext) -> Iterator[Finding]:
    """A scope that is too large to be walked through."""
    for view in graphs.context.views:
        verdict = graphs.verdicts[view.id]
        if not verdict.complete:
            yield graphs.context.report("D806", view.owner or view.process, {"n": verdict.markings})


def d807_never_waits(graphs: SoundnessContext) -> Iterator[Finding]:
    """A loop of steps that are all done at once."""
    for view in graphs.context.views:
        instant = {node.id for node in view.scope.nodes if _is_instant(graphs.context, node)}
        for loop in _loops(view, instant):
            first = next(node for node in view.scope.nodes if node.id in loop)
            yield graphs.context.report(
                "D807", first, {"steps": joined(label(n) for n in view.scope.nodes if n.id in loop)}
            )


def d810_leaves_the_block(graphs: SoundnessContext) -> Iterator[Finding]:
    """A border event whose way goes past the join that waits for its host."""
    context = graphs.context
    for view in context.views:
        for bad in graphs.verdicts[view.id].bad:
            if bad.code == "D810":
                facts = {
                    "join": label(view.nodes[bad.element]),
                    "way": graphs.way(bad.way),
                    "path": list(bad.way),
                }
                yield context.report("D810", view.nodes[bad.cause], facts)


def _bad(graphs: SoundnessContext, code: str) -> Iterator[Finding]:
    for view in graphs.context.views:
        for bad in graphs.verdicts[view.id].bad:
            if bad.code == code:
                yield graphs.context.report(
                    code,
                    view.nodes[bad.element],
                    {"way": graphs.way(bad.way), "path": list(bad.way)},
                )


def _awaited(context: LintContext, view: ScopeView, node: Node) -> dict[str, Node]:
    """Messages that are waited for while a node is open, with the place that waits."""
    found = _awaited_inside(context, node)
    if node.event.kind == "message" and node.kind in {"intermediateCatchEvent", "receiveTask"}:
        found[node.event.ref] = node
    if node.kind == "eventBasedGateway":
        targets = (view.nodes[flow.target] for flow in view.out[node.id])
        found |= {target.event.ref: target for target in targets if target.event.kind == "message"}
    if node.event_sub and node.scope is not None:
        found |= {
            start.event.ref: start
            for start in node.scope.nodes
            if start.kind == "startEvent" and start.event.kind == "message"
        }
    return found | {b.event.ref: b for b in view.borders[node.id] if b.event.kind == "message"}


def _awaited_inside(context: LintContext, node: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    if (inside := _inside(context, node)) is not None:
        for child in inside.scope.nodes:
            if child.kind != "startEvent":
                found |= _awaited(context, inside, child)
    return found


def _inside(context: LintContext, node: Node) -> ScopeView | None:
    """The scope in a sub-process or behind a call.

    No process calls itself where graphs are looked at (`LintContext.circles`).
    """
    return (
        context.view.get(node.scope.id if node.scope else node.calls)
        if node.kind in {"subProcess", "callActivity"}
        else None
    )


def _shared_message(
    context: LintContext, one: dict[str, Node], other: dict[str, Node]
) -> Iterator[Finding]:
    for name in one.keys() & other.keys():
        if one[name] is other[name]:
            yield context.report("D234.same", one[name], {"name": name})
        else:
            yield context.report("D234", one[name], {"y": label(other[name]), "name": name})


def _upstream(view: ScopeView, source: str, stop: str) -> set[str]:
    """Places from which a token comes to a flow without passing a join or the step itself."""
    found: set[str] = set()
    todo = [source]
    while todo:
        id_ = todo.pop()
        node = view.nodes.get(id_)
        joins = node is not None and node.kind in JOINS and len(view.into[id_]) > 1
        if id_ in found or id_ == stop or joins or node is None:
            continue
        found.add(id_)
        todo += [flow.source for flow in view.into[id_]]
        if node.attached_to:
            todo.append(node.attached_to)
    return found


def _meet(one: set[str], other: set[str], verdict: SoundnessVerdict) -> bool:
    """Whether two tokens can be on their way to a step at once, one of them on a way of its own."""
    shared = one & other
    return any(
        (verdict.together.get(id_, frozenset()) & other) - (shared if id_ in shared else set())
        for id_ in one
    )


def _forward(view: ScopeView) -> set[str]:
    found: set[str] = set()
    todo = [node.id for node in view.scope.nodes if node.kind == "startEvent"]
    while todo:
        id_ = todo.pop()
        if id_ not in found:
            found.add(id_)
            todo += [flow.target for flow in view.out[id_]] + [
                border.id for border in view.borders[id_]
            ]
    return found


def _backward(view: ScopeView) -> set[str]:
    found: set[str] = set()
    todo = [node.id for node in view.scope.nodes if node.kind == "endEvent"]
    while todo:
        id_ = todo.pop()
        if id_ not in found:
            found.add(id_)
            todo += [flow.source for flow in view.into[id_]]
            todo += [
                node.attached_to
                for node in (view.nodes.get(id_),)
                if node is not None and node.attached_to
            ]
    return found


def _is_instant(context: LintContext, node: Node) -> bool:
    """Whether a token can pass a node in one turn."""
    if (inside := _inside(context, node)) is not None:
        todo = [n.id for n in inside.scope.nodes if n.kind == "startEvent"]
        found: set[str] = set()
        while todo:
            id_ = todo.pop()
            child = inside.nodes.get(id_)
            if child is None or id_ in found or not _is_instant(context, child):
                continue
            if child.kind == "endEvent":
                return True
            found.add(id_)
            todo += [flow.target for flow in inside.out[id_]]
        return False
    return not waits(node)


def _loops(view: ScopeView, instant: set[str]) -> Iterator[set[str]]:
    """Strongly connected parts among steps that never wait; each is named once."""
    reach = {id_: _reach_within(view, id_, instant) for id_ in instant}
    named: set[str] = set()
    for id_ in (node.id for node in view.scope.nodes if node.id in instant):
        if id_ in reach[id_] and id_ not in named:
            loop = {other for other in reach[id_] if id_ in reach.get(other, ())}
            named |= loop
            yield loop


def _reach_within(view: ScopeView, start: str, allowed: set[str]) -> set[str]:
    found: set[str] = set()
    todo = [flow.target for flow in view.out[start]]
    while todo:
        id_ = todo.pop()
        if id_ not in found and id_ in allowed:
            found.add(id_)
            todo += [flow.target for flow in view.out[id_]]
    return found


RULES = (
    d212_terminate,
    d234_one_message_two_takers,
    d391_two_ways_in,
    d404_both_true,
    d801_never_reached,
    d802_no_end,
    d803_waits_for_ever,
    d804_left_over,
    d805_twice_at_once,
    d806_too_many_markings,
    d807_never_waits,
    d810_leaves_the_block,
)
