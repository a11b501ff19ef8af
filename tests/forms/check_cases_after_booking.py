"""Answers that the checks of journey, third step and side paths accept, and that they refuse."""

from __future__ import annotations

from collections.abc import Iterator

from service.forms import Json
from tests.forms.check_cases import PLAN, Case, Given

BOOKED = {
    "segments__0__departs": "2026-12-01 08:00",
    "segments__0__arrives": "2026-12-01 10:00",
    "segments__1__departs": "2026-12-01 11:00",
    "segments__1__arrives": "2026-12-01 14:00",
}
TRIES = {
    "attempts__0__result": "NO_ANSWER",
    "attempts__1__result": "NO_ANSWER",
    "attempts__2__result": "NO_ANSWER",
}


def fellow_travellers() -> Iterator[Case]:
    """As many as travel along, and one row for each at the arrival."""
    child: Given = {
        "fellowTravellers__0__traveller": "CHILD",
        "fellowTravellers__0__ageGroup": "0_1",
    }
    adult: Given = {"fellowTravellers__1__traveller": "ADULT"}
    linked: dict[str, object] = {"withAdults": 1, "withChildren": 1}
    unlinked: dict[str, object] = {"withAdults": 0, "withChildren": 1, "ticketsBooked": True}
    booked: Given = {**BOOKED, **child}
    yield Case("journey_booking", "fellowTravellers", {**booked, **adult}, booked, known=linked)
    two: Given = {
        **booked,
        "fellowTravellers__1__traveller": "CHILD",
        "fellowTravellers__1__ageGroup": "2_11",
    }
    yield Case("journey_booking", "fellowTravellers", {**booked, **adult}, two, known=linked)
    yield Case("rebook_alone", "fellowTravellers", child, {**child, **adult}, known=unlinked)
    rows: Json = [{"traveller": "CHILD", "ageGroup": "0_1"}, {"traveller": "ADULT"}]
    seen: Given = {
        "fellowArrivals__0__fellow": "1",
        "fellowArrivals__0__fellowReport": "MET",
        "fellowArrivals__1__fellow": "2",
        "fellowArrivals__1__fellowReport": "MET",
    }
    for form, met in (("arrival", "MET"), ("helsinki_arrival", "SPOKEN")):
        report: Given = {"arrivalReport": met, "arrivalOn": "2026-11-24", "condition": "OK"}
        yield Case(
            form,
            "fellowArrivals",
            {**report, **seen},
            {**report, **seen, "fellowArrivals__1__fellow": "1"},
            known={**linked, "fellowTravellers": rows},
        )


