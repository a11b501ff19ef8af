"""Which variables each step of a release writes."""

from __future__ import annotations

from dataclasses import dataclass

from service.engine.bpmn.model import Node
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
    if node.outputs:
        targets = frozenset(target for target, _ in node.outputs)
        return Writes(targets, targets)
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
    """Variables of the case that any step inside a scope can write, called processes included.

    No process calls itself where this is asked (`LintContext.circles`).
    """
    return once(context, ("written", scope), lambda: _written_inside(context, scope))


def _written_inside(context: LintContext, scope: str) -> frozenset[str]:
    names: set[str] = set()
    for node in context.view[scope].scope.nodes:
        names |= writes_of(context, node).names
        inside = node.scope.id if node.scope else node.calls
        if inside and node.repeat is None:
            names |= written_inside(context, inside)
    return frozenset(names)
