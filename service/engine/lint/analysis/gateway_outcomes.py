"""Which conditions of a gateway can be true together.

Known when all the variables that they read have few values: yes or no, or one of some texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import product

from service.engine.bpmn.model import Node
from service.engine.feel import Expression, FeelError
from service.engine.feel.types import Type
from service.engine.feel.values import Value
from service.engine.lint.context import LintContext, once
from service.engine.lint.scopes import ScopeView

_MOST = 1_000
"""Combinations of values that are tried for one gateway."""


def true_together(context: LintContext, view: ScopeView, node: Node) -> list[frozenset[str]] | None:
    """Sets of flows out of a gateway whose conditions are true for some values.

    The empty set stands for "no condition is true". None when the values cannot be listed.
    """
    return once(
        context,
        ("true together", view.process.id, view.id, node.id),
        lambda: _true_together(context, view, node),
    )


def _true_together(
    context: LintContext, view: ScopeView, node: Node
) -> list[frozenset[str]] | None:
    conditions: list[tuple[str, Expression]] = []
    for flow in view.out[node.id]:
        expression = context.condition.get(flow.id)
        if isinstance(expression, FeelError):
            return None
        if expression is not None:
            conditions.append((flow.id, expression))
    lists = _listed(context.types, [expression for _, expression in conditions])
    if lists is None:
        return None
    sets = (
        frozenset(id_ for id_, expression in conditions if expression.try_evaluate(values) is True)
        for values in lists
    )
    return list(dict.fromkeys(sets))


def ways_taken(context: LintContext, view: ScopeView, node: Node) -> list[frozenset[str]] | None:
    """Sets of flows that an inclusive gateway can take: those true together, else the default."""
    sets = true_together(context, view, node)
    if sets is None:
        return None
    taken = (together or frozenset({node.default}) for together in sets if together or node.default)
    return list(dict.fromkeys(taken))


def choices_of(context: LintContext, view: ScopeView) -> dict[str, list[frozenset[str]]]:
    """Sets of flows for each inclusive gateway of a scope whose values can be listed."""
    splits = [
        node
        for node in view.scope.nodes
        if node.kind == "inclusiveGateway" and len(view.out[node.id]) > 1
    ]
    taken = {node.id: ways_taken(context, view, node) for node in splits}
    return {id_: ways for id_, ways in taken.items() if ways is not None}


def _listed(
    types: Mapping[str, Type], expressions: Sequence[Expression]
) -> Iterator[dict[str, Value]] | None:
    """All combinations of values of the variables read.

    None when one of them has no list of values, or there are too many combinations.
    """
    if any(expression.clock for expression in expressions):
        return None
    names = sorted(set[str]().union(*(expression.reads for expression in expressions)))
    text = " ".join(expression.text for expression in expressions)
    lists = [_values(types.get(name), name, text) for name in names]
    if (
        any(not values for values in lists)
        or reduce(lambda n, values: n * len(values), lists, 1) > _MOST
    ):
        return None
    return (dict(zip(names, values, strict=True)) for values in product(*lists))


def _values(type_: Type | None, name: str, text: str) -> list[Value]:
    """The values that a variable can have, null included; empty when they cannot be listed."""
    if type_ is None:
        return []
    if type_.kind == "boolean":
        return [True, False, None]
    if type_.kind == "string" and type_.values:
        return [*type_.values, None]
    if type_.kind == "context":
        fields = sorted(set(re.findall(rf"\b{re.escape(name)}\s*\.\s*([A-Za-z]\w*)", text)))
        lists = [_values(type_.fields.get(field), field, "") for field in fields]
        if fields and all(lists):
            return [dict(zip(fields, values, strict=True)) for values in product(*lists)]
    return []
