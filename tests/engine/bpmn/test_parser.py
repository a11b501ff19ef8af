"""From a drawing to the model: lanes, events, repetitions, links and settings."""

from __future__ import annotations

from service.engine.bpmn.model import EventDefinition, Node, Repeat
from service.engine.bpmn.parser import read_model
from tests.support.diagram_files import release
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    document,
    each,
    end,
    event,
    ext,
    job,
    line,
    link,
    message,
    process,
    props,
    start,
    sub,
    task,
    throw,
    timer,
)

_LANES = (
    '<bpmn:laneSet id="{0}"><bpmn:lane id="{0}_l" name="{1}"><bpmn:flowNodeRef>{2}'
    "</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
)


def _nodes(data: bytes) -> dict[str, Node]:
    model, findings = read_model(release(data))
    assert findings == []
    return {node.id: node for _, node in model.processes["p"].scope.walk()}


def test_an_inner_lane_wins_and_events_have_their_hosts_lane() -> None:
    inner = (
        start("s1")
        + task("b")
        + border("t", "b", timer("Duration", "P1D"))
        + end("e1")
        + sub("c", start("s2") + task("d") + end("e2"), "s2>d d>e2")
    )
    frame = sub("a", inner, "s1>b b>c c>e1", head=_LANES.format("x", "Inner", "b"))
    model, _ = read_model(
        release(diagram(start() + frame + end(), "s>a a>e", head=_LANES.format("y", "Outer", "a")))
    )
    lanes = model.processes["p"].lanes
    assert (lanes["b"], lanes["t"], lanes["d"], lanes["a"]) == ("Inner", "Inner", "Outer", "Outer")


def test_events_carry_what_they_wait_for_or_throw() -> None:
    body = (
        catch("m", message())
        + catch("t", timer("Date", "=departure"))
        + throw("x", event("escalation", "U"))
        + catch("q", message("gone"))
    )
    nodes = _nodes(line(body, "s>m m>t t>x x>q q>e"))
    assert nodes["m"].event == EventDefinition("message", "m", refers="Msg_m")
    assert nodes["t"].event == EventDefinition("timer", "date", "=departure")
    assert nodes["x"].event == EventDefinition("escalation", "U", refers="Esc_U")
    assert nodes["q"].event == EventDefinition("message", refers="Msg_gone", known=False)


def test_other_elements_in_a_timer_are_ignored() -> None:
    told = "<bpmn:documentation>Three days.</bpmn:documentation>"
    inner = timer("Duration", "P3D").replace("<bpmn:timeDuration>", told + "<bpmn:timeDuration>")
    assert _nodes(line(catch("t", inner), "s>t t>e"))["t"].event == EventDefinition(
        "timer", "duration", "P3D"
    )


def test_a_border_error_without_reference_catches_every_error() -> None:
    assert _nodes(line(job("a") + border("b", "a", event("error"))))["b"].event == EventDefinition(
        "error"
    )


def test_a_repetition_is_read_without_the_signs_of_feel() -> None:
    inner = each("people", "person", "all", "person", until="safe")
    assert _nodes(line(task(inner=inner)))["a"].repeat == Repeat(
        sequential=False,
        collection="people",
        item="person",
        into="all",
        output="person",
        until="safe",
    )


def test_a_link_becomes_a_flow_behind_those_of_the_file() -> None:
    model, _ = read_model(
        release(diagram(start() + throw("t", link()) + catch("c", link()) + end(), "s>t c>e"))
    )
    assert [(flow.source, flow.target) for flow in model.processes["p"].scope.flows] == [
        ("s", "t"),
        ("c", "e"),
        ("t", "c"),
    ]


def test_names_have_languages_and_the_process_has_settings() -> None:
    model, _ = read_model(
        release(
            document(
                process(
                    "p",
                    start() + task(extra=props(name__en="Do it")) + end(),
                    "s>a a>e",
                    head=ext(props(promise__1="x")),
                )
            )
        )
    )
    read = model.processes["p"]
    assert read.properties == {"promise.1": "x"}
    node = read.scope.node("a")
    assert node is not None
    assert node.names == {"sv": "A", "en": "Do it"}
    assert (node.form, node.groups) == ("plain", ("Doer",))


def test_a_file_that_cannot_be_read_leaves_the_others() -> None:
    model, findings = read_model(release(b"<a>", line(task())))
    assert list(model.processes) == ["p"]
    assert [(f.code, f.file) for f in findings] == [("X102", "0.bpmn")]
