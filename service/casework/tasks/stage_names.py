"""Stages of the programme in a diagram: the sub-process that frames a stage, and its name."""

from __future__ import annotations

from functools import lru_cache

from service.casework.cases import progress
from service.engine import Definition, Element
from service.records.context import Services
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.release.programme.vocabulary import STAGE


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
    if stage not in progress.stages(definition).values():
        return ""
    frame = stage_frame(definition, stage)
    drawn = element_name(frame, lang) if frame is not None and frame.names else ""
    return without_number(drawn) or services.word(STAGE, stage, lang, release)


def without_number(name: str) -> str:
    """A stage's name without its number: `Steg 1 – Stöd` as `Stöd`."""
    return name.partition(" – ")[2] or name
