"""Stored answers become text: labels for codes, dates and amounts written out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from service.access import Viewer
from service.casework.casefile.answer_text import AnswerTexts, has_typed_part, without_numbers
from service.casework.cases.given_answers import GivenAnswer
from service.release.prepared import PreparedRelease, build, prepare
from tests.support import small
from tests.support.local_handlers import TOPICS
from tests.support.world import NOON

YES_NO = [{"label": "Ja", "value": "YES"}, {"label": "Nej", "value": "NO"}]
FORM = small.form(
    "plain",
    small.field("note", "textarea", "C2"),
    small.field("choice", "radio", "C2", values=YES_NO),
    small.field("several", "checklist", "C2", values=YES_NO),
    {**small.field("amount", "number", "C2"), "decimalDigits": 2},
)


@cache
def release() -> PreparedRelease:
    bundle = small.row_of_tasks(1).with_file("forms/plain.form", FORM)
    return prepare(bundle, TOPICS)


def texts(lang: str = "en") -> AnswerTexts:
    viewer = Viewer("p_sara", "social", frozenset(), lang, "Europe/Stockholm")
    return AnswerTexts(release(), viewer, {"countries": (("SE", "Sweden"),)})


def answer(key: str, value: Any, *, form: str = "plain", rev: int = 1) -> GivenAnswer:
    return GivenAnswer(key, value, "C2", "p_sara", "social", NOON, form, "a", 0, rev)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("note", "words", "words"),
        ("note", None, ""),
        ("choice", "YES", "Ja"),
        ("choice", "GONE", "GONE"),
        ("several", ["YES", "NO"], "Ja, Nej"),
        ("note", True, "Yes"),
        ("note", False, "No"),
        ("note", {"amount": "5"}, ""),
        ("amount", "12.50", "12.50"),
    ],
)
def test_a_value_as_text(key: str, value: Any, text: str) -> None:
    assert texts().text(answer(key, value)) == text


def test_a_number_is_written_as_in_the_language_of_the_viewer() -> None:
    amount = answer("amount", "12.50")
    assert (texts("sv").text(amount), texts("en").text(amount)) == ("12,50", "12.50")


def test_an_answer_has_the_label_of_its_field() -> None:
    assert texts().pair(answer("choice", "NO")) == ("Choice", "Nej")


def test_a_field_that_the_release_lacks_has_its_key() -> None:
    assert texts().pair(answer("old", "value")) == ("old", "value")
    assert texts().pair(answer("note", "value", form="gone")) == ("note", "value")


def test_answers_come_in_the_order_of_facts_and_forms() -> None:
    first, second, later = answer("note", 1), answer("choice", 2), answer("note", 3, rev=2)
    assert texts().in_order([later, second, first]) == [first, second, later]


def test_what_was_typed_is_one_line_a_field() -> None:
    form = release().forms["plain"]
    raw = {"several": ["YES", "", "NO"], "note": ["half a sen"], "unknown": ["x"]}
    assert texts().typed(form, raw) == [("Note", "half a sen"), ("Several", "Ja, Nej")]


def test_numbers_of_rows_are_left_out_of_a_path() -> None:
    assert without_numbers("risks.2.severity") == "risks.severity"


def agreed() -> tuple[PreparedRelease, GivenAnswer]:
    """A consent: whether it is on paper, and the name of its witness."""
    parts = [
        small.field("written", "radio", "C0", values=YES_NO),
        small.field("witness", "textfield", "C0"),
    ]
    whole = {**small.field("agreed", "group", "C0"), "path": "agreed", "components": parts}
    form = small.form("whole", {key: value for key, value in whole.items() if key != "key"})
    bundle = small.row_of_tasks(1).with_file("forms/whole.form", form)
    value: Any = {"written": "NO", "witness": "Kim"}
    return build(bundle, TOPICS), answer("agreed", value, form="whole")


@pytest.mark.parametrize(("hides", "told"), [(False, "Kim"), (True, "hidden from you")])
def test_what_was_typed_in_a_part_can_be_left_out(*, hides: bool, told: str) -> None:
    ready, consent = agreed()
    words = AnswerTexts(ready, texts().viewer, hides_typed_parts=hides)
    field = ready.forms["whole"].field("agreed")
    assert has_typed_part(field, consent.value)
    assert not has_typed_part(field, {"written": "NO", "witness": ""})
    assert words.text(consent) == f"Written: Nej, Witness: {told}"


WHO = [{"label": "Barn", "value": "CHILD"}, {"label": "Vuxen", "value": "ADULT"}]
TRAVELLERS: dict[str, object] = {
    "type": "dynamiclist",
    "path": "travellers",
    "label": "Travellers",
    "properties": {"class": "C2", "purpose": "case"},
    "components": [{"type": "radio", "key": "who", "label": "Who", "values": WHO}],
}
SEEN: dict[str, object] = {
    "type": "dynamiclist",
    "path": "seen",
    "label": "Seen",
    "properties": {"class": "C2", "purpose": "case"},
    "components": [
        {
            "type": "select",
            "key": "traveller",
            "label": "Traveller",
            "properties": {
                "as": "number",
                "options.from": "travellers",
                "options.label": "who",
            },
        },
        {"type": "radio", "key": "there", "label": "There", "values": YES_NO},
    ],
}


def test_a_row_that_was_chosen_by_its_number_is_told_by_what_stands_in_it() -> None:
    form = small.form("plain", TRAVELLERS, SEEN)
    prepared = prepare(small.row_of_tasks(1).with_file("forms/plain.form", form), TOPICS)
    listed = answer("travellers", [{"who": "CHILD"}, {"who": "ADULT"}], rev=3)
    words = replace(texts(), release=prepared, lists={"travellers": listed})
    seen = [{"traveller": 1, "there": "NO"}, {"traveller": 2, "there": "YES"}]

    def told(rev: int) -> list[str | tuple[str, ...]]:
        return list(words.lines_of(answer("seen", seen, rev=rev)))

    assert told(4) == [
        ("Traveller: 1. Barn", "There: Nej"),
        ("Traveller: 2. Vuxen", "There: Ja"),
    ]
    assert words.text(answer("seen", seen, rev=4)).startswith("Traveller: 1. Barn, There: Nej;")
    anew = [("Traveller: 1", "There: Nej"), ("Traveller: 2", "There: Ja")]
    assert told(2) == anew, "the rows may be others since"
