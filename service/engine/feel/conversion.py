"""Convert between the JSON of a case's state and FEEL values, by declared types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from service.engine.feel.types import Type
from service.engine.feel.values import DAY, HOUR, MICRO, MINUTE, YEAR, Months, Value, moment, number


def typed(json: object, declared: Type, zone: tzinfo = UTC) -> Value:
    """Convert a routing value of the state to a FEEL value; what does not fit its type becomes
    None.

    Args:
        zone: of the case's calendar. A moment without offset is civil time there, and every moment
            is converted to it, so that its day is the local day.
    """
    if declared.kind == "list" and isinstance(json, list):
        return [_guessed(item) for item in json]
    if declared.kind == "context" and isinstance(json, dict):
        return {
            key: typed(value, declared.fields[key], zone)
            if key in declared.fields
            else _guessed(value)
            for key, value in json.items()
        }
    if declared.kind == "number":
        return _number(json)
    if declared.kind == "date and time":
        return _moment(json, zone)
    if declared.kind == "any":
        return _guessed(json)
    kind = _PLAIN.get(declared.kind)
    return _plainly(json, kind) if kind else None


def _guessed(json: object) -> Value:
    """Convert without a declared type: a text stays a text, a number becomes a number."""
    if isinstance(json, bool) or json is None or isinstance(json, str):
        return json
    if isinstance(json, list):
        return [_guessed(item) for item in json]
    if isinstance(json, dict):
        return {key: _guessed(value) for key, value in json.items()}
    return _number(json)


def _number(json: object) -> Decimal | None:
    if isinstance(json, bool):
        return None
    if isinstance(json, (int, float, str, Decimal)):
        return number(f"{json:f}" if isinstance(json, (float, Decimal)) else str(json))
    return None


def _moment(json: object, zone: tzinfo) -> datetime | None:
    value = moment(json) if isinstance(json, str) else json
    if type(value) is not datetime:
        return None
    try:
        return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)
    except (ValueError, OverflowError):
        return None


def _plainly(json: object, kind: type) -> Value:
    value = moment(json) if isinstance(json, str) and kind is not str else json
    return value if type(value) is kind else None


_PLAIN: Final[Mapping[str, type]] = {
    "boolean": bool,
    "string": str,
    "date": date,
    "duration": timedelta,
    "months": Months,
}


def plain(value: Value) -> Any:  # noqa: ANN401 - Json of types.py; callers narrow it
    """Convert a FEEL value to JSON of the state.

    Whole numbers become int, other numbers decimal text, times ISO text.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Decimal):
        return (
            int(value)
            if value == value.to_integral_value() and abs(value) < 1 << 53
            else f"{value:f}"
        )
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Months):
        years, months = divmod(abs(value), YEAR)
        return f"{'-' if value < 0 else ''}P" + (
            (f"{years}Y" if years else "") + (f"{months}M" if months else "") or "0M"
        )
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else None


def duration_text(length: timedelta) -> str:
    """Write a duration in days and hours as the shortest ISO text."""
    seconds, micros = divmod(abs(length) // MICRO, 1_000_000)
    days, seconds = divmod(seconds, DAY)
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
