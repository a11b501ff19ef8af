"""Fill in a fresh form: earlier answers, else proposals, as texts that a person would type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from service.forms.conditions import worked_out_from
from service.forms.field_rules import is_judgement
from service.forms.fields import Field, Form, Json
from service.forms.filled_form import FilledForm
from service.forms.scope import FormContext
from service.forms.values import place_zone, to_json, to_text
from service.forms.widgets import Widget


def fill_in(form: Form, earlier: Mapping[str, Json], context: FormContext) -> dict[str, list[str]]:
    """The texts that a fresh form begins with.

    Earlier answers of the same keys, else what is proposed.

    Args:
        earlier: only what the reader may see.
    """
    filled = FilledForm(form, {}, context)
    texts: dict[str, list[str]] = {}
    for field in form.fields:
        if field.is_worked_out or not field.key:
            continue
        anew = field.fresh or field.kind in ("consent", "consents")
        answer = None if anew else earlier.get(field.key)
        if answer is not None:
            texts |= texts_of(field, answer, earlier, context)
            continue
        answer = proposal(field, filled)
        if answer is None and field.fields:
            _propose_inside(field, filled, field.key, texts)
            continue
        at_place = _at_place(field, earlier, context)
        _write(field, answer, field.key, at_place, texts)
    return texts


def as_sent(form: Form, answers: Mapping[str, Json], context: FormContext) -> dict[str, list[str]]:
    """The texts of a form that was sent: what was answered and nothing else, as it would be typed.

    Args:
        answers: outermost key to what was answered; only what the reader may see.
    """
    texts: dict[str, list[str]] = {}
    for field in form.fields:
        if field.key:
            at_place = _at_place(field, answers, context)
            _write(field, answers.get(field.key), field.key, at_place, texts)
    return texts


def texts_of(
    field: Field, answer: Json, earlier: Mapping[str, Json], context: FormContext
) -> dict[str, list[str]]:
    """An earlier answer of one of the outermost questions as texts, without the judgements in it:
    they are made anew.
    """
    texts: dict[str, list[str]] = {}
    _write(_facts(field), answer, field.key, _at_place(field, earlier, context), texts)
    return texts


def _facts(field: Field) -> Field:
    """The field without the questions inside that ask for a judgement."""
    inner = (_facts(f) for f in field.fields if not is_judgement(f))
    return replace(field, fields=tuple(inner)) if field.fields else field


def _at_place(field: Field, around: Json | Mapping[str, Json], context: FormContext) -> FormContext:
    """The context whose zone is that of the place of a moment."""
    if "zone" not in field.properties or not isinstance(around, Mapping):
        return context
    zone = place_zone(field, around.get(field.properties["zone"]), context.zone)
    return replace(context, zone=zone)


def _propose_inside(
    field: Field, filled: FilledForm, path: str, texts: dict[str, list[str]]
) -> None:
    """What is proposed for the questions of a group, or of the first row of a list that must have
    one.
    """
    if field.kind == "list":
        if not (field.required or field.limits.fewest_rows):
            return
        path += ".0"
    for inner in (f for f in field.fields if f.key and not f.asked_in):
        at, condition = f"{path}.{inner.key}", inner.feel.get("proposed")
        if condition is not None:
            answer = to_json(inner.kind, filled.ask(condition, filled.around))
            _write(inner, answer, at, filled.context, texts)
        elif inner.fields:
            _propose_inside(inner, filled, at, texts)


def origin_of(
    filled: FilledForm, field: Field, path: str, texts: tuple[str, ...]
) -> tuple[str, str] | None:
    """The title of the form and the day that an answer is from, as long as it stands as it was
    filled in.
    """
    context, condition = filled.context, field.feel.get("proposed")
    if path in context.origins and _is_unchanged(field, filled):
        return _named_origin(path, context)
    source = min(condition.reads & context.origins.keys(), default="") if condition else ""
    if not condition or not source:
        return None
    value = to_json(field.kind, filled.ask(condition, filled.around))
    if value is None or texts != (to_text(field.kind, value, context.lang, context.zone),):
        return None
    return _named_origin(source, context)


def _is_unchanged(field: Field, filled: FilledForm) -> bool:
    """Whether one of the outermost questions still holds the earlier answer of its key."""
    context, answer = filled.context, filled.context.earlier.get(field.key)
    if field.fresh or field.kind == "consent" or field.is_worked_out or answer in (None, []):
        return False
    kept = texts_of(field, answer, context.earlier, context)
    return bool(kept) and all(filled.raw.get(path) == texts for path, texts in kept.items())


def _named_origin(source: str, context: FormContext) -> tuple[str, str]:
    form_id, day = context.origins[source]
    form = context.forms.get(form_id)
    return form.say(form.title, context.lang) if form else form_id, day.isoformat()


def stated_answer(field: Field, context: FormContext) -> Json:
    """What the programme's own lists say where the answer is a judgement, which is not proposed."""
    return context.proposals.get(field.key) if is_judgement(field) else None


