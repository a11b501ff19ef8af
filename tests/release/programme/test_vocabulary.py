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
        ("", "at least one"),
        ("[[stage", "Expected"),
        ("[[step]]", r"\[\[step\]\] is none of stage, station"),
        ("stage = 1", "stage is written as rows"),
        ('[[stage]]\nsv = "A"', r"\[\[stage\]\] 1 needs an id"),
        ('[[stage]]\nid = "a b"', r"\[\[stage\]\] 1 needs an id"),
        ('[[stage]]\nid = "a"\nsv = "A"', "the stage a needs words in sv and en"),
        ('[[stage]]\nid = "a"\nsv = "A"\nen = " "', "the stage a needs words in sv and en"),
        ('[[stage]]\nid = "a"\nsv = "A"\nen = "B"\nde = "C"', "a key de that means nothing"),
        (STAGE_ROW + STAGE_ROW, "two rows .* have the id in"),
        (STAGE_ROW.replace('"in"', '"x"'), "no stage can be called x"),
        (
            STAGE_ROW + '[[message]]\nid = "m"\nsv = "A"\nen = "B"\nfor = "C"',
            "`for` of the message m needs words",
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
