"""Who travels along is looked for at the arrival: each child, and nobody who travels alone."""

from __future__ import annotations

import pytest

from tests.stories.conftest import Begin

pytestmark = pytest.mark.slow

SEEN = {"fellow": 1, "fellowReport": "MET"}
NOT_SEEN = {"fellow": 1, "fellowReport": "NOT_SEEN"}


def test_a_child_who_is_not_seen_raises_the_alarm_though_the_person_is_met(begin: Begin) -> None:
    story = begin("child-not-seen-at-arrival")
    story.until("Task_ConfirmArrival")
    none = story.refused("iva", "Task_ConfirmArrival", fellowArrivals=[])
    assert "fellowArrivals: form.too_few_rows" in none
    twice = story.refused("iva", "Task_ConfirmArrival", fellowArrivals=[SEEN, SEEN])
    assert "fellowArrivals: form.check" in twice
    gone: dict[str, object] = {"fellowArrivals": [NOT_SEEN], "arrivalOn": None, "condition": None}
    story.does("iva", "Task_ConfirmArrival", **gone)
    assert {"Task_TakeLocal", "Task_ConfirmArrival"} <= story.open()
    assert story.variable("arrived") is False
    story.takes("iva", "Task_TakeLocal")
    story.does("iva", "Task_TakeLocal")
    story.takes("iva", "Task_WorkLocal")
    assert story.sees("iva", "fellowArrivals", "iom-bucharest")
    story.does("iva", "Task_ConfirmArrival", fellowArrivals=[SEEN])
    assert story.variable("arrived") is True


@pytest.mark.parametrize(
    ("report", "child", "alarms"),
    [
        ("MET", "WITH_PERSON", True),
        ("MET", "HELD", True),
        ("DELAYED", "WITH_PERSON", False),
        ("DELAYED", "NOT_SEEN", True),
        ("REFUSED", "WITH_PERSON", True),
        ("REFUSED", "MET", False),
    ],
)
def test_a_child_is_never_taken_to_be_where_nobody_saw_it(
    begin: Begin, report: str, child: str, *, alarms: bool
) -> None:
    story = begin("child-not-seen-at-arrival")
    story.until("Task_ConfirmArrival")
    further: dict[str, dict[str, object]] = {
        "DELAYED": {"arrivalEta": "@now+PT5H", "delayKnownBy": "Ada (demo)"},
        "REFUSED": {"refusedAlone": True},
    }
    left_out: dict[str, object] = {} if report == "REFUSED" and not alarms else {"arrivalOn": None}
    story.does(
        "iva",
        "Task_ConfirmArrival",
        arrivalReport=report,
        fellowArrivals=[{"fellow": 1, "fellowReport": child}],
        condition=None,
        **left_out,
        **further.get(report, {}),
    )
    assert story.variable("arrivalAlarms") is alarms
    assert story.variable("arrived") is (report == "REFUSED" and not alarms)


def test_an_adult_along_has_an_own_case_and_raises_no_alarm_here(begin: Begin) -> None:
    adult = {"traveller": "ADULT", "travelsAlong": True, "agreesAlone": True, "mayControl": "NO"}
    answers = {
        "Task_SubmitReferral": {"familyTravelling": [adult]},
        "Task_BookTickets": {"fellowTravellers": [{"traveller": "ADULT"}]},
    }
    story = begin("child-not-seen-at-arrival", answers)
    story.until("Task_ConfirmArrival")
    story.does("iva", "Task_ConfirmArrival", fellowArrivals=[NOT_SEEN])
    assert story.variable("arrived") is True


def test_who_may_be_controlled_is_not_linked_in_the_journey(begin: Begin) -> None:
    adult = {"traveller": "ADULT", "travelsAlong": True, "agreesAlone": True, "mayControl": "YES"}
    child = {"traveller": "CHILD", "travelsAlong": True}
    both = [{"traveller": "ADULT"}, {"traveller": "CHILD", "ageGroup": "0_1"}]
    referral = {"Task_SubmitReferral": {"familyTravelling": [adult, child]}}
    story = begin("child-not-seen-at-arrival", referral)
    story.until("Task_BookTickets")
    refused = story.refused("aino", "Task_BookTickets", fellowTravellers=both)
    assert "fellowTravellers: form.check" in refused
    story.does("aino", "Task_BookTickets", fellowTravellers=both[1:])


def test_who_unlinks_after_the_booking_is_not_looked_for_and_the_child_is(begin: Begin) -> None:
    story = begin("family-unlinks-child-stays")
    story.until("Task_RebookAlone")
    adult = {"traveller": "ADULT"}
    child = {"traveller": "CHILD", "ageGroup": "12_17"}
    assert "fellowTravellers: form.check" in story.refused(
        "eero", "Task_RebookAlone", fellowTravellers=[adult, child]
    )
    story.until("Task_ConfirmArrival")
    assert story.answer("fellowTravellers") == [child]
    story.does("iva", "Task_ConfirmArrival", fellowArrivals=[SEEN])
    assert story.variable("arrived") is True
