"""Diagrams in another language, and the survey of a draft, whatever is wrong with it."""

from __future__ import annotations

import pytest
from lxml import etree

from service.engine.bpmn.elements import BPMN
from service.engine.localized import drawn_in, for_viewing, in_language, survey
from service.errors import BadDiagram
from tests.support.diagram_files import RULE, release
from tests.support.diagrams import diagram, end, ext, job, line, node, props, start, task

LANES = (
    '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="Utförare">'
    "<bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
)


def names(data: bytes) -> dict[str, str]:
    root = etree.fromstring(data)
    return {
        e.get("id", ""): e.get("name") or e.findtext(f"{BPMN}text") or ""
        for e in root.iter(f"{BPMN}*")
        if e.get("id")
    }


def test_names_of_another_language_replace_the_drawn_ones() -> None:
    note = node(
        "textAnnotation", "n", ext(props(name__en="A note")) + "<bpmn:text>En notis</bpmn:text>"
    )
    other = node("textAnnotation", "n2", "<bpmn:text>Bara svenska</bpmn:text>")
    data = diagram(
        start() + task("a", extra=props(name__en="Decide")) + task("b") + end() + note + other,
        "s>a a>b b>e",
        head=LANES,
    )
    seen = names(in_language(data, "en", {"Utförare": "Doer"}))
    assert (seen["a"], seen["b"], seen["l1"], seen["n"], seen["n2"]) == (
        "Decide",
        "B",
        "Doer",
        "A note",
        "Bara svenska",
    )


def test_the_drawn_language_needs_no_reading() -> None:
    assert in_language(b"whatever it is", "sv", {}) == b"whatever it is"


def test_a_viewer_gets_a_drawing_without_the_engines_part() -> None:
    data = diagram(start() + task("a", extra=props(name__en="Decide")) + end(), "s>a a>e")
    seen = for_viewing(in_language(data, "en", {}))
    assert names(seen) == names(in_language(data, "en", {}))
    assert names(seen)["a"] == "Decide"
    assert b"extensionElements" in data
    assert b"extensionElements" not in seen
    assert seen.count(b"BPMNShape") == data.count(b"BPMNShape")


def test_a_file_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadDiagram):
        in_language(b"<a>", "en", {})


def test_each_process_is_found_in_the_file_that_draws_it() -> None:
    assert drawn_in({"one.bpmn": line(task()), "two.bpmn": b"<a>"}) == {"p": "one.bpmn"}


def test_a_draft_is_surveyed_whatever_is_wrong_with_it() -> None:
    seen = survey(
        release(
            line(task("a", "ask") + job("b", "gone"), "s>a a>b b>nowhere"),
            rules={"pick.dmn": RULE, "bad.dmn": b"<a>"},
        )
    )
    assert set(seen.model.processes) == {"p"}
    assert set(seen.tables) == {"pick"}
    assert seen.types["answer"].values == ("YES", "NO")
