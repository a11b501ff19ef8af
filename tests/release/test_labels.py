"""A name is in the reader's language, else in Swedish; an element without a name has its id.

Capitals stay in the drawing: pages and letters write a keyword of the leaflet as a word.
"""

from __future__ import annotations

import pytest

from service.engine import Element
from service.release.labels import element_name, localized_name, sentence_case


def element(**names: str) -> Element:
    return Element("Task_A", "userTask", "p", "p", names)


def test_a_name_falls_back_to_swedish_and_then_to_nothing() -> None:
    assert localized_name({"sv": "Ansök", "en": "Apply"}, "en") == "Apply"
    assert localized_name({"sv": "Ansök"}, "en") == "Ansök"
    assert localized_name({}, "en") == ""


def test_an_element_without_a_name_has_its_id() -> None:
    assert element_name(element(sv="Ansök"), "en") == "Ansök"
    assert element_name(element(), "en") == "Task_A"


@pytest.mark.parametrize(
    ("drawn", "written"),
    [
        ("VÄLGRUNDAT BESLUT – underteckna ansökan", "Välgrundat beslut – underteckna ansökan"),
        ("STÖD – svara IOM Helsingfors", "Stöd – svara IOM Helsingfors"),
        ("FÖRBEREDELSE INFÖR OCH UNDER HEMRESAN", "Förberedelse inför och under hemresan"),
        ("NEEDS ASSESSMENT – look into needs", "Needs assessment – look into needs"),
        ("IOM Helsingfors – svara", "IOM Helsingfors – svara"),
        ("Frågan gäller AVRR", "Frågan gäller AVRR"),
        ("NEJ", "NEJ"),
    ],
)
def test_a_keyword_in_capitals_is_written_as_a_word(drawn: str, written: str) -> None:
    assert sentence_case(drawn) == written
    assert element_name(element(sv=drawn), "en") == written
