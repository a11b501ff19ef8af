"""Stage and station of a case, read from its diagram, never from a list; names of stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from service.engine import ENGINE_NUMBER, Definition, Element, Open, Step
from service.records.context import Services
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.release.programme.vocabulary import STAGE

OF_EACH_CALL = 3
"""The first engine number by which a process that several stages call belongs to none of them."""


@dataclass(frozen=True, slots=True)
class CasePlace:
    """Stage (empty before the first) and station (a place on the way that the person sees)."""

    stage: str
    station: str


@lru_cache(maxsize=64)
def stages(definition: Definition, engine: int = ENGINE_NUMBER) -> Mapping[str, str]:
    """Element to its stage: its own property, else that of the frame around it, else that of the
    calls that lead to its process.

    A process that several stages call is of none: work in it leaves the case in its stage.

    Args:
        engine: number of the engine that made the fact; before `OF_EACH_CALL` the last of several
            calls counted.
    """
    elements, by_element = definition.elements, dict[str, str]()
    callers = _callers(elements, all_of_them=engine >= OF_EACH_CALL)

    def stage(element: Element) -> str:
        if element.id not in by_element:
            by_element[element.id] = ""  # no frame is inside itself; this guards the recursion
            by_element[element.id] = element.properties.get("stage") or around(element.scope)
        return by_element[element.id]

    def around(scope: str) -> str:
        if scope in elements:
            return stage(elements[scope])
        found = {stage(call) for call in callers.get(scope, ())}
        return found.pop() if len(found) == 1 else ""

    for element in elements.values():
        stage(element)
    return by_element


def _callers(
    elements: Mapping[str, Element], *, all_of_them: bool
) -> Mapping[str, Sequence[Element]]:
    """Process to the steps that call it; to the last of them only, when not all are asked for."""
    found: dict[str, list[Element]] = {}
    for element in elements.values():
        if element.calls:
            found[element.calls] = [*found.get(element.calls, ()), element]
    return found if all_of_them else {process: calls[-1:] for process, calls in found.items()}


def place_after(
    definition: Definition,
    before: CasePlace,
    steps: Iterable[Step],
    opened: Iterable[Open],
    engine: int = ENGINE_NUMBER,
) -> CasePlace:
    """Stage and station after a turn.

    The stage is the last one, in the order of the release, in which something is open; work outside
    the stages (an alert, undoing) does not change it. The station is the last one that an element
    began.

    Args:
        engine: number of the engine that made the fact.
    """
    by_element = stages(definition, engine)
    here = [
        by_element.get(o.element, "") for o in opened if o.kind in ("task", "job", "timer", "join")
    ]
    station = before.station
    for step in steps:
        element = definition.elements.get(step.element)
        if element is not None and step.what == "entered" and element.properties.get("station"):
            station = element.properties["station"]
    order = {stage: number for number, stage in enumerate(definition.stages)}
    stage = max((s for s in here if s in order), key=order.__getitem__, default=before.stage)
    return CasePlace(stage, station)


@lru_cache(maxsize=512)
def stage_frame(definition: Definition, stage: str) -> Element | None:
    """The sub-process whose property `stage` names a stage; None when the process has none."""
    frames = (
        element
        for element in definition.elements.values()
        if element.kind == "subProcess" and element.properties.get("stage") == stage
    )
    return next(frames, None)


def stage_name(
    services: Services, release: PreparedRelease, definition: Definition, stage: str, lang: str
) -> str:
    """The name of a stage without its number: as its frame is drawn, else the programme's word; ""
    when the process has no such stage.
    """
    if stage not in stages(definition).values():
        return ""
    frame = stage_frame(definition, stage)
    drawn = element_name(frame, lang) if frame is not None and frame.names else ""
    return without_number(drawn) or services.word(STAGE, stage, lang, release)


def without_number(name: str) -> str:
    """A stage's name without its number: `Steg 1 – Stöd` as `Stöd`."""
    return name.partition(" – ")[2] or name
