"""The sentences of the findings about forms, and how bad each finding is.

A key is a code, or a code with a word behind a full stop where one rule has several sentences. The
Swedish ones stand in `service/text/lint_sv.toml` under `[forms]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from service.errors import Finding

SENTENCES: Final[Mapping[str, str]] = {
    "F101": "This is not JSON: {reason}.",
    "F101.object": "A form is one JSON object.",
    "F102": "The file is larger than 1 MiB.",
    "F103": "The file is nested deeper than {most} levels.",
    "F104": 'The name "{key}" stands twice in one object.',
    "F105.type": 'A form-js form has the type "default".',
    "F105.id": "A form has an id.",
    "F105.version": "The schemaVersion is a number up to {newest}.",
    "F105.components": "A form has a list of components.",
    "F106": 'A form may not hold a component of type "{type}".',
    "F107": "A field needs a key: a letter, then letters, digits or underscores.",
    "F107.money": "Money holds the fields amount and currency.",
    "F107.fields": "A list or group needs fields.",
    "F108": "The key {key} stands twice.",
    "F109": "Every field has a class: C0, C1, C2 or C3.",
    "F110": (
        "A name cannot steer the process: only a choice, a yes or no, a count or a date, outside"
        " lists and groups."
    ),
    "F111": '"{text}" is missing in {lang}.',
    "F111.label": "The field has no label.",
    "F111.check": "The sentence of a check is missing in {lang}.",
    "F111.sentence": "{which}: there is no sentence to say when it fails.",
    "F112": "A choice needs options.",
    "F112.yesno": "A yes or no has exactly the values true and false.",
    "F112.option": "Every option needs a value and a label ({value}).",
    "F112.twice": "The option {value} stands twice.",
    "F113": "{which}, character {character}: {reason}",
    "F113.part": '{which}: there is no "{part}" in "{name}".',
    "F114": "A field of class C2 or C3 needs a purpose.",
    "F115.kind": 'A {type} cannot be read as "{value}".',
    "F115.properties": "Properties must be names with texts.",
    "F115.text": "The property {prop} must be a text.",
    "F115.uses": 'x-uses: there is no kind "{value}".',
    "F115.heading": (
        "A heading has no condition of its own: it goes when all its fields are hidden."
    ),
    "F116": "The property {prop} means nothing here.",
    "F117": "The least ({low}) is more than the most ({high}).",
    "F118": "Only a choice can become submit buttons.",
    "F118.one": "Only one field of a form can become submit buttons.",
    "F119": "A computed field needs an expression.",
    "F119.asked": "A computed field is never asked for.",
    "F120": "A consent names one of the purposes{purposes}.",
    "F121": (
        "shown_when is of older releases. Write when the field is hidden, as form-js does:"
        ' "conditional": {{"hide": "=({text}) != true"}}; inside a group name its questions'
        " as <group>.<key>, inside a row as this.<key>."
    ),
    "F122": "A group of shared questions and the consents that name it belong together.",
    "F123": "The questions of a matrix are all choices of the same options.",
    "F124": "The form reads {key}, which no form asks for and no step or rule gives.",
    "F125": "The conditions of {keys} read each other in a circle, so no order of them is right.",
    "F126": "A judgement is never proposed: whoever answers must judge herself.",
}
WORDS: Final[Mapping[str, str]] = {
    "hide": "Hidden when",
    "shown_when": "Shown when",
    "required_when": "Required when",
    "expression": "Worked out as",
    "proposed": "Begins with",
    "if_empty": "Where it is left empty",
    "not_before": "Earliest day",
    "not_after": "Latest day",
    "currency": "Currency",
    "hint_when": "Sentence shown when",
    "offer_when": "Offered when",
    "check": "Must be true",
}
"""What the properties that hold FEEL are called in a sentence."""
_NUMBER: Final = re.compile(r"_\d$")
_WARNINGS: Final = frozenset({"F111", "F111.label", "F111.check", "F116"})


def finding(
    key: str,
    file: str,
    element: str,
    facts: Mapping[str, object] | None = None,
    *,
    prop: str = "",
    line: int = 0,
) -> Finding:
    """Build one finding about a form, with its English sentence.

    Args:
        key: a key of `SENTENCES`.
        facts: values of its placeholders; they are kept in the finding.
    """
    code = key.partition(".")[0]
    known = dict(facts or {})
    if prop:
        known |= {"prop": prop, "which": WORDS.get(_NUMBER.sub("", prop), prop)}
    message = SENTENCES[key].format_map(known)
    kept = known if key == code else {**known, "sentence": key}
    severity = "W" if key in _WARNINGS else "E"
    return Finding(code, severity, file, element, message, line, prop, kept)
