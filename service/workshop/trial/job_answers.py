"""Typed answers of an automatic step, as values of their types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from service.binding import Sample
from service.engine import Type, Variables
from service.errors import FieldFault, InvalidAnswers
from service.forms import Json, Raw
from service.forms.checking import PERSONAL_NUMBER
from service.workshop.trial.scenario_times import resolve

ABROAD: Final = re.compile(r"\+\d[\d ()-]*")
"""A telephone number with its country, which can have as many digits as a personal number."""
NO_DAY = "00"
"""What neither the month nor the day of a personal number is."""


def looks_personal(text: str) -> bool:
    """Whether a text holds what looks like a personal number; invented telephone numbers do not."""
    for found in PERSONAL_NUMBER.finditer(ABROAD.sub("", text)):
        born = "".join(sign for sign in found[0][:-4] if sign.isdecimal())
        if NO_DAY not in (born[-4:-2], born[-2:]):
            return True
    return False


def refuse_personal_numbers(typed: Raw) -> None:
    """Refuse what looks like the number of a person: answers here are invented.

    Raises:
        InvalidAnswers: with the fields.
    """
    faults = [
        FieldFault(path, "trial.personal_number")
        for path, texts in typed.items()
        if any(looks_personal(text) for text in texts)
    ]
    if faults:
        raise InvalidAnswers(tuple(faults))


def sample_values(
    types: Mapping[str, Type], sample: Sample, now: datetime, zone: ZoneInfo
) -> Variables:
    """The values of a sample that the release has, with dates on the clock of the trial."""
    values: dict[str, Json] = {}
    for name, type_ in types.items():
        if name not in sample.values:
            continue
        value: Json = resolve(sample.values[name], now, zone)
        moment = type_.kind == "date and time" and isinstance(value, str)
        values[name] = _moment(str(value), zone).isoformat() if moment else value
    return values


def typed_values(types: Mapping[str, Type], typed: Raw, zone: ZoneInfo) -> Variables:
    """What was typed for the answers of an automatic step; what is empty is not answered.

    Args:
        zone: of moments that name none.

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
            values[name] = _typed(type_, text, zone)
        except ValueError:
            faults.append(FieldFault(name, "trial.bad_value"))
    if faults:
        raise InvalidAnswers(tuple(faults))
    return values


def _moment(text: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _typed(type_: Type, text: str, zone: ZoneInfo) -> Json:
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
            return _moment(text, zone).isoformat()
        case "list":
            return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _no(text: str) -> Json:
    raise ValueError(text)
