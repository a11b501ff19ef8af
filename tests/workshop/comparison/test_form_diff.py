"""Two versions of a form differ question by question, property by property."""

from __future__ import annotations

import json
from typing import Any

from service.workshop.comparison.form_diff import diff_form
from service.workshop.comparison.release_changes import ChangeTexts, ReleaseChange
from tests.support import small


def form(*components: dict[str, Any], **top: Any) -> bytes:
    return json.dumps({**json.loads(small.form("ask", *components)), **top}).encode()


def found(before: bytes, after: bytes) -> list[ReleaseChange]:
    return list(diff_form(before, after, "forms/ask.form", ChangeTexts("en")))


def sentences(before: bytes, after: bytes) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.text, one.was, one.now) for one in found(before, after)]


NOTE = small.field("note", "textarea", "C2")
PLACE = small.field("place", "textfield", "C3")


def test_equal_forms_do_not_differ() -> None:
    assert found(form(NOTE), form(NOTE)) == []
    assert found(b"{", form(NOTE)) == []


def test_a_label_is_words_with_both_sides() -> None:
    assert sentences(form(NOTE), form({**NOTE, "label": "Ord"})) == [
        ("text", "The form “Ask”, “Ord”, question: changed.", "Note", "Ord")
    ]


def test_class_and_requirement_are_about_the_form() -> None:
    now = {**NOTE, "properties": {"class": "C3"}, "validate": {"required": True}}
    assert sentences(form(NOTE), form(now)) == [
        ("form", "The form “Ask”, “Note”, class: changed.", "C2", "C3"),
        ("form", "The form “Ask”, “Note”, must be answered: changed.", "–", "true"),
    ]


def test_a_property_that_nobody_knows_is_told_too() -> None:
    ((kind, text, was, now),) = sentences(form(NOTE), form({**NOTE, "sparkles": [1, 2]}))
    assert (kind, was, now) == ("form", "–", "1, 2")
    assert "sparkles" in text


def test_choices_come_go_and_are_called_otherwise() -> None:
    def choices(*pairs: tuple[str, str]) -> bytes:
        values = [{"value": value, "label": label} for value, label in pairs]
        return form(small.field("answer", "radio", "C0", values=values))

    before = choices(("YES", "Ja"), ("NO", "Nej"))
    texts = [
        text for _, text, _, _ in sentences(before, choices(("NO", "Nope"), ("MAYBE", "Kanske")))
    ]
    assert texts == [
        "The form “Ask”, “Answer”: a choice (NO) has other words.",
        "The form “Ask”, “Answer”: new choice “Kanske”.",
        "The form “Ask”, “Answer”: the choice “Ja” is gone.",
    ]
    ((kind, text, _, _),) = sentences(before, choices(("NO", "Nej"), ("YES", "Ja")))
    assert (kind, text) == ("form", "The form “Ask”, “Answer”: the choices stand in another order.")


def test_questions_come_go_and_move() -> None:
    came = found(form(NOTE), form(NOTE, PLACE))
    assert [(one.sign, one.element) for one in came] == [("added", "place")]
    assert "class C3" in came[0].text
    assert [one.sign for one in found(form(NOTE, PLACE), form(NOTE))] == ["removed"]
    ((kind, text, _, _),) = sentences(form(NOTE, PLACE), form(PLACE, NOTE))
    assert kind == "form"
    assert text.endswith("in another place.")


def test_a_question_that_moves_into_a_group_keeps_its_name() -> None:
    group = {"type": "group", "label": "All", "id": "G", "components": [NOTE]}
    signs = [(one.sign, one.text) for one in found(form(NOTE), form(group))]
    assert ("changed", "The form “Ask” asks for “Note” in another place.") in signs


def test_words_in_another_language_are_shown_on_both_sides() -> None:
    before = form(NOTE, **{"x-i18n": {"en": {"Note": "Note"}}})
    after = form(NOTE, **{"x-i18n": {"en": {"Note": "Remark"}}})
    ((kind, text, was, now),) = sentences(before, after)
    assert (kind, was, now) == ("text", "Note", "Remark")
    assert "“Note” in another language (en)" in text


def test_checks_and_their_words_are_told_apart() -> None:
    before = {**NOTE, "properties": {"class": "C2", "check_2": "a > 1", "check_text_2.sv": "Ett"}}
    after = {**NOTE, "properties": {"class": "C2", "check_2": "a > 2", "check_text_2.sv": "Två"}}
    assert [(kind, text) for kind, text, _, _ in sentences(form(before), form(after))] == [
        ("form", "The form “Ask”, “Note”, what the answer must meet: changed."),
        ("text", "The form “Ask”, “Note”, words when the answer does not do (sv): changed."),
    ]
