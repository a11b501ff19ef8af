"""What a fresh form begins with: earlier answers, else what is proposed, as the texts that a person
would have typed.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.forms.fields import Field, Form, Json
from service.forms.scope import FormContext
from service.forms.sheet import FilledForm
from service.forms.values import to_json, to_text


def fill_in(form: Form, earlier: Mapping[str, Json], context: FormContext) -> dict[str, list[str]]:
    """The texts that a fresh form begins with: earlier answers of the same keys, else what is
    proposed.

    Args:
        earlier: only what the reader may see.
    """
    sheet = FilledForm(form, {}, context)
    texts: dict[str, list[str]] = {}
    for one in form.fields:
        if one.is_worked_out or not one.key or one.kind == "consent":
            continue
        answer = None if one.fresh else earlier.get(one.key)
        if answer is None:
            answer = _proposal(one, sheet)
        _write(one, answer, one.key, context, texts)
    return texts


def _proposal(one: Field, sheet: FilledForm) -> Json:
    context = sheet.context
    if one.key in context.proposals:
        return context.proposals[one.key]
    if "rows.from" in one.properties:
        return _proposed_rows(one, context.known(one.properties["rows.from"]))
    condition = one.feel.get("proposed")
    return to_json(one.kind, sheet.ask(condition, sheet.around)) if condition else None


def _proposed_rows(one: Field, source: Json) -> Json:
    """A row for each row of an earlier list: known by its number, or by its code where the earlier
    list holds codes.
    """
    key = one.properties.get("rows.key", "")
    column = next((f for f in one.fields if f.key == key), None)
    rows = source if isinstance(source, list) and column else []
    if column and "options.from" in column.properties:
        return [{key: n} for n, _ in enumerate(rows, 1)]
    return [
        {key: code} for code in rows if column and isinstance(code, str) and code in column.values
    ]


def _write(
    one: Field, answer: Json, path: str, context: FormContext, texts: dict[str, list[str]]
) -> None:
    """An answer as the texts that a person would have typed."""
    if answer is None or one.is_worked_out:
        return
    if one.kind == "list" and isinstance(answer, list):
        for n, row in enumerate(answer):
            _write_inside(one, row, f"{path}.{n}", context, texts)
    elif one.kind == "money" and isinstance(answer, dict):
        texts[path + ".amount"] = [
            to_text("money", answer.get("amount"), context.lang, context.zone)
        ]
        texts[path + ".currency"] = [
            to_text("", answer.get("currency"), context.lang, context.zone)
        ]
    elif one.fields:
        _write_inside(one, answer, path, context, texts)
    elif isinstance(answer, list):
        texts[path] = [str(v) for v in answer]
    elif not isinstance(answer, dict):
        texts[path] = [to_text(one.kind, answer, context.lang, context.zone)]


def _write_inside(
    one: Field, answer: Json, path: str, context: FormContext, texts: dict[str, list[str]]
) -> None:
    for inner in one.fields:
        if inner.key and isinstance(answer, dict):
            _write(inner, answer.get(inner.key), f"{path}.{inner.key}", context, texts)
