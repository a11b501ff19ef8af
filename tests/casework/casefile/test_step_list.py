"""The step list says in text what the diagram shows."""

from __future__ import annotations

from functools import cache

from service.casework.casefile.diagram_state import load_diagram_state
from service.casework.casefile.step_list import StepListLine, kind_name, plain_steps, step_list
from service.engine import Element
from service.release.prepared import PreparedRelease, prepare
from tests.casework.casefile.conftest import release
from tests.support import diagrams as d
from tests.support import small
from tests.support.local_handlers import TOPICS
from tests.support.world import NOON, World


@cache
def framed() -> PreparedRelease:
    """A task in a frame."""
    inner = d.start("is") + small.person("b") + d.end("ie")
    return prepare(small.one(d.sub("f", inner, "is>b b>ie"), "s>f f>e"), TOPICS)


def lines(found: list[StepListLine]) -> dict[str, StepListLine]:
    return {line.id: line for line in found}


def test_a_line_has_name_role_state_and_next_step(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    with desk.database.transaction(write=False) as tx:
        shown = load_diagram_state(tx, desk.program.services, desk.case(case_id), NOON)
    found = lines(step_list(shown, lang="en"))
    assert set(found) == {"a", "b"}, "starts and ends without a name are left out"
    assert (found["a"].name, found["a"].who, found["a"].state) == ("A", "Referring", "done")
    assert (found["a"].times, found["a"].then) == (1, (("", "B"),))
    assert found["b"].state == "active"
    assert lines(step_list(shown, lang="en", at=1))["b"].state == ""


def test_a_hidden_line_shows_nothing_but_its_place(desk: World, case_id: str) -> None:
    with desk.database.transaction(write=False) as tx:
        shown = load_diagram_state(tx, desk.program.services, desk.case(case_id), NOON)
    hidden = lines(step_list(shown, lang="en", hidden=["a"]))["a"]
    assert hidden == StepListLine("a", "", "", "", "hidden", "", 0, 0)


def test_the_steps_of_a_file_have_no_state() -> None:
    process = next(iter(release().definitions))
    assert [(line.id, line.state) for line in plain_steps(release(), process, "0.bpmn", "en")] == [
        ("a", ""),
        ("b", ""),
    ]


def test_what_is_in_a_frame_is_deeper() -> None:
    process = next(iter(framed().definitions))
    found = lines(plain_steps(framed(), process, "0.bpmn", "en"))
    assert (found["f"].depth, found["b"].depth) == (0, 1)


def test_a_kind_is_written_in_words() -> None:
    task = Element("x", "userTask", "p", "p", {})
    assert kind_name(task, "en") not in ("", "userTask")
    assert kind_name(Element("x", "strangeTask", "p", "p", {}), "en") == "strangeTask"


def test_a_gateway_that_only_joins_is_passed_over() -> None:
    drawn = d.xor("j") + small.person("a") + small.person("b")
    joined = prepare(small.one(drawn, "s>j j>a a>b b>e"), TOPICS)
    process = next(iter(joined.definitions))
    found = lines(plain_steps(joined, process, "0.bpmn", "en"))
    assert set(found) == {"a", "b"}
    assert found["a"].then == (("", found["b"].name),)


def test_a_step_leads_past_a_join_to_the_next_one() -> None:
    drawn = small.person("a") + d.xor("j") + small.person("b")
    joined = prepare(small.one(drawn, "s>a a>j j>b b>e"), TOPICS)
    found = lines(plain_steps(joined, next(iter(joined.definitions)), "0.bpmn", "en"))
    assert found["a"].then == (("", found["b"].name),)
