"""Stages of the programme: the sub-process that frames each, and its name without number."""

from __future__ import annotations

from service.casework.cases.progress import stage_frame, stage_name, without_number
from service.release.prepared import prepare
from tests.support import diagrams as d
from tests.support import small
from tests.support.local_handlers import TOPICS
from tests.support.world import World

FRAME = d.sub(
    "frame",
    d.start("i") + small.person("a") + d.end("o"),
    "i>a a>o",
    d.ext(d.props(stage="2")),
)


def test_the_frame_of_a_stage_names_it(desk: World) -> None:
    release, services = prepare(small.one(FRAME, "s>frame frame>e"), TOPICS), desk.program.services
    (definition,) = release.definitions.values()
    frame = stage_frame(definition, "2")
    assert frame is not None
    assert frame.id == "frame"
    assert stage_name(services, release, definition, "2", "sv") == "Frame"
    assert stage_frame(definition, "1") is None
    assert stage_name(services, release, definition, "1", "sv") == ""


def test_a_stage_without_frame_has_the_programmes_word(desk: World) -> None:
    alone = small.person("a", extra=d.props(stage="1")) + small.person("b")
    release, services = prepare(small.one(alone, "s>a a>b b>e"), TOPICS), desk.program.services
    (definition,) = release.definitions.values()
    assert stage_frame(definition, "1") is None
    assert stage_name(services, release, definition, "1", "en") == "Information and support"
    assert stage_name(services, release, definition, "2", "en") == ""


def test_a_name_is_shown_without_its_number() -> None:
    assert without_number("Steg 1 – Stöd") == "Stöd"
    assert without_number("Stöd") == "Stöd"
