"""The kinds of questions: what each is in the file, and which can become another."""

from __future__ import annotations

from service.workshop.forms.form_file import read_form_file
from service.workshop.forms.kinds import TEMPLATES, UNKNOWN, change_kind, kind_of, kinds_like
from tests.support.world import shipped


def test_every_shipped_component_has_a_kind() -> None:
    for name in (n for n in shipped().files if n.startswith("forms/")):
        kinds = {kind_of(n.component) for n in read_form_file(shipped().files[name], name).nodes()}
        assert UNKNOWN not in kinds, name


def test_each_template_is_of_its_kind() -> None:
    assert [kind for kind, made in TEMPLATES.items() if kind_of({**made, "path": "a"}) != kind
            and kind != "heading"] == []  # fmt: skip


def test_a_text_becomes_a_date_and_keeps_the_rest() -> None:
    component = {"type": "textfield", "key": "a", "properties": {"class": "C1"}, "other": 1}
    change_kind(component, "date")
    assert component == {
        "type": "textfield",
        "key": "a",
        "properties": {"class": "C1", "as": "date"},
        "other": 1,
    }
    change_kind(component, "country")
    assert kind_of(component) == "date", "what it holds does not fit"
    assert kinds_like({"type": "dynamiclist", "path": "a"}) == ()


def test_a_directory_brings_its_list() -> None:
    component = {"type": "select", "valuesKey": "countryList", "properties": {"as": "country"}}
    change_kind(component, "language")
    assert component["valuesKey"] == "languageList"
