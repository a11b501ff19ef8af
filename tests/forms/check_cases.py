"""Answers that the bounds of the programme's forms accept, and answers that they refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from service.forms import Json
from tests.forms.paper import shipped

Given = Mapping[str, str | list[str]]

PLAN = [
    {"kind": "JOB", "provider": "A", "proof": True},
    {"kind": "HOUSING", "provider": "B", "proof": False},
]


MORE: Mapping[tuple[str, str], Given] = {
    ("delivery", ""): {"activity": "1"},
    ("choose_way", ""): {"way": "HOME_ANYWAY"},
    ("second_review", ""): {"reviewOutcome": "BACK"},
    ("start_case", "concernReportedOn"): {"identifiedOn": "2026-11-20", "ageBand": "12_15"},
    ("new_case", "childrenReportedOn"): {"accompanyingChildren": "1", "childrenWorry": "true"},
    ("new_case", "dateOfBirth"): {"interestInReturn": "YES"},
    ("new_case", "estimatedOn"): {"interestInReturn": "YES", "approxBirthYear": "1990"},
    ("verify_age", "dateOfBirth"): {"ageBasis": "DOCUMENT"},
}
"""What else is answered, so that a question is asked at all."""
UNSHARED = {"own_certificate": ("SHARE_HEALTH",)}
"""Consents that are not live, so that a question is asked at all."""
ANSWERED = {"homeSafe": "YES", "decisionHome": "RETURN"}


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
    before: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    """Earlier answers of a key, oldest first."""
    given_by: str = "SELF"
    """Who gave the consents that are live."""

    def __str__(self) -> str:
        return f"{self.form}:{self.path}:{self.key}"


def paused() -> Iterator[Case]:
    """While the person pauses nothing new is shared, and there is no go."""
    on = {"paused": True}
    go = {"goDecision": "GO"}
    yield Case(
        "final_check", "goDecision", {"goDecision": "NO_GO"}, go, known=on | {"openChecks": []}
    )
    yes, no = {"referralDecision": "APPROVED"}, {"referralDecision": "RETURNED"}
    yield Case("referral_decision", "referralDecision", no, yes, known=on)
    shared = {"consentLocal__given": "true"}
    yield Case(
        "hear_child", "consentLocal.given", {"consentLocal__given": "false"}, shared, known=on
    )
    status = {"feedbackLevel": "STATUS_ONLY"}
    yield Case("feedback", "feedbackLevel", status, {"feedbackLevel": "SUMMARY"}, known=on)
    talked = {"pauseTalk": "YES", "pauseWish": "GO_ON"}
    late = {"pausedUntil": "2026-11-25T09:00:00+00:00"}
    yield Case("pause_talk", "pauseWish", talked, {**talked, "pauseWish": "KEEP"}, known=late)
    for form in ("close_case", "support_in_sweden", "help_at_home", "tell_person"):
        day, more = "contactKeptUntil", {"toldHow": "MEETING"} if form == "tell_person" else {}
        for good, bad, key in (
            ("2026-11-24", "2026-11-23", "form.too_early"),
            ("2031-11-24", "2031-11-25", "form.too_late"),
        ):
            yield Case(form, day, {day: good, **more}, {day: bad, **more}, key)
    for form, day in (("show_all", "showOn"), ("child_said", "childSpokenOn")):
        yield Case(form, day, {day: "2026-11-24"}, {day: "2026-11-25"}, "form.too_late")


def safe_way() -> Iterator[Case]:
    yield Case(
        "tell_person",
        "toldHow",
        {"toldHow": "MEETING"},
        {"toldHow": "PHONE"},
        known={"safeContact": {"channel": "IN_PERSON"}},
    )


def late_dates() -> Iterator[Case]:
    for form_id, key in [
        ("start_case", "identifiedOn"),
        ("withdraw", "saidOn"),
        ("change_local_office", "saidOn"),
        ("change_consents", "saidOn"),
        ("fit_to_travel", "medifOn"),
        ("arrival", "arrivalOn"),
        ("helsinki_arrival", "arrivalOn"),
        ("informed_decision", "signedOn"),
        ("informed_decision", "arrivedInSweden"),
        ("hear_child", "heardOn"),
        ("decision_sweden", "decisionSwedenOn"),
        ("document_application", "appliedOn"),
        ("new_case", "dateOfBirth"),
        ("new_case", "estimatedOn"),
        ("verify_age", "dateOfBirth"),
        ("delivery", "deliveredOn"),
        ("arrival_meeting", "metOn"),
        ("no_more_contact", "contactEndedOn"),
        ("risk_assessment", "riskAssessedOn"),
        ("fit_to_travel", "medicalReportOn"),
        ("own_certificate", "medicalReportOn"),
        ("choose_way", "arrivalOn"),
        ("tell_person", "toldOn"),
        ("start_case", "concernReportedOn"),
        ("new_case", "childrenReportedOn"),
        ("contact_lost", "lastHeardOn"),
        ("tell_kin", "kinAskedOn"),
    ]:
        more = MORE.get((form_id, key), MORE.get((form_id, ""), {}))
        yield Case(
            form_id,
            key,
            {key: "2026-11-24", **more},
            {key: "2026-11-25", **more},
            "form.too_late",
            {"activities": PLAN, **ANSWERED},
            UNSHARED.get(form_id, ()),
        )
    yield Case(
        "alert_report",
        "alertSeenOn",
        {"alertSeenOn": "2026-11-24 10:00"},
        {"alertSeenOn": "2026-11-24 10:01"},
        "form.too_late",
    )
    yield Case(
        "death_report",
        "deathHeardAt",
        {"deathHeardAt": "2026-11-24 10:00"},
        {"deathHeardAt": "2026-11-24 10:01"},
        "form.too_late",
    )
    yield Case(
        "talk_after_end",
        "spokeAfterEnd",
        {"spokeAfterEnd": "2026-11-24 10:00"},
        {"spokeAfterEnd": "2026-11-24 10:01"},
        "form.too_late",
    )
    yield Case(
        "follow_up",
        "attempts.0.at",
        {"attempts__0__at": "2026-11-24 09:59"},
        {"attempts__0__at": "2026-11-24 11:00"},
        "form.too_late",
    )


def early_dates() -> Iterator[Case]:
    for form_id, key, first, before in [
        ("start_case", "identifiedOn", "1990-01-01", "1989-12-31"),
        ("informed_decision", "signedOn", "2026-10-25", "2026-10-24"),
        ("fit_to_travel", "medicalReportOn", "2026-11-10", "2026-11-09"),
        ("own_certificate", "medicalReportOn", "2026-11-10", "2026-11-09"),
        ("risk_assessment", "riskAssessedOn", "2026-11-24", "2026-11-23"),
        ("second_review", "reviewAgainOn", "2026-11-24", "2026-11-23"),
        ("reintegration_plan", "travelEarliest", "2026-11-24", "2026-11-23"),
        ("reintegration_plan", "travelLatest", "2026-11-24", "2026-11-23"),
        ("arrival", "arrivalOn", "2026-11-20", "2026-11-19"),
        ("helsinki_arrival", "arrivalOn", "2026-11-20", "2026-11-19"),
        ("arrival_meeting", "metOn", "2026-11-21", "2026-11-20"),
        ("delivery", "deliveredOn", "2026-11-21", "2026-11-20"),
        ("no_more_contact", "contactEndedOn", "2026-11-21", "2026-11-20"),
        ("new_case", "dateOfBirth", "1900-01-01", "31/12 1899"),
        ("verify_age", "dateOfBirth", "1900-01-01", "31/12 1899"),
    ]:
        known = {
            "departureAt": "2026-11-19T23:30:00+00:00",
            "arrivalOn": "2026-11-21",
            "activities": PLAN,
        }
        more = MORE.get((form_id, key), MORE.get((form_id, ""), {}))
        yield Case(
            form_id,
            key,
            {key: first, **more},
            {key: before, **more},
            "form.no_such_day" if "1899" in before else "form.too_early",
            known,
            UNSHARED.get(form_id, ()),
        )
    yield Case(
        "embassy_answer",
        "interviewOn",
        {"embassyAnswer": "INTERVIEW", "interviewOn": "2026-11-24"},
        {"embassyAnswer": "INTERVIEW", "interviewOn": "2026-11-23"},
        "form.too_early",
    )
    yield Case(
        "document_check",
        "travelDocExpiresOn",
        {"documentRight": "true", "travelDocExpiresOn": "2026-11-25"},
        {"documentRight": "true", "travelDocExpiresOn": "2026-11-24"},
    )


def other_checks() -> Iterator[Case]:
    yield Case(
        "confirm_death",
        "deathConfirmed",
        {"deathRestsOn": "POLICE", "deathConfirmed": "true"},
        {"deathRestsOn": "RELATIVE_ONLY", "deathConfirmed": "true"},
    )
    yield Case(
        "call_after_end",
        "helsinkiMayKnow",
        {"helsinkiMayKnow": "false", "callDanger": "UNKNOWN"},
        {"helsinkiMayKnow": "false", "callDanger": "NO"},
    )
    yield Case(
        "pay_due",
        "anyDue",
        {"anyDue": "true"},
        {"anyDue": "false"},
        known={
            "activities": [{"id": "A1", "kind": "HOUSING", "provider": "A", "due": "2026-12-24"}]
        },
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
        form_id, _, key = form_id.partition(":")  # noqa: PLW2901 - the pair in one word
        yield Case(form_id, key, {key: "true"}, {key: "false"}, "form.must_be_yes")
    yield Case(
        "adapt_plan",
        "acceptedAgain",
        {"activities__0__state": "CHANGED"},
        {"activities__0__state": "CHANGED", "acceptedAgain": "false"},
        "form.must_be_yes",
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
        ("referral", "urgentNeeds", "MEDICAL"),
        ("withdraw", "otherHelpWanted", "LEGAL"),
        ("identity_evidence", "evidence", "COPY"),
        ("follow_up", "exploitationSigns", "THREATS"),
        ("choose_way", "handOver", "POLICE"),
    ]:
        extra: Given = {"way": "STOP", "attempts__0__result": "REACHED", "safeToTalk": "true"}
        yield Case(
            form_id,
            key,
            {key: "NONE", **extra},
            {key: ["NONE", named_fields], **extra},
            "form.alone",
        )
