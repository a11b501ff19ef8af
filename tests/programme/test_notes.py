"""Notes in the diagrams: short, with room for their words in both languages, and true to the rules
and clocks that they speak of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from lxml import etree

from service.engine.feel.values import Value
from tests.programme.rule_values import ask

from .picture import NAMES, WORKFLOWS, Picture, element

PROCESSES = sorted(path.stem for path in WORKFLOWS.glob("*.bpmn"))
MOST_WORDS = 20
LETTER, LINE, EDGE = 6.2, 14.4, 10
"""Average pixels of a letter and of a line of a 12 px sans-serif face; what a box keeps free."""


def words_of(note: etree._Element) -> tuple[str, str]:
    """The note in Swedish and in English."""
    english = element(note, ".//z:property[@name='name.en']")[0].get("value")
    return element(note, "b:text")[0].text or "", str(english)


def notes(process: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Ids and words of the notes of a diagram."""
    for note in element(Picture(process).root, "//b:textAnnotation"):
        yield str(note.get("id")), words_of(note)


def note(process: str, id_: str) -> tuple[str, str]:
    """The words of one note."""
    return dict(notes(process))[id_]


def clock(process: str, id_: str) -> str:
    """How long an event waits, as ISO 8601."""
    found = Picture(process).root.xpath(
        "string(//b:*[@id=$id]//b:timeDuration)", namespaces=NAMES, id=id_
    )
    assert isinstance(found, str)
    return found


def lines_of(text: str, width: float) -> int:
    """Lines that a text takes in that width."""
    lines, taken = 1, 0.0
    for word in text.split():
        long = len(word) * LETTER
        if taken and taken + LETTER + long > width:
            lines, taken = lines + 1, long
        else:
            taken += (LETTER if taken else 0) + long
    return lines


@pytest.mark.parametrize("process", PROCESSES)
def test_a_note_is_short(process: str) -> None:
    long = [
        (id_, words)
        for id_, both in notes(process)
        for words in both
        if len(re.findall(r"[\w’]+", words)) > MOST_WORDS
    ]
    assert long == []


@pytest.mark.parametrize("process", PROCESSES)
def test_a_note_has_room_for_its_words(process: str) -> None:
    picture = Picture(process)
    boxes = {
        id_: shape.box
        for plane in picture.planes
        for id_, shape in Picture(process, plane).shapes.items()
    }
    small = [
        (id_, words)
        for id_, both in notes(process)
        for words in both
        if lines_of(words, boxes[id_].width - EDGE) * LINE + EDGE > boxes[id_].height
    ]
    assert small == []


def test_the_note_of_acute_cases_has_the_times_of_the_rule() -> None:
    value = ask("deadlines", {"urgency": "ACUTE"}).value
    assert isinstance(value, dict)
    assert value["decide"] == value["counsel"]
    times = [value[name] for name in ("decide", "contact", "needs", "risk", "plan")]
    for words in note("return_case", "Note_Acute"):
        assert [f"PT{hours}H" for hours in re.findall(r"\d+", words)] == times


def test_the_notes_of_an_alarm_have_the_times_of_its_clocks() -> None:
    assert {clock("alarm_take", f"Tmr_{who}Wait") for who in ("Partner", "Approver")} == {"PT30M"}
    assert all("30 minut" in words for words in note("alarm_take", "Note_AlarmLater"))
    seconds = ("Helsinki", "Local", "Partner", "Approver")
    assert {clock("alarm", f"Tmr_Second{who}") for who in seconds} == {"PT12H"}
    assert re.findall(r"12 \w+", " ".join(note("alarm", "Note_NobodyLooked"))) == [
        "12 timmar",
        "12 hours",
    ]


@pytest.mark.parametrize(
    ("where", "offices"),
    [
        ({}, {"partner", "helsinki"}),
        ({"departureOutcome": "DEPARTED"}, {"helsinki", "local"}),
        ({"arrived": True}, {"helsinki", "local"}),
        ({"iomNotifiedOn": None}, {"partner", "approver"}),
    ],
)
def test_the_note_of_who_is_called_says_what_the_rule_gives(
    where: Mapping[str, Value], offices: set[str]
) -> None:
    everybody: list[Value] = ["helsinki", "local", "partner", "approver"]
    case: dict[str, Value] = {"iomNotifiedOn": "2026-03-02", "alarmKnows": everybody, **where}
    value = ask("alarm_offices", case).value
    assert isinstance(value, dict)
    assert {office for office, when in value.items() if when == "NOW"} == offices
