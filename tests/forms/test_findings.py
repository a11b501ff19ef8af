"""What the form reader says: in both languages, at the path of the question, about circles too."""

from __future__ import annotations

import json
import re
import time
import tomllib
from pathlib import Path

from service.engine import Expression
from service.errors import Finding
from service.forms import inspect_form
from service.forms.form_findings import SENTENCES, WORDS
from service.text import finding_text

SWEDISH = tomllib.loads(
    (Path(__file__).parents[2] / "service" / "text" / "lint_sv.toml").read_text(encoding="utf-8")
)


def found(*components: object, **head: object) -> list[Finding]:
    form = {"type": "default", "id": "a", "schemaVersion": 19, **head, "components": components}
    return inspect_form(json.dumps(form).encode(), name="a.form", feel=Expression)[1]


def asked(key: str, **more: object) -> dict[str, object]:
    return {"type": "textfield", "key": key, "label": key, "properties": {"class": "C0"}, **more}


def test_every_sentence_is_there_in_swedish_with_its_facts() -> None:
    def places(sentences: dict[str, str]) -> dict[str, set[str]]:
        return {key: set(re.findall(r"{(\w+)}", text)) for key, text in sentences.items()}

    assert places(SWEDISH["forms"]) == places(dict(SENTENCES))
    assert set(WORDS.values()) <= SWEDISH["phrases"].keys()


def test_a_fault_of_feel_tells_setting_place_and_reason() -> None:
    [fault] = [
        f for f in found(asked("a"), asked("b", conditional={"hide": "=c = 1"})) if f.code == "F113"
    ]
    swedish = finding_text(fault.code, fault.message, fault.facts, "sv")
    assert fault.message.startswith("Hidden when, character 1: c is not a variable")
    assert swedish.startswith("Göms när, tecken 1: c är ingen variabel")


def test_a_question_in_a_group_is_named_by_its_path() -> None:
    inner = {"type": "textfield", "key": "b", "label": "B", "properties": {"class": "C9"}}
    group = {"type": "group", "path": "g", "label": "G", "properties": {"class": "C0"}}
    faults = found({**group, "components": [inner]})
    assert [(f.code, f.element) for f in faults if f.severity == "E"] == [("F109", "g.b")]


def test_conditions_in_a_circle_are_one_finding() -> None:
    circle = [asked(k, conditional={"hide": f"={o} = null"}) for k, o in ("ab", "bc", "ca")]
    faults = found(*circle, asked("d", conditional={"hide": "=a = null"}))
    assert [(f.code, f.facts["keys"]) for f in faults if f.severity == "E"] == [("F125", "a, b, c")]
    own = found(asked("a", conditional={"hide": "=a = null"}))
    assert [f.code for f in own if f.severity == "E"] == ["F125"]


def test_a_thousand_conditions_in_a_circle_are_read_at_once() -> None:
    keys = [f"k{n}" for n in range(1000)]
    circle = [
        asked(key, conditional={"hide": f"={keys[n - 1]} = null"}) for n, key in enumerate(keys)
    ]
    begun = time.process_time()
    assert [f.code for f in found(*circle) if f.severity == "E"] == ["F125"]
    assert time.process_time() - begun < 5
