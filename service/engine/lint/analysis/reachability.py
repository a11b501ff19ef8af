"""Where a case stands in the net of a scope, and whether the net is sound from there: could it wait
for ever, or end with work left open?

A state may be impossible in the version it moves to, although that version is sound from its start:
a token inside one branch of a block that has just
become parallel, for example. Source: engine.md 12.2, last row; 3.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.engine.bpmn.sentences import SENTENCES
from service.engine.lint.analysis.gateway_outcomes import ways_taken
from service.engine.lint.analysis.soundness import BadMarking, search
from service.engine.lint.context import LintContext
from service.engine.lint.scopes import ScopeView, label
from service.engine.snapshot_codes import INCLUSIVE, PARALLEL
from service.engine.types import Row

MARKINGS: Final = 20_000
"""States of a scope that are visited for one case; a larger net is trusted, because it was looked
through when its release was published."""
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
    found = {}
    for view in context.views:
        gates = [
            node
            for node in view.scope.nodes
            if node.kind == "inclusiveGateway" and len(view.out[node.id]) > 1
        ]
        found[view.id] = MarkingNet(
            view,
            {
                node.id: ways
                for node in gates
                if (ways := ways_taken(context, view, node)) is not None
            },
        )
    return found


def judge(
    net: MarkingNet, rows: Iterable[Row], relocate: Mapping[str, str]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What goes wrong from here: (code, element, facts) of D803, D804, D805 and D810, the shortest
    way first.

    Args:
        rows: the live tasks of the scope.
        relocate: task id to the element where its token goes on.
    """
    bits = dict.fromkeys(bit for row in rows for bit in _tokens(net.view, row, relocate))
    for bad in search(net.view, net.choices, MARKINGS, standing=tuple(bits)).bad:
        yield bad.code, bad.cause or bad.element, _facts(net.view, bad)


def _tokens(view: ScopeView, row: Row, relocate: Mapping[str, str]) -> Iterator[str]:
    """Where the search sees the token of a row: on a step (`n:id`), or on a flow that leads to a
    join or to where it is put (`f:id`).
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
    way = _ARROW.join(name for n, name in enumerate(named) if n == 0 or named[n - 1] != name)
    return {
        "x": label(view.nodes[bad.cause or bad.element]),
        "join": label(view.nodes[bad.element]),
        "way": way,
    }


def sentence(code: str, facts: Mapping[str, str]) -> str:
    """The same in English."""
    return SENTENCES[code].format(**facts)
