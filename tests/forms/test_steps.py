"""A long form is drawn in steps, a short one as a page; and a group of scales as a matrix."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.engine import Expression
from service.errors import BadDiagram
from service.forms import Form, draw, drawn_steps, form_steps, read_form
from tests.forms.paper import a_case, shipped, typed


def question(key: str, shape: str = "textfield", **more: Any) -> dict[str, Any]:
    return {"type": shape, "key": key, "label": key, "properties": {"class": "C0"}, **more}


def section(name: str, *questions: dict[str, Any]) -> dict[str, Any]:
    return {"type": "group", "id": name, "label": name, "components": list(questions)}


def many(prefix: str, count: int) -> list[dict[str, Any]]:
    return [question(f"{prefix}{n}") for n in range(count)]


def form_of(*components: dict[str, Any]) -> Form:
    content = {"schemaVersion": 19, "type": "default", "id": "f", "components": components}
    return read_form(json.dumps(content).encode(), name="f.form", feel=Expression)


NOTE = section("note", question("note", "textarea"))


def test_sections_are_steps_and_a_note_joins_the_last() -> None:
    form = form_of(*(section(name, *many(name, 8)) for name in ("a", "b", "c")), NOTE)
    assert form_steps(form) == {"a": 1, "b": 2, "c": 3, "note": 3}


def test_a_form_of_two_screens_is_a_page() -> None:
    assert form_steps(form_of(*(section(name, *many(name, 4)) for name in ("a", "b", "c")))) == {}


def test_two_long_sections_are_a_page() -> None:
    assert form_steps(form_of(section("a", *many("a", 20)), section("b", *many("b", 20)))) == {}


def test_a_form_with_questions_under_no_heading_is_a_page() -> None:
    sections = (section(name, *many(name, 8)) for name in ("a", "b", "c"))
    assert form_steps(form_of(question("first"), *sections)) == {}


def test_what_is_only_worked_out_stands_with_the_section_before() -> None:
    steps = form_steps(shipped()["informed_decision"])
    assert list(steps.values()) == [1, 1, 2, 3, 4, 4, 4]


@pytest.mark.parametrize(
    "form_id",
    [
        *("follow_up", "informed_decision", "needs_assessment", "new_case", "referral"),
        *("reintegration_plan", "risk_assessment", "counselling"),
    ],
)
def test_shipped_forms_that_are_too_long_are_in_steps(form_id: str) -> None:
    assert max(form_steps(shipped()[form_id]).values()) >= 3


def test_steps_are_told_with_what_is_left_and_hidden_ones_known() -> None:
    drawn = draw(shipped()["follow_up"], typed(), lang="sv", faults=(), context=a_case())
    steps = drawn_steps(drawn)
    assert [step.number for step in steps] == [1, 2, 3, 4]
    assert steps[0].label == "Först: är det tryggt att tala?"
    assert (steps[0].left, steps[0].hidden) == (3, False)  # one, and two of a first attempt
    assert sum(part.left for part in drawn if not part.hidden) == sum(step.left for step in steps)


def test_scales_of_the_same_options_are_a_matrix() -> None:
    drawn = draw(
        shipped()["follow_up"],
        typed(safeToTalk="true"),
        lang="sv",
        faults=(),
        context=a_case(),
    )
    economy = next(w for part in drawn for w in part.widgets if w.key == "economy")
    assert economy.shape == "matrix"
    assert [w.shape for w in economy.fields] == ["radio"] * 4 + ["computed"]
    assert {tuple(code for code, _ in w.options) for w in economy.fields[:4]} == {tuple("01234")}


def matrix(*questions: dict[str, Any]) -> dict[str, Any]:
    properties = {"class": "C0", "matrix": "yes"}
    return {
        "type": "group",
        "path": "m",
        "label": "m",
        "properties": properties,
        "components": list(questions),
    }


def choice(key: str, *values: str) -> dict[str, Any]:
    options = [{"value": value, "label": value} for value in values]
    return question(key, "radio", values=options)


@pytest.mark.parametrize(
    "questions",
    [
        (choice("a", "X", "Y"), choice("b", "X", "Z")),
        (choice("a", "X", "Y"), question("b")),
        (question("a"), question("b")),
    ],
)
def test_a_matrix_of_different_questions_is_refused(questions: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(BadDiagram) as refused:
        form_of(matrix(*questions))
    assert [f.code for f in refused.value.findings if f.severity == "E"] == ["F123"]


def test_a_date_says_which_days_are_allowed() -> None:
    drawn = draw(shipped()["start_case"], typed(), lang="sv", faults=(), context=a_case())
    on = next(w for part in drawn for w in part.widgets if w.key == "identifiedOn")
    assert on.most == a_case().today.isoformat()
