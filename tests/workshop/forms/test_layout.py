"""What form-js's editor hands back is put into the file: the rest of it keeps its bytes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from service.errors import BadDiagram
from service.workshop.forms.form_file import FormFile, read_form_file
from service.workshop.forms.layout import laid_out
from tests.support.world import shipped

FORMS = sorted(name for name in shipped().files if name.startswith("forms/"))
NAME = "forms/referral_decision.form"


def form_of(name: str = NAME) -> FormFile:
    return read_form_file(shipped().files[name], name)


def as_form_js_saves(content: dict[str, Any]) -> dict[str, Any]:
    """The schema with what form-js 1.23.0 adds and changes when nothing was moved."""
    rows = iter(range(10_000))

    def saved(component: dict[str, Any]) -> dict[str, Any]:
        made = {**dict(sorted(component.items())), "layout": {"row": f"Row_{next(rows)}"}}
        made["layout"]["columns"] = None
        if component["type"] in ("group", "dynamiclist"):
            made["showOutline"] = True
        if component["type"] == "dynamiclist":
            made["isRepeating"] = True
        if component["type"] == "select" and not {"values", "valuesKey"} & component.keys():
            made["values"] = [{"label": "Value", "value": "value"}]
        if "components" in component:
            made["components"] = [saved(one) for one in component["components"]]
        return made

    parts = [saved(one) for one in content["components"]]
    return {"components": parts, "type": "default", "id": "other", "schemaVersion": 19}


def sent(schema: dict[str, Any]) -> bytes:
    return json.dumps(schema).encode()


@pytest.mark.parametrize("name", FORMS)
def test_nothing_moved_changes_no_byte(name: str) -> None:
    form = form_of(name)
    schema = as_form_js_saves(copy.deepcopy(form.content))
    assert laid_out(form, sent(schema)).dump() == shipped().files[name]


def test_order_and_columns_are_taken_and_all_else_stays() -> None:
    form = form_of()
    schema = as_form_js_saves(copy.deepcopy(form.content))
    first = schema["components"][0]["components"]
    first.reverse()
    for component in first[:2]:
        component["layout"] = {"row": "Row_1", "columns": 8}
    schema["components"].insert(
        0, {"type": "textfield", "id": "Field_new", "label": "Ny", "key": "n"}
    )
    made = laid_out(form, sent(schema)).content
    assert made["components"][0] == schema["components"][0]
    keys = [one["key"] for one in made["components"][1]["components"]]
    assert keys[-1] == "referralDecision"
    assert made["components"][1]["components"][0]["layout"] == {"row": "Row_1", "columns": 8}
    same = {name: value for name, value in form.content.items() if name != "components"}
    assert {name: value for name, value in made.items() if name != "components"} == same


def test_a_question_that_went_takes_its_translation_along() -> None:
    form = form_of()
    schema = as_form_js_saves(copy.deepcopy(form.content))
    del schema["components"][0]["components"][1]
    made = laid_out(form, sent(schema))
    assert (made.say("Ofullständig", "en"), made.say("Godkänn", "en")) == ("", "Approve")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"components": [1]}', b'{"components": 3}'])
def test_what_is_no_form_is_refused(content: bytes) -> None:
    with pytest.raises(BadDiagram):
        laid_out(form_of(), content)
