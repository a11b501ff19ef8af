"""Where a rule of the linter begins and ends: releases on both sides of its edge, and what its sentence names."""

from __future__ import annotations

import pytest

from service.engine.lint import lint
from service.engine.values import Files
from service.errors import Finding
from tests.lint.drawing import (
    RULE,
    border,
    both,
    call,
    diagram,
    drawn,
    end,
    event,
    ext,
    job,
    line,
    process,
    props,
    release,
    start,
    sub,
    task,
    timer,
    xor,
)
from tests.lint.test_lint import TODAY

FAILS = job("j", "letters.fail")
CAUGHT = border("q", "a", event("error", "Err_LOST")) + end("e2")


def keys(files: Files) -> list[str]:
    return [str(found.facts.get("sentence", found.code)) for found in lint(files, today=TODAY)]


def only(files: Files, code: str) -> Finding:
    (found,) = [found for found in lint(files, today=TODAY) if found.code == code]
    return found


def test_findings_come_file_by_file_diagrams_then_rules_then_calendars() -> None:
    found = lint(
        Files(
            {"z.bpmn": line(task("b", "gone") + task("a", "gone"), "s>b b>a a>e"), "a.bpmn": diagram()},
            rules={"y.dmn": RULE.replace(b'"YES"', b'"YES" or'), "b.dmn": b"<"},
            calendars={"x.json": b"{}", "c.json": b"{}"},
        )
    )
    assert list(dict.fromkeys(one.file for one in found)) == ["z.bpmn", "a.bpmn", "y.dmn", "b.dmn", "x.json", "c.json"]


def test_findings_on_one_element_come_in_the_order_of_their_codes() -> None:
    assert keys(release(line(task("a", "gone", group="Nobody", due="soon")))) == ["D111.group", "D510", "D603"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('=duration("PT1S")', ["D910"]),
        ('=duration("P1D")', []),
        ('=duration("P100Y")', ["D910"]),
    ],
)
def test_a_wait_that_feel_gives_without_reading_anything_is_measured(text: str, expected: list[str]) -> None:
    assert keys(release(line(task() + border("t", "a", timer("Duration", text)) + end("e2"), "s>a a>e t>e2"))) == expected


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (FAILS, []),
        (FAILS + border("w", "j", event("error", "Err_LOST")) + end("e3"), ["D315"]),
        (FAILS + border("w", "j", event("error")) + end("e3"), ["D315"]),
        (FAILS + border("w", "j", timer("Duration", "P1D")) + end("e3"), []),
        (task("j"), ["D315"]),
    ],
)
def test_an_error_that_is_caught_inside_does_not_come_out(inside: str, expected: list[str]) -> None:
    """A timer on the border of the step catches no error."""
    ways = "s1>j j>e1" + (" w>e3" if "boundaryEvent" in inside else "")
    assert keys(release(line(sub("a", start("s1") + inside + end("e1"), ways) + CAUGHT, "s>a a>e q>e2"))) == expected
    called = process(start("s1") + inside + end("e1"), ways, id_="p2")
    assert keys(release(diagram(process(start() + call("a", "p2") + CAUGHT + end(), "s>a a>e q>e2"), called))) == expected


def test_a_gateway_that_leads_nowhere_is_told_so() -> None:
    assert keys(release(drawn(start() + task("a", "ask") + xor(default="f9"), "s>a a>x"))) == ["D105", "D392"]


def test_a_role_that_does_not_do_a_step_is_told_with_the_step() -> None:
    promised = drawn(start() + task("a") + end(), "s>a a>e", head=ext(props(promise__1="only Boss does a")))
    assert only(release(promised, rules={}), "D809").facts["path"] == ["a"]


def test_a_file_without_any_id_is_named_by_the_file_only() -> None:
    bare = line(task()).replace(b' id="Definitions"', b' other:strange="1"')
    found = only(release(bare), "X109")
    assert (found.file, found.element, found.facts["x"]) == ("0.bpmn", "", "")


def test_a_join_that_starves_is_told_with_the_way_to_it_and_no_border() -> None:
    starved = drawn(start() + task("a", "ask") + xor() + task("b") + task("c") + both("h") + end(), 's>a a>x x>b[answer = "NO"] x>c* b>h c>h h>e')
    found = only(release(starved), "D803")
    assert (found.element, found.facts["path"]) == ("h", ["a", "a", "x", "b", "b"])
