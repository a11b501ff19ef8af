"""The rows of a list that a page shows: how many, one more, one less."""

from __future__ import annotations

import re

from service.forms.fields import Field, Form, Raw
from service.forms.typed_answers import row_numbers


def wanted_rows(raw: Raw, path: str, field: Field) -> int:
    """How many rows to draw.

    As many as asked for, at least the fewest, and one to begin with where the list is required.
    """
    asked = (raw.get(path + ".rows") or ["0"])[-1]
    count = int(asked) if re.fullmatch(r"\d{1,3}", asked, re.ASCII) else 0
    return min(
        max(count, field.limits.fewest_rows, 1 if field.required else 0), field.limits.most_rows
    )


def with_row(raw: Raw, path: str, field: Field) -> dict[str, list[str]]:
    """The same texts, asking for one more row of a list."""
    shown = max(wanted_rows(raw, path, field), len(row_numbers(raw, path)))
    return {**raw, path + ".rows": [str(shown + 1)]}


def without_row(raw: Raw, path: str, number: int) -> dict[str, list[str]]:
    """The same texts, without the row that the browser calls `path.number`."""
    gone = f"{path}.{number}."
    left = {key: texts for key, texts in raw.items() if not key.startswith(gone)}
    return {**left, path + ".rows": [str(len(row_numbers(left, path)))]}


def changed_rows(typed: Raw, form: Form | None, button: str) -> Raw:
    """The texts with one row more or less in a list; as they are for another button.

    Args:
        button: `add:<path of the list>` or `remove:<path of the row>`.
    """
    what, _, path = button.partition(":")
    if what not in ("add", "remove"):
        return typed
    if what == "remove":
        holder, _, row = path.rpartition(".")
        return without_row(typed, holder, int(row)) if row.isdigit() else typed
    wanted = ".".join(part for part in path.split(".") if not part.isdigit())
    known = form.walk() if form is not None else ()
    lists = (field for at, field in known if at == wanted and field.kind == "list")
    field = next(lists, None)
    return with_row(typed, path, field) if field is not None else typed
