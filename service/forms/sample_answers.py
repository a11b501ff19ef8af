"""Invented answers to the questions of a form, as somebody would type them."""

from __future__ import annotations

from collections.abc import Iterator

from service.forms.fields import Field, Form
from service.forms.scope import FormContext, options_of

WORDS = {"sv": "Exempel", "en": "Example"}


def sample_answers(form: Form, context: FormContext) -> dict[str, list[str]]:
    """An answer to each question that can be answered without a case: the first option, today, a
    small number, a word that says that it is an example.

    Files, rows of earlier answers and what the server works out have none.
    """
    return {
        path: texts
        for field in form.fields
        for path, texts in _answers(form, field, field.key, context)
    }


def _answers(
    form: Form, field: Field, path: str, context: FormContext
) -> Iterator[tuple[str, list[str]]]:
    if field.is_worked_out or not field.key or field.kind in ("file", "paragraph"):
        return
    if "row_id" in field.properties or field.asked_in:
        return
    if field.kind == "list":
        yield f"{path}.rows", ["1"]
    for inner in field.fields:
        row = f"{path}.0.{inner.key}" if field.kind == "list" else f"{path}.{inner.key}"
        yield from _answers(form, inner, row, context)
    if not field.fields and (text := _text(form, field, context)):
        yield path, [text]


def _text(form: Form, field: Field, context: FormContext) -> str:
    options = options_of(form, field, context)
    if field.properties.get("must_be"):
        return field.properties["must_be"]
    if options:
        alone = field.properties.get("alone")
        return next((code for code, _ in options if code != alone), "")
    least = field.limits.least
    match field.kind:
        case "number" | "money":
            return str(least if least is not None and least > 0 else 1)
        case "date":
            return context.today.isoformat()
        case "datetime":
            return context.now.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")
        case "text" | "longtext":
            return WORDS.get(context.lang, WORDS["sv"])
        case _:
            return ""
