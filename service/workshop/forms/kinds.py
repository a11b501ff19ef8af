"""The kinds of components that may be added to a form, and what each is in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from service.forms import KINDS
from service.workshop.forms.form_file import Json, is_heading, properties_of

HEADING, COMPUTED, DECORATION, UNKNOWN = "heading", "computed", "decoration", "unknown"
YES_NO: Final = ({"label": "Ja", "value": True}, {"label": "Nej", "value": False})
TWO_OPTIONS: Final = (
    {"label": "Alternativ 1", "value": "ONE"},
    {"label": "Alternativ 2", "value": "TWO"},
)
WORDS: Final[Mapping[str, str]] = {
    "Ja": "Yes",
    "Nej": "No",
    "Alternativ 1": "Option 1",
    "Alternativ 2": "Option 2",
    "Belopp": "Amount",
    "Valuta": "Currency",
    "Fråga i raden": "Question in the row",
    "Fråga i gruppen": "Question in the group",
}
"""English of the texts of new components."""


def _field(label: str) -> dict[str, Any]:
    return {"type": "textfield", "key": "first", "label": label, "properties": {"class": "C1"}}


TEMPLATES: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"type": "textfield"},
    "longtext": {"type": "textarea", "validate": {"maxLength": 1000}},
    "yesno": {"type": "radio", "values": YES_NO, "properties": {"as": "yesno"}},
    "choice": {"type": "radio", "values": TWO_OPTIONS},
    "choices": {"type": "checklist", "values": TWO_OPTIONS},
    "number": {"type": "number"},
    "date": {"type": "textfield", "properties": {"as": "date"}},
    "datetime": {"type": "textfield", "properties": {"as": "datetime"}},
    "money": {
        "type": "group",
        "properties": {"as": "money"},
        "components": [
            {
                "type": "number",
                "key": "amount",
                "label": "Belopp",
                "decimalDigits": 2,
                "validate": {"min": 0},
            },
            {
                "type": "select",
                "key": "currency",
                "label": "Valuta",
                "values": [{"label": "EUR", "value": "EUR"}, {"label": "SEK", "value": "SEK"}],
            },
        ],
    },
    "country": {"type": "select", "valuesKey": "countryList", "properties": {"as": "country"}},
    "language": {"type": "select", "valuesKey": "languageList", "properties": {"as": "language"}},
    "office": {"type": "select", "valuesKey": "officeList", "properties": {"as": "office"}},
    "municipality": {
        "type": "select",
        "valuesKey": "municipalityList",
        "properties": {"as": "municipality"},
    },
    "file": {"type": "filepicker"},
    "list": {
        "type": "dynamiclist",
        "defaultRepetitions": 1,
        "allowAddRemove": True,
        "properties": {"max_rows": "10"},
        "components": [_field("Fråga i raden")],
    },
    "group": {"type": "group", "components": [_field("Fråga i gruppen")]},
    COMPUTED: {
        "type": "expression",
        "expression": "=null",
        "computeOn": "change",
        "properties": {"as": "text"},
    },
    "paragraph": {"type": "text"},
    HEADING: {"type": "group", "components": []},
}
"""What each kind is when it is added; a key, a text and a class come with it."""
INSIDE: Final = tuple(kind for kind in TEMPLATES if kind != HEADING)
"""Kinds that may stand in a group or a list."""
ALIKE: Final = (
    ("text", "longtext", "date", "datetime", "number"),
    ("choice", "choices"),
    ("country", "language", "office", "municipality"),
)
"""Kinds that one question can be changed between: what it holds fits all of them."""
HOLDERS: Final = frozenset({"list", "group", "money", "consent", "consents", HEADING})


def kind_of(component: Json) -> str:
    """The kind of a component, in the words of this editor."""
    type_ = str(component.get("type", ""))
    if is_heading(component):
        return HEADING
    if type_ == "expression":
        return COMPUTED
    if type_ in ("separator", "spacer"):
        return DECORATION
    if type_ not in KINDS:
        return UNKNOWN
    kind = properties_of(component).get("as", KINDS[type_][0])
    return str(kind) if kind in KINDS[type_] else UNKNOWN


def kinds_like(component: Json) -> tuple[str, ...]:
    """The kinds that a question can be changed to, its own first; empty for none."""
    kind = kind_of(component)
    plain = kind != "number" or component.get("type") == "number"
    alike = next((kinds for kinds in ALIKE if kind in kinds and plain), ())
    return (kind, *(other for other in alike if other != kind)) if alike else ()


def change_kind(component: Json, kind: str) -> None:
    """Make a question one of another kind that is like its own; all else stays.

    Args:
        kind: of `kinds_like`; another changes nothing.
    """
    if kind == kind_of(component) or kind not in kinds_like(component):
        return
    template = TEMPLATES[kind]
    component["type"] = template["type"]
    as_ = template.get("properties", {}).get("as")
    properties = dict(properties_of(component))
    properties.pop("as", None)
    if as_:
        properties["as"] = as_
    if properties or "properties" in component:
        component["properties"] = properties
    component.pop("valuesKey", None)
    if "valuesKey" in template:
        component["valuesKey"] = template["valuesKey"]
