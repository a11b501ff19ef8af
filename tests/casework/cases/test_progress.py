"""Stage and station of a case are properties of the elements that are open or were begun."""

from __future__ import annotations

from functools import cache

from service.casework.cases.progress import OF_EACH_CALL, CasePlace, place_after, stages
from service.engine import Definition, Open, Step
from service.release.bundle import VOCABULARY
from service.release.prepared import prepare
from tests.support import diagrams as d
from tests.support import small
from tests.support.local_handlers import TOPICS
from tests.support.world import World, shipped

NOWHERE = CasePlace("", "")


INNER = d.start("is") + small.person("b", extra=d.props(station="travel")) + d.end("ie")
BODY = small.person("a", extra=d.props(stage="1", station="talk")) + d.sub(
    "f", INNER, "is>b b>ie", head=d.ext(d.props(stage="2"))
)
"""A task in stage 1 at a station, a frame in stage 2, and a task in the frame."""
WAY = "s>a a>f f>e"
BACKWARDS = "".join(
    f'[[{kind}]]\nid = "{id_}"\nsv = "A"\nen = "B"\n'
    for kind, id_ in (("stage", 2), ("stage", 1), ("station", "talk"), ("station", "travel"))
)


@cache
def definition() -> Definition:
    release = prepare(small.one(BODY, WAY), TOPICS)
    return next(iter(release.definitions.values()))


def task(element: str) -> Open:
    return Open("task", element, element, 0)


def test_an_element_has_the_stage_of_the_frame_around_it() -> None:
    by_element = stages(definition())
    assert {e: by_element[e] for e in ("s", "a", "f", "b")} == {
        "s": "",
        "a": "1",
        "f": "2",
        "b": "2",
    }


def test_a_process_that_two_stages_call_is_of_neither(shipped_world: World) -> None:
    shared, before = "Task_AskCeiling", CasePlace("2", "")
    ready = shipped_world.program.services.prepared.ready(shipped().digest)
    assert ready is not None
    found = ready.definitions["return_case"]
    calls = [e.id for e in found.elements.values() if e.calls == found.elements[shared].process]
    assert {stages(found)[call] for call in calls} == {"2", "3"}
    assert stages(found)[shared] == ""
    assert place_after(found, before, [], [task(shared)]).stage == "2", "where it was"
    older = OF_EACH_CALL - 1
    assert stages(found, older)[shared] == "3", "as facts of older versions say"


def test_the_stage_is_the_highest_with_something_open() -> None:
    assert place_after(definition(), NOWHERE, [], [task("a"), task("b")]).stage == "2"
    assert place_after(definition(), NOWHERE, [], [task("a")]).stage == "1"


def test_stages_stand_in_the_order_of_the_release() -> None:
    release = prepare(small.one(BODY, WAY).with_file(VOCABULARY, BACKWARDS.encode()), TOPICS)
    backwards = next(iter(release.definitions.values()))
    assert backwards.stages == ("2", "1")
    assert definition().stages == ("1", "2"), "a release without the file: by their letters"
    assert place_after(backwards, NOWHERE, [], [task("a"), task("b")]).stage == "1"


def test_with_nothing_open_the_stage_stays() -> None:
    message = Open("message", "b", "b", 0)
    assert place_after(definition(), CasePlace("1", ""), [], [message]).stage == "1"


def test_the_station_is_the_last_one_that_was_begun() -> None:
    steps = [Step("entered", "a"), Step("left", "a"), Step("entered", "b")]
    assert place_after(definition(), NOWHERE, steps, []).station == "travel"
    assert place_after(definition(), NOWHERE, steps[:2], []).station == "talk"
    assert (
        place_after(definition(), CasePlace("", "travel"), [Step("left", "a")], []).station
        == "travel"
    )
