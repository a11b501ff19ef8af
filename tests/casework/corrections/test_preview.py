"""The preview says beforehand what a correction brings, and writes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from service.casework.corrections.correction_preview import preview_correction
from tests.casework.corrections.conftest import hear
from tests.casework.corrections.test_form import opened
from tests.support.world import World


def lines(desk: World, case: str, **typed: str) -> list[str]:
    session = opened(desk, case, "a")
    changes = session.changes({**session.base, **{key: [text] for key, text in typed.items()}})
    about = (desk.program.services, session.viewer, session.target.sent, changes, session.now)
    return preview_correction(*about)


def test_what_cannot_be_played_in_time_is_said_without_it(desk: World, case_id: str) -> None:
    desk.lang = "en"
    services = replace(desk.program.services, preview_seconds=0.0)
    hurried = replace(desk, program=replace(desk.program, services=services))
    told = lines(hurried, case_id, answer="NO")
    assert told[:2] == ["These answers change: Answer.", "Cannot be shown now. You can still send."]
    assert not any("“W”" in line for line in told)


def test_the_offices_that_get_a_letter_are_named(desk: World, case_id: str) -> None:
    desk.lang = "en"
    hear(desk, case_id, classes=["C1"])
    told = lines(desk, case_id, contact="0800")
    assert "A letter without personal data goes to: Board." in told


def test_it_names_the_fields_the_deadlines_and_who_weighs(desk: World, case_id: str) -> None:
    desk.lang = "en"
    told = lines(desk, case_id, day="2026-05-01", answer="NO")
    assert told[0] == "These answers change: Answer, Day."
    for what in ("B", "late"):
        assert f"The deadline of “{what}” moves to 2026-05-01 00:00." in told
    assert any("Social" in line and "W" in line for line in told), "\n".join(told)
    assert told[-2:] == [
        "Steps that the case has passed stay, even if the answer would have led another way.",
        "The old and the new answer stay in the history, with your reason.",
    ]
    assert [task.element for task in desk.tasks(case_id)] == ["b"]


def test_a_day_that_is_over_is_said_to_be_over(desk: World, case_id: str) -> None:
    desk.lang = "en"
    told = lines(desk, case_id, day="2026-01-01")
    assert any("It has passed already" in line for line in told)
    desk.clock.set(datetime(2026, 3, 14, 23, tzinfo=UTC))
    told = lines(desk, case_id, day="2026-03-15")
    assert any("It has passed already" in line for line in told), "it begins this moment"


def test_without_anything_that_rests_on_it_nobody_weighs(desk: World, case_id: str) -> None:
    desk.lang = "en"
    told = lines(desk, case_id, contact="0800")
    assert not any("“W”" in line for line in told)
    assert any(line.startswith("No other office needs to know") for line in told)
