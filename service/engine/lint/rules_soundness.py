"""Rules about the graph of each scope: reachability, soundness, loops, concurrency.

D212, D234, D391, D801 to D807, D810.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations, groupby, product

from service.engine.bpmn.model import Node
from service.engine.limits import MARKINGS
from service.engine.lint.analysis.gateway_outcomes import choices_of
from service.engine.lint.analysis.graph import backward, cycles, forward, reached
from service.engine.lint.analysis.merges import merges_of_two_tokens
from service.engine.lint.analysis.net import waits
from service.engine.lint.analysis.soundness import SoundnessVerdict, search
from service.engine.lint.context import LintContext, joined, once
from service.engine.lint.scopes import ScopeView, event_subs, label
from service.errors import Finding, Label, join_labels

_ARROW = " → "


class SoundnessContext:
    """The context of the rules with the soundness of each scope."""

    def __init__(self, context: LintContext) -> None:
        self.context = context

    @cached_property
    def verdicts(self) -> dict[str, SoundnessVerdict]:
        """The result of the search by scope id.

        The release has one budget. Small scopes come first, so that one that is too large takes
        nothing from them.
        """
        verdicts: dict[str, SoundnessVerdict] = {}
        left = MARKINGS
        for view in sorted(self.context.views, key=lambda view: len(view.scope.nodes)):
            verdicts[view.id] = search(view, choices_of(self.context, view), left)
            left = max(0, left - verdicts[view.id].markings)
        return verdicts

    def together(
        self, view: ScopeView, *, interrupting: bool = False
    ) -> Iterator[tuple[Node, Node]]:
        """Pairs of nodes of one scope that can be open, or about to run, at the same time.

        An event sub-process can be open at any time, unless it interrupts.

        Args:
            interrupting: name those that interrupt too: their start events wait at the same time
                as all else.
        """
        order = {node.id: n for n, node in enumerate(view.scope.nodes)}
        for id_, others in self.verdicts[view.id].together.items():
            later = (other for other in others if order[id_] < order[other])
            for other in sorted(later, key=order.__getitem__):
                yield view.nodes[id_], view.nodes[other]
        subs = [
            node for node, start in event_subs(view.scope) if interrupting or not start.interrupting
        ]
        waiting = [node for node in view.scope.nodes if not node.event_sub and waits(node)]
        yield from product(subs, waiting)
        yield from combinations(subs, 2)

    def way(self, ids: tuple[str, ...]) -> str:
        """The labels of a way; a label that follows itself is written once."""
        named = [label(self.context.home[id_][1]) for id_ in ids]
        return join_labels(_ARROW, (name for name, _ in groupby(named))) or Label("→")


def d212_terminate(graphs: SoundnessContext) -> Iterator[Finding]:
    """A terminate end event cancels what is open; it is reported."""
    for view in graphs.context.views:
        for end, steps in graphs.verdicts[view.id].cut.items():
            if steps:
                yield _with_open_steps(graphs, "D212", view, end, steps)


def d234_one_message_two_takers(graphs: SoundnessContext) -> Iterator[Finding]:
    """Only one place waits for a message at a time.

    Two places may, or one place twice: in a parallel repetition, or in a process that is called
    twice.
    """
    context = graphs.context
    for view in context.views:
        for one, other in graphs.together(view, interrupting=True):
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
    """A step that two tokens can reach is done twice."""
    for view in graphs.context.views:
        verdict = graphs.verdicts[view.id]
        if not verdict.bad:  # what is bad says more than this
            for node in merges_of_two_tokens(view, verdict):
                yield graphs.context.report("D391", node)


def d801_never_reached(graphs: SoundnessContext) -> Iterator[Finding]:
    """A node can be reached from a start event."""
    for view in graphs.context.views:
        reachable = forward(view)
        yield from (
            graphs.context.report("D801", node)
            for node in view.scope.nodes
            if node.id not in reachable and not node.event_sub
        )


def d802_no_end(graphs: SoundnessContext) -> Iterator[Finding]:
    """An end event can be reached from a node."""
    for view in graphs.context.views:
        ending = backward(view)
        yield from (
            graphs.context.report("D802", node)
            for node in view.scope.nodes
            if node.id not in ending and not node.event_sub
        )


def d803_waits_for_ever(graphs: SoundnessContext) -> Iterator[Finding]:
    """A join gets all its tokens; one that cannot is a deadlock."""
    yield from _bad(graphs, "D803")


def d804_does_not_end_the_case(graphs: SoundnessContext) -> Iterator[Finding]:
    """A plain end that leaves other steps open is reported: the scope goes on until they are done.

    Once for a scope, and not where a join waits for ever, which says more.
    """
    for view in graphs.context.views:
        verdict = graphs.verdicts[view.id]
        left = () if verdict.bad else ((end, ids) for end, ids in verdict.left.items() if ids)
        for end, steps in [*left][:1]:
            yield _with_open_steps(graphs, "D804", view, end, steps)


def d805_twice_at_once(graphs: SoundnessContext) -> Iterator[Finding]:
    """A step has one token at a time."""
    yield from _bad(graphs, "D805")


def d806_too_many_markings(graphs: SoundnessContext) -> Iterator[Finding]:
    """A scope is small enough for the search of all its markings."""
    for view in graphs.context.views:
        verdict = graphs.verdicts[view.id]
        if not verdict.complete:
            yield graphs.context.report("D806", view.owner or view.process, {"n": verdict.markings})


def d807_never_waits(graphs: SoundnessContext) -> Iterator[Finding]:
    """A loop has a step that waits."""
    for view in graphs.context.views:
        instant = {node.id for node in view.scope.nodes if _is_instant(graphs.context, node)}
        for loop in cycles(view, instant):
            first = next(node for node in view.scope.nodes if node.id in loop)
            yield graphs.context.report(
                "D807", first, {"steps": joined(label(n) for n in view.scope.nodes if n.id in loop)}
            )


def d810_leaves_the_block(graphs: SoundnessContext) -> Iterator[Finding]:
    """The way of a boundary event passes the join that waits for its host."""
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


def _with_open_steps(
    graphs: SoundnessContext, code: str, view: ScopeView, end: str, steps: frozenset[str]
) -> Finding:
    names = joined(label(view.nodes[id_]) for id_ in view.nodes if id_ in steps)
    return graphs.context.report(code, view.nodes[end], {"scope": view.label, "steps": names})


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
    """Messages that are awaited while a node is open, with the node that waits."""
    messages = _awaited_inside(context, node)
    if node.event.kind == "message" and node.kind in {"intermediateCatchEvent", "receiveTask"}:
        messages[node.event.ref] = node
    if node.kind == "eventBasedGateway":
        targets = (view.nodes[flow.target] for flow in view.out[node.id])
        messages |= {
            target.event.ref: target for target in targets if target.event.kind == "message"
        }
    if node.event_sub and node.scope is not None:
        messages |= {
            start.event.ref: start
            for start in node.scope.nodes
            if start.kind == "startEvent" and start.event.kind == "message"
        }
    return messages | {b.event.ref: b for b in view.borders[node.id] if b.event.kind == "message"}


def _awaited_inside(context: LintContext, node: Node) -> dict[str, Node]:
    inside = context.inside(node)
    if inside is None:
        return {}
    steps = [child for child in inside.scope.nodes if child.kind != "startEvent"]
    return once(
        context,
        ("awaited", inside.id),
        lambda: {
            name: taker
            for child in steps
            for name, taker in _awaited(context, inside, child).items()
        },
    ).copy()


def _shared_message(
    context: LintContext, one: dict[str, Node], other: dict[str, Node]
) -> Iterator[Finding]:
    for name in one.keys() & other.keys():
        if one[name] is other[name]:
            yield context.report("D234.same", one[name], {"name": name})
        else:
            yield context.report("D234", one[name], {"y": label(other[name]), "name": name})


def _is_instant(context: LintContext, node: Node) -> bool:
    """Whether a token can pass a node in one turn."""
    if (inside := context.inside(node)) is not None:
        return once(context, ("instant", inside.id), lambda: _is_passed_at_once(context, inside))
    return not waits(node)


def _is_passed_at_once(context: LintContext, inside: ScopeView) -> bool:
    """Whether a token can pass a scope in one turn."""
    instant = {id_ for id_, child in inside.nodes.items() if _is_instant(context, child)}
    starts = {n.id for n in inside.scope.nodes if n.kind == "startEvent"} & instant
    passed = reached(starts, lambda id_: {flow.target for flow in inside.out[id_]} & instant)
    return any(inside.nodes[id_].kind == "endEvent" for id_ in passed)


RULES = (
    d212_terminate,
    d234_one_message_two_takers,
    d391_two_ways_in,
    d801_never_reached,
    d802_no_end,
    d803_waits_for_ever,
    d804_does_not_end_the_case,
    d805_twice_at_once,
    d806_too_many_markings,
    d807_never_waits,
    d810_leaves_the_block,
)
