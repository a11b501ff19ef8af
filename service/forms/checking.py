"""Check what a person typed into a form: all faults at once, each with the path of its field.

Only a form without faults gives answers to keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute

from service.errors import FieldFault
from service.forms.answer_checker import AnswerChecker
from service.forms.fields import Field, Form, Json, Raw
from service.forms.filled_form import FilledForm, neutral_value
from service.forms.scope import FormContext, information_text
from service.forms.values import to_json


@dataclass(frozen=True, slots=True)
class CheckedAnswers:
    """The result of a check.

    With faults, `answers` and `routing` are what could be read, and are not to be kept.
    """

    answers: dict[str, Json]
    """Key to answer, hidden and unknown fields left out, computed ones worked out; None where an
    earlier answer was cleared."""
    routing: dict[str, Json]
    """The answers that steer the diagram; None unsets what an earlier task said."""
    faults: tuple[FieldFault, ...]
    consents: dict[str, dict[str, Json]] = attribute(default_factory=dict)
    """Purpose to the consent that was given in this form."""
    binds: dict[str, str] = attribute(default_factory=dict)
    """Role to the office that the form binds it to."""


def check(form: Form, raw: Raw, context: FormContext) -> CheckedAnswers:
    """Read and check everything that was typed.

    Args:
        raw: as the browser sent it, path (`safeContact.hours`, `risks.0.severity`) to texts; what
            the form does not know is dropped.
    """
    filled = FilledForm(form, raw, context)
    checker = AnswerChecker(filled)
    checker.level(form.fields, filled.values, filled.around, "")
    checker.conditions()
    answers = {**_cleared(filled), **_kept(filled, form.fields, filled.values, "")}
    steering = ((f.key, answers.get(f.key)) for f in form.fields if f.routing)
    bound = ((f.binds, answers.get(f.key)) for f in form.fields if f.binds)
    return CheckedAnswers(
        answers=answers,
        routing=_unset(filled) | {key: value for key, value in steering if value is not None},
        faults=tuple(checker.faults.values()),
        consents=_consents(form, answers),
        binds={role: office for role, office in bound if isinstance(office, str)},
    )


def _kept(
    filled: FilledForm, fields: tuple[Field, ...], values: Mapping[str, object], prefix: str
) -> dict[str, Json]:
    """The typed values as they are kept, without what is hidden or empty."""
    made: dict[str, Json] = {}
    for field in fields:
        path, value = prefix + field.key, values.get(field.key)
        if not field.key or path in filled.hidden or value in (None, []):
            continue
        if field.kind == "consents":
            continue  # a part of each consent that is given
        if field.kind == "list" and isinstance(value, list):
            made[field.key] = [
                _kept(filled, field.fields, row, f"{path}.{n}.")
                for n, row in zip(filled.rows[path], value, strict=True)
            ]
        elif field.kind in ("group", "consent") and isinstance(value, dict):
            made[field.key] = {
                **_kept(filled, field.fields, value, path + "."),
                **_text_shown(filled, field, value),
            }
        else:
            made[field.key] = to_json(field.kind, value)
    return made


def _text_shown(filled: FilledForm, field: Field, value: Mapping[str, object]) -> dict[str, Json]:
    """The digest of the text that a consent was given to, or of the information."""
    if field.kind == "consent":
        shown = filled.context.consent_texts.get(field.properties.get("consent", ""))
        shown = shown if value.get("given") is True else None
    else:
        spoken = value.get(field.properties.get("information.language", ""))
        shown = information_text(filled.context, field, str(spoken or filled.context.lang))
    return {"textDigest": shown.digest} if shown is not None else {}


def _cleared(filled: FilledForm) -> dict[str, Json]:
    """Answers that the form showed and that were emptied.

    They are kept as None, or else the earlier answer would stay the newest.
    """
    shown = (
        f
        for f in filled.form.fields
        if not (f.fresh or f.is_worked_out or f.kind == "consent" or f.key in filled.hidden)
    )
    return {
        f.key: None
        for f in shown
        if filled.values.get(f.key) in (None, [])
        and filled.context.earlier.get(f.key) not in (None, [])
    }


def _unset(filled: FilledForm) -> dict[str, Json]:
    """Routing values that must not keep what an earlier task said: of hidden fields that have a
    neutral value, and of what was asked anew and has no answer.
    """
    made: dict[str, Json] = {}
    for field in (f for f in filled.form.fields if f.routing):
        if field.key in filled.hidden:
            if field.neutral is not None:
                made[field.key] = to_json(field.kind, neutral_value(field))
        elif (
            filled.values.get(field.key) is None
            and (field.fresh or field.is_worked_out)
            and filled.context.known(field.key) is not None
        ):
            made[field.key] = None
    return made


def _consents(form: Form, answers: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    given = {
        f.properties["consent"]: answers.get(f.key) for f in form.fields if f.kind == "consent"
    }
    return {
        purpose: dict(value)
        for purpose, value in given.items()
        if isinstance(value, dict) and value.get("given") is True
    }
