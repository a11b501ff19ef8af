"""Moments and answers of a scenario: lengths of time, days counted back from its end, dates that
count from today.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from service.engine import Calendar
from service.workshop.trial.scenario_file import (
    BEFORE,
    LENGTH,
    NEXT,
    BadScenario,
    JsonValue,
    Scenario,
    ScenarioStep,
)

TOKEN = re.compile(rf"@(today|now|end)(?:([+-])({LENGTH.pattern}))?")
HOURS = {"h": timedelta(hours=1), "m": timedelta(minutes=1)}


def ago(text: str) -> relativedelta:
    """An ISO 8601 duration as calendar time.

    Raises:
        BadScenario: it is none.
    """
    found = LENGTH.fullmatch(text)
    if found is None:
        raise BadScenario("trial.bad_begins", text=text)
    years, months, days, hours, minutes = (int(part or 0) for part in found.groups())
    return relativedelta(years=years, months=months, days=days, hours=hours, minutes=minutes)


def moments(scenario: Scenario, until: datetime, calendar: Calendar) -> tuple[datetime, ...]:
    """When each step of a story that ends at `until` happens.

    None is after the one that follows it, so a holiday in between pulls earlier steps forward.
    """
    found: list[datetime] = []
    for step in scenario.steps:
        last = found[-1] if found else until - ago(scenario.begins)
        found.append(before(step.at, until, calendar) if step.at else last + length_of(step))
    for number in range(len(found) - 2, -1, -1):
        found[number] = min(found[number], found[number + 1])
    return tuple(found)


def length_of(step: ScenarioStep) -> relativedelta:
    """How long after the step before it a step without a moment happens; `next` counts as none."""
    return ago(step.after or step.wait.replace(NEXT, "") or "PT0M")


def before(text: str, until: datetime, calendar: Calendar) -> datetime:
    """A moment counted back from `until`, as `ScenarioStep.at` writes it.

    Raises:
        BadScenario: it is no such moment.
    """
    found = BEFORE.fullmatch(text)
    if found is None:
        raise BadScenario("trial.bad_length", text=text)
    if found[6]:
        return until - int(found[5]) * HOURS[found[6]]
    count, unit = int(found[1]), found[2]
    civil = until.astimezone(calendar.zone)
    if unit == "d":
        civil -= timedelta(days=count)
    else:
        civil = _working_days_before(civil, count, calendar)
    if not found[3]:
        return civil
    return civil.replace(hour=int(found[3]), minute=int(found[4]), second=0, microsecond=0)


def _working_days_before(civil: datetime, count: int, calendar: Calendar) -> datetime:
    while count:
        civil -= timedelta(days=1)
        count -= calendar.works(civil.date())
    return civil


def with_moment(values: Mapping[str, JsonValue], now: datetime) -> dict[str, JsonValue]:
    """Routing values in which `@now` is the moment of the step."""
    return {name: now.isoformat() if value == "@now" else value for name, value in values.items()}


def resolve(
    value: JsonValue, now: datetime, zone: ZoneInfo, end: datetime | None = None
) -> JsonValue:
    """Answers with their dates worked out: `@today-P3D`, `@now+PT4H`, `@end+PT6H`.

    `@end` is the end of the story.
    """
    if isinstance(value, dict):
        return {k: resolve(v, now, zone, end) for k, v in value.items()}
    if isinstance(value, list):
        return [resolve(v, now, zone, end) for v in value]
    found = TOKEN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    base, sign, length = found.groups()[:3]
    civil = (end if base == "end" and end is not None else now).astimezone(zone)
    if length:
        civil = civil + ago(length) if sign == "+" else civil - ago(length)
    if base == "today":
        return civil.date().isoformat()
    return civil.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")


def merge(usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The usual answers with a scenario's own; null takes one out."""
    found = {**usual, **own}
    return {k: v for k, v in found.items() if v is not None}
