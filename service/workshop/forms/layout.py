"""A form as form-js's editor hands it back, put into the file that it was made from.

form-js knows nothing of our head of the file and of other languages, and writes where each
component stands in rows and columns. What it does not know stays; what it adds without meaning
goes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from service.workshop.forms.form_file import FormFile, Json, drop_words, read_form_file, texts_of

ADDED: Final[Json] = {
    "showOutline": True,
    "isRepeating": True,
    "values": [{"label": "Value", "value": "value"}],
}
"""What form-js writes into groups, lists and choices, whether it stood there or not."""


def laid_out(form: FormFile, content: bytes) -> FormFile:
    """The form with its components in the order and groups that form-js's editor gave them.

    Args:
        content: a schema of form-js, as its editor saves it.
    Raises:
        BadDiagram: it is no form.
    """
    drawn = read_form_file(content, form.name)
    made = form.copy()
    known = {str(n.component.get("id", "")): n.component for n in form.nodes()}
    made.content["components"] = [_as_before(c, known) for c in drawn.content["components"]]
    _drop_rows(made.content["components"], known)
    texts = [text for node in form.nodes() for text in texts_of(node.component)]
    for text in dict.fromkeys(texts):
        drop_words(made, text)
    return made


def _as_before(component: Json, known: Mapping[str, Json]) -> Json:
    """A component with its properties in the order in which they stood; new ones come last."""
    before = known.get(str(component.get("id", "")), {})
    added = {n for n, v in ADDED.items() if before and n not in before and component.get(n) == v}
    names = [*(name for name in before if name in component), *component]
    made: dict[str, Any] = {n: component[n] for n in dict.fromkeys(names) if n not in added}
    for name, value in made.items():
        if _is_equal(value, before.get(name)):
            made[name] = before[name]
        elif name == "components" and isinstance(value, list):
            made[name] = [_as_before(one, known) for one in value if isinstance(one, dict)]
    return made


def _is_equal(value: object, before: object) -> bool:
    """Whether a value is the same as before but for the order of its names."""
    if not isinstance(value, dict | list):
        return False
    return json.dumps(value, sort_keys=True) == json.dumps(before, sort_keys=True)


def _drop_rows(components: list[Json], known: Mapping[str, Json]) -> None:
    """Take out the rows of a level in which every component has one to itself, and no width."""
    rows = [one.get("layout") for one in components]
    given = [row if isinstance(row, dict) else {} for row in rows]
    names = [str(row.get("row")) for row in given]
    plain = len(set(names)) == len(names) and not any(row.get("columns") for row in given)
    for component in components:
        before = known.get(str(component.get("id", "")), {})
        if plain and "layout" not in before:
            component.pop("layout", None)
        inner = component.get("components")
        if isinstance(inner, list):
            _drop_rows([one for one in inner if isinstance(one, dict)], known)
