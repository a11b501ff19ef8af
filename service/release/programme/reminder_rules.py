"""Rules of letters, from `workflows/config/reminders.toml`: when the service reminds, which letters
wait for a morning, and which open their case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.errors import BadSettings


@dataclass(frozen=True, slots=True)
class OpeningLetter:
    """A letter that is itself the reason to open its case: the purpose that the read log says, and
    the group of answers that the page opens on.
    """

    purpose: str
    group: str


@dataclass(frozen=True, slots=True)
class Reminders:
    """When the service reminds; days are working days of the office that is reminded."""

    opened_first: str
    opened_later: str
    before_days: int
    least_days: int
    before_letter: str
    overdue_days: tuple[int, ...]
    overdue_letter: str
    owner_after_days: int
    owner_letter: str
    quiet_from: int
    quiet_to: int
    never_quiet: frozenset[str]
    """Letters that are sent at any hour."""
    never_gathered: frozenset[str]
    """Letters that go at once to everybody of an office, whatever they have chosen."""
    gathered_hour: int
    """Hour of a working day of the office at which gathered letters leave as one."""
    opens: Mapping[str, OpeningLetter]
    """Template of a letter to what it opens."""
    unsent_days: int
    """Days after which unsent answers that nobody went on with are deleted."""


def read_reminders(table: Mapping[str, Any]) -> Reminders:
    """Read the tables of `reminders.toml`.

    Raises:
        BadSettings: it lacks something; the sentence names it.
    """
    try:
        before, first = table["before_due"]["letter"], table["task_opened"]["first"]
        always = (*table["quiet"]["except"], first, before)
        gathered = table.get("gathered", {})
        return Reminders(
            opened_first=first,
            opened_later=table["task_opened"]["later"],
            before_days=table["before_due"]["working_days"],
            least_days=table["before_due"]["least_working_days"],
            before_letter=before,
            overdue_days=tuple(table["overdue"]["working_days"]),
            overdue_letter=table["overdue"]["letter"],
            owner_after_days=table["owner_office"]["after_working_days"],
            owner_letter=table["owner_office"]["letter"],
            quiet_from=table["quiet"]["from"],
            quiet_to=table["quiet"]["to"],
            never_quiet=frozenset(table["quiet"]["except"]),
            never_gathered=frozenset(gathered.get("except", always)),
            gathered_hour=int(gathered.get("hour", table["quiet"]["to"])),
            opens={
                row["letter"]: OpeningLetter(row["purpose"], row["group"])
                for row in table.get("opens", ())
            },
            unsent_days=table["unstarted"]["delete_after_days"],
        )
    except (KeyError, TypeError, ValueError) as e:
        raise BadSettings(f"reminders.toml lacks {e}") from e
