"""Functions of FEEL about dates, times and durations.

Source: DMN 1.3, tables 73, 79 and 10.3.2.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final

from service.engine.feel import types
from service.engine.feel.functions.function import NUMBER, TEXT, Function, WrongValue, want, whole
from service.engine.feel.literals import moment
from service.engine.feel.types import Type
from service.engine.feel.values import NUMBERS, Months, Value, months_between

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FARTHEST: Final = timedelta(hours=14, minutes=59)
"""The largest offset that a literal can write."""


def _date(*values: Value) -> date:
    if len(values) == 1:
        value = moment(values[0]) if type(values[0]) is str else values[0]
        return value.date() if type(value) is datetime else want(value, date)
    year, month, day = (whole(value) for value in values)
    return date(year, month, day)


def _date_and_time(value: Value, *at: Value) -> datetime:
    if at:
        day = value.date() if type(value) is datetime else want(value, date)
        return datetime.combine(day, want(*at, time))
    read = moment(want(value, str))
    if type(read) is date:
        return datetime(read.year, read.month, read.day)  # noqa: DTZ001 - FEEL has moments without zone
    read_moment: datetime = want(read, datetime)
    return read_moment


def _time(*values: Value) -> time:
    """Of a text, of a date and time, or of hour, minute, second and perhaps an offset."""
    if len(values) == 1:
        value = moment(values[0]) if type(values[0]) is str else values[0]
        if type(value) is datetime:
            return time(value.hour, value.minute, value.second, value.microsecond, _offset(value))
        read_time: time = want(value, time)
        return read_time
    hour, minute, second, *offset = values
    part = NUMBERS.remainder(want(second, Decimal), Decimal(1))
    micros = int(NUMBERS.multiply(part, Decimal(1_000_000)))
    zone = None if not offset or offset[0] is None else _zone(want(offset[0], timedelta))
    return time(whole(hour), whole(minute), int(second), micros, zone)


def _offset(at: datetime) -> timezone | None:
    apart = at.utcoffset()
    return None if apart is None else _zone(apart)


def _zone(apart: timedelta) -> timezone:
    if abs(apart) > _FARTHEST or apart % timedelta(minutes=1):
        raise WrongValue
    return timezone(apart)


def _duration(text: Value) -> Value:
    return want(moment(want(text, str)), Months, timedelta)


def _months(start: Value, end: Value) -> Months:
    days = [
        value.date() if type(value) is datetime else want(value, date) for value in (start, end)
    ]
    return months_between(*days)


def _day_of_week(day: Value) -> str:
    return _WEEKDAYS[want(day, date, datetime).weekday()]


_WRITTEN_DAY: Final = types.DAYS | TEXT
_TIMED: Final = frozenset({"date and time", "time", "string"}) | NUMBER

FUNCTIONS: Final[Mapping[str, Function]] = {
    "date": Function(1, 3, _date, (_WRITTEN_DAY | NUMBER, NUMBER, NUMBER), types.DATE),
    "time": Function(1, 4, _time, (_TIMED, NUMBER, NUMBER, frozenset({"duration"})), types.TIME),
    "date and time": Function(
        1, 2, _date_and_time, (_WRITTEN_DAY, frozenset({"time"})), types.MOMENT
    ),
    "duration": Function(1, 1, _duration, (TEXT,), types.ANY),
    "years and months duration": Function(2, 2, _months, (types.DAYS,), types.MONTHS),
    "day of week": Function(1, 1, _day_of_week, (types.DAYS,), Type("string", _WEEKDAYS)),
}
