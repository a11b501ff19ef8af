"""What no other comparison tells of an XML file is told, and nothing is told twice."""

from __future__ import annotations

from service.engine import FileParts
from service.workshop.comparison.file_rest import diff_rest
from service.workshop.comparison.release_changes import ChangeTexts

NOTE = {"kind": "textAnnotation", "in": "P", "text": "Old words"}
TASK = {"kind": "userTask", "in": "P", "@name": "Plan", "outgoing": "f1"}


def sentences(
    before: dict[str, dict[str, str]], after: dict[str, dict[str, str]], *known: str
) -> list[tuple[str, str, str]]:
    changes = diff_rest(
        FileParts(before), FileParts(after), "workflows/a.bpmn", set(known), ChangeTexts("en")
    )
    return [(one.kind, one.sign, one.text) for one in changes]


def test_notes_are_words_and_messages_are_about_the_way() -> None:
    assert sentences({"n": NOTE}, {"n": {**NOTE, "text": "New words"}}) == [
        ("text", "changed", "“New words” (note): text changed.")
    ]
    message = {"kind": "message", "in": "D", "@name": "stop"}
    assert sentences({}, {"m": message}) == [
        ("route", "added", "New in the drawing: “stop” (message).")
    ]
    assert sentences({"m": message}, {}) == [
        ("route", "removed", "Gone from the drawing: “stop” (message).")
    ]


def test_what_was_told_is_not_told_again() -> None:
    renamed = {**TASK, "@name": "Other", "outgoing": "f2"}
    assert sentences({"t": TASK}, {"t": renamed}, "t") == []
    assert sentences({}, {"t": TASK}, "t") == []


def test_an_unknown_attribute_of_a_known_step_is_told() -> None:
    coloured = {**TASK, "@name": "Other", "@colour": "red"}
    assert sentences({"t": TASK}, {"t": coloured}, "t") == [
        ("config", "changed", "“Other” (task for a person): colour changed.")
    ]


def test_what_says_again_what_a_flow_says_is_left_out() -> None:
    assert sentences({"t": TASK}, {"t": {**TASK, "outgoing": "f2", "in": "Q"}}) == []


def test_a_cell_is_told_with_its_row() -> None:
    row = {"kind": "rule", "in": "t"}
    cell = {"kind": "inputEntry", "in": "r", "text": "1"}
    before, after = {"r": row, "c": cell}, {"r": row, "c": {**cell, "text": "2"}}
    assert sentences(before, after, "r") == []
    assert len(sentences(before, after)) == 1
