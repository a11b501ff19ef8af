"""The calendars of a draft: working days of the week, and days off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final
from zoneinfo import available_timezones

from service.release.bundle import Bundle
from service.workshop.configuration.typed import Edit, Sent, Value, Values, changes, text_of

FOLDER: Final = "workflows/calendars"
ENDING: Final = ".json"
WEEK: Final = tuple(str(day) for day in range(1, 8))


@dataclass(frozen=True, slots=True)
class DraftCalendar:
    """A calendar as its page shows it."""

    id: str
    zone: str
    week: tuple[str, ...]
    """Working days, Monday is 1."""
    off: tuple[date, ...]

    @property
    def years(self) -> tuple[tuple[int, tuple[date, ...]], ...]:
        """Days off by year."""
        return tuple((y, tuple(days)) for y, days in groupby(self.off, lambda day: day.year))


def read_calendar_names(bundle: Bundle) -> tuple[str, ...]:
    """The ids of the calendars."""
    return tuple(name.removesuffix(ENDING) for name in bundle.under(FOLDER, ENDING))


def read_calendar(bundle: Bundle, id_: str) -> DraftCalendar | None:
    """A calendar; None where there is none, or it cannot be read."""
    try:
        found = json.loads(text_of(bundle, _file(id_)))
        off = sorted({date.fromisoformat(str(day)) for day in found["off"]})
        week = tuple(sorted(str(int(day)) for day in found["week"]))
        return DraftCalendar(id_, str(found["zone"]), week, tuple(off))
    except (ValueError, KeyError, TypeError):
        return None


def calendar_values(calendar: DraftCalendar) -> Values:
    """Every value that the page can change; `off` is ticked for each day that stays."""
    found: dict[str, Value] = {"zone": calendar.zone, "week": calendar.week}
    found["off"] = tuple(day.isoformat() for day in calendar.off)
    return found


def save_calendar(bundle: Bundle, calendar: DraftCalendar, sent: Sent) -> Edit:
    """Change zone, week and days off; `new.day` is a day off that is added."""
    typed, faults = changes(sent, calendar_values(calendar))
    added = next(iter(sent.get("new.day", ())), "").strip()
    days = set(typed.get("off", [day.isoformat() for day in calendar.off]))
    if added:
        try:
            days.add(date.fromisoformat(added).isoformat())
        except ValueError:
            faults["new.day"] = "fault_day"
    if "zone" in typed and typed["zone"] not in available_timezones():
        faults["zone"] = "fault_zone"
    if not set(typed.get("week", WEEK)) <= set(WEEK) or not typed.get("week", WEEK):
        faults["week"] = "fault_choose"
    if faults or not (typed or added):
        return Edit({}, faults)
    made = json.loads(text_of(bundle, _file(calendar.id)))
    made["zone"] = typed.get("zone", calendar.zone)
    made["week"] = [int(day) for day in typed.get("week", calendar.week)]
    made["off"] = sorted(days)
    return Edit({_file(calendar.id): _written(made)}, {})


def _file(id_: str) -> str:
    return f"{FOLDER}/{id_}{ENDING}"


def _written(calendar: dict[str, Any]) -> bytes:
    """As the shipped files are written: days off with one year a line."""
    off: Sequence[str] = calendar["off"]
    years = [json.dumps(list(days))[1:-1] for _, days in groupby(off, lambda day: day[:4])]
    listed = "[\n    " + ",\n    ".join(years) + "\n  ]" if years else "[]"
    lines = [
        f"  {json.dumps(key)}: {listed if key == 'off' else json.dumps(value)}"
        for key, value in calendar.items()
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()
