"""Rules of letters are read, with what an older file means where it says nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from service.release.programme.reminder_rules import OpeningLetter, read_reminders
from service.settings import Settings


def shipped() -> dict[str, Any]:
    path = Path(Settings().workflows_dir) / "config" / "reminders.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_what_never_waits_is_said_in_the_file() -> None:
    rules = read_reminders(shipped())
    assert {"alarm", "ring", rules.opened_first, rules.before_letter} <= rules.never_gathered
    assert rules.overdue_letter not in rules.never_gathered
    assert rules.opens == {
        "feedback_ready": OpeningLetter("feedback_ready", "feedback", "feedback")
    }


def test_what_says_by_itself_what_to_do_never_waits() -> None:
    """The gathered letter names cases alone: "do not go on" would be lost in it, and an office that
    the person has left could not even open the case to read it.
    """
    rules = read_reminders(shipped())
    assert rules.usually == "daily"
    tell = {"stand_down", "local_ended", "alarm_ended", "decision_late", "decision_late_above"}
    assert tell | {"approval_waiting", "protected_read"} <= rules.never_gathered


def test_an_older_file_keeps_what_is_urgent_from_waiting() -> None:
    older = {name: rows for name, rows in shipped().items() if name not in ("gathered", "opens")}
    rules = read_reminders(older)
    assert {"alarm", "new_referral", rules.before_letter} <= rules.never_gathered
    assert (rules.gathered_hour, rules.opens) == (rules.quiet_to, {})


@pytest.mark.parametrize("name", ["quiet", "task_opened", "unstarted"])
def test_what_is_missing_is_named(name: str) -> None:
    rest = {one: rows for one, rows in shipped().items() if one != name}
    with pytest.raises(ValueError, match=rf"^it lacks {name}\."):
        read_reminders(rest)


def test_an_hour_is_a_whole_number_of_a_day() -> None:
    rules = shipped()
    rules["quiet"]["to"] = "7"
    with pytest.raises(ValueError, match=r"^quiet, to: this must be a whole number, not a text$"):
        read_reminders(rules)
    rules["quiet"]["to"] = 24
    with pytest.raises(ValueError, match=r"^quiet, to: this must be at most 23$"):
        read_reminders(rules)
