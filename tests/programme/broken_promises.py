"""Changes of the shipped files that each break one promise."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tests.programme.world import World

CASE, JOURNEY, CHILD = (
    "workflows/return_case.bpmn",
    "workflows/home_journey.bpmn",
    "workflows/child_best_interests.bpmn",
)
CEILING, DECISION, RISK = (
    "workflows/ceiling.bpmn",
    "workflows/informed_decision.bpmn",
    "workflows/risk_management.bpmn",
)
NOT_LEFT = r"not\(list contains\(before\.leftOffice, localOffice\)\)"
WORDS, PAUSE = "workflows/her_words.bpmn", "workflows/pause.bpmn"
Break = Callable[[World], World]


def changed(file: str, pattern: str, new: str, *, all_of_them: bool = False) -> Break:
    """A file with one text in the place of another; the pattern must be there."""

    def change(world: World) -> World:
        text, found = re.subn(
            pattern, new, world.bundle.text(file), count=0 if all_of_them else 1, flags=re.DOTALL
        )
        assert found, pattern
        return replace(world, bundle=world.bundle.with_file(file, text.encode()))

    return change


def led(flow: str, target: str, file: str = CASE) -> Break:
    """A flow that leads elsewhere."""
    return changed(
        file, rf'(<bpmn:sequenceFlow id="{flow}"[^>]*targetRef=)"[^"]*"', rf'\1"{target}"'
    )


def asked(flow: str, condition: str, file: str = CASE) -> Break:
    """A flow with another condition."""
    return changed(
        file, rf'(<bpmn:sequenceFlow id="{flow}".*?tFormalExpression">)[^<]*<', rf"\1= {condition}<"
    )


def without(property_: str, element: str, file: str = CASE) -> Break:
    """An element that lacks one of its properties."""
    return changed(
        file,
        rf'(<bpmn:userTask id="{element}".*?)<zeebe:property name="{property_}" value="[^"]*"/>',
        r"\1",
    )


def sight(file: str, old: str, new: str) -> Break:
    """Another table of the installation."""

    def change(world: World) -> World:
        text = world.grants if file == "grants" else world.visibility
        assert old in text
        wider = text.replace(old, new, 1)
        return (
            replace(world, grants=wider) if file == "grants" else replace(world, visibility=wider)
        )

    return change


BROKEN: tuple[tuple[int, str, Break], ...] = (
    (
        1,
        "IOM is told before the referral",
        led("F_Task_OfferReturnInformation_Gw_Asked", "Svc_NotifyIomHelsinki"),
    ),
    (
        1,
        "the invitation goes out before the referral",
        led("F_Task_OfferReturnInformation_Gw_Asked", "Svc_OfferApplication"),
    ),
    (
        1,
        "the referral can go without consent",
        changed("forms/referral.form", '"path": "consentRefer"', '"path": "consentOther"'),
    ),
    (
        2,
        "a partner who asks for time passes the signature",
        led("F_Gw_GoOn_Gw_Sign", "End_Decision", DECISION),
    ),
    (
        2,
        "an unchecked application goes on",
        asked("F_Gw_ApplicationOk_End_Decision", 'applicationOutcome = "SIGNED"', DECISION),
    ),
    (
        3,
        "the first journey begins before the rule",
        led("F_Gw_Risk_Call_RiskManagement", "Call_HomeJourney"),
    ),
    (
        3,
        "the last look is left out",
        led("F_Sub_BeforeCheck_Call_RiskAgain", "Rule_JourneyChecks", JOURNEY),
    ),
    (3, "a second journey begins at once", led("F_Gw_Way_Gw_Risk", "Call_HomeJourney")),
    (
        4,
        "HIGH begins without a second person",
        asked("F_Gw_RiskLevel_End_RiskBorne", 'risk.level in ("LOW", "MEDIUM", "HIGH")', RISK),
    ),
    (
        4,
        "the review does not decide",
        asked("F_Gw_Reviewed_End_RiskBorne", 'reviewOutcome in ("GO", "BACK")', RISK),
    ),
    (4, "another way leads to the journey", led("F_Gw_Way_Gw_Risk", "Call_HomeJourney")),
    (
        4,
        "the last check forgets the risk",
        changed("workflows/journey_checks.dmn", '<text>"RISK"</text>', '<text>"RISK_OLD"</text>'),
    ),
    (
        5,
        "a child passes before the outcome",
        asked("F_Gw_IsMinor_Gw_Support", "isMinor != null"),
    ),
    (
        5,
        "a child passes whatever the outcome",
        asked("F_Gw_ChildOutcome_Gw_Support", "bestInterests != null"),
    ),
    (
        5,
        "the last check forgets the child",
        changed("workflows/journey_checks.dmn", '<text>"CHILD"</text>', '<text>"ARRIVAL"</text>'),
    ),
    (
        6,
        "the plan needs no yes",
        asked("F_Gw_PlanAccepted_Gw_Budget", "planAccepted != true or planAccepted = true"),
    ),
    (
        6,
        "risks are looked into without a plan",
        led("F_Gw_SupportAvailable_Gw_Plan", "Gw_Risk"),
    ),
    (
        7,
        "the plan is made before support is confirmed",
        asked("F_Gw_LocalSupport_Gw_Plan", "localTakesPart != true"),
    ),
    (
        8,
        "a refused plan goes on",
        asked("F_Gw_Budget_Gw_Risk", 'budgetDecision != "NEEDED"'),
    ),
    (
        8,
        "IOM decides over its own money",
        changed(
            CEILING,
            r'(<bpmn:userTask id="Task_ApproveBudget".*?candidateGroups=)"[^"]*"',
            r'\1"IomHelsinki"',
        ),
    ),
    (
        9,
        "no feedback after a talk",
        led("F_Task_ForwardFeedback_Gw_ToSend", "Gw_MoreFollowUps"),
    ),
    (
        9,
        "the clock does not send the status",
        led("F_Tmr_FeedbackLate_Gw_ToSend", "Task_ForwardFeedback"),
    ),
    (9, "no final report", led("F_Task_CloseCase_Svc_FinalReport", "End_Step3")),
    (
        10,
        "a follow-up begins without its date",
        led("F_Svc_SendFeedback_Gw_MoreFollowUps", "Call_FollowUp"),
    ),
    (
        11,
        "the stop goes on into the programme",
        led("F_Gw_Stop_Call_Stop", "Sub_Programme"),
    ),
    (
        11,
        "the stop interrupts nothing",
        changed(CASE, '(id="Bnd_Withdrawn")', r'\1 cancelActivity="false"'),
    ),
    (12, "the stop undoes nothing", led("F_Gw_Stop_Call_Stop", "End_Withdrawn")),
    (
        12,
        "a held journey stays booked",
        led("F_Bnd_JourneyHeld_Gw_ToWay", "Gw_Risk"),
    ),
    (
        12,
        "a journey that failed stays booked",
        led("F_Gw_Arrived_Gw_ToWay", "Gw_Risk"),
    ),
    (
        13,
        "one person approves and makes the plan",
        without("not_same_person_as", "Task_ApproveBudget", CEILING),
    ),
    (
        14,
        "needs are shown with the name",
        sight(
            "grants", 'classes = ["C0", "C2"]\ngroups = ["needs"]', 'classes = ["C0", "C1", "C2"]'
        ),
    ),
    (
        14,
        "the local office sees what nobody may",
        sight("visibility", '[IomLocal]\n1 = "FFF-"', '[IomLocal]\n1 = "FFFF"'),
    ),
    (
        14,
        "the name stands in a form of the local office",
        changed(
            CASE,
            r'(<bpmn:userTask id="Task_ConfirmLocalSupport".*?formId=)"[^"]*"',
            r'\1"referral"',
        ),
    ),
    (
        15,
        "IOM decides the referral",
        changed(
            CASE,
            r'(<bpmn:userTask id="Task_DecideReferral".*?candidateGroups=)"[^"]*"',
            r'\1"IomHelsinki"',
        ),
    ),
    (
        16,
        "a task without a date",
        changed(CASE, r'(<bpmn:userTask id="Task_MakePlan".*?)<zeebe:taskSchedule[^>]*/>', r"\1"),
    ),
    (16, "a way that leads nowhere", led("F_Svc_FinalReport_End_Step3", "Svc_FinalReport")),
    (
        17,
        "a clock ends the case",
        led("F_Tmr_ApplicationDormant_Task_AskPartner", "End_Declined", DECISION),
    ),
    (
        18,
        "go with open checks",
        changed("forms/final_check.form", r"count\(openChecks\) = 0", "count(openChecks) >= 0"),
    ),
    (
        18,
        "go with an open alert",
        changed("forms/final_check.form", r"openAlerts = 0", "openAlerts >= 0"),
    ),
    (
        18,
        "go without consent",
        changed(
            "forms/final_check.form", r"list contains\(consents, [^)]*PARTICIPATE[^)]*\)", "true"
        ),
    ),
    (
        19,
        "an office waits a day",
        changed(
            "workflows/alarm_take.bpmn",
            r'(id="Tmr_LocalWait".*?tFormalExpression">)PT30M',
            r"\1P1D",
        ),
    ),
    (
        19,
        "nobody is called at home",
        changed("workflows/alarm_offices.dmn", '"(NOW|LATER)"', '"NEVER"', all_of_them=True),
    ),
    (
        20,
        "an alarm ends by one person",
        led("F_Gw_AlarmState_Rule_SecondLook", "Svc_TellEnded", "workflows/alarm.bpmn"),
    ),
    (
        21,
        "the departure passes unseen",
        led("F_Gw_NoGo_Sub_DidSheFly", "End_Asked", JOURNEY),
    ),
    (
        22,
        "an office she left may be chosen again",
        changed("forms/choose_local_office.form", NOT_LEFT, "true"),
    ),
    (
        22,
        "an office she left may be asked after another one has refused",
        changed("forms/local_refused.form", NOT_LEFT, "true"),
    ),
    (
        22,
        "only the last office that she left is known",
        changed("forms/choose_local_office.form", NOT_LEFT, "localOffice != before.leftOffice[-1]"),
    ),
    (
        22,
        "nobody says which office she leaves",
        changed("forms/change_local_office.form", '"=holderOfIomLocal"', '"=null"'),
    ),
    (
        22,
        "an office that says no keeps the role",
        changed("forms/receive_case.form", "then holderOfIomLocal", "then null"),
    ),
    (
        22,
        "an office that she left keeps the role",
        changed("workflows/config/parties.toml", 'to = "nobody"', 'to = "answer"'),
    ),
    (
        23,
        "a go while the person pauses",
        changed("forms/final_check.form", r"or paused != true", "or true"),
    ),
    (
        23,
        "a pause ends though nobody was reached",
        asked("F_Gw_SpokePartner_End_PauseTalk", "pauseTalk != null", PAUSE),
    ),
    (
        23,
        "a pause ends whatever the person wants",
        asked("F_Gw_PauseSaid_Set_PauseLifted", "pauseWish != null", PAUSE),
    ),
    (
        23,
        "referrals wait for another name than the pause",
        changed("workflows/config/process.toml", 'paused = "paused"', 'paused = "arrived"'),
    ),
    (
        23,
        "what rests on a consent is sent in a pause",
        changed("workflows/config/referrals.toml", r'consent = \["SHARE_HEALTH"\]', ""),
    ),
    (
        23,
        "a duty in law waits for a pause",
        changed(
            "workflows/config/referrals.toml",
            r'ground = \["UPPGIFTS',
            r'consent = ["REFER"]\nground = ["UPPGIFTS',
        ),
    ),
    (
        24,
        "what the person says stops the programme",
        changed(CASE, r'(id="Start_HerWords"[^>]*) isInterrupting="false"', r"\1"),
    ),
    (
        24,
        "who flew against a pause is forgotten",
        led("F_Gw_FlewPaused_Gw_ToWatch", "End_NotDeparted", JOURNEY),
    ),
    (
        25,
        "a complaint is heard by nobody",
        asked(
            "F_Gw_Complains_Call_Complaint",
            "says = null",
            "workflows/returnee_says.bpmn",
        ),
    ),
    (
        25,
        "two ways for the same words",
        asked("F_Gw_Says_Gw_WhoShowsAll", 'says in ("SEE_ALL", "STOP")', WORDS),
    ),
    (
        25,
        "IOM Helsinki hears of a case that it does not know",
        changed("workflows/pause_by_stage.dmn", '"PARTNER"</text>', '"HELSINKI"</text>'),
    ),
    (
        26,
        "a complaint stands the offices of the case down",
        changed("workflows/complaint.bpmn", "complaints.leave", "letters.stand_down"),
    ),
)
