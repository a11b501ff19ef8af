"""A difference is one sentence in the reader's language, with its place."""

from __future__ import annotations

from service.workshop.comparison.release_changes import (
    ROUTE,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
)


def test_a_difference_has_a_sentence_and_its_place() -> None:
    texts = ChangeTexts("en")
    change = texts.change(ROUTE, "step_gone", Place("Task_A", "workflows/a.bpmn"), x="Plan")
    sentence = "The step “Plan” is gone."
    assert change == ReleaseChange("route", sentence, "Task_A", "workflows/a.bpmn", "removed")
    assert change.sign == "removed"
    assert texts.part("due") == "due"
    assert texts.name({"sv": "Plan", "en": "The plan"}, "id") == "The plan"
    assert texts.name({}, "id") == "id"


def test_items_are_paired_in_the_order_of_the_newer_side() -> None:
    assert [*pairs({"a": 1, "b": 2}, {"c": 3, "b": 4})] == [
        ("c", None, 3),
        ("b", 2, 4),
        ("a", 1, None),
    ]
