"""A setting is read from its place in the file, and written there only when it changed."""

from __future__ import annotations

import pytest

from service.workshop.forms.question_settings import NAMES, settings_of


@pytest.mark.parametrize(
    ("name", "text", "component"),
    [
        ("required", "yes", {"validate": {"required": True}}),
        ("hide", "a = 1", {"conditional": {"hide": "=a = 1"}}),
        ("maxLength", "20", {"validate": {"maxLength": 20}}),
        ("max_rows", "4", {"properties": {"max_rows": "4"}}),
        ("routing", "yes", {"properties": {"routing": "yes"}}),
        ("expression", "1 + 1", {"expression": "=1 + 1"}),
        ("not_after", "today()", {"properties": {"not_after": "today()"}}),
    ],
)
def test_a_setting_is_written_and_taken_out(
    name: str, text: str, component: dict[str, object]
) -> None:
    made: dict[str, object] = {}
    NAMES[name].write(made, text)
    assert made == component
    assert NAMES[name].read(made) == text
    NAMES[name].write(made, "")
    assert made == {}


def test_an_unchanged_setting_keeps_its_very_text() -> None:
    component = {"conditional": {"hide": "= a = 1", "more": 2}, "validate": {"required": False}}
    for name in ("hide", "required"):
        NAMES[name].write(component, NAMES[name].read(component))
    assert component == {
        "conditional": {"hide": "= a = 1", "more": 2},
        "validate": {"required": False},
    }


def test_a_setting_that_does_not_fit_is_shown_if_it_stands() -> None:
    names = [s.name for s in settings_of("text", {"properties": {"buttons": "yes"}}, inside=True)]
    assert "buttons" in names
    assert "routing" not in names
