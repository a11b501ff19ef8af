"""What a draft changes in what goes out: papers, and texts of consents."""

from __future__ import annotations

from service.application.shipped_files import shipped_bundle
from service.release.bundle import Bundle
from service.settings import Settings
from service.workshop.comparison.paper_diff import diff_consent_texts, diff_papers
from service.workshop.comparison.release_changes import ChangeTexts

SHIPPED = shipped_bundle(Settings())
PLAN, TEXT = "workflows/papers/plan.typ", "workflows/config/consents/REFER.sv.md"


def without(name: str) -> Bundle:
    return Bundle({file: data for file, data in SHIPPED.files.items() if file != name})


def changed(name: str, was: str, now: str) -> Bundle:
    text = SHIPPED.text(name)
    assert was in text
    return SHIPPED.with_file(name, text.replace(was, now).encode())


def papers(before: Bundle, after: Bundle) -> list[tuple[str, str, str]]:
    return [(c.kind, c.file, c.text) for c in diff_papers(before, after, ChangeTexts("en"))]


def texts(before: Bundle, after: Bundle) -> list[tuple[str, str, str]]:
    return [(c.kind, c.file, c.text) for c in diff_consent_texts(before, after, ChangeTexts("en"))]


def test_papers_come_and_go() -> None:
    title = "Plan for the time after coming home"
    assert papers(SHIPPED, without(PLAN)) == [("form", PLAN, f"The paper “{title}” is gone.")]
    assert papers(without(PLAN), SHIPPED) == [("form", PLAN, f"“{title}” is a new paper.")]
    assert papers(SHIPPED, SHIPPED) == []


def test_what_a_paper_prints_is_said() -> None:
    ((kind, _, sentence),) = papers(SHIPPED, changed(PLAN, '"goals", ', ""))
    assert kind == "form"
    assert "was givenNames, goals, activities" in sentence
    assert "is now givenNames, activities" in sentence


def test_every_other_line_of_a_paper_is_shown_on_both_sides() -> None:
    changed_paper = changed(PLAN, "#head()", "#head() ")
    ((kind, file, _),) = papers(SHIPPED, changed_paper)
    assert (kind, file) == ("config", PLAN)
    (line,) = diff_papers(SHIPPED, changed_paper, ChangeTexts("en"))
    assert (line.was, line.now) == ("#head()", "#head() ")


def test_each_text_that_people_say_yes_to_is_named() -> None:
    ((kind, file, sentence),) = texts(SHIPPED, changed(TEXT, "2026-2", "2026-3"))
    assert (kind, file) == ("text", TEXT)
    assert "“Hänvisning till programmet” (sv) has other words, version 2026-3" in sentence
    assert texts(SHIPPED, without(TEXT))[0][2].endswith("(sv) is gone.")
    assert texts(without(TEXT), SHIPPED)[0][2].startswith("New text of consent")
