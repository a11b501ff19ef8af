"""Each promise is broken by a history without the step that keeps it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from service.records.context import Services
from service.release.programme.grant_rules import read_grants
from service.settings import Settings
from service.store.casefile import cases
from tests.stories import promises as p
from tests.stories.history import History, history
from tests.support.changed_configuration import with_configuration
from tests.support.played_cases import UNTIL, Played

pytestmark = pytest.mark.slow
TAKEN_OUT = (
    (p.no_letter_to_iom_before_the_referral, "walk", "left", "Task_SubmitReferral"),
    (
        p.no_booking_before_a_signed_application,
        "walk",
        "took",
        "F_Gw_ApplicationOk_End_Decision",
    ),
    (p.risk_is_decided_before_every_journey, "walk", "left", "Rule_RiskLevel"),
    (p.risk_is_decided_before_every_journey, "walk", "left", "Call_RiskAgain"),
    (p.no_journey_at_an_unacceptable_risk, "walk", "took", "F_Gw_Reviewed_End_RiskBorne"),
    (p.the_plan_is_hers, "walk", "left", "Task_MakePlan"),
    (p.support_is_confirmed_before_the_plan, "walk", "left", "Task_ConfirmLocalSupport"),
    (p.money_above_the_ceiling_needs_the_approver, "walk", "left", "Task_ApproveBudget"),
    (p.feedback_follows_arrival_and_each_follow_up, "walk", "left", "Svc_SendFeedback"),
    (p.follow_ups_are_counted_from_the_arrival, "walk", "left", "Svc_ScheduleFollowUp"),
    (p.stop_stops, "late", "entered", "Svc_UndoBookings"),
    (p.nothing_stays_booked, "late", "left", "Svc_UndoBookings"),
    (p.nothing_stays_booked, "no-go", "left", "Svc_CancelJourney"),
)


def history_of(played: Played, name: str, services: Services | None = None) -> History:
    with played.program.database.transaction(write=False) as tx:
        case = cases.get(tx, played.cases[name])
        assert case is not None
        return history(tx, services or played.program.services, case, UNTIL)


def without(case_history: History, what: str, name: str) -> History:
    return replace(
        case_history,
        events=tuple(
            e for e in case_history.events if e.what != what or name not in (e.element, *e.detail)
        ),
    )


@pytest.mark.parametrize(
    ("promise", "story", "what", "name"),
    TAKEN_OUT,
    ids=[f"{q.__name__} {n}" for q, _, _, n in TAKEN_OUT],
)
def test_a_promise_is_broken_when_what_keeps_it_is_taken_out(
    played: Played, promise: p.Promise, story: str, what: str, name: str
) -> None:
    case_history = history_of(played, story)
    assert list(promise(case_history)) == []
    assert list(promise(without(case_history, what, name))) != []


def test_a_child_without_the_outcome_return_breaks_the_promise(played: Played) -> None:
    case_history = history_of(played, "walk")
    events = tuple(
        replace(e, values={**e.values, "bestInterests": "NOT_DECIDED"}) for e in case_history.events
    )
    assert list(p.a_child_never_travels_without_return(replace(case_history, events=events))) != []


def test_one_person_for_everything_breaks_the_four_eyes(played: Played) -> None:
    case_history = history_of(played, "walk")
    assert (
        list(
            p.four_eyes(
                replace(
                    case_history,
                    acts=tuple(replace(act, actor="aino") for act in case_history.acts),
                )
            )
        )
        != []
    )


def test_an_office_without_the_role_breaks_the_role_promise(played: Played) -> None:
    case_history = history_of(played, "walk")
    assert list(p.only_the_right_role_decides(replace(case_history, offices={}))) != []


def test_a_plan_without_her_consent_breaks_the_promise(played: Played) -> None:
    case_history = history_of(played, "walk")
    assert list(p.the_plan_is_hers(case_history)) == []
    assert list(p.the_plan_is_hers(replace(case_history, answers=()))) != []
    answered = tuple(
        replace(one, values={**one.values, "accepted": {"yes": False}})
        for one in case_history.answers
    )
    assert list(p.the_plan_is_hers(replace(case_history, answers=answered))) != []


def test_a_grant_that_opens_more_shows_the_name_too_early(played: Played) -> None:
    """The local office confirms support under the pseudonym; a grant without that narrowing would
    show the name.
    """
    text = (Path(Settings().workflows_dir) / "config" / "grants.toml").read_text(encoding="utf-8")
    row = text[text.index('rule = "G6"') : text.index('rule = "G7"')]
    wider = row.replace(
        'classes = ["C0", "C2"]\ngroups = ["needs"]', 'classes = ["C0", "C1", "C2"]'
    )
    services = played.program.services
    grants = read_grants(
        text.replace(row, wider), services.programme.configuration.vocabulary.stages
    )
    open_to_everybody = with_configuration(services, grants=grants)
    case_history, shown = (
        history_of(played, "no-show"),
        history_of(played, "no-show", open_to_everybody),
    )
    assert any(turn.named for turn in case_history.turns), "it sees the name in the end"
    assert list(p.the_local_office_sees_no_name_before_the_journey(case_history)) == []
    assert list(p.the_local_office_sees_no_name_before_the_journey(shown)) != []


def test_a_task_without_a_date_and_a_stuck_case_break_a_promise(
    played: Played,
) -> None:
    case_history = history_of(played, "walk")
    dateless = tuple(
        replace(t, open=tuple(replace(o, due=None) for o in t.open)) for t in case_history.turns
    )
    stuck = tuple(replace(t, open=()) for t in case_history.turns)
    unfinished = tuple(replace(t, ended=False) for t in case_history.turns)
    for turns in (dateless, stuck, unfinished):
        assert (
            list(
                p.every_way_ends_and_nobody_waits_without_a_date(replace(case_history, turns=turns))
            )
            != []
        )


def test_a_timer_that_ends_a_case_or_leads_nowhere_is_a_breach(played: Played) -> None:
    case_history = history_of(played, "lapse")
    assert any(turn.kind == "due" and turn.element == p.MAY_LAPSE for turn in case_history.turns)
    renamed = tuple(
        replace(t, element="Tmr_Other", ended=True) if t.element == p.MAY_LAPSE else t
        for t in case_history.turns
    )
    assert list(p.no_clock_ends_a_case(replace(case_history, turns=renamed))) == [
        "Tmr_Other ended the case"
    ]
    asked = ("Svc_TellOutcome", "Task_TellPerson")
    silent = tuple(e for e in case_history.events if e.element not in asked)
    assert list(p.no_clock_ends_a_case(replace(case_history, events=silent))) == [
        f"{p.MAY_LAPSE} led to nobody"
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("openChecks", ["REPORT_OLD"]), ("goDecision", "RECHECK")]
)
def test_a_departure_with_an_open_check_breaks_the_promise(
    played: Played, name: str, value: object
) -> None:
    case_history = history_of(played, "walk")
    events = tuple(replace(e, values={**e.values, name: value}) for e in case_history.events)
    assert list(p.go_only_when_all_checks_are_clean(replace(case_history, events=events))) != []


def test_every_promise_is_broken_by_a_test_of_this_page() -> None:
    page = Path(__file__).read_text(encoding="utf-8")
    assert [number for number, _ in p.PROMISES] == list(range(1, 19))
    assert [
        promise.__name__ for _, promise in p.PROMISES if f"p.{promise.__name__}" not in page
    ] == []
