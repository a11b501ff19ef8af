"""Answers that the checks of the first two steps accept, and answers that they refuse."""

from __future__ import annotations

from collections.abc import Iterator

from tests.forms.check_cases import Case, Given

REQUESTS = [{"domain": "HOUSING", "what": "a room"}, {"domain": "LEGAL", "what": "a lawyer"}]
URGENT_HOUSING = [{"domain": "HOUSING", "severity": 3}, {"domain": "LEGAL", "severity": 1}]
CONSENT = {"consentRefer__given": "true", "consentRefer__givenBy": "SELF"}


def step_1() -> Iterator[Case]:
    goes_on: Given = {"interestInReturn": "YES", "ageDisputed": "false"}
    yield Case(
        "new_case",
        "approxBirthYear",
        {**goes_on, "approxBirthYear": "2026"},
        {**goes_on, "approxBirthYear": "2027"},
    )
    yield Case(
        "new_case",
        "approxBirthYear",
        {**goes_on, "approxBirthYear": "1900"},
        {**goes_on, "approxBirthYear": "1899"},
        "form.too_small",
    )
    grown: Given = {**goes_on, "dateOfBirth": "1990-01-01"}
    yield Case(
        "new_case",
        "ageDisputed",
        {**grown, "ageDisputed": "true"},
        grown,
        known={"ageBand": "12_15"},
    )
    acute = {"urgency": "ACUTE", "travelDocument": "VALID_PASSPORT"}
    yield Case(
        "referral",
        "urgency",
        acute,
        {**acute, "travelDocument": "LOST"},
        known={"isMinor": False},
    )
    yield Case(
        "referral",
        "urgency",
        {"urgency": "URGENT"},
        acute,
        known={"isMinor": True},
    )
    children: Given = {
        "familyTravelling__0__traveller": "CHILD",
        "familyTravelling__0__travelsAlong": "false",
    }
    yield Case(
        "referral",
        "familyTravelling",
        children,
        {**children, "familyTravelling__0__traveller": "ADULT"},
        known={"accompanyingChildren": 1},
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
    young = {"isMinor": True, "fromFifteen": False}
    older = {"isMinor": True, "fromFifteen": True}
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
        "counselling",
        "consentParticipate.givenBy",
        by_self,
        by_both,
        known={"isMinor": False, "fromFifteen": False},
        without=("PARTICIPATE",),
    )
    for consent in ("consentRefer", "consentParticipate"):
        yield Case(
            "adult_consents",
            consent,
            {f"{consent}__given": "true"},
            {f"{consent}__given": "false"},
            "form.consent_missing",
            without=("REFER", "PARTICIPATE") if consent == "consentRefer" else (),
            given_by="BOTH",
        )
    yield Case(
        "hear_child",
        "consentLocal.givenBy",
        {"consentLocal__given": "true", "consentLocal__givenBy": "BOTH"},
        {"consentLocal__given": "true", "consentLocal__givenBy": "SELF"},
    )
    custodian = {"guardians__0__kind": "VARDNADSHAVARE", "guardians__0__name": "A"}
    for involved in ("YES", "UNKNOWN"):
        yield Case(
            "guardian",
            "guardiansReady",
            {**custodian, "guardians__0__involved": "NO"},
            {**custodian, "guardians__0__involved": involved},
        )
    agreed = {"homeSafe": "YES", "decisionHome": "RETURN"}
    for still_open in ({"homeSafe": "UNKNOWN"}, {"decisionHome": "NO_ANSWER"}):
        yield Case(
            "child_review",
            "childReview",
            {"childReview": "OTHER"},
            {"childReview": "RETURN"},
            known={**agreed, **still_open},
        )
    yield Case(
        "receiving_carer",
        "carerIsFamily",
        {"carerIsFamily": "false"},
        {"carerIsFamily": "true"},
        known={"familyInvolved": "UNKNOWN"},
    )
    yield Case(
        "child_reassessment",
        "childWish",
        {"childReassessed": "RETURN", "childWish": "UNSURE"},
        {"childReassessed": "RETURN", "childWish": "STAY"},
    )
    yield Case(
        "child_reassessment",
        "childReassessed",
        {"childReassessed": "RETURN", "childHoldsConfirmed": "true"},
        {"childReassessed": "RETURN", "childHoldsConfirmed": "false"},
        known={"holdRows": [{"kind": "CUSTODY_PAPER", "cleared": True}]},
    )
    yield Case(
        "change_consents",
        "purposesWithdrawn",
        {"purposesWithdrawn": ["FEEDBACK_SE"]},
        {"purposesWithdrawn": ["REFER"]},
        without=("PARTICIPATE",),
    )
    two = {"holds": ["TRAVEL_BAN", "VISA"]}
    yield Case(
        "legal_holds",
        "holdRows",
        {"holdRows__0__kind": "TRAVEL_BAN", "holdRows__1__kind": "VISA"},
        {"holdRows__0__kind": "TRAVEL_BAN", "holdRows__1__kind": "DETENTION"},
        known=two,
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
    yield Case(
        "application_check",
        "applicationCheck",
        {**ok, "applicationCheck": "END"},
        ok,
        known=signed,
        without=("PARTICIPATE",),
    )
    yield Case(
        "local_refused",
        "localNext",
        {"localNext": "WITHOUT_OFFICE"},
        {"localNext": "STOP"},
    )
    for purpose in ("PARTICIPATE", "SHARE_LOCAL_OFFICE"):
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
    goal = {"goals__0__dimension": "SOCIAL"}
    yield Case(
        "reintegration_plan",
        "activities.0.goal",
        {**goal, "activities__0__goal": "SOCIAL"},
        {**goal, "activities__0__goal": "ECONOMIC"},
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
        {"activities__0__from": "2026-12-01", "activities__0__to": "2026-11-30"},
        "form.too_early",
    )
    yield Case(
        "second_review",
        "reviewOutcome",
        {"reviewOutcome": "GO", "mitigationsInPlace": "true"},
        {"reviewOutcome": "GO", "mitigationsInPlace": "false"},
    )
    booked: dict[str, object] = {
        "ticketsBooked": True,
        "departureAt": "2026-12-10T09:00:00+00:00",
    }
    yield Case(
        "second_review",
        "reviewAgainOn",
        {"reviewOutcome": "BACK", "reviewAgainOn": "2026-12-09"},
        {"reviewOutcome": "BACK", "reviewAgainOn": "2026-12-10"},
        known=booked,
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
    for form_id in ("arrival", "helsinki_arrival"):
        late = {"arrivalReport": "DELAYED", "arrivalEta": "2026-11-25 08:00"}
        known = {"arrivalEta": "2026-11-24T07:00:00+00:00"}
        for bad in ("2026-11-24 06:00", "2026-11-26 18:00"):
            yield Case(form_id, "arrivalEta", late, {**late, "arrivalEta": bad}, known=known)
    on, back = {"localOffice": "iom-bucharest"}, {"localOffice": "iom-sofia"}
    left = ["iom-sofia", "iom-helsinki"]
    partner = {"localWay": "OTHER_PARTNER"}
    for form_id, chosen in (
        ("weigh_consent", partner),
        ("choose_local_office", {"localChoice": "OTHER_OFFICE"}),
        ("local_refused", {"localNext": "OTHER_OFFICE"}),
        ("counselling", {}),
    ):
        given = {**on, **chosen}, {**back, **chosen}
        yield Case(form_id, "localOffice", *given, before={"leftOffice": left})
    holds = {"holderOfIomLocal": "iom-sofia"}
    yield Case("weigh_consent", "localOffice", {**on, **partner}, {**back, **partner}, known=holds)
    goes_on = {"alarmState": "ONGOING", "alarmNextCheck": "2026-11-24 23:00"}
    for bad in ("2026-11-24 06:00", "2026-11-26 18:00"):
        yield Case("work_alarm", "alarmNextCheck", goes_on, {**goes_on, "alarmNextCheck": bad})
    over = {"alarmState": "END", "alarmOutcome": "SAFE_SPOKEN"}
    peace = {**over, "alarmOutcome": "WANTS_PEACE"}
    yield Case("work_alarm", "alarmOutcome", over, peace, known={"isMinor": True})
    to_undo: dict[str, object] = {"leftToUndo": 2, "undone": ["TICKETS", "CASH", "ARRIVAL"]}
    for form_id in ("undo_by_hand",):
        yield Case(form_id, "leftByHand", {}, {"leftByHand__1__item": "TICKETS"}, known=to_undo)
        yield Case(form_id, "leftByHand", {}, {"leftByHand__2__item": "DOCUMENT"}, known=to_undo)
