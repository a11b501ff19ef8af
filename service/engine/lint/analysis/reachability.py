"""Soundness of a scope from the marking of a running case.

Could the case wait for ever there, or reach a step twice? A state may be impossible in the
release it moves to, although that release is sound from its start: a token inside one branch of a
block that has just become parallel, for example.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from service.engine.bpmn.sentences import SENTENCES
from service.engine.lint.analysis.gateway_outcomes import choices_of
from service.engine.lint.analysis.soundness import BadMarking, search
from service.engine.lint.context import LintContext
from service.engine.lint.scopes import ScopeView, label
from service.engine.stored_state import INCLUSIVE, PARALLEL
from service.engine.types import Row
from service.errors import join_labels

MARKINGS: Final = 20_000
"""Markings of a scope that are visited for one case.

A larger net is trusted, because it was searched when its release was published.
"""
_ARROW = " → "
_JOINS = frozenset({PARALLEL, INCLUSIVE})


@dataclass(frozen=True, slots=True)
class MarkingNet:
    """One scope of a definition, for the search."""

    view: ScopeView
    choices: Mapping[str, Sequence[frozenset[str]]]
    """Flows that an inclusive gateway can take together, by gateway."""


def nets(context: LintContext) -> dict[str, MarkingNet]:
    """The net of every scope of a release, by scope id."""
    return {view.id: MarkingNet(view, choices_of(context, view)) for view in context.views}


def judge(
    net: MarkingNet, rows: Iterable[Row], relocate: Mapping[str, str]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Bad markings that the case can reach: (code, element, facts), the shortest way first.

    Codes are D803, D805 and D810.

    Args:
        rows: the live tasks of the scope.
        relocate: task id to the element where its token goes on.
    """
    bits = dict.fromkeys(bit for row in rows for bit in _tokens(net.view, row, relocate))
    for bad in search(net.view, net.choices, MARKINGS, standing=tuple(bits)).bad:
        yield bad.code, bad.cause or bad.element, _facts(net.view, bad)


def _tokens(view: ScopeView, row: Row, relocate: Mapping[str, str]) -> Iterator[str]:
    """The names of the bits of one token.

    `n:id` on a step; `f:id` on a flow that leads to a join, or to where the token is put.
    """
    id_, _, spec, made = row[:4]
    if target := relocate.get(id_):
        yield from [f"f:{flow.id}" for flow in view.into[target]][:1]
    elif made in _JOINS:
        yield from (f"f:{flow.id}" for flow in view.into[spec] if flow.source == row[7].get("from"))
    elif spec in view.nodes and not view.nodes[spec].event_sub:
        yield f"n:{spec}"


def _facts(view: ScopeView, bad: BadMarking) -> dict[str, str]:
    named = [label(view.nodes[id_]) for id_ in (*bad.way, bad.element)]
    way = join_labels(_ARROW, (name for name, _ in groupby(named)))
    return {
        "x": label(view.nodes[bad.cause or bad.element]),
        "join": label(view.nodes[bad.element]),
        "way": way,
    }


def sentence(code: str, facts: Mapping[str, str]) -> str:
    """The English sentence about a bad marking."""
    return SENTENCES[code].format(**facts)
