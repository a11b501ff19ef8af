"""The words of the programme are read from its file, and a row that is no use is named."""

from __future__ import annotations

import pytest

from service.release.programme.vocabulary import (
    MESSAGE,
    MESSAGE_USE,
    STAGE,
    STATION,
    Vocabulary,
    read_vocabulary,
    stage_number,
)

STAGE_ROW = '[[stage]]\nid = "in"\nsv = "Inne"\nen = "Inside"\n'


def test_terms_stand_in_the_order_of_the_file() -> None:
    words = read_vocabulary(STAGE_ROW + '[[stage]]\nid = "a"\nsv = "Sist"\nen = "Last"\n')
    assert words.stages == ("in", "a")
    assert words.first_stage == "in"
    assert (words.word(STAGE, "a", "en"), words.word(STAGE, "a", "fi")) == ("Last", "Sist")
    assert words.word(STATION, "a", "en") == ""
    assert Vocabulary().first_stage == ""


def test_a_message_may_say_what_it_is_for() -> None:
    row = '[[message]]\nid = "stop"\nsv = "Sluta"\nen = "Stop"\n'
    words = read_vocabulary(STAGE_ROW + row + 'for = { sv = "Allt slutar.", en = "All ends." }')
    assert words.word(MESSAGE, "stop", "sv") == "Sluta"
    assert words.word(MESSAGE_USE, "stop", "en") == "All ends."
    assert read_vocabulary(STAGE_ROW + row).word(MESSAGE_USE, "stop", "en") == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it lacks stage"),
        ("stage = []", "stage: this is empty"),
        ("[[stage", "Expected"),
        ("[[step]]", "there is no step; there are group, message, office_kind, purpose, sta"),
        ("stage = 1", "stage: this must be a list"),
        ('[[stage]]\nsv = "A"\nen = "B"', "stage 1: it lacks id"),
        ('[[stage]]\nid = "a b"\nsv = "A"\nen = "B"', "stage 1, id: an id has"),
        ('[[stage]]\nid = "a"\nsv = "A"', "stage 1: it lacks en"),
        ('[[stage]]\nid = "a"\nsv = "A"\nen = " "', "stage 1, en: this is empty"),
        ('[[stage]]\nid = "a"\nsv = "A"\nen = "B"\nde = "C"', "stage 1: de means nothing here"),
        (STAGE_ROW + STAGE_ROW, "stage: in is there twice"),
        (STAGE_ROW.replace('"in"', '"x"'), "stage: x means that a case has ended"),
        (
            STAGE_ROW + '[[message]]\nid = "m"\nsv = "A"\nen = "B"\nfor = "C"',
            "message 1, for: this must be a table, not a text",
        ),
    ],
)
def test_a_row_that_is_no_use_is_named(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_vocabulary(text)


@pytest.mark.parametrize(
    ("stage", "number"), [("in", "1"), ("a", "2"), ("", "1"), ("gone", "gone")]
)
def test_a_stage_is_counted_in_its_order(stage: str, number: str) -> None:
    assert stage_number(("in", "a"), stage) == number
