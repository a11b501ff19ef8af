"""Rules about how a diagram is drawn: what a reader cannot follow or read (D512)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from service.engine.bpmn.drawn_planes import planes_of
from service.engine.bpmn.elements import BPMN
from service.engine.bpmn.legibility import (
    LINE_OVER_WORDS,
    LINE_THROUGH_SHAPE,
    LINES_CROSS,
    LINES_TOGETHER,
    SHAPES_OVERLAP,
    WORDS_ON_SHAPE,
    WORDS_OVERLAP,
    clashes,
)
from service.engine.lint.context import LintContext, Rule
from service.engine.lint.scopes import Place, element_label
from service.errors import Finding, Label

_SENTENCES: Final[Mapping[str, str]] = {
    LINES_CROSS: "D512",
    LINES_TOGETHER: "D512.together",
    LINE_THROUGH_SHAPE: "D512.through",
    LINE_OVER_WORDS: "D512.words",
    SHAPES_OVERLAP: "D512.shapes",
    WORDS_ON_SHAPE: "D512.hidden",
    WORDS_OVERLAP: "D512.hidden",
}


def d512_hard_to_read(context: LintContext) -> Iterator[Finding]:
    """No line crosses another, and nothing drawn hides anything else."""
    places: dict[str, Place] = {}
    for view in context.views:
        for one in (view.scope.nodes, view.scope.flows, view.scope.lanes):
            places |= {place.id: place for place in one}
    for file, root in context.trees.items():
        found = [clash for plane in planes_of(root) for clash in clashes(plane)]
        drawn = {id_: e for e in root.iter(f"{BPMN}*") if found and (id_ := e.get("id", ""))}
        for clash in found:
            x, y = (_label(context, places, drawn[id_]) for id_ in (clash.one, clash.other))
            yield context.report_element(
                _SENTENCES[clash.kind], file, drawn[clash.one], {"x": x, "y": y}
            )


def _label(context: LintContext, places: Mapping[str, Place], element: etree._Element) -> Label:
    id_ = element.get("id", "")
    place = places.get(id_)
    return context.label(place) if place else element_label(element) or Label(id_)


RULES: tuple[Rule, ...] = (d512_hard_to_read,)
