"""Convert between the JSON of a case's state and FEEL values, by declared types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from service.engine.feel.arithmetic import civil_days, elapsed_part
from service.engine.feel.literals import moment, number_text, read_number
from service.engine.feel.types import ANY, OPEN_KINDS, Type, item
from service.engine.feel.values import (
    HOUR,
    MICRO,
    MINUTE,
    NUMBERS,
    YEAR,
    Months,
    Value,
    kind_of,
    type_of,
)
from service.engine.limits import DEPTH

LITERAL: Final = "@"
"""The one key of a map that stands for a value which a bare text of JSON could not tell apart."""


def typed(json: object, declared: Type, zone: tzinfo = UTC) -> Value:
    """Convert a routing value of the state to a FEEL value; what does not fit its type becomes
    None.

    `typed(plain(value, declared), declared)` is the value again, at every depth.

    Args:
        zone: of the case's calendar. A moment without offset is civil time there, and every moment
            is converted to it, so that its day is the local day.
    """
    if type(json) is dict and LITERAL in json:
        value = _in_zone(literal(json), zone)
        return value if declared.kind in ("any", kind_of(value)) else None
    if declared.kind == "list" and isinstance(json, list):
        if not declared.fields:
            return [_read(part, zone) for part in json]
        inner = item(declared)
        return [typed(part, inner, zone) for part in json]
    if declared.kind == "context" and isinstance(json, dict):
        fields = declared.fields
        return {
            _name(key): typed(value, fields.get(_name(key), ANY), zone)
            for key, value in json.items()
        }
    if declared.kind == "number":
        return _number(json)
    if declared.kind == "date and time":
        return _moment(json, zone)
    if declared.kind == "any":
        return _read(json, zone)
    kind = _PLAIN.get(declared.kind)
    return _plainly(json, kind) if kind else None


def literal(json: Mapping[str, object]) -> Value:
    """The value of a literal map; None when the map is none, or holds no literal."""
    text = json.get(LITERAL)
    if len(json) != 1 or not isinstance(text, str):
        return None
    found = read_number(text)
    return moment(text) if found is None else found


def _read(json: object, zone: tzinfo) -> Value:
    """Convert without a declared type: a text stays a text, a literal becomes its value."""
    if json is None or isinstance(json, (bool, str)):
        return json
    if isinstance(json, int):
        return NUMBERS.create_decimal(json)
    if isinstance(json, list):
        return [_read(part, zone) for part in json]
    if isinstance(json, dict):
        if LITERAL in json:
            return _in_zone(literal(json), zone)
        return {_name(key): _read(value, zone) for key, value in json.items()}
    return _number(json)


def _name(key: str) -> str:
    """The name of a part of a context: a second @ in front only keeps it from being a literal."""
    return key[1:] if key.startswith(LITERAL * 2) else key


def _number(json: object) -> Decimal | None:
    if isinstance(json, bool):
        return None
    if isinstance(json, (int, float, str, Decimal)):
        return read_number(f"{json:f}" if isinstance(json, (float, Decimal)) else str(json))
    return None


def _moment(json: object, zone: tzinfo) -> datetime | None:
    value = moment(json) if isinstance(json, str) else json
    return _in_zone(value, zone) if type(value) is datetime else None


def _in_zone(value: Value, zone: tzinfo) -> Value:
    """A moment as the zone tells it; any other value as it is."""
    if type(value) is not datetime:
        return value
    try:
        return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)
    except (ValueError, OverflowError):
        return None


def _plainly(json: object, kind: type) -> Value:
    value = moment(json) if isinstance(json, str) and kind is not str else json
    return value if type_of(value) is kind else None


_PLAIN: Final[Mapping[str, type]] = {
    "boolean": bool,
    "string": str,
    "date": date,
    "time": time,
    "duration": timedelta,
    "months": Months,
}
_SAFE, _LEAST = Decimal(1 << 53), Decimal(-(1 << 53))
"""Whole numbers between them are numbers of JSON."""


def plain(value: Value, declared: Type = ANY) -> Any:  # noqa: ANN401 - Json of types.py; callers narrow it
    """Convert a FEEL value to JSON of the state.

    Whole numbers become int, texts stay. Other numbers and times become text where the declared
    type tells what the text is; else, and so in every list, they become a literal map such as
    `{"@": "0.5"}`: a bare "0.5" is a text.
    """
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return value
    if kind is Decimal and value == value.to_integral_value() and _LEAST < value < _SAFE:
        return int(value)
    if kind is list:
        inner = item(declared) if declared.kind == "list" and declared.fields else ANY
        return [plain(part, inner) for part in value]
    if kind is dict:
        fields = declared.fields if declared.kind == "context" else {}
        return {
            f"{LITERAL}{key}" if key.startswith(LITERAL) else key: plain(part, fields.get(key, ANY))
            for key, part in value.items()
        }
    text = _text(value)
    return text if text is None or declared.kind not in OPEN_KINDS else {LITERAL: text}


def is_deep(value: Value, depth: int = 0) -> bool:
    """Whether lists and contexts stand inside each other deeper than a state can keep."""
    if not isinstance(value, (list, dict)):
        return False
    parts = value if isinstance(value, list) else value.values()
    return depth == DEPTH or any(is_deep(part, depth + 1) for part in parts)


def bare(json: Any) -> Any:  # noqa: ANN401 - Json of types.py; callers narrow it
    """The JSON of a state as people and handlers read it: each literal is its text."""
    if isinstance(json, list):
        return [bare(part) for part in json]
    if isinstance(json, dict):
        if LITERAL in json:
            return json[LITERAL]
        return {_name(key): bare(part) for key, part in json.items()}
    return json


def written(value: Value) -> str:
    """Write a value as a sentence of the linter names it."""
    return str(bare(plain(value)))


def _text(value: Value) -> str | None:
    """A number or a time as the text of its literal."""
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, datetime):
        offset = value.utcoffset()
        odd = offset is not None and offset % timedelta(minutes=1)
        return (value.astimezone(UTC) if odd else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Months):
        years, months = divmod(abs(value), YEAR)
        return f"{'-' if value < 0 else ''}P" + (
            (f"{years}Y" if years else "") + (f"{months}M" if months else "") or "0M"
        )
    return duration_text(value) if isinstance(value, timedelta) else None


def duration_text(length: timedelta) -> str:
    """Write a duration in days and hours as the shortest ISO text that means the same."""
    days = abs(civil_days(length))
    seconds, micros = divmod(abs(elapsed_part(length)) // MICRO, 1_000_000)
    hours, seconds = divmod(seconds, HOUR)
    minutes, seconds = divmod(seconds, MINUTE)
    fraction = f".{micros:06}".rstrip("0") if micros else ""
    time = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{seconds}{fraction}S" if seconds or micros else "")
    )
    return f"{'-' if length < timedelta() else ''}P" + (
        (f"{days}D" if days else "") + (f"T{time}" if time else "") or "T0S"
    )
