"""Promises of the programme that the facts of one case can break.

Each is a function that yields the places where it is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from tests.stories.history import HUMAN, LOCAL, History

IOM = frozenset({"IomHelsinki", "IomMedical", "IomLocal"})
AFTER_STOP = frozenset(
    {
        "Gw_Stop",
        "Call_Stop",
        "Start_Leave",
        "Msg_PauseOver",
        "Svc_UndoBookings",
        "Gw_LeftToUndo",
        "Task_UndoByHand",
        "Gw_Undone",
        "Gw_WhereNow",
        "Gw_HelpAtHome",
        "Gw_WhoHelps",
        "Gw_HelsinkiHelps",
        "Task_HelpAtHome",
        "Bnd_HelpClosed",
        "Task_HelpAtHomeHelsinki",
        "Gw_Helped",
        "Gw_HomeHelped",
        "Gw_PlanDue",
        "Task_PayDue",
        "Gw_Paid",
        "Gw_SupportInSweden",
        "Task_ArrangeSupport",
        "Gw_Reason",
        "Gw_StopReason",
        "End_StoppedByPerson",
        "End_StoppedNotVoluntary",
        "End_NoSupportHome",
        "End_ReturnedOtherwise",
        "End_LostContact",
        "End_Deceased",
        "End_Left",
        "End_Withdrawn",
    }
)
BESIDE = frozenset(
    {
        "Esp_Alert",
        "Esp_Alarm",
        "Esp_ArrivalAlarm",
        "Esp_LocalOffice",
        "Esp_Consent",
        "Esp_Correction",
        "Esp_Escalation",
        "Esp_Adult",
        "Esp_GiveConsent",
        "Esp_Death",
        "Esp_TravelAlone",
        "Esp_LostContact",
        "Esp_HerWords",
        "her_words",
        "pause",
        "Sub_PauseTalk",
        "alarm",
        "alarm_take",
        "Sub_Work",
        "death",
        "lost_contact",
        "escalation",
        "comes_of_age",
        "change_of_office",
    }
)
"""Frames and the called process of what goes on beside the programme, also after a stop."""
FOUR_EYES = (
    *("Task_DecideReferral", "Task_SecondReview", "Task_ApproveBudget", "Task_GoNoGo"),
    *("Task_ConfirmDeath", "Task_ConfirmDeathApprover", "Task_ConfirmDeathPartner"),
    *("Task_ConfirmLost", "Task_ConfirmLostPartner"),
)
FOLLOW_UPS = 3
MAY_LAPSE = "Tmr_CompletionLapsed"
"""The one timer with which a case may end: it says so, and a new referral is possible."""
FEEDBACK_WITHIN = timedelta(days=15)

Broken = Iterator[str]
Promise = Callable[[History], Broken]


def _never_before(history: History, later: str, earlier: tuple[str, str]) -> Broken:
    first = min(history.at(earlier), default=len(history.events))
    for n in history.at(("entered", later)):
        if n < first:
            yield f"{later} came before {earlier[1]} was {earlier[0]}"


def _between(place: int, since: Collection[int], wanted: Collection[int]) -> bool:
    """Whether one of `wanted` lies between the last of `since` before a place and the place."""
    start = max((n for n in since if n < place), default=-1)
    return any(start < n < place for n in wanted)


def no_letter_to_iom_before_the_referral(history: History) -> Broken:
    yield from _never_before(history, "Svc_NotifyIomHelsinki", ("left", "Task_SubmitReferral"))
    notified = [history.events[n].rev for n in history.at(("left", "Svc_NotifyIomHelsinki"))]
    for rev, role in history.letters:
        if role in IOM and rev < min(notified, default=rev + 1):
            yield f"a letter to {role} in fact {rev}, before IOM was told"


def no_booking_before_a_signed_application(history: History) -> Broken:
    yield from _never_before(history, "Task_BookTickets", ("left", "Task_SignApplication"))
    checked = history.took("F_Gw_ApplicationOk_End_Decision")
    for n in history.at(("entered", "Call_HomeJourney")):
        if not any(c < n for c in checked):
            yield "a journey without a checked application"
    for n in checked:
        if (
            history.events[n].values.get("applicationOutcome"),
            history.events[n].values.get("applicationCheck"),
        ) != ("SIGNED", "OK"):
            yield "an application that is not signed went on"


def risk_is_decided_before_every_journey(history: History) -> Broken:
    journeys = history.at(("entered", "Call_HomeJourney"))
    for n in journeys:
        if not _between(n, journeys, history.at(("left", "Rule_RiskLevel"))):
            yield "a journey without a new risk level"
    departures = history.at(("entered", "Task_ConfirmDeparture"))
    for n in departures:
        if not _between(
            n, departures, history.at(("left", "Call_RiskAgain"), ("left", "Rule_RiskAgain"))
        ):
            yield "a departure without a last look at the risks"


def no_journey_at_an_unacceptable_risk(history: History) -> Broken:
    for n in history.at(("entered", "Call_HomeJourney")):
        level = _level(history, n)
        if level not in ("LOW", "MEDIUM", "HIGH"):
            yield f"a journey at {level}"
        if level == "HIGH" and not _between(
            n,
            [one for one in history.at(("left", "Rule_RiskLevel")) if one < n],
            history.took("F_Gw_Reviewed_End_RiskBorne"),
        ):
            yield "a journey at HIGH without a second person"
    for n in history.took("F_Gw_Go_Task_ConfirmDeparture"):
        checks, level = history.events[n].values.get("openChecks"), _level(history, n)
        if level not in ("LOW", "MEDIUM", "HIGH") or checks:
            yield f"a departure at {level} with {checks}"


def _level(history: History, n: int) -> object:
    risk = history.events[n].values.get("risk")
    return risk.get("level") if isinstance(risk, dict) else None


def a_child_never_travels_without_return(history: History) -> Broken:
    for n in history.at(("entered", "Call_HomeJourney"), ("entered", "Task_CounselReturnee")):
        values = history.events[n].values
        if values.get("isMinor") is not False and values.get("bestInterests") != "RETURN":
            yield f"{history.events[n].element} for a child, with {values.get('bestInterests')}"


def the_plan_is_hers(history: History) -> Broken:
    yield from _never_before(history, "Task_IdentifyRisks", ("left", "Task_MakePlan"))
    plans = {one.rev: one.values for one in history.answers if one.element == "Task_MakePlan"}
    for n in history.took("F_Gw_PlanAccepted_Gw_Budget"):
        rev = history.events[n].rev
        accepted = plans.get(rev, {}).get("accepted")
        if not isinstance(accepted, dict) or accepted.get("yes") is not True:
            yield f"the plan of fact {rev} went on without her yes"


def support_is_confirmed_before_the_plan(history: History) -> Broken:
    passed = ("F_Gw_LocalSupport_Gw_Plan", "F_Bnd_SupportClosed_Gw_Plan")
    alone = [n for flow in passed for n in history.took(flow)]
    for n in history.at(("entered", "Task_MakePlan")):
        if not any(m < n for m in (*alone, *history.at(("left", "Task_ConfirmLocalSupport")))):
            yield "a plan before support was confirmed, with a local office that takes part"


def money_above_the_ceiling_needs_the_approver(history: History) -> Broken:
    for n in history.took("F_Gw_Budget_Gw_Risk"):
        if history.events[n].values.get("budgetDecision") != "NOT_NEEDED":
            yield "risks are looked into with a plan above the ceiling"
    asked = history.at(("entered", "Call_Ceiling"), ("entered", "Call_CeilingStep3"))
    granted = (
        *history.took("F_Gw_CeilingAnswer_Gw_Risk"),
        *history.took("F_Gw_NewCeiling_Gw_Deliver"),
    )
    for n in granted:
        if not _between(n, asked, history.at(("left", "Task_ApproveBudget"))):
            yield "the approver was passed by"


def feedback_follows_arrival_and_each_follow_up(history: History) -> Broken:
    sent = history.at(("left", "Svc_SendFeedback"))
    stopped = history.at(("caught", "Bnd_Withdrawn"), ("caught", "Bnd_EndConfirmed"))
    for n in history.at(
        ("left", "Task_MeetReturnee"),
        ("left", "Task_HelsinkiContact"),
        ("left", "Call_FollowUp"),
        ("caught", "Bnd_NoMoreContact"),
    ):
        until = history.events[n].at + FEEDBACK_WITHIN
        soon = any(s > n and history.events[s].at <= until for s in sent)
        if (
            not soon
            and history.now > until
            and not any(s > n and history.events[s].at <= until for s in stopped)
        ):
            yield f"no feedback within 15 days of {history.events[n].element}"
    yield from _never_before(history, "End_Step3", ("left", "Svc_FinalReport"))


def follow_ups_are_counted_from_the_arrival(history: History) -> Broken:
    planned = history.at(("left", "Svc_ScheduleFollowUp"))
    for n in planned:
        values = history.events[n].values
        months = int(str(values["followUpNo"])) * int(str(values["followUpIntervalMonths"]))
        due = date.fromisoformat(str(values["arrivalOn"])) + relativedelta(months=months)
        if str(values["followUpDueOn"]) != due.isoformat():
            number, stored = values["followUpNo"], values["followUpDueOn"]
            yield f"follow-up {number} is due on {stored}, not on {due}"
    last = history.events[-1].values
    usual = (
        last.get("followUpPeriodMonths"),
        last.get("followUpIntervalMonths"),
        last.get("contactEnded"),
    ) == (FOLLOW_UPS, 1, None)
    if usual and history.at(("entered", "Task_CloseCase")) and len(planned) != FOLLOW_UPS:
        yield f"{len(planned)} follow-ups instead of {FOLLOW_UPS}"


def stop_stops(history: History) -> Broken:
    for n in history.at(("caught", "Bnd_Withdrawn"), ("caught", "Bnd_EndConfirmed")):
        later = {e.element for e in history.events[n + 1 :] if e.what == "entered"}
        elements = history.definition.elements
        beside = {one for one in later if one in BESIDE or elements[one].scope in BESIDE}
        if unwanted := later - AFTER_STOP - beside:
            yield f"after the stop came {', '.join(sorted(unwanted))}"
        if "Svc_UndoBookings" not in later or (
            history.ended and not history.at(("ended", "End_Withdrawn"))
        ):
            yield "the stop did not lead to undoing and to the end"


def nothing_stays_booked(history: History) -> Broken:
    yield from _never_before(history, "End_Withdrawn", ("left", "Svc_UndoBookings"))
    for n in [
        *history.at(("caught", "Bnd_JourneyHeld")),
        *history.took("F_Gw_Arrived_Gw_ToWay"),
    ]:
        after = [e.element for e in history.events[n + 1 :] if e.what == "left"]
        early = history.ended and history.at(("caught", "Bnd_EndsEarly"))
        if early and "Task_ChooseWay" in after and "Svc_CancelJourney" not in after:
            yield "the case ended and its bookings were not undone"


def four_eyes(history: History) -> Broken:
    last: dict[str, str] = {}
    for act in history.acts:
        element = history.definition.elements[act.element]
        others = [
            e.strip()
            for e in element.properties.get("not_same_person_as", "").split(",")
            if e.strip()
        ]
        for other in others:
            if last.get(other) == act.actor:
                yield f"{act.element} by the person who did {other}"
        last[act.element] = act.actor
    for name in FOUR_EYES:
        if name in history.definition.elements and not history.definition.elements[
            name
        ].properties.get("not_same_person_as"):
            yield f"{name} asks for no second person"


def the_local_office_sees_no_name_before_the_journey(history: History) -> Broken:
    opens = ("entered", "Task_ArrangeArrival"), ("entered", "Task_FamilyAssessment")
    opened = {history.events[n].rev for n in history.at(*opens)}
    first = min((turn.at for turn in history.turns if turn.rev in opened), default=None)
    for turn in history.turns:
        if turn.named and (first is None or turn.at < first):
            yield f"the local office could see the name after fact {turn.rev}"


def only_the_right_role_decides(history: History) -> Broken:
    chosen = {a.values["localOffice"] for a in history.answers if "localOffice" in a.values}
    for act in history.acts:
        roles = history.definition.elements[act.element].roles
        held = {history.offices.get(role) for role in roles}
        if act.office not in (held | chosen if LOCAL in roles else held):
            yield f"{act.element} was done by {act.office}, which holds none of {', '.join(roles)}"


def every_way_ends_and_nobody_waits_without_a_date(history: History) -> Broken:
    for turn in history.turns:
        for waits in turn.open:
            if waits.kind == "task" and waits.due is None:
                yield f"{waits.element} waits without a date after fact {turn.rev}"
        moves = [o for o in turn.open if o.kind in ("task", "job", "timer")]
        if not turn.ended and not moves:
            yield f"nothing moves the case on after fact {turn.rev}"
    reached = bool(history.at(*(("ended", e) for e in _ends(history))))
    last = history.turns[-1] if history.turns else None
    if last is not None and last.ended != (reached and not last.open):
        yield "it is over without an end of its own"


def _ends(history: History) -> list[str]:
    """End events of the process itself."""
    return [
        e.id
        for e in history.definition.elements.values()
        if e.kind == "endEvent" and e.scope == history.definition.process
    ]


def no_clock_ends_a_case(history: History) -> Broken:
    """From each timer to the next thing that a person does: somebody is asked, or a letter goes
    out; and no case ends on the way.
    """
    for n, turn in enumerate(history.turns):
        if turn.kind != "due":
            continue
        behind = next(
            (m for m in range(n + 1, len(history.turns)) if history.turns[m].kind in HUMAN),
            len(history.turns),
        )
        led = history.turns[n:behind]
        entered = [
            e.element
            for e in history.events
            if e.what == "entered" and e.rev in {t.rev for t in led}
        ]
        elements = [
            history.definition.elements[id_]
            for id_ in entered
            if id_ in history.definition.elements
        ]
        if not any(
            e.kind == "userTask" or e.topic.startswith(("letters.", "alarms.")) for e in elements
        ):
            yield f"{turn.element} led to nobody"
        if any(t.ended for t in led) and turn.element != MAY_LAPSE:
            yield f"{turn.element} ended the case"


def go_only_when_all_checks_are_clean(history: History) -> Broken:
    for n in history.took("F_Gw_Go_Task_ConfirmDeparture"):
        values = history.events[n].values
        decision, checks = values.get("goDecision"), values.get("openChecks")
        if decision != "GO" or checks != []:
            yield f"a departure with {decision} and the checks {checks}"


PROMISES: Sequence[tuple[int, Promise]] = (
    (1, no_letter_to_iom_before_the_referral),
    (2, no_booking_before_a_signed_application),
    (3, risk_is_decided_before_every_journey),
    (4, no_journey_at_an_unacceptable_risk),
    (5, a_child_never_travels_without_return),
    (6, the_plan_is_hers),
    (7, support_is_confirmed_before_the_plan),
    (8, money_above_the_ceiling_needs_the_approver),
    (9, feedback_follows_arrival_and_each_follow_up),
    (10, follow_ups_are_counted_from_the_arrival),
    (11, stop_stops),
    (12, nothing_stays_booked),
    (13, four_eyes),
    (14, the_local_office_sees_no_name_before_the_journey),
    (15, only_the_right_role_decides),
    (16, every_way_ends_and_nobody_waits_without_a_date),
    (17, no_clock_ends_a_case),
    (18, go_only_when_all_checks_are_clean),
)
