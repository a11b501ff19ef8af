"""A form file is read, changed and written: what was not changed keeps its bytes."""

from __future__ import annotations

import json

import pytest

from service.errors import BadDiagram
from service.workshop.forms.form_file import FormFile, read_form_file
from tests.support.world import shipped

FORMS = sorted(name for name in shipped().files if name.startswith("forms/"))


def form_of(name: str) -> FormFile:
    return read_form_file(shipped().files[name], name)


@pytest.mark.parametrize("name", FORMS)
def test_a_file_is_written_as_it_was(name: str) -> None:
    assert form_of(name).dump() == shipped().files[name]


@pytest.mark.parametrize(("layout", "end"), [(4, "\n"), ("\t", "\r\n"), (None, "")])
def test_the_layout_of_a_file_from_elsewhere_stays(layout: int | str | None, end: str) -> None:
    content = json.loads(shipped().files["forms/take_alarm.form"])
    content["exporter"] = {"name": "another program", "version": 1.5}
    data = (json.dumps(content, ensure_ascii=False, indent=layout) + end).encode()
    assert read_form_file(data, "forms/take_alarm.form").dump() == data


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"id": "a", "id": "b"}', b'{"a":' * 30 + b"1"])
def test_a_file_that_cannot_be_changed_is_refused(data: bytes) -> None:
    with pytest.raises(BadDiagram):
        read_form_file(data, "forms/a.form")


@pytest.mark.parametrize("components", [None, 7, "text", [1, None], {"a": 1}])
def test_a_form_without_components_is_refused(components: object) -> None:
    data = json.dumps({"id": "a", "type": "default", "components": components}).encode()
    with pytest.raises(BadDiagram, match="F105"):
        read_form_file(data, "forms/a.form")


def test_components_that_share_an_id_are_found_by_place() -> None:
    parts = [{"type": "textfield", "key": key, "id": "same"} for key in "ab"]
    parts.append({"type": "text", "text": "Hej"})
    form = read_form_file(json.dumps({"components": parts}).encode(), "forms/a.form")
    assert list(form.by_address()) == ["@0", "@1", "@2"]
