"""Findings of the linter: their order, names and places, at the edges of the rules."""

from __future__ import annotations

import pytest

from service.engine.lint import lint
from service.engine.types import Files
from tests.engine.lint.reports import keys, only
from tests.support.diagram_files import RULE, release
from tests.support.diagrams import (
    border,
    both,
    diagram,
    document,
    end,
    ext,
    job,
    line,
    mapping,
    node,
    process,
    props,
    start,
    sub,
    task,
    timer,
    xor,
)


def test_findings_are_sorted_by_file_then_kind_of_file() -> None:
    found = lint(
        Files(
            {
                "z.bpmn": line(task("b", "gone") + task("a", "gone"), "s>b b>a a>e"),
                "a.bpmn": document(),
            },
            rules={"y.dmn": RULE.replace(b'"YES"', b'"YES" or'), "b.dmn": b"<"},
            calendars={"x.json": b"{}", "c.json": b"{}"},
        )
    )
    assert list(dict.fromkeys(one.file for one in found)) == [
        "z.bpmn",
        "a.bpmn",
        "y.dmn",
        "b.dmn",
        "x.json",
        "c.json",
    ]


def test_findings_on_one_element_are_sorted_by_code() -> None:
    assert keys(release(line(task("a", "gone", group="Nobody", due="soon")))) == [
        "D111.group",
        "D510",
        "D603",
    ]


def test_a_gateway_without_a_flow_out_is_reported() -> None:
    assert keys(release(diagram(start() + task("a", "ask") + xor(default="f9"), "s>a a>x"))) == [
        "D105",
        "D392",
    ]


def test_a_role_that_does_not_do_a_step_is_reported_with_it() -> None:
    promised = diagram(
        start() + task("a") + end(), "s>a a>e", head=ext(props(promise__1="only Boss does a"))
    )
    assert only(release(promised, rules={}), "D809").facts["path"] == ["a"]


def test_a_file_without_any_id_is_named_by_the_file_only() -> None:
    bare = line(task()).replace(b' id="Definitions"', b' other:strange="1"')
    found = only(release(bare), "X109")
    assert (found.file, found.element, found.facts["x"]) == ("0.bpmn", "", "")


def test_a_join_that_starves_is_reported_with_the_way_to_it() -> None:
    starved = diagram(
        start() + task("a", "ask") + xor() + task("b") + task("c") + both("h") + end(),
        's>a a>x x>b[answer = "NO"] x>c* b>h c>h h>e',
    )
    found = only(release(starved), "D803")
    assert (found.element, found.facts["path"]) == ("h", ["a", "a", "x", "b", "b"])


@pytest.mark.parametrize(
    ("frame", "loops"),
    [(start("s1") + end("e1"), True), (start("s1") + task("b") + end("e1"), False)],
)
def test_a_sub_process_in_a_loop_waits_when_a_step_in_it_does(frame: str, loops: bool) -> None:  # noqa: FBT001 - a row of the table
    ways = "s1>b b>e1" if "userTask" in frame else "s1>e1"
    body = start() + task("a", "ask") + xor("y") + sub("u", frame, ways) + xor() + end()
    assert (
        "D807" in keys(release(diagram(body, 's>a a>y y>u u>x x>y[answer = "NO"] x>e*')))
    ) is loops


def test_an_inclusive_gateway_takes_ways_true_together() -> None:
    """`answer` is YES or NO, so the two ways are never taken at once, and a join of both would
    starve.
    """
    ways = 's>k k>g g>a[answer = "YES"] g>b* a>h b>h h>e'
    body = start() + task("k", "ask") + node("inclusiveGateway", "g") + task("a") + task("b")
    assert "D805" not in keys(release(diagram(body + xor("h") + end(), ways)))
    assert "D803" in keys(release(diagram(body + both("h") + end(), ways)))


def test_flows_of_two_files_may_not_share_an_id() -> None:
    flow = '<bpmn:sequenceFlow id="s_a"'
    other = document(process("q", start("s2") + task("b") + end("e2"), "s2>b b>e2")).replace(
        b'<bpmn:sequenceFlow id="s2_b"', flow.encode()
    )
    assert only(release(line(task()), other), "D102").facts["id"] == "s_a"


def test_the_id_of_a_process_is_of_plain_letters_too() -> None:
    assert (
        only(
            release(document(process("p" * 65, start() + task() + end(), "s>a a>e"))), "D103"
        ).element
        == "p" * 65
    )


def test_a_text_of_any_kind_does_not_hide_a_later_wrong_one() -> None:
    given = mapping(inputs={"answer": "=1 + 1"})
    body = (
        job("j", "letters.need", extra=given)
        + task("a")
        + border("t", "a", timer("Duration", "=1"))
        + end("e2")
    )
    assert "D905.gives" in keys(release(line(body, "s>j j>a a>e t>e2")))


def test_a_condition_that_is_always_the_same_is_reported() -> None:
    forked = diagram(
        start() + task("a", "ask") + xor() + end() + end("e2"), 's>a a>x x>e[answer = "YSE"] x>e2*'
    )
    found = only(release(forked), "D908")
    assert found.element
    assert found.file.endswith(".bpmn")
    assert found.line


def test_an_expression_with_an_impossible_text_is_reported() -> None:
    mapped = mapping({"sent": '=answer = "YSE"'})
    found = only(
        release(
            diagram(
                start() + task("a", "ask") + task("b", "ask", extra=mapped) + end(), "s>a a>b b>e"
            )
        ),
        "D908",
    )
    assert found.element == "b"
