"""Each promise notices when it is broken: a history from which the step that keeps it was taken out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.store import cases
from tests.stories import promises as p
from tests.stories.conftest import UNTIL, Played

pytestmark = pytest.mark.slow
TAKEN_OUT = (
    (p.no_letter_to_iom_before_the_referral, "walk", "left", "Task_SubmitReferral"),
    (p.no_booking_before_a_signed_application, "walk", "took", "F_Gw_ApplicationOk_Task_AssessNeeds"),
    (p.risk_is_decided_before_every_journey, "walk", "left", "Rule_RiskLevel"),
    (p.risk_is_decided_before_every_journey, "walk", "left", "Rule_RiskAgain"),
    (p.no_journey_at_an_unacceptable_risk, "walk", "took", "F_Gw_Reviewed_Call_HomeJourney"),
    (p.support_is_confirmed_before_the_plan, "walk", "left", "Task_ConfirmLocalSupport"),
    (p.money_above_the_ceiling_needs_the_approver, "walk", "left", "Task_ApproveBudget"),
    (p.feedback_follows_arrival_and_each_follow_up, "walk", "left", "Svc_SendFeedback"),
    (p.follow_ups_are_counted_from_the_arrival, "walk", "left", "Svc_ScheduleFollowUp"),
    (p.stop_stops, "late", "entered", "Svc_UndoBookings"),
    (p.nothing_stays_booked, "late", "left", "Svc_UndoBookings"),
    (p.nothing_stays_booked, "no-go", "left", "Svc_CancelJourney"),
)


def history_of(played: Played, name: str) -> p.History:
    with played.program.database.transaction(write=False) as tx:
        case = cases.get(tx, played.cases[name])
        assert case is not None
        return p.history(tx, played.program.house, case, UNTIL)


def without(told: p.History, what: str, name: str) -> p.History:
    return replace(told, events=tuple(e for e in told.events if e.what != what or name not in (e.element, *e.detail)))


@pytest.mark.parametrize(("promise", "story", "what", "name"), TAKEN_OUT, ids=[f"{q.__name__} {n}" for q, _, _, n in TAKEN_OUT])
def test_a_promise_is_broken_when_what_keeps_it_is_taken_out(played: Played, promise: p.Promise, story: str, what: str, name: str) -> None:
    told = history_of(played, story)
    assert list(promise(told)) == []
    assert list(promise(without(told, what, name))) != []


def test_a_child_without_the_outcome_return_breaks_the_promise(played: Played) -> None:
    told = history_of(played, "walk")
    events = tuple(replace(e, values={**e.values, "bestInterests": "NOT_DECIDED"}) for e in told.events)
    assert list(p.a_child_never_travels_without_return(replace(told, events=events))) != []


def test_one_person_for_everything_breaks_the_four_eyes(played: Played) -> None:
    told = history_of(played, "walk")
    assert list(p.four_eyes(replace(told, acts=tuple(replace(act, actor="aino") for act in told.acts)))) != []


def test_an_office_without_the_role_breaks_the_promise_about_roles(played: Played) -> None:
    told = history_of(played, "walk")
    assert list(p.only_the_right_role_decides(replace(told, offices={}))) != []
