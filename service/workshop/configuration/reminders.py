"""The reminders of a draft: when the service writes, in days and hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import tomlkit

from service.release.bundle import CONFIG
from service.release.programme.process_configuration import REMINDERS
from service.workshop.configuration.typed import (
    Edit,
    Sent,
    Value,
    Values,
    changes,
    edited,
    read_table,
)

FILE: Final = CONFIG + REMINDERS
MOST_DAYS: Final = 365
LAST_HOUR: Final = 23


@dataclass(frozen=True, slots=True)
class ReminderNumber:
    """A number of `reminders.toml` that the page can change."""

    table: str
    key: str
    most: int
    several: bool = False
    """Whether it is a list of numbers."""

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"{self.table}.{self.key}"


NUMBERS: Final = (
    ReminderNumber("before_due", "working_days", MOST_DAYS),
    ReminderNumber("before_due", "least_working_days", MOST_DAYS),
    ReminderNumber("overdue", "working_days", MOST_DAYS, several=True),
    ReminderNumber("owner_office", "after_working_days", MOST_DAYS),
    ReminderNumber("quiet", "from", LAST_HOUR),
    ReminderNumber("quiet", "to", LAST_HOUR),
    ReminderNumber("gathered", "hour", LAST_HOUR),
    ReminderNumber("unstarted", "delete_after_days", MOST_DAYS),
)


def reminder_values(text: str) -> Values:
    """Every number that the page can change; a list with commas between."""
    table = read_table(text)
    found = dict[str, Value]()
    for number in NUMBERS:
        rows = table.get(number.table)
        value = rows.get(number.key) if isinstance(rows, dict) else None
        if value is not None:
            found[number.name] = (
                ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            )
    return found


def save_reminders(text: str, sent: Sent) -> Edit:
    """Change numbers of reminders."""
    typed, faults = changes(sent, reminder_values(text))
    numbers = {number.name: number for number in NUMBERS}
    made: dict[str, int | list[int]] = {}
    for name, value in typed.items():
        parsed = _parsed(str(value), numbers[name])
        if parsed is None:
            faults[name] = "fault_hour" if numbers[name].most == LAST_HOUR else "fault_days"
        else:
            made[name] = parsed
    if faults:
        return Edit({}, faults)

    def change(document: tomlkit.TOMLDocument) -> None:
        for name, value in made.items():
            number = numbers[name]
            row: Any = document[number.table]
            row[number.key] = value

    return edited(text, FILE, change)


def _parsed(text: str, number: ReminderNumber) -> int | list[int] | None:
    """The number or numbers of a text; None for what is none, or is too large."""
    parts = [part.strip() for part in text.split(",")] if number.several else [text]
    if not all(part.isdecimal() and int(part) <= number.most for part in parts):
        return None
    found = [int(part) for part in parts]
    return sorted(set(found)) if number.several else found[0]
