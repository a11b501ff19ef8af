"""A name is in the reader's language, else in Swedish; an element without a name has its id."""

from __future__ import annotations

from service.actions.releases.labels import element_name, localized_name
from service.engine import Element


def element(**names: str) -> Element:
    return Element("Task_A", "userTask", "p", "p", names)


def test_a_name_falls_back_to_swedish_and_then_to_nothing() -> None:
    assert localized_name({"sv": "Ansök", "en": "Apply"}, "en") == "Apply"
    assert localized_name({"sv": "Ansök"}, "en") == "Ansök"
    assert localized_name({}, "en") == ""


def test_an_element_without_a_name_has_its_id() -> None:
    assert element_name(element(sv="Ansök"), "en") == "Ansök"
    assert element_name(element(), "en") == "Task_A"
