"""Help between two legs and transport behind the last one: rows that say who meets her where."""

from __future__ import annotations

import pytest

from tests.stories.conftest import Begin

pytestmark = pytest.mark.slow


def leg(mode: str, start: str, end: str, departs: str, arrives: str) -> dict[str, str]:
    zones = {"departsZone": "Europe/Stockholm", "arrivesZone": "Europe/Stockholm"}
    return {**zones, "mode": mode, "from": start, "to": end, "departs": departs, "arrives": arrives}


LEGS = [
    leg("RAIL", "Prova", "Demo", "@now+P3D", "@now+P3DT1H"),
    leg("AIR", "Demo", "Sofia", "@now+P3DT4H", "@now+P3DT7H"),
]


def test_who_meets_her_stands_by_the_leg_of_the_journey(begin: Begin) -> None:
    story = begin("hold-cleared")
    story.until("Task_BookTickets")
    story.does("aino", "Task_BookTickets", segments=LEGS)
    meets = [{"segment": 1, "place": "Demo", "who": "Ada (demo)", "phone": "0000000004"}]
    wrong = [{**meets[0], "segment": 3}]
    assert "transitHelp.0.segment" in story.refused("iva", "Task_ArrangeArrival", transitHelp=wrong)
    none = story.refused("iva", "Task_ArrangeArrival", transitHelp=meets, onwardLegs=None)
    assert "onwardLegs: form.required" in none
    story.does("iva", "Task_ArrangeArrival", transitHelp=meets)
    assert story.answer("transitHelp") == meets
    assert story.sees("iva", "segments", "iom-helsinki")
