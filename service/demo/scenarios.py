"""Scenarios: stories of a case as steps with their moments, read from JSON files.

They lie in `workflows/scenarios/*.scenario.json`. The demo, the guided tour and the tests play them
(`service.demo.player`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from service.engine import Calendar
from service.errors import BadSettings

TOKEN = re.compile(
    r"@(today|now|end)(?:([+-])(P(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?)?))?"
)
PARTS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
BEFORE = re.compile(r"(\d+)([dwhm])(?: (\d\d):(\d\d))?")
JsonValue: TypeAlias = Any
"""An answer: any JSON."""
HOURS = {"h": timedelta(hours=1), "m": timedelta(minutes=1)}


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """One step of a person, or a pause.

    Exactly one of `start`, `task`, `message`, `correct`, `mark`, `refer` and `wait` is given.
    """

    by: str = ""
    start: str = ""
    task: str = ""
    message: str = ""
    correct: str = ""
    """A step whose sent answer is corrected; `answers` holds what is to be another."""
    mark: str = ""
    """A protection marking that is set on the case."""
    why: str = ""
    """The reason of a marking or a correction."""
    refer: str = ""
    """The purpose of a referral by hand; what goes along is what is proposed."""
    to: str = ""
    """The office that it goes to."""
    previous: str = ""
    """Of a start: the pseudonym of an ended case that the new one continues."""
    wait: str = ""
    at: str = ""
    """When, counted back from the end of the story: `9d 10:00` (nine days before it, at ten), `2w
    10:00` (working days), `3h`, `40m`."""
    after: str = ""
    """How long after the step before it, as ISO 8601 duration; counts where `at` says nothing."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """What differs from the usual answers of the form; null takes a usual answer out."""
    only_claim: bool = False
    where: str = ""
    """An element that the case's release must draw; without it the step is passed over."""
    unless: str = ""
    """An element that it must not draw: what older releases do in another way."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case's story, and the state that it must have at the end."""

    name: str
    ref: str
    begins: str
    """How long before the end of the story it begins, as ISO 8601 duration; a first step with `at`
    says it better."""
    steps: tuple[ScenarioStep, ...]
    open: tuple[str, ...] = ()
    """Tasks that are open at the end."""
    late: tuple[str, ...] = ()
    """Those of them that are overdue."""
    waits: tuple[str, ...] = ()
    """Timers that run and calls that rest, among others."""
    end: str = ""
    """The end event, of the case or inside it."""
    release: str = ""
    """`v1`, `v2`, `v3`: the release of the demo on which it begins."""
    calendar: str = "sweden"
    """Whose working days `at` counts."""
    about: str = ""


def read_scenario(path: Path) -> Scenario:
    """Read one scenario file.

    Raises:
        BadSettings: it is no JSON of this shape; the sentence names file and place.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content |= {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in content.pop("expect", {}).items()
        }
        content["steps"] = tuple(ScenarioStep(**step) for step in content["steps"])
        name = path.name.removesuffix(".scenario.json")
        return Scenario(**{"name": name, "ref": "", "begins": "P0D", **content})
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise BadSettings(f"{path.name} is no scenario: {e}") from e


def ago(text: str) -> relativedelta:
    """An ISO 8601 duration as calendar time.

    Raises:
        BadSettings: it is none.
    """
    found = PARTS.fullmatch(text)
    if found is None or text in ("P", "PT"):
        raise BadSettings(f"{text!r} is no duration such as P3D or PT4H")
    years, months, days, hours, minutes = (int(part or 0) for part in found.groups())
    return relativedelta(years=years, months=months, days=days, hours=hours, minutes=minutes)


def moments(scenario: Scenario, until: datetime, calendar: Calendar) -> tuple[datetime, ...]:
    """When each step of a story that ends at `until` happens.

    None is after the one that follows it, so a holiday in between pulls earlier steps forward.
    """
    found: list[datetime] = []
    for step in scenario.steps:
        last = found[-1] if found else until - ago(scenario.begins)
        found.append(
            before(step.at, until, calendar)
            if step.at
            else last + ago(step.after or step.wait or "PT0M")
        )
    for number in range(len(found) - 2, -1, -1):
        found[number] = min(found[number], found[number + 1])
    return tuple(found)


def before(text: str, until: datetime, calendar: Calendar) -> datetime:
    """A moment counted back from `until`, as `ScenarioStep.at` writes it.

    Raises:
        BadSettings: it is no such moment.
    """
    found = BEFORE.fullmatch(text)
    if found is None or (found[2] in HOURS and found[3]):
        raise BadSettings(f"{text!r} is no moment such as 9d 10:00, 2w 10:00, 3h or 40m")
    count, unit = int(found[1]), found[2]
    if unit in HOURS:
        return until - count * HOURS[unit]
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
    base, sign, length = found.groups()
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


def read_usual(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Form to the answers that invented people usually give.

    Raises:
        BadSettings: it cannot be read.
    """
    try:
        found: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise BadSettings(f"{path.name} cannot be read: {e}") from e
    return found


def read_scenarios(folder: Path) -> Sequence[Scenario]:
    """Every scenario of a folder and the folders in it, by path."""
    return [read_scenario(path) for path in sorted(folder.rglob("*.scenario.json"))]