def the_journey() -> Iterator[Case]:
    yield from fellow_travellers()
    fit: Given = {"fitToTravel": "FIT", "abilityConfirmed": "true"}
    yield Case(
        "fit_to_travel",
        "fitToTravel",
        fit,
        {**fit, "abilityConfirmed": "false"},
        known={"capacity": "CONCERN"},
    )
    yield Case(
        "journey_booking",
        "segments.0.arrives",
        BOOKED,
        {**BOOKED, "segments__0__arrives": "2026-12-01 08:00"},
    )
    yield Case(
        "journey_booking",
        "segments",
        BOOKED,
        {**BOOKED, "segments__1__departs": "2026-12-01 10:59"},
    )
    yield Case(
        "journey_booking",
        "segments",
        BOOKED,
        {**BOOKED, "segments__0__departs": "2026-11-24 10:00"},
    )
    yield Case(
        "arrival_arrangement", "firstNights", {"firstNights": "FAMILY"}, {"firstNights": "NONE"}
    )
    yield Case(
        "final_check",
        "goDecision",
        {"goDecision": "RECHECK"},
        {"goDecision": "GO"},
        known={"openChecks": ["RISK_OLD"]},
    )
    yield Case(
        "final_check",
        "goDecision",
        {"goDecision": "NO_GO"},
        {"goDecision": "GO"},
        known={"openChecks": [], "openAlerts": 1},
    )
    undone = {"openChecks": [], "alertSeverity": "HIGH", "alertActions": [{"done": False}]}
    yield Case(
        "final_check", "goDecision", {"goDecision": "NO_GO"}, {"goDecision": "GO"}, known=undone
    )
    two: Json = [{"kind": "VISA", "cleared": True}, {"kind": "TRAVEL_BAN", "cleared": True}]
    one: Given = {
        "goDecision": "GO",
        "holdChecks__0__hold": "1",
        "holdChecks__0__confirmed": "true",
    }
    both = {**one, "holdChecks__1__hold": "2", "holdChecks__1__confirmed": "true"}
    for missed in ({"holdChecks__1__hold": "1"}, {"holdChecks__1__confirmed": "false"}):
        known = {"openChecks": [], "holdRows": two}
        yield Case(
            "final_check", "goDecision", both, missed, known=known, before={"holdRows": [two]}
        )
    soon = {"departureAt": "2026-11-24T11:30:00+00:00"}
    yield Case(
        "departure",
        "departureOutcome",
        {"departureOutcome": "CANCELLED"},
        {"departureOutcome": "DEPARTED"},
        known=soon,
    )
    later: Given = {
        "departureOutcome": "POSTPONED",
        "departureAt": "2026-12-01 10:00",
        "arrivalEta": "2026-12-01 18:00",
    }
    yield Case("departure", "departureAt", later, {**later, "departureAt": "2026-12-01 10:01"})
    yield Case("departure", "arrivalEta", later, {**later, "arrivalEta": "2026-12-01 10:00"})


def without_local_office() -> Iterator[Case]:
    yield Case(
        "helsinki_arrangement", "firstNights", {"firstNights": "FAMILY"}, {"firstNights": "NONE"}
    )
    weighed: Given = {"localWay": "FROM_HELSINKI", "someoneMeets": "false"}
    yield Case(
        "weigh_consent",
        "firstNights",
        {**weighed, "firstNights": "FAMILY"},
        {**weighed, "firstNights": "NONE"},
        known={"arrivalArranged": True},
    )
    yield Case(
        "helsinki_contact",
        "contactAttempts",
        {"contactAttempts__0__result": "REACHED"},
        {"contactAttempts__0__result": "NO_ANSWER"},
    )


