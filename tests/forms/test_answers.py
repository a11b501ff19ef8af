"""What comes of an answered form: what is kept, what steers, what is dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.forms import Field, Form, check, draw, fill_in
from tests.forms.paper import (
    ALL_PURPOSES,
    DIRECTORIES,
    NOW,
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
        "referral": {"citizenships__0__country": "RO", "countryOfReturn": "RO"},
        "guardian": {"consentLocal__givenBy": "GUARDIAN"},
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
    )
    checked = sent(form_id, context, **more.get(form_id, {}))
    assert checked.faults == ()
    assert set(checked.routing) >= shipped()[form_id].always


def test_an_empty_form_says_what_is_missing_and_nothing_else() -> None:
    checked = check(shipped()["start_case"], {}, a_case())
    assert faults(checked) == dict.fromkeys(
        ("identifiedOn", "municipality", "ageBand", "immediateDanger"), "form.required"
    )
    assert checked.answers == {}


def test_what_the_form_does_not_know_and_what_is_hidden_is_dropped() -> None:
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


def test_age_is_worked_out_from_the_birth_date_the_year_or_the_doubt() -> None:
    home = {"citizenships__0__country": "RO", "countryOfReturn": "RO"}
    for minor, given_ in [
        (True, {"dateOfBirth": "2008-11-25"}),
        (False, {"dateOfBirth": "2008-11-24"}),
        (True, {"approxBirthYear": "2008"}),
        (False, {"approxBirthYear": "2007"}),
        (True, {"dateOfBirth": "1980-01-01", "ageDisputed": "true"}),
    ]:
        checked = sent("referral", a_case("REFER"), **{"ageDisputed": "false", **given_, **home})
        assert (checked.routing["isMinor"], "guardian" in checked.answers) == (minor, minor)


def test_either_birth_date_or_year_is_asked_for() -> None:
    checked = check(shipped()["referral"], {}, a_case())
    assert {"dateOfBirth", "approxBirthYear"} <= faults(checked).keys()
    assert (
        not {"dateOfBirth", "approxBirthYear"}
        & faults(check(shipped()["referral"], typed(approxBirthYear="1990"), a_case())).keys()
    )


def test_the_right_to_live_in_a_country_of_citizenship_is_never_asked() -> None:
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


def test_a_rule_fills_in_the_level_of_each_risk_and_decides_what_is_asked() -> None:
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


def test_empty_rows_are_dropped_and_faults_keep_the_row_of_the_page() -> None:
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
        activities=[{"proof": True}, {"proof": False}],
        newTotal={"amount": "100.00", "currency": "EUR"},
    )
    form = shipped()["delivery"]
    for number, wanted in (("1", {"receipt": "form.file_missing"}), ("2", {})):
        texts = answered(form, case, typed(activity=number))
        assert faults(check(form, {**texts, "receipt": []}, case)) == wanted


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
        "ageDisputed": "false",
        "dateOfBirth": "1990-01-01",
    }
    live = sent("referral", a_case("REFER"), **home)
    assert (live.faults, live.consents) == ((), {})
    now = sent("referral", a_case(), **home, consentRefer__how="ORAL_WITNESSED")
    assert now.faults == ()
    assert now.consents["REFER"] == now.answers["consentRefer"]
    assert now.consents["REFER"]["witness"] == "xxx"


def test_a_consent_that_is_given_needs_its_evidence_and_an_optional_one_may_be_left_out() -> None:
    form, case = shipped()["informed_decision"], a_case()
    texts = answered(form, case, typed(applicationOutcome="SIGNED"))
    assert set(check(form, texts, case).consents) == {"SHARE_LOCAL_OFFICE"}
    half = faults(check(form, {**texts, "consentHealth.given": ["true"]}, case))
    assert half == dict.fromkeys(
        (f"consentHealth.{k}" for k in ("givenBy", "how", "language", "givenOn")), "form.required"
    )
    declined = check(form, typed(applicationOutcome="DECLINED"), case)
    assert (declined.faults, declined.answers) == ((), {"applicationOutcome": "DECLINED"})


def test_a_local_office_is_bound_by_its_field() -> None:
    assert sent("counselling", a_case("PARTICIPATE")).binds == {"IomLocal": "iom-bucharest"}
    assert faults(sent("counselling", a_case("PARTICIPATE"), localOffice="iom-helsinki")) == {
        "localOffice": "form.not_an_option"
    }


def test_an_answer_that_hides_keeps_the_earlier_routing_value() -> None:
    case = replace(a_case(), routing={"departureAt": "2026-11-24T10:00:00+00:00"})
    checked = sent("departure", case, departureOutcome="DEPARTED", departureAt="2026-11-30 10:00")
    assert (checked.faults, checked.routing) == ((), {"departureOutcome": "DEPARTED"})


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


def test_the_journey_begins_with_the_first_departure_and_ends_with_the_last_arrival() -> None:
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
    }


def test_an_answer_that_is_emptied_is_no_longer_the_newest() -> None:
    form, case = shipped()["counselling"], a_case("PARTICIPATE", questions="Why?")
    assert check(form, answered(form, case, typed(questions="")), case).answers["questions"] is None
    assert (
        "questions"
        not in check(form, answered(form, a_case("PARTICIPATE"), {}), a_case("PARTICIPATE")).answers
    )


def test_what_is_asked_anew_and_has_no_answer_no_longer_steers() -> None:
    case = replace(a_case(), routing={"medifOn": "2026-10-01", "followUpPeriodMonths": 6})
    assert sent("fit_to_travel", case).routing["medifOn"] is None
    assert (
        "followUpPeriodMonths"
        not in follow_up(case, attempts__0__result="UNSAFE", safeToTalk="false").routing
    )


# ---- the follow-up: the most delicate form


def follow_up(case: Any = None, **given_: Any) -> Any:
    return sent("follow_up", case or a_case("FOLLOW_UP"), **given_)


def test_when_it_is_not_safe_to_talk_nothing_more_is_asked_and_last_months_answers_decide_nothing() -> (
    None
):
    checked = follow_up(
        attempts__0__result="UNSAFE",
        safeToTalk="false",
        dangerNow="true",
        exploitationSigns="THREATS",
        economy__income="0",
        ownWords="x",
    )
    assert checked.faults == ()
    assert checked.answers.keys() == {
        "attempts",
        "followUpReached",
        "safeToTalk",
        "missedInARow",
        "exploitationSign",
        "lowScore",
    }
    unset = dict.fromkeys(("dangerNow", "healthCrisis", "basicNeeds", "wish", "planProgress"))
    assert checked.routing == {
        **unset,
        "followUpReached": True,
        "safeToTalk": False,
        "missedInARow": 0,
        "exploitationSign": "NONE",
        "lowScore": False,
    }


@pytest.mark.parametrize(
    ("signs", "level"),
    [
        (["NONE"], "NONE"),
        (["THREATS", "UNPAID_WORK"], "PRESSURE"),
        (["THREATS", "CONTROLLED"], "CONTROL"),
    ],
)
def test_signs_of_exploitation_are_taken_together(signs: list[str], level: str) -> None:
    assert (
        follow_up(
            attempts__0__result="REACHED", safeToTalk="true", exploitationSigns=signs
        ).routing["exploitationSign"]
        == level
    )


def test_a_score_is_low_when_it_is_low_has_fallen_or_stays_down_at_the_end() -> None:
    told = {"attempts__0__result": "REACHED", "safeToTalk": "true"}
    middling = {**told, "economy__income": "2", "economy__work": "1"}
    case = a_case("FOLLOW_UP", followUpNo=1, followUpIntervalMonths=1, followUpPeriodMonths=3)
    assert follow_up(case, **told).routing["lowScore"] is False
    assert follow_up(case, **told, economy__income="1").routing["lowScore"] is True
    assert follow_up(case, **middling).routing["lowScore"] is False
    assert (
        follow_up(replace(case, before={"economy": [{"score": "0.58"}]}), **middling).routing[
            "lowScore"
        ]
        is True
    )
    assert (
        follow_up(replace(case, before={"economy": [{"score": "0.57"}]}), **middling).routing[
            "lowScore"
        ]
        is False
    )
    assert (
        follow_up(
            replace(case, earlier={**case.earlier, "followUpNo": 3}),
            **middling,
            followUpPeriodMonths="3",
        ).routing["lowScore"]
        is True
    )


def test_children_are_asked_about_only_where_there_are_children() -> None:
    told = {"attempts__0__result": "REACHED", "safeToTalk": "true"}
    assert "children" not in follow_up(**told).answers
    assert "children" in follow_up(a_case(accompanyingChildren=2), **told).answers


# ---- what a fresh form begins with


def test_a_fresh_form_shows_the_earlier_answer_of_the_same_key() -> None:
    earlier: dict[str, Any] = {
        "voluntariness": "DOUBT",
        "noteToOffice": "mine",
        "sessions": [{"on": "2026-11-02", "minutes": 30}],
        "applicationCheck": "OK",
    }
    assert fill_in(shipped()["counselling"], earlier, a_case()) == {
        "voluntariness": ["DOUBT"],
        "sessions.0.on": ["2026-11-02"],
        "sessions.0.minutes": ["30"],
    }
    assert "applicationCheck" not in fill_in(shipped()["application_check"], earlier, a_case())


def test_a_fresh_form_begins_with_what_is_proposed() -> None:
    assert fill_in(
        shipped()["risk_assessment"], {}, replace(a_case(), proposals={"countryStatus": "OPEN"})
    ) == {
        "countryStatus": ["OPEN"],
        "riskAssessedOn": ["2026-11-24"],
    }
    assert fill_in(shipped()["feedback"], {}, a_case()) == {"feedbackType": ["ARRIVED"]}
    assert fill_in(
        shipped()["feedback"], {}, replace(a_case(), before={"feedbackType": ["ARRIVED"]})
    ) == {"feedbackType": ["PROGRESS"]}
    assert fill_in(shipped()["undo_by_hand"], {}, a_case(undone=["TICKETS", "ARRIVAL"])) == {
        "leftByHand.0.item": ["TICKETS"]
    }
    assert fill_in(shipped()["confirm_support"], {}, a_case(supportRequests=[{}, {}])) == {
        "supportReplies.0.request": ["1"],
        "supportReplies.1.request": ["2"],
    }
    total = a_case(budgetTotal={"amount": "12.50", "currency": "EUR"})
    assert fill_in(shipped()["adapt_plan"], {}, total) == {
        "newTotal.amount": ["12,50"],
        "newTotal.currency": ["EUR"],
    }


def test_what_was_kept_comes_back_the_same_when_nothing_is_changed() -> None:
    for form_id in ("new_case", "counselling", "needs_assessment", "reintegration_plan"):
        form, case = (
            shipped()[form_id],
            a_case(*ALL_PURPOSES, budgetCeiling={"amount": "1000.00", "currency": "EUR"}),
        )
        first = check(form, answered(form, case, {}), case)
        again = check(
            form, {**answered(form, case, {}), **fill_in(form, first.answers, case)}, case
        )
        assert (again.faults, again.answers) == ((), first.answers)


# ---- whatever a browser sends


def paths(form: Form) -> list[str]:
    """Every input of a form, with a few rows."""
    found: list[str] = []

    def add(fields: tuple[Field, ...], prefix: str) -> None:
        for one in fields:
            path = prefix + one.key
            found.append(path)
            for start in (
                [f"{path}.{n}." for n in (0, 1, 7)] if one.kind == "list" else [path + "."]
            ):
                add(one.fields, start)

    add(form.fields, "")
    return found


WORDS = sorted(
    {v for form in shipped().values() for _, f in form.walk() for v in f.values}
    | {c for d in DIRECTORIES.values() for c, _ in d}
)
ANY_TEXT = st.sampled_from(
    [
        *WORDS,
        "",
        "true",
        "false",
        "2026-11-24",
        "2026-11-24 09:00",
        "4/3/2026",
        "3",
        "0",
        "-1",
        "10,5",
        "x" * 2001,
    ]
) | st.text(max_size=12)


@st.composite
def sendings(draw_: st.DrawFn) -> tuple[Form, dict[str, list[str]]]:
    form = shipped()[draw_(st.sampled_from(sorted(shipped())))]
    known = st.sampled_from(paths(form))
    odd = st.sampled_from(
        [
            "",
            ".",
            "risks.0",
            "risks.999.severity",
            "a.b.c",
            "risks..level",
            "risks.x.level",
            "risks.rows",
            "__class__",
        ]
    ) | st.text(max_size=8)
    return form, draw_(st.dictionaries(known | odd, st.lists(ANY_TEXT, max_size=3), max_size=25))


@settings(max_examples=300, deadline=None)
@given(sendings())
def test_whatever_is_sent_is_answered_with_known_and_shown_keys_only(
    sending: tuple[Form, dict[str, list[str]]],
) -> None:
    form, texts = sending
    case = a_case(
        "PARTICIPATE",
        accompanyingChildren=1,
        isMinor=True,
        activities=[{"kind": "JOB", "proof": True}],
        supportRequests=[{"what": "x"}],
        undone=["CASH"],
        leftToUndo=1,
    )
    checked = check(form, texts, case)
    sections = draw(form, texts, lang="en", faults=checked.faults, context=case)
    shown = {w.key for section in sections for w in section.widgets if not w.hidden}
    assert checked.answers.keys() <= {f.key for f in form.fields} & shown
    assert checked.routing.keys() <= form.routing().keys()
    assert all(fault.key.startswith("form.") for fault in checked.faults)
    assert case.now == NOW
