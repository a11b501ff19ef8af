"""Findings name the parts of a diagram in the reader's language, never by an id nobody saw."""

from __future__ import annotations

import copy

from service.engine import Files, lint
from service.errors import Finding, Label, join_labels
from service.text import finding_text
from tests.engine.lint.case import forked
from tests.support.diagram_files import release
from tests.support.diagrams import line, props, task


def findings(files: Files, code: str) -> list[Finding]:
    return [found for found in lint(files) if found.code == code]


def said(found: Finding, lang: str) -> str:
    return finding_text(found.code, found.message, found.facts, lang)


def test_a_flow_without_a_name_is_named_by_its_ends() -> None:
    (found,) = findings(release(forked("x>e x>e2*")), "D402")
    assert said(found, "en") == "A condition is missing out of x: the way from x to e."
    assert said(found, "sv") == "Ett villkor saknas ut ur x: vägen från x till e."


def test_names_are_said_in_the_language_of_the_reader() -> None:
    places = join_labels(", ", [Label("Frister", {"sv": "Frister", "en": "Deadlines"}), "x"])
    assert places == "Frister, x"
    assert places.say("fi") == "Frister, x"
    assert places.say("en") == copy.deepcopy(places).say("en") == "Deadlines, x"


def test_a_finding_about_a_named_step_says_its_english_name() -> None:
    step = task(form="gone", extra=props(name__en="Ask the person"), name="Fråga personen")
    (found,) = findings(release(line(step)), "D603")
    assert "Ask the person" in said(found, "en")
    assert "Fråga personen" in said(found, "sv")


def test_two_ways_with_one_condition_and_no_default_are_told() -> None:
    twice = release(forked('x>e[answer = "YES"] x>e2[answer = "YES"]'))
    (found,) = findings(twice, "D406")
    assert said(found, "en").startswith("Out of x, the way from x to e2 is never taken")
    assert findings(twice, "D401")
