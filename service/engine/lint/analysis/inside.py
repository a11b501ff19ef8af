"""Steps inside an activity, over sub-processes and calls, and which of them throw an error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from service.engine.bpmn.model import Node
from service.engine.lint.analysis.writes import held
from service.engine.lint.context import LintContext, once
from service.engine.lint.scopes import ScopeView

Within: TypeAlias = "tuple[str, frozenset[str]]"
"""A step inside a sub-process or a call, and the variables that are held on its way out."""


def throwers(context: LintContext, host: Node, code: str) -> tuple[Within, ...]:
    """Steps that can throw an error of that code, the host itself or any inside it.

    Nested boundary events that would catch it are ignored, which errs on the careful side.
    """
    topic = context.files.topics.get(host.topic)
    reports = topic is not None and (not code or code in topic.errors)
    own: tuple[Within, ...] = ((host.id, frozenset()),) if reports else ()
    inside = context.inside(host)
    if inside is None:
        return own
    thrown = once(
        context,
        ("throwers", inside.id, code),
        lambda: _thrown_by(context, inside.scope.nodes, code),
    )
    return (*own, *_held_too(context, host, thrown))


def throwers_beside(context: LintContext, view: ScopeView, code: str) -> tuple[Within, ...]:
    """Steps of a scope whose error of that code an event sub-process of it catches.

    What is thrown inside an event sub-process leaves the scope.
    """
    return _thrown_by(context, (node for node in view.scope.nodes if not node.event_sub), code)


def _thrown_by(context: LintContext, nodes: Iterable[Node], code: str) -> tuple[Within, ...]:
    ids: list[Within] = []
    for node in nodes:
        error_end = node.kind == "endEvent" and node.event.kind == "error"
        if error_end and code in {"", node.event.ref}:
            ids.append((node.id, frozenset()))
        elif node.topic or node.scope or node.calls:
            ids += throwers(context, node, code)
    return tuple(dict.fromkeys(ids))


def steps_inside(context: LintContext, host: Node) -> tuple[Within, ...]:
    """Every node inside a host, over all levels; none of a repetition, which keeps them."""
    inside = context.inside(host)
    if host.repeat is not None or inside is None:
        return ()
    nodes = inside.scope.nodes
    within: tuple[Within, ...] = once(
        context,
        ("nodes", inside.id),
        lambda: tuple(
            dict.fromkeys(
                each
                for node in nodes
                for each in ((node.id, frozenset()), *steps_inside(context, node))
            )
        ),
    )
    return _held_too(context, host, within)


def _held_too(context: LintContext, host: Node, within: tuple[Within, ...]) -> tuple[Within, ...]:
    """Steps inside a host with what it holds for itself, too."""
    names = held(context, host)
    return tuple((id_, names | inner) for id_, inner in within) if names else within
