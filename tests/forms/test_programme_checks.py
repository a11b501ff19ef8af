"""Every check of the programme: one answer that passes, one that is refused beside its field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

import pytest

from service.forms.fields import Field
from tests.forms.paper import ALL_PURPOSES, a_case, faults, sent, shipped

Given = Mapping[str, str | list[str]]

BOOKED = {
    "segments__0__departs": "2026-12-01 08:00",
    "segments__0__arrives": "2026-12-01 10:00",
    "segments__1__departs": "2026-12-01 11:00",
    "segments__1__arrives": "2026-12-01 14:00",
}
PLAN = [
    {"kind": "JOB", "provider": "A", "proof": True},
    {"kind": "HOUSING", "provider": "B", "proof": False},
]
REQUESTS = [{"domain": "HOUSING", "what": "a room"}, {"domain": "LEGAL", "what": "a lawyer"}]
URGENT_HOUSING = [{"domain": "HOUSING", "severity": 3}, {"domain": "LEGAL", "severity": 1}]
TRIES = {
    "attempts__0__result": "NO_ANSWER",
    "attempts__1__result": "NO_ANSWER",
    "attempts__2__result": "NO_ANSWER",
}
CONSENT = {"consentRefer__given": "true", "consentRefer__givenBy": "SELF"}


@dataclass(frozen=True)
class Case:
    """`good` passes without a fault at `path`, `bad` is refused there."""

    form: str
    path: str
    good: Given
    bad: Given
    key: str = "form.check"
    known: Mapping[str, object] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    """Purposes that are not live."""

    def __str__(self) -> str:
        return f"{self.form}:{self.path}:{self.key}"


def late_dates() -> Iterator[Case]:
    for form_id, key in [
        ("start_case", "identifiedOn"), ("withdraw", "saidOn"), ("fit_to_travel", "medifOn"), ("briefing", "briefedOn"), ("arrival", "arrivalOn"),
        ("informed_decision", "signedOn"), ("informed_decision", "arrivedInSweden"), ("hear_child", "heardOn"), ("decision_sweden", "decisionSwedenOn"),
        ("document_application", "appliedOn"), ("referral", "dateOfBirth"), ("delivery", "deliveredOn"), ("arrival_meeting", "metOn"),
        ("no_more_contact", "contactEndedOn"), ("risk_assessment", "riskAssessedOn"), ("fit_to_travel", "medicalReportOn"),
    ]:  # fmt: skip
        more: Given = {"activity": "1"} if form_id == "delivery" else {}
        yield Case(
            form_id,
            key,
            {key: "2026-11-24", **more},
            {key: "2026-11-25", **more},
            "form.too_late",
            {"activities": PLAN},
        )
    yield Case(
        "alert_report",
        "alertSeenOn",
        {"alertSeenOn": "2026-11-24 10:00"},
        {"alertSeenOn": "2026-11-24 10:01"},
        "form.too_late",
    )
    yield Case(
        "follow_up",
        "attempts.0.at",
        {"attempts__0__at": "2026-11-24 09:59"},
        {"attempts__0__at": "2026-11-24 11:00"},
        "form.too_late",
    )
    yield Case(
        "reflection",
        "reflectionTo",
        {"reflectionStatus": "GRANTED", "reflectionTo": "2026-12-25"},
        # fmt: skip
        {"reflectionStatus": "GRANTED", "reflectionTo": "2026-12-26"},
        "form.too_late",
    )


def early_dates() -> Iterator[Case]:
    for form_id, key, first, before in [
        ("start_case", "identifiedOn", "2025-11-24", "2025-11-23"),
        ("informed_decision", "signedOn", "2026-10-25", "2026-10-24"),
        ("fit_to_travel", "medicalReportOn", "2026-11-10", "2026-11-09"),
        ("risk_assessment", "riskAssessedOn", "2026-11-24", "2026-11-23"),
        ("arrival", "arrivalOn", "2026-11-20", "2026-11-19"),
        ("arrival_meeting", "metOn", "2026-11-21", "2026-11-20"),
        ("delivery", "deliveredOn", "2026-11-21", "2026-11-20"),
        ("no_more_contact", "contactEndedOn", "2026-11-21", "2026-11-20"),
        ("referral", "dateOfBirth", "1900-01-01", "31/12 1899"),
    ]:
        known = {
            "departureAt": "2026-11-19T23:30:00+00:00",
            "arrivalOn": "2026-11-21",
            "activities": PLAN,
        }
        more = {"activity": "1"} if form_id == "delivery" else {}
        yield Case(
            form_id,
            key,
            {key: first, **more},
            {key: before, **more},
            "form.no_such_day" if "1899" in before else "form.too_early",
            known,
        )
    yield Case(
        "embassy_answer",
        "interviewOn",
        {"embassyAnswer": "INTERVIEW", "interviewOn": "2026-11-24"},
        # fmt: skip
        {"embassyAnswer": "INTERVIEW", "interviewOn": "2026-11-23"},
        "form.too_early",
    )
    yield Case(
        "document_check",
        "travelDocExpiresOn",
        {"documentRight": "true", "travelDocExpiresOn": "2026-11-25"},
        {"documentRight": "true", "travelDocExpiresOn": "2026-11-24"},
    )


def plain_bounds() -> Iterator[Case]:
    yield Case(
        "alert_report",
        "alertText",
        {"alertText": "x" * 10},
        {"alertText": "x" * 9},
        "form.too_short",
    )
    yield Case(
        "alert_report",
        "alertText",
        {"alertText": "x" * 2000},
        {"alertText": "x" * 2001},
        "form.too_long",
    )
    yield Case(
        "new_case",
        "accompanyingChildren",
        {"accompanyingChildren": "12"},
        {"accompanyingChildren": "13"},
        "form.out_of_range",
    )
    yield Case(
        "new_case",
        "accompanyingChildren",
        {"accompanyingChildren": "1"},
        {"accompanyingChildren": "1,5"},
        "form.whole_number",
    )
    yield Case(
        "new_case",
        "safeContact.codeWord",
        {"safeContact__codeWord": "x" * 40},
        {"safeContact__codeWord": "x" * 41},
        "form.too_long",
    )
    yield Case(
        "new_case",
        "languages",
        {f"languages__{n}__language": "sv" for n in range(4)},
        {f"languages__{n}__language": "sv" for n in range(5)},
        "form.too_many_rows",
    )
    for form_id in (
        "no_more_contact:wayBackTold",
        "escort:escortBriefed",
        "briefing:consentStill",
        "close_case:moneyClosed",
        "consultation_question:noIdentity",
    ):
        form_id, _, key = form_id.partition(":")
        yield Case(form_id, key, {key: "true"}, {key: "false"}, "form.must_be_yes")
    yield Case(
        "reintegration_plan",
        "accepted.yes",
        {"accepted__yes": "true"},
        {"accepted__yes": "false"},
        "form.must_be_yes",
    )
    yield Case(
        "reintegration_plan",
        "guardianAccepted",
        {"guardianAccepted": "true"},
        {"guardianAccepted": "false"},
        "form.must_be_yes",
        {"isMinor": True},
    )
    yield Case(
        "adapt_plan",
        "acceptedAgain",
        {"planChanges__0__activity": "1"},
        {"planChanges__0__activity": "1", "acceptedAgain": "false"},
        "form.must_be_yes",
        {"activities": PLAN},
    )
    yield Case(
        "feedback",
        "agreedText",
        {"feedbackLevel": "SUMMARY"},
        {"feedbackLevel": "SUMMARY", "agreedText": "false"},
        "form.must_be_yes",
    )


def ticks() -> Iterator[Case]:
    for form_id, key in [
        ("counselling", "topicsCovered"),
        ("informed_decision", "declarations"),
        ("briefing", "briefingTopics"),
    ]:
        every = list(shipped()[form_id].field(key).values)
        yield Case(form_id, key, {key: every}, {key: every[1:]}, "form.all_needed")
    for form_id, key, named_fields in [
        ("referral", "urgentNeeds", "MEDICAL"), ("withdraw", "otherHelpWanted", "LEGAL"), ("identity_evidence", "evidence", "COPY"),
        ("follow_up", "exploitationSigns", "THREATS"), ("choose_way", "handOver", "POLICE"),
    ]:  # fmt: skip
        extra: Given = {"way": "STOP", "attempts__0__result": "REACHED", "safeToTalk": "true"}
        yield Case(
            form_id,
            key,
            {key: "NONE", **extra},
            {key: ["NONE", named_fields], **extra},
            "form.alone",
        )


def step_1() -> Iterator[Case]:
    yield Case(
        "referral", "approxBirthYear", {"approxBirthYear": "2026"}, {"approxBirthYear": "2027"}
    )
    yield Case(
        "referral",
        "approxBirthYear",
        {"approxBirthYear": "1900"},
        {"approxBirthYear": "1899"},
        "form.too_small",
    )
    yield Case("referral", "countryOfReturn", {"countryOfReturn": "RO"}, {"countryOfReturn": "SE"})
    elsewhere: Given = {"citizenships__0__country": "NG", "countryOfReturn": "RO"}
    yield Case(
        "referral",
        "rightToReside",
        {**elsewhere, "rightToReside": "YES", "attachments": "doc1"},
        {**elsewhere, "rightToReside": "YES"},
    )
    yield Case(
        "referral",
        "consentRefer",
        CONSENT,
        {"consentRefer__given": "false"},
        "form.consent_missing",
        without=("REFER",),
    )
    young = {"isMinor": True, "dateOfBirth": "2015-01-01"}
    older = {"isMinor": True, "dateOfBirth": "2010-11-24"}
    given = {"consentParticipate__given": "true"}
    by_self, by_guardian, by_both = (
        {**given, "consentParticipate__givenBy": who} for who in ("SELF", "GUARDIAN", "BOTH")
    )
    yield Case(
        "counselling",
        "consentParticipate.givenBy",
        by_guardian,
        by_self,
        known=young,
        without=("PARTICIPATE",),
    )
    yield Case(
        "counselling",
        "consentParticipate.givenBy",
        by_both,
        by_guardian,
        known=older,
        without=("PARTICIPATE",),
    )
    yield Case(
        "guardian",
        "consentLocal.givenBy",
        {"consentLocal__given": "true", "consentLocal__givenBy": "BOTH"},
        {"consentLocal__given": "true", "consentLocal__givenBy": "SELF"},
    )
    home = {"contactAtHome__mayBeContacted": "true"}
    yield Case(
        "informed_decision",
        "contactAtHome.mayBeContacted",
        {**home, "consentFamily__given": "true"},
        home,
        without=("CONTACT_FAMILY",),
    )


def step_2() -> Iterator[Case]:
    ok: Given = {"applicationCheck": "OK", "voluntariness": "CONFIRMED", "capacity": "NO_CONCERN"}
    signed = {"applicationOutcome": "SIGNED"}
    yield Case(
        "application_check", "applicationCheck", ok, {**ok, "voluntariness": "DOUBT"}, known=signed
    )
    yield Case(
        "application_check",
        "applicationCheck",
        {**ok, "capacity": "ASSESSED_ABLE"},
        {**ok, "capacity": "CONCERN"},
        known=signed,
    )
    yield Case(
        "application_check",
        "applicationCheck",
        {**ok, "applicationCheck": "ASK_AGAIN"},
        ok,
        known={"applicationOutcome": "DECLINED"},
    )
    for purpose in ("PARTICIPATE", "SHARE_LOCAL_OFFICE"):
        yield Case(
            "application_check",
            "applicationCheck",
            {**ok, "applicationCheck": "END"},
            ok,
            known=signed,
            without=(purpose,),
        )
        yield Case(
            "final_check",
            "goDecision",
            {"goDecision": "NO_GO"},
            {"goDecision": "GO"},
            known={"openChecks": []},
            without=(purpose,),
        )
    need: Given = {"needs__0__domain": "SAFETY", "needs__0__severity": "3"}
    yield Case(
        "needs_assessment",
        "supportRequests",
        {**need, "supportRequests__0__domain": "SAFETY"},
        {**need, "supportRequests__0__domain": "LEGAL"},
    )
    yield Case(
        "needs_assessment", "medicalAnnex", {}, {"medicalAnnex": "doc1"}, without=("SHARE_HEALTH",)
    )
    both: Given = {
        "supportReplies__0__request": "1",
        "supportReplies__1__request": "2",
        "supportReplies__0__answer": "AVAILABLE",
        "supportReplies__1__answer": "NOT_AVAILABLE",
    }
    support: dict[str, object] = {"supportRequests": REQUESTS, "needs": URGENT_HOUSING}
    yield Case(
        "confirm_support",
        "supportReplies",
        both,
        {**both, "supportReplies__1__request": "1"},
        known=support,
    )
    yield Case(
        "confirm_support",
        "supportConfirmed",
        {**both, "supportConfirmed": "YES"},
        {**both, "supportConfirmed": "YES", "supportReplies__0__answer": "PARTLY"},
        known=support,
    )
    yield Case(
        "reintegration_plan",
        "activities.0.to",
        {"activities__0__from": "2026-12-01", "activities__0__to": "2026-12-01"},
        # fmt: skip
        {"activities__0__from": "2026-12-01", "activities__0__to": "2026-11-30"},
        "form.too_early",
    )
    yield Case(
        "second_review",
        "reviewOutcome",
        {"reviewOutcome": "GO", "mitigationsInPlace": "true"},
        {"reviewOutcome": "GO", "mitigationsInPlace": "false"},
    )
    yield Case(
        "risk_assessment", "risks", {"noRisks": "true"}, {"noRisks": "false"}, "form.required"
    )
    yield Case(
        "risk_assessment", "noRisks", {"noRisks": "true"}, {"noRisks": "false"}, "form.must_be_yes"
    )
    grave: Given = {"risks__0__severity": "3", "risks__0__likelihood": "4"}
    light: Given = {"risks__0__severity": "1", "risks__0__likelihood": "1"}
    yield Case(
        "risk_assessment",
        "risks.0.mitigation",
        {**light, "risks__0__mitigation": " "},
        {**grave, "risks__0__mitigation": "x" * 301},
        "form.too_long",
    )
    left: dict[str, object] = {"leftToUndo": 2, "undone": ["TICKETS", "CASH", "ARRIVAL"]}
    for form_id in ("choose_way", "undo_by_hand"):
        yield Case(form_id, "leftByHand", {}, {"leftByHand__1__item": "TICKETS"}, known=left)
        yield Case(form_id, "leftByHand", {}, {"leftByHand__2__item": "DOCUMENT"}, known=left)


def the_journey() -> Iterator[Case]:
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


def step_3() -> Iterator[Case]:
    yield Case(
        "arrival_meeting",
        "followUpPeriodMonths",
        {"followUpPeriodMonths": "3"},
        {"followUpPeriodMonths": "4"},
        without=("FOLLOW_UP",),
    )
    yield Case(
        "arrival_meeting",
        "followUpPeriodMonths",
        {"followUpPeriodMonths": "12"},
        {"followUpPeriodMonths": "13"},
        "form.out_of_range",
    )
    yield Case(
        "arrival_meeting",
        "followUpIntervalMonths",
        {"followUpPeriodMonths": "4", "followUpIntervalMonths": "2"},
        {"followUpPeriodMonths": "4", "followUpIntervalMonths": "3"},
    )
    ceiling = {"budgetCeiling": {"amount": "1000.00", "currency": "EUR"}}
    total: Given = {"newTotal__currency": "SEK"}
    yield Case(
        "adapt_plan",
        "newTotal",
        {**total, "newTotal__amount": "10 000,00"},
        {**total, "newTotal__amount": "10 000,10"},
        known={**ceiling, "activities": PLAN},
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
    yield Case("follow_up", "attempts", tries, {**tries, "attempts__1__channel": "PHONE"})
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
    yield Case("close_case", "finalText", {}, {"finalText": "Tack"}, without=("FEEDBACK_SE",))


def the_rest() -> Iterator[Case]:
    yield Case(
        "verify_age",
        "isMinor",
        {"ageBasis": "DISPUTED", "isMinor": "true"},
        {"ageBasis": "DISPUTED", "isMinor": "false"},
    )
    for told in (
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
                {key: told},
                "form.tells_identity",
            )


CASES = tuple(
    chain(
        late_dates(),
        early_dates(),
        plain_bounds(),
        ticks(),
        step_1(),
        step_2(),
        the_journey(),
        step_3(),
        the_rest(),
    )
)


@pytest.mark.parametrize("case", CASES, ids=[f"{n}:{case}" for n, case in enumerate(CASES)])
def test_a_check_passes_a_good_answer_and_refuses_a_bad_one(case: Case) -> None:
    context = a_case(*(p for p in ALL_PURPOSES if p not in case.without), **case.known)
    assert case.path not in faults(sent(case.form, context, **case.good))
    assert faults(sent(case.form, context, **case.bad)).get(case.path) == case.key


def test_every_check_that_a_form_writes_is_tried_here() -> None:
    written = {
        (form_id, path)
        for form_id, form in shipped().items()
        for path, one in form.walk()
        if one.checks and not path.endswith(".givenBy")
    }
    tried = {(case.form, without_numbers(case.path)) for case in CASES if case.key == "form.check"}
    assert written - tried == set()


def without_numbers(path: str) -> str:
    return ".".join(part for part in path.split(".") if not part.isdigit())


def test_every_bound_of_a_date_is_tried_here() -> None:
    def bounded(one: Field) -> bool:
        return bool(one.feel.keys() & {"not_before", "not_after"})

    written = {
        (form_id, path)
        for form_id, form in shipped().items()
        for path, one in form.walk()
        if bounded(one) and "." not in path
    }
    assert (
        written
        - {
            (case.form, case.path)
            for case in CASES
            if case.key in ("form.too_late", "form.too_early")
        }
        == set()
    )
