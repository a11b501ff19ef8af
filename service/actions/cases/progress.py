"""Where a case stands, told from its diagram: stage, station and milestones are properties of
elements, never a list in this code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from service.engine import Definition, Element, Open, Step

BEGAN = frozenset({"entered"})


@dataclass(frozen=True, slots=True)
class CasePlace:
    """Stage (`1`, `2`, `3`, or empty before the first) and station (a word of the returnee's own
    map).
    """

    stage: str
    station: str


@lru_cache(maxsize=64)
def stages(definition: Definition) -> Mapping[str, str]:
    """Element to the stage it lies in: its own property, else that of the frame around it, else
    that of the call that leads to its process.
    """
    callers = {e.calls: e.id for e in definition.elements.values() if e.calls}
    found: dict[str, str] = {}

    def stage(element: Element | None) -> str:
        if element is None:
            return ""
        if element.id not in found:
            around = definition.elements.get(element.scope) or definition.elements.get(
                callers.get(element.scope, "")
            )
            found[element.id] = (
                ""  # a frame never lies inside itself; this only guards the recursion
            )
            found[element.id] = element.properties.get("stage") or stage(around)
        return found[element.id]

    for element in definition.elements.values():
        stage(element)
    return found


def place_after(
    definition: Definition, before: CasePlace, steps: Iterable[Step], opened: Iterable[Open]
) -> CasePlace:
    """Where the case stands after a turn.

    The stage is the highest one in which something is open; work outside the steps (an alert,
    undoing) does not change it. The station is the last one that an element began.
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
    return CasePlace(max([s for s in here if s], default=before.stage), station)
