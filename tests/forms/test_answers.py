"""What comes of an answered form: what is kept, what steers, what is dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.forms import ConsentWording, Json, check, fill_in
from tests.forms.paper import (
    ALL_PURPOSES,
    a_case,
    answered,
    faults,
    sent,
    shipped,
    typed,
)

GRAVE = {
    "risks__0__category": "DEBT",
    "risks__0__likelihood": "4",
    "risks__0__severity": "3",
    "risks__0__residualLikelihood": "2",
    "risks__0__residualSeverity": "2",
}


@pytest.mark.parametrize("form_id", sorted(shipped()))
def test_a_form_that_is_answered_in_full_has_no_fault(form_id: str) -> None:
    more: dict[str, dict[str, str | list[str]]] = {
        "document_check": {"documentRight": "false"},
        "work_alarm": {"alarmNextCheck": "2026-11-24 23:00"},
        "referral": {"citizenships__0__country": "RO", "countryOfReturn": "RO"},
        "hear_child": {"consentLocal__givenBy": "GUARDIAN"},
        "guardian": {"guardians__0__kind": "VARDNADSHAVARE", "guardians__0__involved": "NO"},
        "budget_decision": {"budgetCeiling__amount": "900"},
        "arrival_arrangement": {"onwardTransport": "false"},
        "helsinki_arrangement": {"onwardTransport": "false"},
        "journey_booking": {
            "segments__0__departs": "2026-12-01 08:00",
            "segments__0__arrives": "2026-12-01 12:00",
        },
    }
    context = a_case(
        *ALL_PURPOSES,
        applicationOutcome="SIGNED",
        openChecks=[],
        leftToUndo=1,
        undone=["TICKETS"],
        activities=[{"kind": "JOB", "provider": "A", "proof": True}],
        supportRequests=[{"domain": "HOUSING", "what": "a room"}],
        budgetCeiling={"amount": "1000.00", "currency": "EUR"},
        newTotal={"amount": "500.00", "currency": "EUR"},
        homeSafe="YES",
        decisionHome="RETURN",
        familyInvolved="NO",
        holds=["TRAVEL_BAN"],
    )
    checked = sent(form_id, context, **more.get(form_id, {}))
    assert checked.faults == ()
    assert set(checked.routing) >= shipped()[form_id].always


def test_an_empty_form_says_what_is_missing_and_nothing_else() -> None:
    checked = check(shipped()["start_case"], {}, a_case())
    assert faults(checked) == dict.fromkeys(
        ("protectedIdentity", "identifiedOn", "municipality", "ageBand", "immediateDanger"),
        "form.required",
    )
    assert checked.answers == {}


def test_unknown_and_hidden_fields_are_dropped() -> None:
    checked = sent(
        "start_case",
        a_case(),
        immediateDanger="false",
        safetyMeasures="OTHER",
        name="Anna",
        x__0__y="1",
    )
    assert checked.faults == ()
    assert not {"safetyMeasures", "name", "x"} & checked.answers.keys()


def test_a_code_that_the_form_does_not_offer_is_refused() -> None:
    assert faults(
        sent("start_case", a_case(), ageBand="OLD", municipality="9999")
    ) == dict.fromkeys(("ageBand", "municipality"), "form.not_an_option")


def test_either_birth_date_or_year_is_asked_of_whoever_goes_on() -> None:
    age = {"dateOfBirth", "approxBirthYear"}

    def missing(**answers: str) -> set[str]:
        return age & faults(check(shipped()["new_case"], typed(**answers), a_case())).keys()

    assert missing(interestInReturn="NO") == set()
    assert missing(interestInReturn="UNSURE") == set()
    assert missing(interestInReturn="YES") == age
    assert missing(interestInReturn="YES", approxBirthYear="1990") == set()


def test_an_estimate_says_who_made_it_and_when() -> None:
    estimated = {"interestInReturn": "YES", "approxBirthYear": "1990"}
    found = faults(check(shipped()["new_case"], typed(**estimated), a_case()))
    assert (found["estimatedBy"], found["estimatedOn"]) == ("form.required", "form.required")
    known = {"interestInReturn": "YES", "dateOfBirth": "1990-01-01"}
    assert "estimatedBy" not in faults(check(shipped()["new_case"], typed(**known), a_case()))


def test_the_right_to_live_in_an_own_country_is_not_asked() -> None:
    checked = sent(
        "referral",
        a_case("REFER", victimCategory="UNSURE"),
        citizenships__0__country="RO",
        countryOfReturn="RO",
        rightToReside="NO",
    )
    assert checked.routing["rightToReside"] == "YES"
    assert "rightToReside" not in checked.answers
    assert (checked.routing["inTargetGroup"], checked.routing["foreignCitizen"]) == ("UNSURE", True)


def test_a_rule_fills_in_risk_levels_and_decides_questions() -> None:
    form, context = shipped()["risk_assessment"], a_case()
    texts = answered(form, context, typed(**GRAVE))
    checked = check(form, texts, context)
    assert checked.faults == ()
    risks: Any = checked.answers["risks"]
    assert (risks[0]["level"], risks[0]["residual"]) == ("HIGH", "MEDIUM")
    assert checked.routing["residualWorst"] == "MEDIUM"
    assert faults(check(form, {**texts, "risks.0.mitigation": [""]}, context)) == {
        "risks.0.mitigation": "form.required"
    }
    assert faults(
        check(form, {**texts, "risks.0.residualSeverity": [""], "risks.0.level": ["LOW"]}, context)
    ) == {"risks.0.residualSeverity": "form.required"}


def test_a_list_without_risks_is_low_only_when_a_person_says_so() -> None:
    checked = sent("risk_assessment", a_case(), noRisks="true")
    assert (checked.faults, checked.routing["residualWorst"]) == ((), "LOW")


def test_empty_rows_are_dropped_and_faults_keep_their_row() -> None:
    row = {
        "escalationActions__3__action": "Ring",
        "escalationActions__3__owner": "Ion",
        "escalationActions__3__done": "true",
    }
    checked = check(
        shipped()["escalation"],
        typed(riskStillAs="SAME", escalationActions__0__owner=" ", **row),
        a_case(),
    )
    assert checked.faults == ()
    assert faults(sent("escalation", a_case(), escalationActions__3__action="x" * 201)) == {
        "escalationActions.3.action": "form.too_long"
    }
    assert checked.answers["escalationActions"] == [
        {"action": "Ring", "owner": "Ion", "done": True}
    ]


def test_money_is_compared_across_currencies() -> None:
    plan = {
        "activities__0__cost__currency": "SEK",
        "activities__1__cost__currency": "EUR",
        "activities__1__cost__amount": "50",
    }
    case = a_case(budgetCeiling={"amount": "100.00", "currency": "EUR"})
    within = sent("reintegration_plan", case, **plan, activities__0__cost__amount="500,00")
    above = sent("reintegration_plan", case, **plan, activities__0__cost__amount="500.10")
    assert (within.answers["budgetTotal"], within.routing["budgetDecision"]) == (
        {"amount": "100.00", "currency": "EUR"},
        "NOT_NEEDED",
    )
    assert (above.answers["budgetTotal"], above.routing["budgetDecision"]) == (
        {"amount": "100.01", "currency": "EUR"},
        "ASK",
    )


def test_what_cannot_be_worked_out_stops_the_form() -> None:
    case = replace(a_case(budgetCeiling={"amount": "100.00", "currency": "EUR"}), rates={})
    assert faults(sent("reintegration_plan", case)) == {"budgetTotal": "form.cannot_be_worked_out"}


def test_earlier_deliveries_count_towards_the_total_of_the_plan() -> None:
    case = a_case(activities=[{"kind": "JOB"}], newTotal={"amount": "100.00", "currency": "EUR"})
    paid = replace(
        case,
        before={
            "deliveryCost": [
                {"amount": "40.00", "currency": "EUR"},
                {"amount": "300.00", "currency": "SEK"},
            ]
        },
    )
    cost = {"activity": "1", "deliveryCost__currency": "EUR"}
    assert faults(sent("delivery", paid, **cost, deliveryCost__amount="30")) == {}
    assert faults(sent("delivery", paid, **cost, deliveryCost__amount="30,01")) == {
        "deliveryCost": "form.check"
    }


def test_a_receipt_is_asked_for_where_the_plan_says_so() -> None:
    case = a_case(
        activities=[{"id": "A1", "proof": True}, {"id": "A2", "proof": False}],
        newTotal={"amount": "100.00", "currency": "EUR"},
    )
    form = shipped()["delivery"]
    for number, wanted in (("A1", {"receipt": "form.file_missing"}), ("A2", {})):
        texts = answered(form, case, typed(activity=number))
        assert faults(check(form, {**texts, "receipt": []}, case)) == wanted


@pytest.mark.parametrize(("state", "asked"), [("PLANNED", False), ("NEW", True), ("CHANGED", True)])
def test_a_changed_activity_names_its_goal_and_who_answers(state: str, *, asked: bool) -> None:
    form, case = (
        shipped()["adapt_plan"],
        a_case(budgetCeiling={"amount": "9.00", "currency": "EUR"}),
    )
    texts = answered(form, case, typed(activities__0__state=state))
    missing = {f"activities.0.{key}" for key in ("goal", "responsible")}
    left = {path: text for path, text in texts.items() if path not in missing}
    found = faults(check(form, left, case))
    assert {path for path in missing if path in found} == (missing if asked else set())


def test_only_documents_of_the_case_may_be_answered() -> None:
    case = replace(a_case(), documents=frozenset({"d1"}))
    assert faults(sent("family_assessment", case, familyReport="d2")) == {
        "familyReport": "form.no_such_file"
    }
    assert sent("family_assessment", case, familyReport="d1").answers["familyReport"] == "d1"


def test_a_consent_is_given_in_the_form_or_live_already() -> None:
    home = {
        "citizenships__0__country": "RO",
        "countryOfReturn": "RO",
    }
    live = sent("referral", a_case("REFER"), **home)
    assert (live.faults, live.consents) == ((), {})
    now = sent("referral", a_case(), **home, consentRefer__how="ORAL_WITNESSED")
    assert now.faults == ()
    assert now.consents["REFER"] == now.answers["consentRefer"]
    assert now.consents["REFER"]["witness"] == "xxx"


def test_a_consent_may_be_left_open() -> None:
    form, case = shipped()["informed_decision"], a_case()
    texts = answered(form, case, typed(applicationOutcome="SIGNED"))
    assert not check(form, texts, case).faults
    assert set(check(form, texts, case).consents) == set()
    no = typed(applicationOutcome="DECLINED", supportInSweden="true")
    declined = check(form, no, case)
    assert declined.faults == ()
    assert declined.answers == {
        "applicationOutcome": "DECLINED",
        "supportInSweden": True,
        "healthShared": False,
        "localShared": False,
    }


def test_a_local_office_is_bound_by_its_field() -> None:
    assert sent("counselling", a_case("PARTICIPATE")).binds == {"IomLocal": "iom-bucharest"}
    assert faults(sent("counselling", a_case("PARTICIPATE"), localOffice="iom-helsinki")) == {
        "localOffice": "form.not_an_option"
    }


def test_an_answer_that_hides_keeps_the_earlier_routing_value() -> None:
    case = replace(a_case(), routing={"departureAt": "2026-11-24T10:00:00+00:00"})
    checked = sent("departure", case, departureOutcome="DEPARTED", departureAt="2026-11-30 10:00")
    routing = {"departureOutcome": "DEPARTED", "gateYes": None}
    assert (checked.faults, checked.routing) == ((), routing)


def test_the_travel_document_is_valid_thirty_days_ahead() -> None:
    for day, status in (("2026-12-24", "VALID"), ("2026-12-23", "MISSING")):
        given_ = {
            "travelDocuments__0__kind": "PASSPORT",
            "travelDocuments__0__expiresOn": day,
            "travelDocuments__1__kind": "OTHER",
            "travelDocuments__1__expiresOn": "2030-01-01",
        }
        checked = sent(
            "informed_decision", a_case(*ALL_PURPOSES), applicationOutcome="SIGNED", **given_
        )
        assert (checked.routing["travelDocStatus"], checked.routing["travelDocExpiresOn"]) == (
            status,
            "2030-01-01",
        )


def test_the_journey_spans_first_departure_to_last_arrival() -> None:
    legs = {
        "segments__0__departs": "2026-12-01 08:00",
        "segments__0__arrives": "2026-12-01 10:00",
        "segments__7__departs": "2026-12-01 12:00",
        "segments__7__arrives": "2026-12-01 16:00 +02:00",
    }
    checked = sent("journey_booking", a_case(), **legs)
    assert checked.faults == ()
    assert checked.routing == {
        "departureAt": "2026-12-01T07:00:00+00:00",
        "arrivalEta": "2026-12-01T14:00:00+00:00",
        "ticketsBooked": True,
        "travelDocExpiresOn": "2026-11-24",
    }


def test_a_time_of_a_ticket_is_read_in_the_zone_of_its_place() -> None:
    case = a_case()
    legs = {
        "segments__0__departsZone": "Europe/Stockholm",
        "segments__0__departs": "2026-12-01 08:00",
        "segments__0__arrivesZone": "Asia/Bangkok",
        "segments__0__arrives": "2026-12-01 23:00",
    }
    checked = sent("journey_booking", case, **legs)
    assert checked.routing["arrivalEta"] == "2026-12-01T16:00:00+00:00"
    form = shipped()["journey_booking"]
    kept = replace(form.field("segments"), fresh=False)
    section = replace(form.sections[0], fields=(kept,))
    again = fill_in(replace(form, sections=(section,)), checked.answers, case)
    assert again["segments.0.arrives"] == ["2026-12-01 23:00"]
    assert again["segments.0.departs"] == ["2026-12-01 08:00"]


def test_no_row_for_a_passport_keeps_what_the_referral_said() -> None:
    context = replace(a_case(), before={"travelDocStatus": ["VALID"]})
    none = sent("informed_decision", context, applicationOutcome="SIGNED")
    assert none.routing["travelDocStatus"] == "VALID"
    expired = {
        "travelDocuments__0__kind": "PASSPORT",
        "travelDocuments__0__country": "RO",
        "travelDocuments__0__expiresOn": "2026-11-25",
    }
    old = sent("informed_decision", context, applicationOutcome="SIGNED", **expired)
    assert old.routing["travelDocStatus"] == "MISSING"


@pytest.mark.parametrize(
    ("earlier", "given"),
    [
        ({"ageBand": "18_20"}, {}),
        ({"literacy": "LIMITED"}, {}),
        ({"literacy": "NO"}, {}),
        ({}, {"healthConcern": "YES", "health__disability": "YES"}),
        ({}, {"healthConcern": "YES", "health__mentalDistress": "YES"}),
    ],
)
def test_who_counts_as_vulnerable(earlier: dict[str, str], given: dict[str, str]) -> None:
    calm = {
        "healthConcern": "NO",
        **{f"health__{k}": "NO" for k in ("condition", "pregnancy", "medication", "mobility")},
        **{f"health__{k}": "NO" for k in ("disability", "mentalDistress")},
        "supportNetwork": "YES",
    }
    strong = a_case(ageBand="21_PLUS", literacy="YES", accompanyingChildren=0)
    weak = a_case(**{**strong.earlier, **earlier})
    assert sent("needs_assessment", strong, **calm).routing["vulnerable"] is False
    assert sent("needs_assessment", weak, **{**calm, **given}).routing["vulnerable"] is True


def test_who_was_identified_long_ago_is_asked_about() -> None:
    old = check(shipped()["start_case"], typed(identifiedOn="2024-01-01"), a_case())
    assert faults(old)["identifiedLongAgo"] == "form.required"
    told = {"identifiedOn": "2024-01-01", "identifiedLongAgo": "Var i fängelse"}
    assert sent("start_case", a_case(), **told).faults == ()


def test_an_answer_that_is_emptied_is_no_longer_the_newest() -> None:
    form, case = shipped()["counselling"], a_case("PARTICIPATE", questions="Why?")
    assert check(form, answered(form, case, typed(questions="")), case).answers["questions"] is None
    assert (
        "questions"
        not in check(form, answered(form, a_case("PARTICIPATE"), {}), a_case("PARTICIPATE")).answers
    )


def test_rows_of_a_plan_keep_their_ids_and_new_ones_get_more() -> None:
    plan: list[Json] = [{"id": "A1"}, {"id": "A2"}]
    context = replace(a_case(activities=plan), before={"activities": [[*plan, {"id": "A3"}]]})
    ids = {
        "activities__0__id": "A2",
        "activities__1__id": "A2",
        "activities__2__id": "Z9",
        "activities__3__id": "A1",
    }
    checked = sent("reintegration_plan", context, **ids)
    rows = checked.answers["activities"]
    assert isinstance(rows, list)
    assert [row["id"] for row in rows if isinstance(row, dict)] == ["A2", "A4", "A5", "A1"]


def test_the_next_activity_is_late_by_its_own_day() -> None:
    plan: list[Json] = [
        {"id": "A1", "due": "2026-12-01"},
        {"id": "A2", "due": "2027-05-01"},
        {"id": "A3", "due": "2026-12-20", "state": "DROPPED"},
    ]
    context = a_case(activities=plan, newTotal={"amount": "500.00", "currency": "EUR"})
    first = sent("delivery", context, activity="A1", supportDone="false")
    assert first.routing["nextActivityOn"] == "2027-05-01"
    context = replace(context, before={"activity": ["A1"]})
    last = sent("delivery", context, activity="A2", supportDone="true")
    assert "nextActivityOn" not in last.routing


@pytest.mark.parametrize(
    ("said", "goes_on"),
    [
        ({"accepted__yes": "true", "guardianAccepted": "true"}, True),
        ({"accepted__yes": "false", "guardianAccepted": "true"}, False),
        ({"accepted__yes": "true", "guardianAccepted": "false"}, False),
    ],
)
def test_a_plan_that_is_rejected_is_recorded(said: dict[str, str], *, goes_on: bool) -> None:
    case = a_case(isMinor=True, budgetCeiling={"amount": "500.00", "currency": "EUR"})
    checked = sent("reintegration_plan", case, **said)
    assert checked.faults == ()
    assert checked.routing["planAccepted"] is goes_on
    assert ("rejectedWhy" in checked.answers) is not goes_on


def test_the_approver_sees_sums_of_groups_and_no_kind_of_health() -> None:
    kinds = {"HOUSING": "100.00", "HEALTH": "30.00", "PSYCHOSOCIAL": "20.00", "JOB": "7.00"}
    rows: list[Json] = [
        {"kind": kind, "cost": {"amount": amount, "currency": "EUR"}}
        for kind, amount in kinds.items()
    ]
    case = a_case(activities=rows, budgetCeiling={"amount": "500.00", "currency": "EUR"})
    answers = sent("budget_decision", case, budgetDecision="APPROVED").answers
    sums = [answers[key] for key in ("planLiving", "planWork", "planOther")]
    assert [one["amount"] for one in sums if isinstance(one, dict)] == ["100.00", "7.00", "50.00"]


def test_nobody_ends_a_case_alone_for_a_death_or_a_lost_contact() -> None:
    assert not {"LOST_CONTACT", "DECEASED"} & set(shipped()["withdraw"].field("stopReason").values)


@pytest.mark.parametrize(
    ("due", "state", "delivered", "refused"),
    [
        ("2026-12-24", None, [], True),
        ("2026-12-25", None, [], False),
        ("2026-12-24", "DROPPED", [], False),
        ("2026-12-24", None, ["A1"], False),
    ],
)
def test_what_the_plan_promises_within_30_days_is_paid(
    due: str, state: str | None, delivered: list[str], *, refused: bool
) -> None:
    row = {"id": "A1", "kind": "HOUSING", "provider": "A", "due": due, "state": state}
    case = replace(a_case(activities=[row]), before={"activity": delivered} if delivered else {})
    found = faults(check(shipped()["pay_due"], typed(anyDue="false"), case))
    assert ("anyDue" in found) is refused


@pytest.mark.parametrize(
    ("agrees", "control", "linked"),
    [("true", "NO", 1), ("false", "NO", 0), ("true", "YES", 0), ("true", "UNKNOWN", 0)],
)
def test_adults_are_linked_only_where_both_agree_and_none_may_control_the_other(
    agrees: str, control: str, linked: int
) -> None:
    adult = {"traveller": "ADULT", "travelsAlong": "true", "agreesAlone": agrees}
    company = [{**adult, "mayControl": control}, {"traveller": "CHILD", "travelsAlong": "true"}]
    rows = {
        f"familyTravelling__{n}__{k}": v for n, row in enumerate(company) for k, v in row.items()
    }
    found = check(shipped()["referral"], typed(**rows), a_case())
    assert (found.routing["withAdults"], found.answers["withChildren"]) == (linked, 1)


def test_contact_is_sought_three_times_and_never_after_no_more_contact() -> None:
    form = shipped()["seek_contact"]
    asked = [
        "seekWay" in faults(check(form, {}, a_case(seekRound=n, contactEnded=ended)))
        for n, ended in ((0, False), (2, False), (3, False), (0, True))
    ]
    assert asked == [True, True, False, False]


def test_only_consents_that_are_live_can_be_taken_back_alone() -> None:
    case = a_case("REFER", "PARTICIPATE", "SHARE_HEALTH", "FOLLOW_UP")
    dead = check(shipped()["change_consents"], typed(purposesWithdrawn=["FEEDBACK_SE"]), case)
    assert faults(dead)["purposesWithdrawn"] == "form.not_an_option"
    health = sent("change_consents", case, purposesWithdrawn=["SHARE_HEALTH"])
    assert (health.routing["healthShared"], health.routing["consentReview"]) == (False, False)
    assert "followUpPeriodMonths" not in health.routing
    longer = sent("change_consents", case, purposesWithdrawn=["FOLLOW_UP"])
    assert (longer.routing["followUpPeriodMonths"], longer.routing["healthShared"]) == (3, True)


def test_the_end_of_taking_part_names_only_what_ends_it() -> None:
    offered = shipped()["withdraw"].field("purposesWithdrawn").values
    assert set(offered) == {"REFER", "PARTICIPATE"}


def test_a_consent_keeps_the_digest_of_the_text_that_was_shown() -> None:
    wording = ConsentWording("2026-1", (("p", "Du får säga nej."),), "a1b2")
    context = replace(a_case(), consent_texts={"REFER": wording})
    home = {"citizenships__0__country": "RO", "countryOfReturn": "RO", "ageDisputed": "true"}
    given = sent("referral", context, **home, consentRefer__givenBy="GUARDIAN")
    assert given.consents["REFER"]["textDigest"] == "a1b2"
    assert "textDigest" not in sent("referral", a_case(), **home).consents.get("REFER", {})


def test_a_row_is_named_by_a_number_that_it_has() -> None:
    context = a_case(supportRequests=[{"domain": "HOUSING", "what": "a room"}])
    reply = {"supportReplies__0__answer": "AVAILABLE"}
    named, unknown = ({**reply, "supportReplies__0__request": n} for n in ("1", "2"))
    path = "supportReplies.0.request"
    assert path not in faults(sent("confirm_support", context, **named))
    assert faults(sent("confirm_support", context, **unknown))[path] == "form.not_an_option"
