"""A form file is read, changed and written: what was not changed keeps its bytes."""

from __future__ import annotations

import json

import pytest

from service.actions.publishing.forms import edits
from service.actions.publishing.forms.form_file import FormFile, read_form_file
from service.actions.publishing.forms.question_panel import EditorWords, load_panel
from service.actions.programme.vocabulary import Vocabulary
from service.errors import BadDiagram
from tests.support.world import shipped

WORDS = EditorWords("sv", Vocabulary(), {})
FORMS = sorted(name for name in shipped().files if name.startswith("forms/"))


def form_of(name: str) -> FormFile:
    return read_form_file(shipped().files[name], name)


def shown(form: FormFile, address: str) -> dict[str, str]:
    """What the browser sends when somebody opens a question and saves it untouched."""
    panel = load_panel(WORDS, form, address)
    assert panel is not None
    typed = {f"{name}.{lang}": text for name, words in panel.texts for lang, text in words}
    views = [view for _, views in panel.parts for view in views]
    typed["shown"] = " ".join(view.setting.name for view in views)
    typed |= {f"set.{view.setting.name}": view.value for view in views if view.value}
    if panel.shown_if_choices:
        typed["shown_if"] = panel.shown_if
    if len(panel.kinds) > 1:
        typed["kind"] = panel.kind
    if panel.has_options:
        for n, row in enumerate(panel.options):
            typed |= {f"option.{n}.{part}": text for part, text in row.items()}
    if panel.has_checks:
        for n, row in enumerate((*panel.checks, {"when": "", "sv": "", "en": ""})):
            typed |= {f"check.{n}.{part}": text for part, text in row.items()}
    return typed


@pytest.mark.parametrize("name", FORMS)
def test_saving_every_question_untouched_changes_no_byte(name: str) -> None:
    form = form_of(name)
    assert form.dump() == shipped().files[name]
    for address in form.by_address():
        assert edits.save_question(form, address, shown(form, address)).changed == {}, address


def test_every_property_of_the_shipped_forms_has_a_setting() -> None:
    beside = {"as"}  # the kind says it
    for name in FORMS:
        form = form_of(name)
        for address, node in form.by_address().items():
            given = node.component.get("properties", {})
            typed = shown(form, address)
            told = {key.removeprefix("set.") for key in typed} | set(typed["shown"].split())
            missing = {
                key
                for key in given
                if key not in told | beside and not key.startswith(("check", "check_text"))
            }
            assert missing == set(), (name, address)


@pytest.mark.parametrize(
    ("layout", "end"), [(dict(indent=4), "\n"), (dict(indent="\t"), "\r\n"), ({}, "")]
)
def test_the_layout_of_a_file_from_elsewhere_stays(layout: dict[str, object], end: str) -> None:
    content = json.loads(shipped().files["forms/acknowledge.form"])
    content["exporter"] = {"name": "another program", "version": 1.5}
    data = (json.dumps(content, ensure_ascii=False, **layout) + end).encode()  # type: ignore[arg-type]
    assert read_form_file(data, "forms/acknowledge.form").dump() == data


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"id": "a", "id": "b"}', b'{"a":' * 30 + b"1"])
def test_a_file_that_cannot_be_changed_is_refused(data: bytes) -> None:
    with pytest.raises(BadDiagram):
        read_form_file(data, "forms/a.form")


@pytest.mark.parametrize("components", [None, 7, "text", [1, None], {"a": 1}])
def test_a_form_without_components_is_refused(components: object) -> None:
    data = json.dumps({"id": "a", "type": "default", "components": components}).encode()
    with pytest.raises(BadDiagram, match="F105"):
        read_form_file(data, "forms/a.form")


def test_components_without_an_id_of_their_own_are_found_by_place() -> None:
    parts = [{"type": "textfield", "key": key, "id": "same"} for key in "ab"]
    parts.append({"type": "text", "text": "Hej"})
    form = read_form_file(json.dumps({"components": parts}).encode(), "forms/a.form")
    assert list(form.by_address()) == ["@0", "@1", "@2"]
