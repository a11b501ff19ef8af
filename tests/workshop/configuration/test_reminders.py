"""Numbers of reminders are days up to a year and hours of a day."""

from __future__ import annotations

import pytest

from service.release.bundle import CONFIG
from service.workshop.configuration import reminders
from tests.support.world import shipped

TEXT = shipped().text(f"{CONFIG}reminders.toml")


def test_every_number_of_the_shipped_file_can_be_changed() -> None:
    values = reminders.reminder_values(TEXT)
    assert set(values) == {number.name for number in reminders.NUMBERS}
    assert values["overdue.working_days"] == "0, 2"


@pytest.mark.parametrize(
    ("name", "typed", "line"),
    [
        ("overdue.working_days", "5,0 , 2", "working_days = [0, 2, 5]"),
        ("quiet.to", "8", "to = 8"),
        ("unstarted.delete_after_days", "60", "delete_after_days = 60"),
    ],
)
def test_a_number_is_written_where_it_stood(name: str, typed: str, line: str) -> None:
    was = reminders.reminder_values(TEXT)[name]
    sent = {name: [typed], f"was.{name}": [str(was)]}
    made = reminders.save_reminders(TEXT, sent).changed[reminders.FILE]
    assert line in (made or b"").decode()


@pytest.mark.parametrize("typed", ["", "-1", "soon", "1.5", "366", "1, x"])
def test_what_is_no_number_of_days_is_refused(typed: str) -> None:
    sent = {"overdue.working_days": [typed], "was.overdue.working_days": ["0, 2"]}
    assert reminders.save_reminders(TEXT, sent).faults == {"overdue.working_days": "fault_days"}


def test_a_file_without_a_number_has_no_field_for_it() -> None:
    assert reminders.reminder_values("[quiet]\nfrom = 18\n") == {"quiet.from": "18"}
    assert reminders.reminder_values("= no") == {}
