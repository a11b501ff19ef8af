"""Days off are added and taken out; the file keeps a line a year."""

from __future__ import annotations

from datetime import date

import pytest

from service.release.bundle import Bundle
from service.workshop.configuration import calendars
from service.workshop.configuration.calendars import DraftCalendar
from tests.support.world import shipped

FILE = "workflows/calendars/sweden.json"


def sweden() -> DraftCalendar:
    found = calendars.read_calendar(shipped(), "sweden")
    assert found is not None
    return found


def test_a_day_is_added_and_nothing_else_is_written_otherwise() -> None:
    made = calendars.save_calendar(shipped(), sweden(), {"new.day": ["2026-06-22"]}).changed[FILE]
    before = shipped().text(FILE)
    assert (made or b"").decode() == before.replace('"2026-06-19",', '"2026-06-19", "2026-06-22",')


def test_what_is_not_ticked_is_taken_out() -> None:
    days = [day.isoformat() for day in sweden().off]
    sent = {"off": days[1:], "was.off": days, "week": ["1", "6"], "was.week": list("12345")}
    made = calendars.save_calendar(shipped(), sweden(), sent).changed[FILE]
    found = calendars.read_calendar(Bundle({FILE: made or b""}), "sweden")
    assert found is not None
    assert (found.week, date(2026, 1, 1) in found.off) == (("1", "6"), False)
    assert [year for year, _ in found.years][:2] == [2026, 2027]


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"new.day": ["24/12"]}, "new.day"),
        ({"zone": ["Europe/Nowhere"], "was.zone": ["Europe/Stockholm"]}, "zone"),
        ({"week": ["9"], "was.week": list("12345")}, "week"),
        ({"was.week": list("12345")}, "week"),
    ],
)
def test_what_is_no_day_zone_or_week_is_refused(sent: dict[str, list[str]], fault: str) -> None:
    assert fault in calendars.save_calendar(shipped(), sweden(), sent).faults


def test_a_calendar_that_cannot_be_read_is_none() -> None:
    for content in (b"no", b"[]", b'{"zone": "x", "week": [1], "off": ["soon"]}'):
        assert calendars.read_calendar(Bundle({FILE: content}), "sweden") is None
    assert "sweden" in calendars.read_calendar_names(shipped())
