"""Questions about who travels along: none to who travels alone, one row for each who does."""

from __future__ import annotations

from typing import Any

import pytest

from service.forms import draw
from tests.forms.paper import a_case, answered, sent, shipped, typed

KEYS = {
    "journey_booking": {"fellowTravellers"},
    "rebook_alone": {"fellowTravellers"},
    "arrival": {"fellowArrivals", "childMissing"},
    "helsinki_arrival": {"fellowArrivals", "childMissing"},
}
ROWS = [{"traveller": "ADULT"}, {"traveller": "CHILD", "ageGroup": "0_1"}]


def shown(form_id: str, given: dict[str, Any], **known: Any) -> set[str]:
    """The questions about fellow travellers that a form shows."""
    form, case = shipped()[form_id], a_case(**known)
    sections = draw(form, answered(form, case, typed(**given)), lang="sv", faults=(), context=case)
    found = {w.key for section in sections for w in section.widgets if not w.hidden}
    return found & KEYS[form_id]


@pytest.mark.parametrize("form_id", KEYS)
@pytest.mark.parametrize("known", [{}, {"withAdults": 0, "withChildren": 0}])
def test_who_travels_alone_is_asked_nothing_of_it(form_id: str, known: dict[str, Any]) -> None:
    assert shown(form_id, {}, **known) == set()


@pytest.mark.parametrize("form_id", KEYS)
def test_each_form_asks_where_a_child_travels_along(form_id: str) -> None:
    known = {"withAdults": 1, "withChildren": 1, "ticketsBooked": True, "fellowTravellers": ROWS}
    assert shown(form_id, {}, **known) == KEYS[form_id]


@pytest.mark.parametrize(("form_id", "there"), [("arrival", "MET"), ("helsinki_arrival", "SPOKEN")])
@pytest.mark.parametrize(
    ("adult", "child", "arrived"),
    [("MET", "MET", True), ("NOT_SEEN", "MET", True), ("MET", "NOT_SEEN", False)],
)
def test_the_arrival_counts_only_with_each_child(
    form_id: str, there: str, adult: str, child: str, *, arrived: bool
) -> None:
    case = a_case(withAdults=1, withChildren=1, fellowTravellers=ROWS, isMinor=False)
    rows = {
        "fellowArrivals__0__fellow": "1",
        "fellowArrivals__0__fellowReport": adult,
        "fellowArrivals__1__fellow": "2",
        "fellowArrivals__1__fellowReport": child,
    }
    routing = sent(form_id, case, arrivalReport=there, **rows).routing
    assert (routing["arrived"], routing["arrivalAlarms"]) == (arrived, not arrived)
