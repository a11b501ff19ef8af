"""What is typed for the answers of an automatic step, as values of their types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from service.engine import Type, Variables
from service.errors import FieldFault, InvalidAnswers
from service.forms import Json, Raw
from service.forms.answer_checker import PERSONAL_NUMBER


def refuse_personal_numbers(typed: Raw) -> None:
    """Refuse what looks like the number of a person: answers here are invented.

    Raises:
        InvalidAnswers: with the fields.
    """
    faults = [
        FieldFault(path, "trial.personal_number")
        for path, texts in typed.items()
        if any(PERSONAL_NUMBER.search(text) for text in texts)
    ]
    if faults:
        raise InvalidAnswers(tuple(faults))


def typed_values(types: Mapping[str, Type], typed: Raw) -> Variables:
    """What was typed for the answers of an automatic step; what is empty is not answered.

    Raises:
        InvalidAnswers: a text is no value of its type.
    """
    refuse_personal_numbers(typed)
    values: dict[str, Json] = {}
    faults = []
    for name, type_ in types.items():
        text = next(iter(typed.get(name, ())), "").strip()
        if not text:
            continue
        try:
            values[name] = _typed(type_, text)
        except ValueError:
            faults.append(FieldFault(name, "trial.bad_value"))
    if faults:
        raise InvalidAnswers(tuple(faults))
    return values


def _typed(type_: Type, text: str) -> Json:
    """A text as JSON keeps a value of its type.

    Raises:
        ValueError: it is none.
    """
    if type_.values and type_.kind == "string" and text not in type_.values:
        raise ValueError(text)
    match type_.kind:
        case "boolean":
            return {"true": True, "false": False}[text] if text in ("true", "false") else _no(text)
        case "number":
            return int(text) if text.lstrip("-").isdecimal() else str(float(text))
        case "date":
            return date.fromisoformat(text).isoformat()
        case "date and time":
            moment = datetime.fromisoformat(text)
            return moment.isoformat() if moment.tzinfo is not None else _no(text)
        case "list":
            return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _no(text: str) -> Json:
    raise ValueError(text)