def is_guessed(filled: FilledForm, field: Field, widgets: Mapping[str, Widget]) -> bool:
    """Whether a value is worked out from questions that are not answered yet: they are all empty
    and there is nothing else, or one must still be answered and the others do not decide.
    """
    if field.computed is None:
        return False
    alone = [widgets[key] for key in worked_out_from(filled.form, field) if key in widgets]
    if alone and not any(widget.answered or widget.live for widget in alone):
        return True
    asked = [widgets[key] for key in field.computed.reads & widgets.keys()]
    if not any(widget.left for widget in asked):
        return False
    nothing = {**filled.around, **dict.fromkeys((widget.key for widget in asked), None)}
    return filled.values.get(field.key) == filled.ask(field.computed, nothing)


def proposal(field: Field, filled: FilledForm) -> Json:
    """What is proposed for one of the outermost questions."""
    context = filled.context
    if is_judgement(field):
        return None
    if field.key in context.proposals:
        return context.proposals[field.key]
    if "rows.from" in field.properties:
        return _proposed_rows(field, context.known(field.properties["rows.from"]))
    condition = field.feel.get("proposed")
    return to_json(field.kind, filled.ask(condition, filled.around)) if condition else None


def _proposed_rows(field: Field, source: Json) -> Json:
    """A row for each row of an earlier list.

    It names that row by number, or by code where the earlier list holds codes.
    """
    key = field.properties.get("rows.key", "")
    column = next((f for f in field.fields if f.key == key), None)
    rows = source if isinstance(source, list) and column else []
    if column and "options.from" in column.properties:
        return [{key: n} for n, _ in enumerate(rows, 1)]
    codes = column.values if column else ()
    return [{key: code} for code in rows if isinstance(code, str) and code in codes]


def _write(
    field: Field, answer: Json, path: str, context: FormContext, texts: dict[str, list[str]]
) -> None:
    """An answer as the texts that a person would have typed."""
    if answer is None or field.is_worked_out:
        return
    if field.kind == "list" and isinstance(answer, list):
        for n, row in enumerate(answer):
            _write_inside(field, row, f"{path}.{n}", context, texts)
    elif field.kind == "money" and isinstance(answer, dict):
        texts[path + ".amount"] = [
            to_text("money", answer.get("amount"), context.lang, context.zone)
        ]
        texts[path + ".currency"] = [
            to_text("", answer.get("currency"), context.lang, context.zone)
        ]
    elif field.fields:
        _write_inside(field, answer, path, context, texts)
    elif isinstance(answer, list):
        texts[path] = [str(v) for v in answer]
    elif not isinstance(answer, dict):
        texts[path] = [to_text(field.kind, answer, context.lang, context.zone)]


def _write_inside(
    field: Field, answer: Json, path: str, context: FormContext, texts: dict[str, list[str]]
) -> None:
    for inner in field.fields:
        if inner.key and isinstance(answer, dict):
            at_place = _at_place(inner, answer, context)
            _write(inner, answer.get(inner.key), f"{path}.{inner.key}", at_place, texts)
