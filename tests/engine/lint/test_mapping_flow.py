"""Data flow over mappings: what counts as written is what the engine writes."""

from __future__ import annotations

import pytest

from service.engine.lint import lint
from tests.engine.lint.case import IN, INNER
from tests.engine.lint.reports import TODAY
from tests.support.diagram_files import release
from tests.support.diagrams import (
    border,
    call,
    catch,
    document,
    end,
    event,
    ext,
    job,
    line,
    mapping,
    message,
    node,
    process,
    rule,
    start,
    sub,
    task,
    timer,
)

OUT = mapping({"sent": "=1"})


def reads(id_: str, name: str = "sent") -> str:
    """A handler's step that is given a variable."""
    return job(id_, extra=mapping(inputs={"answer": f"={name}"}))


READER = reads("z")


def codes(data: bytes, **more: object) -> set[tuple[str, str]]:
    found = lint(release(data, **more), today=TODAY)
    return {(f.code, f.element) for f in found if f.code in {"D820", "D821", "D823", "D510"}}


def mapped(kind: str, outputs: str) -> str:
    """The element `a` of a kind, with an output mapping or without."""
    inside = ext(outputs) if outputs else ""
    made = {
        "receiveTask": node("receiveTask", "a", inside, name="A", messageRef="Msg_m"),
        "catch": catch("a", inside + message()),
        "timer": catch("a", inside + timer("Duration", "P1D")),
        "rule": rule("a", extra=outputs),
        "sub": sub("a", INNER, IN, head=inside),
        "milestone": node("intermediateThrowEvent", "a", inside),
    }
    return made[kind]


@pytest.mark.parametrize("kind", ["receiveTask", "catch", "timer", "rule", "sub", "milestone"])
def test_an_output_mapping_that_runs_sets_its_target(kind: str) -> None:
    before, way = ("", "s>a a>z z>e")
    if kind == "rule":
        before, way = task("y", "ask"), "s>y y>a a>z z>e"
    with_mapping = line(before + mapped(kind, OUT) + READER, way)
    assert codes(with_mapping) == set()
    assert codes(line(before + mapped(kind, "") + READER, way)) == {("D820", "z")}


def test_a_mapping_on_a_gateway_sets_nothing() -> None:
    gateway = node("exclusiveGateway", "a", ext(OUT))
    assert codes(line(gateway + READER, "s>a a>z z>e")) == {("D820", "z"), ("D510", "a")}


def test_an_output_may_read_what_its_step_brings() -> None:
    asked = task("a", "count", mapping({"sent": "=n + 1"}))
    assert codes(line(asked + READER, "s>a a>z z>e")) == set()


def test_an_output_may_read_what_is_written_inside() -> None:
    inside = start("s1") + task("b", "count") + end("e1")
    frame = sub("a", inside, IN, head=ext(mapping({"sent": "=n + 1"})))
    assert codes(line(frame + READER, "s>a a>z z>e")) == set()


def test_an_output_that_reads_what_nothing_sets_is_told() -> None:
    asked = task("a", "plain", mapping({"sent": "=n + 1"}))
    assert codes(line(asked + task("y", "count") + READER, "s>a a>z z>y y>e")) == {("D820", "a")}


def test_a_later_output_may_read_an_earlier_one() -> None:
    both = mapping({"sent": "=1", "safe": "=sent = 1"})
    assert codes(line(task("a", "plain", both) + READER, "s>a a>z z>e")) == set()


def test_an_input_of_a_sub_process_is_set_inside_it_alone() -> None:
    inside = start("s1") + reads("b") + end("e1")
    frame = sub("a", inside, IN, head=ext(mapping(inputs={"sent": "=1"})))
    assert codes(line(frame + READER, "s>a a>z z>e")) == {("D820", "z")}


def test_what_is_written_over_an_input_does_not_leave() -> None:
    inside = start("s1") + task("b", "count") + end("e1")
    frame = sub("a", inside, IN, head=ext(mapping(inputs={"n": "=1"})))
    assert codes(line(frame + reads("z", "n"), "s>a a>z z>e")) == {("D820", "z")}


def calls(extra: str, inside: str = "") -> bytes:
    own = start() + call("a", "q", extra) + READER + end()
    other = start("s1") + (inside or task("b")) + end("e1")
    return document(process("p", own, "s>a a>z z>e"), process("q", other, IN))


def test_outputs_of_a_call_are_all_that_comes_back() -> None:
    writes = task("b", "plain", OUT)
    assert codes(calls("", writes)) == set()
    assert codes(calls(mapping({"safe": "=true"}), writes)) == {("D820", "z")}
    assert codes(calls(mapping({"sent": "=sent"}), writes)) == set()


def test_an_input_of_a_call_is_set_in_the_called_process() -> None:
    inside = reads("b")
    assert codes(calls(mapping(inputs={"sent": "=1"}), inside)) == {("D820", "z")}


def test_a_message_start_of_a_called_process_knows_no_call() -> None:
    own = start() + task("y", "plain", OUT) + call("a", "q") + end()
    inside = INNER + start("s2", message("m")) + reads("c")
    way = f"{IN} s2>c c>e1"
    files = document(process("p", own, "s>y y>a a>e"), process("q", inside, way))
    assert codes(files) == {("D820", "c")}


def test_an_error_brings_no_input_of_the_sub_process_along() -> None:
    inside = start("s1") + task("b") + end("e1", event("error", "E"))
    frame = sub("a", inside, IN, head=ext(mapping(inputs={"sent": "=1"})))
    caught = border("x", "a", event("error", "E"))
    found = codes(line(frame + caught + READER + end("e2"), "s>a a>e2 x>z z>e"))
    assert found == {("D820", "z")}
