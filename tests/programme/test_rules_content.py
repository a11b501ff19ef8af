"""Every row of every rule, asked once at least: what goes in, which row speaks, what comes out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from service.engine.feel.values import Value
from tests.programme.rule_values import (
    AGREED,
    CALM,
    DEADLINES,
    DECISIONS,
    FILES,
    FINDINGS,
    FITS,
    FREE,
    HIGH,
    LEAVES,
    QUIET,
    READY,
    TABLE,
    WELL,
    ask,
    rows,
)

DAY = timedelta(days=1)


def test_the_rules_are_read_without_a_word() -> None:
    assert [finding for finding in FINDINGS if finding.severity == "E"] == []
    assert set(DECISIONS) == {name.removesuffix(".dmn") for name in FILES}


@pytest.mark.parametrize(
    ("urgency", "row", "decide_in", "embassy", "final_check"),
    [
        ("NORMAL", 1, "P3D", "R3/P14D", "PT72H"),
        (None, 1, "P3D", "R3/P14D", "PT72H"),
        ("URGENT", 2, "P1D", "R3/P7D", "PT36H"),
        ("ACUTE", 3, "PT4H", "R5/P3D", "PT12H"),
    ],
)
def test_deadlines_follow_how_urgent_a_case_is(
    urgency: str | None, row: int, decide_in: str, embassy: str, final_check: str
) -> None:
    decided = ask("deadlines", {"urgency": urgency})
    assert rows(decided) == (row,)
    assert isinstance(decided.value, dict)
    assert (
        decided.value["decide"],
        decided.value["embassyReminder"],
        decided.value["finalCheck"],
    ) == (decide_in, embassy, final_check)


def test_deadlines_give_all_that_the_release_declares() -> None:
    value = ask("deadlines", {"urgency": "NORMAL"}).value
    assert isinstance(value, dict)
    assert set(value) == set(TABLE["deadline"]["fields"])
    assert value == DEADLINES


@pytest.mark.parametrize(
    ("change", "row", "result", "reason"),
    [
        ({"foreignCitizen": False}, 1, "NOT_ELIGIBLE", "SWEDISH_CITIZEN"),
        ({"interestInReturn": "UNSURE"}, 2, "NOT_ELIGIBLE", "NOT_WANTED"),
        ({"inTargetGroup": "NO"}, 3, "OTHER_PROGRAMME", "NOT_TARGET_GROUP"),
        ({"rightToReside": "NO"}, 4, "NOT_ELIGIBLE", "NO_RIGHT_TO_RESIDE"),
        ({"rightToReside": "UNKNOWN"}, 5, "NEEDS_PROOF", "RESIDENCE"),
        ({"inTargetGroup": "UNSURE"}, 6, "MANUAL", "JUDGE_TARGET_GROUP"),
        ({}, 7, "ELIGIBLE", "TARGET_GROUP"),
        ({"foreignCitizen": None}, 8, "MANUAL", "UNCLEAR"),
    ],
)
def test_eligibility_proposes_and_gives_its_reason(
    change: dict[str, Value], row: int, result: str, reason: str
) -> None:
    decided = ask("eligibility", FITS | change)
    assert (rows(decided), decided.value) == ((row,), {"result": result, "reason": reason})


@pytest.mark.parametrize(
    ("severity", "levels"),
    [
        (1, "LOW LOW LOW MEDIUM"),
        (2, "LOW MEDIUM MEDIUM HIGH"),
        (3, "MEDIUM MEDIUM HIGH HIGH"),
        (4, "MEDIUM HIGH UNACCEPTABLE UNACCEPTABLE"),
    ],
)
def test_a_risk_grows_with_severity_and_likelihood(severity: int, levels: str) -> None:
    asked = [
        ask("risk_item_level", {"severity": Decimal(severity), "likelihood": Decimal(likely)}).value
        for likely in (1, 2, 3, 4)
    ]
    assert asked == levels.split()


def test_every_row_of_the_risk_matrix_speaks() -> None:
    scale = [Decimal(n) for n in (1, 2, 3, 4)]
    spoke = {
        row
        for severity in scale
        for likely in scale
        for row in rows(ask("risk_item_level", {"severity": severity, "likelihood": likely}))
    }
    assert spoke == set(range(1, 11))


@pytest.mark.parametrize(
    ("change", "row", "level", "reason", "days"),
    [
        ({"voluntariness": "DOUBT"}, 1, "UNACCEPTABLE", "NOT_VOLUNTARY", 14),
        ({"voluntariness": None}, 1, "UNACCEPTABLE", "NOT_VOLUNTARY", 14),
        ({"isMinor": True}, 2, "UNACCEPTABLE", "CHILD_NOT_DECIDED", 14),
        ({"countryStatus": "SUSPENDED"}, 3, "UNACCEPTABLE", "COUNTRY", 14),
        ({"returnsToExploiter": "UNKNOWN"}, 4, "UNACCEPTABLE", "EXPLOITER_AT_HOME", 14),
        (
            {"threatToLife": "UNKNOWN", "authorityProtection": "UNKNOWN"},
            5,
            "UNACCEPTABLE",
            "THREAT_TO_LIFE",
            14,
        ),
        ({"residualWorst": "UNACCEPTABLE"}, 6, "UNACCEPTABLE", "RESIDUAL", 14),
        ({"threatToLife": "YES"}, 7, "HIGH", "THREAT_TO_LIFE", 7),
        ({"threatToLife": "UNKNOWN"}, 7, "HIGH", "THREAT_TO_LIFE", 7),
        ({"hasTestified": "YES", "traffickerAtLarge": "UNKNOWN"}, 8, "HIGH", "TESTIFIED", 7),
        (
            {"traffickerKnowsAddress": "UNKNOWN", "authorityProtection": "WEAK"},
            9,
            "HIGH",
            "ADDRESS_KNOWN",
            7,
        ),
        ({"priorRetrafficking": "YES"}, 10, "HIGH", "BEFORE", 7),
        ({"owesDebt": "YES"}, 11, "HIGH", "DEBT", 7),
        ({"safeAccommodation": "NONE"}, 12, "HIGH", "NO_HOUSING", 7),
        ({"selfHarmRisk": "YES"}, 13, "HIGH", "SELF_HARM", 7),
        ({"priorRetrafficking": "UNKNOWN"}, 10, "HIGH", "BEFORE", 7),
        ({"selfHarmRisk": "UNKNOWN"}, 13, "HIGH", "SELF_HARM", 7),
        ({"familyInvolved": "YES", "firstNights": "FAMILY"}, 14, "HIGH", "FAMILY", 7),
        ({"familyInvolved": "UNKNOWN", "firstNights": "FAMILY"}, 14, "HIGH", "FAMILY", 7),
        ({"residualWorst": "HIGH"}, 15, "HIGH", "RESIDUAL", 7),
        ({"isMinor": True, "bestInterests": "RETURN"}, 16, "MEDIUM", "CHILD", 14),
        ({"owesDebt": "UNKNOWN"}, 17, "MEDIUM", "DEBT", 14),
        ({"familyInvolved": "YES"}, 18, "MEDIUM", "FAMILY", 14),
        ({"familyInvolved": "UNKNOWN", "firstNights": None}, 18, "MEDIUM", "FAMILY", 14),
        ({"vulnerable": True}, 19, "MEDIUM", "VULNERABLE", 14),
        ({"countryStatus": "RESTRICTED"}, 20, "MEDIUM", "COUNTRY", 14),
        ({"residualWorst": "MEDIUM"}, 21, "MEDIUM", "RESIDUAL", 14),
        ({"firstNights": "FAMILY"}, 22, "LOW", "NONE", 30),
        ({}, 22, "LOW", "NONE", 30),
    ],
)
def test_the_risk_level_looks_at_stops_before_scores(
    change: dict[str, Value], row: int, level: str, reason: str, days: int
) -> None:
    decided = ask("risk_level", QUIET | change)
    assert (rows(decided), decided.value) == (
        (row,),
        {"level": level, "reason": reason, "reviewDays": Decimal(days)},
    )


def test_a_stop_wins_over_every_score() -> None:
    everything = QUIET | {
        "priorRetrafficking": "YES",
        "vulnerable": True,
        "countryStatus": "SUSPENDED",
        "residualWorst": "HIGH",
    }
    assert rows(ask("risk_level", everything)) == (3,)


@pytest.mark.parametrize(
    ("change", "row", "escort"),
    [
        ({"fitToTravel": "FIT_WITH_ESCORT", "isMinor": True}, 1, "SOCIAL_AND_MEDICAL"),
        ({"selfHarmRisk": "YES", "isMinor": True}, 2, "SOCIAL_AND_MEDICAL"),
        ({"fitToTravel": "FIT_WITH_ESCORT"}, 3, "MEDICAL"),
        ({"selfHarmRisk": "YES"}, 4, "MEDICAL"),
        ({"isMinor": True}, 5, "SOCIAL"),
        ({"risk": HIGH}, 6, "OPERATIONAL"),
        ({"needsTransitHelp": True}, 7, "OPERATIONAL"),
        ({}, 8, "NONE"),
    ],
)
def test_an_escort_is_chosen_by_the_greatest_need(
    change: dict[str, Value], row: int, escort: str
) -> None:
    decided = ask("escort_type", CALM | change)
    assert (rows(decided), decided.value) == ((row,), escort)


@pytest.mark.parametrize(
    ("change", "row", "code"),
    [
        ({"signedOn": date(2025, 12, 1)}, 1, "SIGNATURE_OLD"),
        ({"riskAssessedOn": date(2026, 5, 1)}, 2, "RISK_OLD"),
        (
            {"risk": {"level": "UNACCEPTABLE", "reason": "COUNTRY", "reviewDays": Decimal(14)}},
            3,
            "RISK",
        ),
        ({"travelDocStatus": "MISSING"}, 4, "DOCUMENT"),
        ({"travelDocExpiresOn": date(2026, 6, 14)}, 5, "DOCUMENT_EXPIRES"),
        ({"travelDocExpiresOn": None}, 5, "DOCUMENT_EXPIRES"),
        ({"fitToTravel": "NOT_FIT"}, 6, "NOT_FIT"),
        ({"needsFitCheck": True}, 7, "MEDICAL_REPORT_OLD"),
        ({"needsFitCheck": True, "medicalReportOn": date(2026, 5, 31)}, 7, "MEDICAL_REPORT_OLD"),
        ({"medifOn": date(2026, 6, 7)}, 8, "MEDIF_OLD"),
        ({"escortType": "SOCIAL"}, 9, "NO_ESCORT"),
        ({"arrivalArranged": None}, 10, "ARRIVAL"),
        (
            {"isMinor": True, "bestInterests": "STAY", "childReassessed": "RETURN"},
            11,
            "CHILD",
        ),
        ({"isMinor": True, "bestInterests": "RETURN"}, 13, "CHILD_NOT_NOW"),
        (
            {"isMinor": True, "bestInterests": "RETURN", "childReassessed": "NOT_NOW"},
            13,
            "CHILD_NOT_NOW",
        ),
        ({"custodyDispute": True}, 14, "HOLD"),
        ({"transitVisaMissing": True}, 14, "HOLD"),
        ({"voluntariness": "DOUBT"}, 12, "FREE_WILL"),
        ({"needsMust": True}, 15, "NEED"),
        ({"needsMust": True, "needsSolved": "NO"}, 15, "NEED"),
        ({"needsMust": True, "needsSolved": "UNKNOWN"}, 15, "NEED"),
        ({"firstNights": "FAMILY", "familyInvolved": "YES"}, 16, "FAMILY"),
        ({"firstNights": "FAMILY", "familyInvolved": None}, 16, "FAMILY"),
        (
            {"firstNights": "FAMILY", "familyInvolved": "YES", "risk": HIGH},
            16,
            "FAMILY",
        ),
    ],
)
def test_each_check_before_departure_finds_its_fault_alone(
    change: dict[str, Value], row: int, code: str
) -> None:
    decided = ask("journey_checks", READY | change)
    assert (rows(decided), decided.value) == ((row,), [code])


def test_no_check_is_open_when_all_is_ready_on_the_last_day() -> None:
    last_day: dict[str, Value] = {
        "needsFitCheck": True,
        "medicalReportOn": date(2026, 6, 1),
        "medifOn": date(2026, 6, 8),
        "travelDocExpiresOn": date(2026, 6, 15),
    }
    assert ask("journey_checks", READY).value == []
    assert ask("journey_checks", READY | last_day).value == []


def test_a_family_that_may_be_involved_is_no_obstacle_after_a_second_look() -> None:
    seen = {
        "firstNights": "FAMILY",
        "familyInvolved": "YES",
        "risk": HIGH,
        "reviewOutcome": "GO",
    }
    assert ask("journey_checks", READY | seen).value == []


def test_needs_that_were_solved_before_the_journey_stop_nothing() -> None:
    assert ask("journey_checks", READY | {"needsMust": True, "needsSolved": "YES"}).value == []


@pytest.mark.parametrize(
    ("takes_part", "found"), [(None, ["ARRIVAL"]), (True, ["ARRIVAL"]), (False, [])]
)
def test_an_arrival_is_arranged_by_the_office_that_takes_part(
    takes_part: object, found: list[str]
) -> None:
    asked = READY | {"arrivalArranged": None, "localTakesPart": takes_part}
    assert ask("journey_checks", asked).value == found


def test_all_faults_are_listed_together() -> None:
    assert ask(
        "journey_checks", READY | {"travelDocStatus": "REFUSED", "arrivalArranged": False}
    ).value == ["DOCUMENT", "ARRIVAL"]


@pytest.mark.parametrize(
    ("change", "row", "level", "within", "reason"),
    [
        ({"dangerNow": True}, 1, "CRITICAL", "PT1H", "DANGER"),
        ({"exploitationSign": "CONTROL"}, 2, "CRITICAL", "PT4H", "CONTROL"),
        ({"healthCrisis": True}, 3, "CRITICAL", "PT4H", "HEALTH"),
        ({"safeToTalk": False}, 4, "URGENT", "PT24H", "NOT_SAFE_TO_TALK"),
        ({"exploitationSign": "PRESSURE"}, 5, "URGENT", "PT24H", "PRESSURE"),
        ({"childWorry": True}, 6, "URGENT", "PT24H", "CHILD"),
        ({"missedInARow": Decimal(2)}, 7, "URGENT", "PT48H", "MISSED_TWICE"),
        ({"missedInARow": Decimal(1), "risk": HIGH}, 8, "URGENT", "PT48H", "MISSED_HIGH_RISK"),
        ({"basicNeeds": "LACKING"}, 9, "URGENT", "PT48H", "BASIC_NEEDS"),
        ({"wish": "NEED_TO_LEAVE"}, 10, "URGENT", "P3D", "LEAVING"),
        (
            {"wrongPerson": True, "missedInARow": Decimal(1)},
            11,
            "WATCH",
            "P2D",
            "WRONG_PERSON",
        ),
        ({"followUpRefused": True, "risk": HIGH}, 12, "WATCH", "P7D", "REFUSED_HIGH_RISK"),
        ({"followUpRefused": True}, 16, "NONE", "P7D", "NONE"),
        ({"missedInARow": Decimal(1)}, 13, "WATCH", "P7D", "MISSED"),
        ({"lowScore": True}, 14, "WATCH", "P7D", "LOW_SCORE"),
        ({"planProgress": "STUCK"}, 15, "WATCH", "P7D", "PLAN_STUCK"),
        ({}, 16, "NONE", "P7D", "NONE"),
        ({"missedInARow": None}, 16, "NONE", "P7D", "NONE"),
    ],
)
def test_a_follow_up_escalates_by_what_it_finds(
    change: dict[str, Value], row: int, level: str, within: str, reason: str
) -> None:
    decided = ask("follow_up_escalation", WELL | change)
    assert (rows(decided), decided.value) == (
        (row,),
        {"level": level, "respondWithin": within, "reason": reason},
    )


@pytest.mark.parametrize(
    ("change", "row", "outcome"),
    [
        ({"homeSafe": "NO"}, 1, "NOT_SAFE"),
        ({"decisionSweden": "STAY"}, 2, "STAY"),
        ({"guardianAgrees": False}, 3, "STAY"),
        ({"decisionSweden": "OTHER"}, 4, "OTHER"),
        ({"decisionHome": "NOT_RETURN"}, 5, "OTHER"),
        ({"childReview": "OTHER"}, 6, "OTHER"),
        ({"childReview": "ASK_AGAIN"}, 7, "ASK_AGAIN"),
        ({"homeSafe": "UNKNOWN", "homeAsked": Decimal(2)}, 8, "REVIEW"),
        ({"decisionHome": "NO_ANSWER", "homeAsked": Decimal(2)}, 9, "REVIEW"),
        ({"homeSafe": "UNKNOWN", "homeAsked": Decimal(1)}, 10, "ASK_AGAIN"),
        ({"homeSafe": None}, 10, "ASK_AGAIN"),
        ({"decisionHome": "NO_ANSWER"}, 11, "ASK_AGAIN"),
        ({"childWish": "STAY"}, 12, "REVIEW"),
        ({"childWish": "UNSURE"}, 12, "REVIEW"),
        ({"familyInvolved": "YES"}, 13, "REVIEW"),
        ({"familyInvolved": "UNKNOWN"}, 13, "REVIEW"),
        ({"carerSecured": False}, 14, "REVIEW"),
        ({"carerSecured": True}, 15, "RETURN"),
        ({"carerSecured": True, "childWish": "STAY", "childReview": "RETURN"}, 15, "RETURN"),
        ({}, 16, "SECURE"),
    ],
)
def test_a_child_is_heard_and_waited_for_before_it_returns(
    change: dict[str, Value], row: int, outcome: str
) -> None:
    decided = ask("best_interests", AGREED | change)
    assert (rows(decided), decided.value) == ((row,), outcome)


BORN = "dateOfBirth"
AGE = ("ageDecided", "ageDisputed", "dateOfBirth", "approxBirthYear", "ageBand")


@pytest.mark.parametrize(
    ("known", "row", "minor", "both_sign", "in_doubt", "adult_on"),
    [
        ({"ageDecided": "ADULT", BORN: date(2015, 1, 1)}, 1, False, False, False, None),
        ({"ageDecided": "FROM_15", "ageDisputed": True}, 2, True, True, False, None),
        ({"ageDecided": "UNDER_15"}, 3, True, False, False, None),
        ({"ageDisputed": True, BORN: date(1980, 1, 1)}, 4, True, True, True, None),
        ({BORN: date(2008, 6, 15)}, 5, False, False, False, None),
        ({BORN: date(2008, 6, 16)}, 6, True, True, False, date(2026, 6, 16)),
        ({BORN: date(2011, 6, 15)}, 6, True, True, False, date(2029, 6, 15)),
        ({BORN: date(2011, 6, 16)}, 7, True, False, False, date(2029, 6, 16)),
        ({BORN: date(2012, 2, 29)}, 7, True, False, False, date(2030, 2, 28)),
        ({"approxBirthYear": Decimal(2005), "ageBand": "18_20"}, 8, False, False, False, None),
        ({"approxBirthYear": Decimal(2012)}, 9, True, False, True, None),
        ({"approxBirthYear": Decimal(2011)}, 10, True, True, True, None),
        ({"approxBirthYear": Decimal(2006), "ageBand": "18_20"}, 10, True, True, True, None),
        ({"ageBand": "21_PLUS"}, 11, False, False, False, None),
        ({"ageBand": "0_11"}, 12, True, False, True, None),
        ({"ageBand": "18_20"}, 13, True, True, True, None),
        ({}, 13, True, True, True, None),
    ],
)
def test_age_is_a_childs_until_a_date_or_a_person_says_otherwise(
    known: dict[str, Value],
    row: int,
    *,
    minor: bool,
    both_sign: bool,
    in_doubt: bool,
    adult_on: date | None,
) -> None:
    decided = ask("age", dict.fromkeys(AGE) | known)
    assert rows(decided) == (row,)
    assert decided.value == {
        "minor": minor,
        "fromFifteen": both_sign,
        "inDoubt": in_doubt,
        "adultOn": adult_on,
    }


@pytest.mark.parametrize(
    ("bar", "code"),
    [
        ("travelBan", "TRAVEL_BAN"),
        ("exitBan", "EXIT_BAN"),
        ("custodyDispute", "CUSTODY_DISPUTE"),
        ("custodyPaperMissing", "CUSTODY_PAPER"),
        ("detained", "DETENTION"),
        ("visaMissing", "VISA"),
        ("transitVisaMissing", "TRANSIT_VISA"),
    ],
)
def test_each_bar_holds_the_journey_until_it_is_cleared(bar: str, code: str) -> None:
    assert ask("legal_hold", FREE | {bar: True}).value == [code]
    assert ask("legal_hold", FREE).value == []


AWAY: dict[str, Value] = {"departureOutcome": "DEPARTED"}


def flight(at: datetime) -> dict[str, Value]:
    """Tickets for a departure."""
    return {"ticketsBooked": True, "departureAt": at}


@pytest.mark.parametrize(
    ("row", "changes", "stage", "who", "within"),
    [
        (1, {"dangerAlarmOpen": True}, "BEFORE_TICKETS", "HELSINKI", "P1D"),
        (1, {"arrivalAlarmOpen": True, "iomNotifiedOn": None}, "BEFORE_TICKETS", "PARTNER", "P1D"),
        (2, {"iomNotifiedOn": None}, "BEFORE_TICKETS", "PARTNER", "P1D"),
        (3, {}, "BEFORE_TICKETS", "HELSINKI", "P1D"),
        (
            4,
            {"ticketsBooked": True, "departureAt": LEAVES + DAY * 2},
            "BEFORE_DAY",
            "HELSINKI",
            "P1D",
        ),
        (5, flight(LEAVES + DAY / 2), "LAST_DAY", "BOTH", "PT30M"),
        (
            6,
            {"departureOutcome": "DEPARTED", "localTakesPart": False},
            "ON_WAY",
            "HELSINKI",
            "PT12H",
        ),
        (7, AWAY, "ON_WAY", "LOCAL", "PT12H"),
        (7, flight(LEAVES - DAY), "ON_WAY", "LOCAL", "PT12H"),
        (8, {**AWAY, "arrived": True}, "HOME", "HELSINKI", "P1D"),
    ],
)
def test_a_pause_waits_by_stage(
    row: int, changes: dict[str, Value], stage: str, who: str, within: str
) -> None:
    names = ("dangerAlarmOpen", "arrivalAlarmOpen", "arrived", "departureOutcome", "departureAt")
    calm: dict[str, Value] = {
        **dict.fromkeys((*names, "ticketsBooked", "localTakesPart")),
        "iomNotifiedOn": date(2026, 5, 1),
    }
    decided = ask("pause_by_stage", {**calm, **changes})
    assert rows(decided) == (row,)
    assert decided.value == {"stage": stage, "holds": row != 1, "who": who, "within": within}
