"""Stage and station of a case, read from its diagram: both are properties of elements, never a list
in this code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from service.engine import Definition, Element, Open, Step

BEGAN = frozenset({"entered"})


@dataclass(frozen=True, slots=True)
class CasePlace:
    """Stage (empty before the first) and station (a place on the way that the person sees)."""

    stage: str
    station: str


@lru_cache(maxsize=64)
def stages(definition: Definition) -> Mapping[str, str]:
    """Element to its stage: its own property, else that of the frame around it, else that of the
    call that leads to its process.
    """
    callers = {e.calls: e.id for e in definition.elements.values() if e.calls}
    elements, by_element = definition.elements, dict[str, str]()

    def stage(element: Element | None) -> str:
        if element is None:
            return ""
        if element.id not in by_element:
            around = elements.get(element.scope) or elements.get(callers.get(element.scope, ""))
            by_element[element.id] = ""  # no frame is inside itself; this guards the recursion
            by_element[element.id] = element.properties.get("stage") or stage(around)
        return by_element[element.id]

    for element in elements.values():
        stage(element)
    return by_element


def place_after(
    definition: Definition, before: CasePlace, steps: Iterable[Step], opened: Iterable[Open]
) -> CasePlace:
    """Stage and station after a turn.

    The stage is the last one, in the order of the release, in which something is open; work outside
    the stages (an alert, undoing) does not change it. The station is the last one that an element
    began.
    """
    by_element = stages(definition)
    here = [
        by_element.get(o.element, "") for o in opened if o.kind in ("task", "job", "timer", "join")
    ]
    station = before.station
    for step in steps:
        element = definition.elements.get(step.element)
        if element is not None and step.what in BEGAN and element.properties.get("station"):
            station = element.properties["station"]
    order = {stage: number for number, stage in enumerate(definition.stages)}
    stage = max((s for s in here if s in order), key=order.__getitem__, default=before.stage)
    return CasePlace(stage, station)