def step_3() -> Iterator[Case]:
    yield from without_local_office()
    for form in ("arrival_meeting", "helsinki_contact"):
        yield Case(
            form,
            "followUpPeriodMonths",
            {"followUpPeriodMonths": "3"},
            {"followUpPeriodMonths": "4"},
            without=("FOLLOW_UP",),
        )
        yield Case(
            form,
            "followUpPeriodMonths",
            {"followUpPeriodMonths": "12"},
            {"followUpPeriodMonths": "13"},
            "form.out_of_range",
        )
        yield Case(
            form,
            "followUpIntervalMonths",
            {"followUpPeriodMonths": "4", "followUpIntervalMonths": "2"},
            {"followUpPeriodMonths": "4", "followUpIntervalMonths": "3"},
        )
    ceiling = {"budgetCeiling": {"amount": "1000.00", "currency": "EUR"}}
    kept: Given = {"activities__0__id": "A1", "activities__1__id": "A2"}
    yield Case(
        "adapt_plan",
        "activities",
        kept,
        {"activities__0__id": "A1"},
        known=ceiling,
        before={"activities": [[{"id": "A1"}, {"id": "A2"}]]},
    )
    yield Case(
        "adapt_plan",
        "activities.0.goal",
        {"activities__0__goal": "SOCIAL"},
        {"activities__0__goal": "ECONOMIC"},
        known={**ceiling, "goals": [{"dimension": "SOCIAL"}]},
    )
    yield Case(
        "delivery",
        "activity",
        {"activity": "A1"},
        {"activity": "A2"},
        known={"activities": [{"id": "A1"}, {"id": "A2", "state": "DROPPED"}]},
    )
    yield Case(
        "budget_decision",
        "budgetCeiling",
        {"budgetDecision": "APPROVED", "budgetCeiling__amount": "1200"},
        {"budgetDecision": "APPROVED", "budgetCeiling__amount": "1199"},
        known={**ceiling, "budgetTotal": {"amount": "1200.00", "currency": "EUR"}},
    )
    yield Case(
        "delivery",
        "activity",
        {"activity": "NONE", "supportDone": "true"},
        {"activity": "NONE", "supportDone": "false"},
        known={"activities": PLAN},
    )
    cost: Given = {"activity": "2", "deliveryCost__currency": "EUR"}
    money = {"activities": PLAN, "newTotal": {"amount": "100.00", "currency": "EUR"}}
    yield Case(
        "delivery",
        "deliveryCost",
        {**cost, "deliveryCost__amount": "100"},
        {**cost, "deliveryCost__amount": "100.01"},
        known=money,
    )
    yield Case(
        "delivery",
        "deliveryCost",
        {**cost, "deliveryCost__amount": "0"},
        {**cost, "deliveryCost__amount": "-1"},
        "form.not_an_amount",
        money,
    )
    days = {f"attempts__{n}__at": f"2026-11-{22 + n} 09:00" for n in range(3)}
    ways = {
        "attempts__0__channel": "PHONE",
        "attempts__1__channel": "VISIT",
        "attempts__2__channel": "PHONE",
    }
    tries: Given = {**TRIES, **days, **ways}
    by_phone: dict[str, object] = {"newSafeContact": {"channel": "PHONE"}}
    phone: Given = {**tries, "attempts__1__channel": "PHONE"}
    other = {"attempts__0__result": "REFUSED", "attempts__0__refusedBy": "OTHER"}
    yield Case(
        "follow_up",
        "safeToTalk",
        {**other, "safeToTalk": "false"},
        {**other, "safeToTalk": "true"},
    )
    yield Case("follow_up", "attempts", phone, tries, known=by_phone)
    yield Case(
        "follow_up",
        "attempts",
        tries,
        {**tries, "attempts__0__at": "2026-11-24 07:00", "attempts__1__at": "2026-11-24 08:00"},
    )
    yield Case("follow_up", "attempts", tries, {k: v for k, v in tries.items() if "__2__" not in k})
    passed = {"followUpNo": 5, "followUpIntervalMonths": 1}
    yield Case(
        "follow_up",
        "followUpPeriodMonths",
        {"followUpPeriodMonths": "5"},
        {"followUpPeriodMonths": "4"},
        known=passed,
    )
    yield Case(
        "follow_up",
        "followUpPeriodMonths",
        {"followUpPeriodMonths": "3"},
        {"followUpPeriodMonths": "6"},
        without=("FOLLOW_UP",),
    )
    yield Case(
        "feedback",
        "feedbackLevel",
        {"feedbackLevel": "STATUS_ONLY"},
        {"feedbackLevel": "SUMMARY"},
        without=("FEEDBACK_SE",),
    )
    closing: Given = {"finalWords": "SENT", "finalText": "Tack"}
    yield Case(
        "close_case", "finalText", {"finalWords": "SAID_NO"}, closing, without=("FEEDBACK_SE",)
    )


def the_rest() -> Iterator[Case]:
    yield Case(
        "verify_age",
        "ageDecided",
        {"ageBasis": "DISPUTED", "ageDecided": "FROM_15"},
        {"ageBasis": "DISPUTED", "ageDecided": "ADULT"},
    )
    for text in (
        "ring 070-123 45 67",
        "850709-9805",
        "19850709 9805",
        "skriv till anna@example.org",
    ):
        for form_id, key in (
            ("consultation_question", "questionText"),
            ("consultation_answer", "answerText"),
        ):
            yield Case(
                form_id,
                key,
                {key: "Gäller 3 personer sedan 2026-11-01."},
                {key: text},
                "form.tells_identity",
            )
