"""Consequences in sentences: what is sure comes first, and letters are named once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.access import Viewer
from service.casework.commands.button_consequences import (
    DEPENDS,
    LETTER,
    STAYS,
    TIMER,
    UNFINISHED,
    Consequence,
    consequence_texts,
)
from service.text import say

VIEWER = Viewer("p", "o", frozenset(), lang="en", zone="Europe/Stockholm")
NOW = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)


def test_what_is_sure_comes_before_what_depends() -> None:
    texts = consequence_texts([Consequence(DEPENDS), Consequence(STAYS)], VIEWER, NOW)
    assert texts == [say("task.gets_none", "en"), say("task.depends", "en", task="")]


def test_each_office_gets_one_letter_in_one_sentence() -> None:
    letters = [Consequence(LETTER, office=office) for office in ("A", "B", "A", "C")]
    assert consequence_texts(letters, VIEWER, NOW) == [
        say("task.letter_goes", "en", who="A, B and C")
    ]


def test_one_office_is_named_without_and() -> None:
    (text,) = consequence_texts([Consequence(LETTER, office="A")], VIEWER, NOW)
    assert text == say("task.letter_goes", "en", who="A")


def test_the_same_sentence_is_said_once() -> None:
    assert len(consequence_texts([Consequence(UNFINISHED)] * 2, VIEWER, NOW)) == 1


def test_what_is_due_within_a_day_says_its_hour() -> None:
    times = (timedelta(minutes=30), timedelta(days=2))
    waits = [Consequence(TIMER, due=NOW + time) for time in times]
    dates = ("2026-12-01 18:30", "2026-12-03")
    expected = [say("task.timer", "en", date=date) for date in dates]
    assert consequence_texts(waits, VIEWER, NOW) == expected
