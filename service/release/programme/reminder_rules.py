"""Rules of letters, from `workflows/config/reminders.toml`: when the service reminds, which letters
wait for a morning, and which open their case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from service.release.programme.typed_tables import Text, typed

Days = Annotated[int, Meta(ge=0)]
Hour = Annotated[int, Meta(ge=0, le=24)]


class OpeningLetter(Struct, frozen=True):
    """A letter that is itself the reason to open its case: the purpose that the read log says, and
    the group of answers that the page opens on.
    """

    letter: Text
    purpose: Text
    group: Text


class Reminders(Struct, frozen=True):
    """When the service reminds; days are working days of the office that is reminded.

    Each attribute is a key of a table of the file.
    """

    opened_first: Text = field(name="task_opened.first")
    opened_later: Text = field(name="task_opened.later")
    before_days: Days = field(name="before_due.working_days")
    least_days: Days = field(name="before_due.least_working_days")
    before_letter: Text = field(name="before_due.letter")
    overdue_days: tuple[Days, ...] = field(name="overdue.working_days")
    overdue_letter: Text = field(name="overdue.letter")
    owner_after_days: Days = field(name="owner_office.after_working_days")
    owner_letter: Text = field(name="owner_office.letter")
    quiet_from: Hour = field(name="quiet.from")
    quiet_to: Annotated[int, Meta(ge=0, le=23)] = field(name="quiet.to")
    never_quiet: frozenset[str] = field(name="quiet.except")
    """Letters that are sent at any hour."""
    unsent_days: Days = field(name="unstarted.delete_after_days")
    """Days after which unsent answers that nobody went on with are deleted."""
    gathered_except: frozenset[str] | None = field(name="gathered.except", default=None)
    gathered_at: Annotated[int, Meta(ge=0, le=23)] | None = field(
        name="gathered.hour", default=None
    )
    usually: Literal["at_once", "daily"] = field(name="gathered.usually", default="at_once")
    """How often letters come to a person who has not chosen."""
    opening: tuple[OpeningLetter, ...] = field(name="opens", default=())

    @property
    def never_gathered(self) -> frozenset[str]:
        """Letters that go at once to everybody of an office, whatever they have chosen."""
        if self.gathered_except is not None:
            return self.gathered_except
        return self.never_quiet | {self.opened_first, self.before_letter}

    @property
    def gathered_hour(self) -> int:
        """Hour of a working day of the office at which gathered letters leave as one."""
        return self.quiet_to if self.gathered_at is None else self.gathered_at

    @property
    def opens(self) -> Mapping[str, OpeningLetter]:
        """Template of a letter to what it opens."""
        return {one.letter: one for one in self.opening}


def read_reminders(table: Mapping[str, Any]) -> Reminders:
    """Read the tables of `reminders.toml`.

    Raises:
        WrongTable: it lacks something, or has a value of another kind.
    """
    keys: dict[str, Any] = {}
    for name, part in table.items():
        if isinstance(part, Mapping):
            keys |= {f"{name}.{key}": value for key, value in part.items()}
        else:
            keys[name] = part
    return typed(keys, Reminders)
