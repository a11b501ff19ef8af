"""Which variables each step of a release writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from service.engine.bpmn.model import Node
from service.engine.bpmn.zeebe_dialect import maps_inputs, maps_outputs
from service.engine.feel import Expression
from service.engine.lint.context import LintContext, once


@dataclass(frozen=True, slots=True)
class Writes:
    """Variables that one step writes for the whole case."""

    names: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    """Those that it always gives a value."""


def writes_of(context: LintContext, node: Node) -> Writes:
    """Variables of the case that a step writes when it is done.

    Output mappings, if there are any, are all that is written; else a form's routing fields, a
    handler's answers, the result of a rule or script. A repetition writes its output collection and
    nothing else.
    """
    if node.repeat is not None:
        into = frozenset({node.repeat.into}) if node.repeat.into else frozenset()
        return Writes(into, into)
    return own_writes(context, node)


def own_writes(context: LintContext, node: Node) -> Writes:
    """Variables that a step writes in its own scope, a repetition's included."""
    if node.outputs and maps_outputs(node):
        targets = frozenset(target for target, _ in node.outputs)
        return Writes(targets, targets)
    return _brought_writes(context, node)


def _brought_writes(context: LintContext, node: Node) -> Writes:
    """What a step brings: a form's routing fields, a handler's answers, a rule's result."""
    if node.kind in {"businessRuleTask", "scriptTask"} and node.result:
        return Writes(frozenset({node.result}), frozenset({node.result}))
    topic = context.files.topics.get(node.topic) if node.topic else None
    if topic is not None:
        return Writes(frozenset(topic.answers), frozenset(topic.answers))
    form = context.files.forms.get(node.form) if node.form else None
    if form is None:
        return Writes()
    return Writes(frozenset(form.routing), frozenset(form.always))


def written_inside(context: LintContext, scope: str) -> frozenset[str]:
    """Variables of the case that any step inside a scope can write, called processes included,
    without those that a sub-process or a call holds for itself.

    No process calls itself where this is asked (`LintContext.circles`).
    """
    return once(context, ("written", scope), lambda: _written_inside(context, scope))


def _written_inside(context: LintContext, scope: str) -> frozenset[str]:
    nodes = context.view[scope].scope.nodes
    return frozenset[str]().union(*(written_by(context, node) for node in nodes))


def written_by(context: LintContext, node: Node) -> frozenset[str]:
    """Variables of the case that a step writes, or any step inside it."""
    names = writes_of(context, node).names
    inside = node.scope.id if node.scope else node.calls
    if not inside or node.repeat is not None:
        return names
    return once(
        context,
        ("written by", node.id),
        lambda: names | (written_inside(context, inside) - held(context, node)),
    )


def inputs_of(node: Node) -> frozenset[str]:
    """Names that the input mapping of a step gives to what is inside it."""
    return frozenset(target for target, _ in node.inputs) if maps_inputs(node) else frozenset()


def held(context: LintContext, node: Node) -> frozenset[str]:
    """Variables that a sub-process or a call holds for itself: what is written to them inside it
    does not leave it. With outputs a call holds all.
    """
    if node.kind == "callActivity" and node.outputs:
        return frozenset(context.types)
    return inputs_of(node) if node.kind in {"subProcess", "callActivity"} else frozenset()


def read_by_outputs(context: LintContext) -> Mapping[str, frozenset[str]]:
    """Variables that each step's output mapping reads from outside the step: not what the step
    brings, what is written inside it, or a target before.
    """
    names: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for text, expression in context.expressions:
        node = text.place
        if text.target and isinstance(expression, Expression) and isinstance(node, Node):
            targets = [target for target, _ in node.outputs]
            known = {*targets[: targets.index(text.target)], *text.local, *inputs_of(node)}
            known |= _brought_writes(context, node).names
            if (inside := context.inside(node)) is not None:
                known |= written_inside(context, inside.id)
            names[node.id] |= expression.reads - known
    return names
