"""The promises of the programme that its files keep by themselves, each as a function that tells
what breaks it.

Where the four sentences of the dialect suffice they are asked; the rest is walked here, over
frames, calls and borders, as a token could go.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain, combinations, product

from service.engine.bpmn.model import Node
from service.engine.dmn.evaluator import decide
from service.engine.feel import Expression
from service.engine.feel.values import Value
from service.release.bundle import CONFIG
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.party_rules import (
    NOBODY,
    PartyFacts,
    PartyOffice,
    bind_parties,
    read_parties,
)
from service.release.programme.process_configuration import REFERRALS
from service.release.programme.referral_rules import read_referrals
from service.sandbox.handlers import declared
from tests.programme.rule_values import QUIET, READY
from tests.programme.world import Broken, World
from tests.stories.promises import AFTER_STOP, IOM

FOUR_EYES = {
    "Task_DecideReferral": "Task_SubmitReferral",
    "Task_SecondReview": "Task_IdentifyRisks",
    "Task_ApproveBudget": "Task_MakePlan",
    "Task_GoNoGo": "Task_IdentifyRisks",
    "Task_ConfirmDeath": "Start_Death",
    "Task_ConfirmDeathApprover": "Start_Death",
    "Task_ConfirmDeathPartner": "Start_Death",
    "Task_ConfirmLost": "Task_SeekContact",
    "Task_ConfirmLostPartner": "Task_SeekContactPartner",
}
ALARMS = ("alarms.ring_offices", "alarms.ring_second", "alarms.added", "alarms.ended")
TELLS_IOM_ONLY_LATER = (
    *("bookings.cancel", "letters.stand_down", "letters.death_confirmed"),
    *ALARMS,
    *("alarms.pause_said", "letters.wrong_words"),
)
"""Topics whose letters go to an IOM role only when IOM was told of the case, or are about none."""
CASE_OF_ITS_OWN = ("talk_after_end",)
"""Forms of a case in which no office was left: what came before is another one's."""
MAY_LAPSE = "Tmr_CompletionLapsed"
ONE_BRANCH = {"End_RungAWeek", "End_Asked", "End_SaidNotSafe"}
"""Ends of one branch beside another that goes on: the ringing of an alarm, the watch over an
arrival, the talk with a child."""
OPENS_A_NAME = {"Task_FamilyAssessment", "Task_ArrangeArrival", "Sub_Step3"}
"""Elements at which a grant of the local office may open the name: a child's family is met, the
arrival is arranged, she is there."""
OF_A_COMPLAINT = frozenset(
    {"startEvent", "endEvent", "userTask", "serviceTask", "businessRuleTask", "exclusiveGateway"}
)
"""Kinds of elements that a complaint may have, and none that throws or catches: it reaches no other
case."""
NAMES = "name"
"""Group of the fields that hold the name."""


def no_letter_to_iom_before_consent(world: World) -> Broken:
    yield from world.says("never Svc_NotifyIomHelsinki before Task_SubmitReferral")
    for _, node in world.flows.context.nodes("serviceTask"):
        topic = declared().get(node.topic)
        if (
            topic is not None
            and node.topic not in TELLS_IOM_ONLY_LATER
            and IOM & {role for role, _ in topic.letters}
        ):
            yield from world.says(f"never {node.id} before Task_SubmitReferral")
    if not any(f.key == "consentRefer" and f.required for f in world.forms["referral"].fields):
        yield "the referral goes without the consent to it"


def no_booking_before_a_signed_application(world: World) -> Broken:
    yield from world.says("never Task_BookTickets before Task_SignApplication")
    yield from world.says("never Call_HomeJourney before Task_CheckApplication")
    for outcome in ("SIGNED", "DECLINED", None):
        for check in ("OK", "ASK_AGAIN", None):
            if world.allows(
                "F_Gw_ApplicationOk_End_Decision",
                applicationOutcome=outcome,
                applicationCheck=check,
            ) and (outcome, check) != ("SIGNED", "OK"):
                yield f"an application that is {outcome} and {check} goes on"
    if world.into("Gw_Needs") != {
        "F_Gw_LocalAsked_Gw_Needs",
        "F_Task_WeighLocal_Gw_Needs",
        "F_Gw_SupportAvailable_Gw_Needs",
    } or world.into("Gw_LocalAsked") != {"F_Call_InformedDecision_Gw_LocalAsked"}:
        yield "another way leads to the needs"
    if world.into("End_Decision") != {"F_Gw_ApplicationOk_End_Decision"}:
        yield "another way leads out of the decision"


def risk_is_decided_before_every_journey(world: World) -> Broken:
    yield from world.says("never Call_HomeJourney before Rule_RiskLevel")
    yield from world.says("never Task_ConfirmDeparture before Call_RiskAgain")
    if "Call_HomeJourney" in world.reached(
        "Svc_CancelJourney", stop=lambda node: node.id == "Rule_RiskLevel"
    ):
        yield "a second journey can begin on the old risk level"


WAYS_OUT_OF_RISK = {
    "Call_HomeJourney": {"F_Gw_MayPrepare_Call_HomeJourney"},
    "End_RiskBorne": {"F_Gw_RiskLevel_End_RiskBorne", "F_Gw_Reviewed_End_RiskBorne"},
    "End_RiskTooHigh": {"F_Gw_RiskLevel_End_RiskTooHigh"},
}
LEVELS = {
    "F_Gw_MayPrepare_Call_HomeJourney": ("LOW", "MEDIUM", "HIGH"),
    "F_Gw_RiskLevel_End_RiskBorne": ("LOW", "MEDIUM"),
    "F_Gw_RiskLevel_Task_SecondReview": ("HIGH",),
}
"""The levels at which each way is open: HIGH only past a second person."""


def no_journey_at_an_unacceptable_risk(world: World) -> Broken:
    for step, ways in WAYS_OUT_OF_RISK.items():
        if world.into(step) != ways:
            yield f"another way leads to {step}"
    for way, open_at in LEVELS.items():
        for level in ("LOW", "MEDIUM", "HIGH", "UNACCEPTABLE", None):
            if world.allows(way, risk={"level": level}) != (level in open_at):
                yield f"{way} at {level}"
    if world.allows("F_Gw_Reviewed_End_RiskBorne", reviewOutcome="BACK"):
        yield "a review that says no lets it begin"
    checks = decide(
        world.flows.context.decisions,
        "journey_checks",
        {**READY, "risk": {"level": "UNACCEPTABLE"}},
    ).value
    if "RISK" not in list(checks if isinstance(checks, list) else ()):
        yield "the last check does not look at the risk"
    yield from _second_person(world, "Task_GoNoGo")


def a_child_never_travels_without_return(world: World) -> Broken:
    for flow in world.into("Gw_Support"):
        for outcome in ("STAY", "NOT_DECIDED", None):
            if world.allows(flow, isMinor=True, bestInterests=outcome):
                yield f"{flow} lets a child pass with {outcome}"
    level = decide(
        world.flows.context.decisions,
        "risk_level",
        {**QUIET, "isMinor": True, "bestInterests": "STAY"},
    ).value
    if not isinstance(level, dict) or level.get("level") != "UNACCEPTABLE":
        yield f"the rule says {level}"
    checks = decide(
        world.flows.context.decisions,
        "journey_checks",
        {**READY, "isMinor": True, "bestInterests": "STAY"},
    ).value
    if "CHILD" not in list(checks if isinstance(checks, list) else ()):
        yield "the last check does not look at the child"


def the_plan_is_hers(world: World) -> Broken:
    yield from world.says("never Task_IdentifyRisks before Task_MakePlan")
    for said in (False, None):
        if world.allows("F_Gw_PlanAccepted_Gw_Budget", planAccepted=said):
            yield "the plan goes on without her yes"
    if world.into("Gw_Budget") != {"F_Gw_PlanAccepted_Gw_Budget"}:
        yield "another way leads past her yes"


def support_is_confirmed_first(world: World) -> Broken:
    yield from world.says("never Task_MakePlan before Task_AssessNeeds")
    for takes_part in (True, None):
        if world.allows("F_Gw_LocalSupport_Gw_Plan", localTakesPart=takes_part):
            yield "the local office takes part and is not asked"


def money_above_the_ceiling_needs_the_approver(world: World) -> Broken:
    ways = (
        "F_Gw_Budget_Gw_Risk",
        "F_Gw_CeilingAnswer_Gw_Risk",
        "F_Gw_NewTotal_Gw_Deliver",
        "F_Gw_NewCeiling_Gw_Deliver",
    )
    for way in ways:
        for decision in ("ASK", "REFUSED", None):
            if world.allows(way, budgetDecision=decision):
                yield f"a plan that is {decision} goes on by {way}"
    yield from world.says("only CaseApprover does Task_ApproveBudget")


def feedback_follows(world: World) -> Broken:
    yield from world.says("Gw_SafeNow always followed by Svc_SendFeedback within 15 days")
    yield from world.says("Call_FollowUp always followed by Svc_SendFeedback within 15 days")
    yield from world.says("Bnd_NoMoreContact always followed by Svc_SendFeedback within 15 days")
    yield from world.says("never End_Step3 before Svc_FinalReport")


def follow_ups_are_planned_by_one_step(world: World) -> Broken:
    """How many there are and when is counted in every case; here: no follow-up begins that was not
    planned.
    """
    yield from world.says("never Call_FollowUp before Svc_ScheduleFollowUp")
    if world.into("Call_FollowUp") != {"F_Svc_ScheduleFollowUp_Call_FollowUp"}:
        yield "a follow-up begins without its date"


def stop_stops(world: World) -> Broken:
    for id_, message in (("Bnd_Withdrawn", "withdraw"), ("Bnd_EndConfirmed", "end_confirmed")):
        border = world.node(id_)
        if (border.attached_to, border.interrupting, border.event.ref) != (
            "Sub_Programme",
            True,
            message,
        ):
            yield "the stop is not on the border of the whole programme"
        yield from world.says(f"{id_} always followed by Svc_UndoBookings")
        yield from world.says(f"{id_} always followed by End_Withdrawn")
        if unwanted := world.reached(id_) - AFTER_STOP:
            yield f"after the stop may come {', '.join(sorted(unwanted))}"


def nothing_stays_booked(world: World) -> Broken:
    yield from world.says("never End_Withdrawn before Svc_UndoBookings")
    yield from world.says("Bnd_JourneyHeld always followed by Task_ChooseWay")
    elsewhere = {f.target for f in world.flows.context.home["Gw_Arrived"][0].out["Gw_Arrived"]} - {
        "Gw_Step2Done",
        "Gw_ToWay",
    }
    if elsewhere or world.allows("F_Gw_Arrived_Gw_Step2Done", arrived=False):
        yield "a journey that did not arrive leaves something booked"
    for way in ("CHANGED_MIND", "UNSAFE", "HOLD"):
        if not world.allows("F_Gw_UndoBookings_Svc_CancelJourney", way=way, undoBookings=False):
            yield f"a case that ends with {way} leaves something booked"


def four_eyes(world: World) -> Broken:
    for id_ in FOUR_EYES:
        yield from _second_person(world, id_)


def _second_person(world: World, id_: str) -> Broken:
    others = {
        part.strip() for part in world.node(id_).properties.get("not_same_person_as", "").split(",")
    }
    if FOUR_EYES[id_] not in others:
        yield f"{id_} may be done by the person who did {FOUR_EYES[id_]}"


def the_local_office_sees_no_name_before_the_journey(world: World) -> Broken:
    for rule in world.opens:
        named = "C1" in rule.classes and (rule.groups is None or NAMES in rule.groups)
        if rule.role == "IomLocal" and named and rule.element not in OPENS_A_NAME:
            yield f"grant {rule.rule} opens the name at {rule.element}"
    yield from world.says("field givenNames never reaches IomLocal before Task_ArrangeArrival")
    early = world.matrix.letters["IomLocal"]["1"]
    if early[3] != "-":
        yield "in step 1 the local office sees what is safe to know for nobody"


def only_the_right_role_decides(world: World) -> Broken:
    yield from world.says("only CaseApprover does Task_DecideReferral")
    yield from world.says("only IomHelsinki does Task_IdentifyRisks")
    yield from world.says("only ChildServices does Task_DecisionSweden")


def every_way_ends(world: World) -> Broken:
    yield from (
        f"{code} at {element}"
        for code, element in world.codes
        if code in ("D801", "D802", "D803", "D804", "D807") and element not in ONE_BRANCH
    )
    for view, node in world.flows.context.nodes():
        if node.kind == "userTask" and not node.due:
            yield f"{node.id} has no date"
        border = any(node in ones for ones in view.borders.values())
        if (
            node.kind in ("intermediateCatchEvent", "receiveTask")
            and node.event.kind != "timer"
            and not border
        ):
            yield f"{node.id} waits for something that may never come"


def no_clock_ends_a_case(world: World) -> Broken:
    def somebody(node: Node) -> bool:
        return node.kind == "userTask" or node.topic.startswith(("letters.", "alarms."))

    ends = {
        node.id
        for view, node in world.flows.context.nodes("endEvent")
        if view.owner is None and view.process.id == "return_case"
    }
    for _, node in world.flows.context.nodes():
        if node.event.kind == "timer" and node.id != MAY_LAPSE:
            met = world.reached(node.id, stop=somebody)
            if met & ends or not any(somebody(world.node(id_)) for id_ in met):
                yield f"{node.id} asks nobody"


def go_only_when_all_checks_are_clean(world: World) -> Broken:
    field = next(f for f in world.forms["final_check"].fields if f.key == "goDecision")
    clean: dict[str, Value] = {
        "openChecks": [],
        "openAlerts": Decimal(0),
        "alertSeverity": "LOW",
        "alertActions": [],
        "consents": ["PARTICIPATE", "SHARE_LOCAL_OFFICE"],
    }
    asked: Mapping[str, Mapping[str, Value]] = {
        "everything in order": {},
        "an open check": {"openChecks": ["REPORT_OLD"]},
        "an open alert": {"openAlerts": Decimal(1)},
        "no consent to take part": {"consents": ["SHARE_LOCAL_OFFICE"]},
        "no consent to share": {"consents": ["PARTICIPATE"]},
    }
    for what, values in asked.items():
        for decision in ("GO", "RECHECK", "NO_GO"):
            taken = all(
                check.condition.evaluate({**clean, **values, "goDecision": decision}) is True
                for check in field.checks
            )
            if taken != (decision != "GO" or not values):
                yield f"{decision} with {what}"


KNOW = {
    "helsinki": ("IomHelsinki", "Helsinki"),
    "local": ("IomLocal", "Local"),
    "partner": ("ReferringPartner", "Partner"),
    "approver": ("CaseApprover", "Approver"),
}
"""Column of the rule that says who is called: its role, and what its steps are called."""
LATER = ("partner", "approver")
"""Those that the rule may call after half an hour only."""


PLACES: tuple[dict[str, Value], ...] = (
    {},
    {"departureOutcome": "DEPARTED"},
    {"departurePassed": True},
    {"arrived": True},
)
"""In Sweden, on the way, perhaps on the way, at home."""


def _may_be_asked(
    knows: tuple[str, ...], place: Mapping[str, Value], about: str, *, told: bool
) -> set[str]:
    """Offices out of those that know a case that must not all be passed by."""
    may = {column for column in knows if column.upper() != about}
    may -= {"helsinki", "local"} if not told else set()
    may -= {"partner"} if place.get("arrived") or (about == "HELSINKI" and place) else set()
    may -= {"local"} if not place else set()
    # better somebody at the office that it concerns than nobody
    return may or ({"partner"} & set(knows) if not told else set())


def _who_is_called(world: World) -> Broken:
    subsets = chain.from_iterable(combinations(KNOW, n) for n in range(1, 5))
    for knows, place, told, about in product(
        subsets, PLACES, (True, False), ("NOBODY", *(column.upper() for column in KNOW))
    ):
        values: dict[str, Value] = {
            "alarmKnows": list(knows),
            "iomNotifiedOn": date(2026, 5, 1) if told else None,
            "alarmAbout": about,
            **dict.fromkeys(("departureOutcome", "departurePassed", "arrived")),
            **place,
        }
        calls = decide(world.flows.context.decisions, "alarm_offices", values).value
        assert isinstance(calls, dict)
        asked = {column for column, word in calls.items() if word != "NEVER"}
        if not asked <= set(knows):
            yield f"{asked - set(knows)} is called and knows nothing of the case"
        if not asked and (may := _may_be_asked(knows, place, about, told=told)):
            yield f"nobody is called where {may} know the case, with {place} and {about}"
        if about.lower() in asked and asked != {"partner"}:
            yield f"{asked} are called by an alarm that concerns {about}"


def an_alarm_reaches_somebody_within_half_an_hour(world: World) -> Broken:
    """An office that knows the case is asked at once or after half an hour, and once more after a
    no.
    """
    yield from _who_is_called(world)
    for column, (_, name) in KNOW.items():
        for word in ("NOW", "LATER"):
            way = f"F_Gw_WhoTakes_Gw_{name}{'Now' if column in LATER else 'Ask'}"
            if not world.allows(way, alarmCalls={column: word}):
                yield f"{way} is closed at {word}"
        if world.node(f"Tmr_{name}Wait").event.text != "PT30M":
            yield f"{name} waits longer than half an hour"
        if f"Tmr_{name}Wait" not in world.reached(f"Task_Take{name}"):
            yield f"{name} is not asked again"


def _who_looks(world: World) -> Broken:
    """An office that knows the case and that the alarm does not concern, where there is one."""
    subsets = chain.from_iterable(combinations(KNOW, n) for n in range(1, 5))
    for knows, place, told, about in product(
        subsets, PLACES, (True, False), ("NOBODY", *(column.upper() for column in KNOW))
    ):
        may = _may_be_asked(knows, place, about, told=told) | {"approver"} & set(knows)
        for holder in may:
            values: dict[str, Value] = {
                "alarmHolder": KNOW[holder][0],
                "alarmKnows": list(knows),
                "iomNotifiedOn": date(2026, 5, 1) if told else None,
                "alarmAbout": about,
                **dict.fromkeys(("departureOutcome", "departurePassed", "arrived")),
                **place,
            }
            role = decide(world.flows.context.decisions, "alarm_second", values).value
            column = next(column for column, (named, _) in KNOW.items() if named == role)
            others = may - {holder, about.lower()}
            if about == column.upper() and others:
                yield f"{column}, which the alarm concerns, looks though {others} could"


def no_alarm_ends_unless_a_person_has_looked(world: World) -> Broken:
    yield from _who_looks(world)
    if world.into("Svc_TellEnded") != {"F_Gw_Confirmed_Svc_TellEnded"}:
        yield "another way leads to the end of an alarm"
    for said in (False, None):
        if world.allows("F_Gw_Confirmed_Svc_TellEnded", secondLook=said):
            yield "an alarm ends without a yes"
    looked = world.reached("Sub_Work", stop=lambda node: node.id.startswith("Task_Second"))
    if "Svc_TellEnded" in looked:
        yield "an alarm ends and nobody has looked"


def no_departure_without_a_go_stays_unseen(world: World) -> Broken:
    passed = world.node("Tmr_NoGo")
    if passed.event.text != "=departureAt":
        yield "nobody asks when the departure passes"
    if world.into("Task_ConfirmDeparture") != {"F_Gw_Go_Task_ConfirmDeparture"}:
        yield "another way leads to the departure"
    after = world.reached("Tmr_NoGo")
    for step in ("Task_DidSheFly", "Task_ConfirmArrival"):
        if step not in after:
            yield f"{step} does not follow a departure without a go"


def no_data_to_an_office_that_she_left(world: World) -> Broken:
    left = {"before": {"leftOffice": ["sofia", "pristina"]}, "leftOffice": None}
    for form in world.forms.values():
        field = next((f for f in form.fields if f.key == "localOffice"), None)
        if field is None or form.id in CASE_OF_ITS_OWN:
            continue
        values: dict[str, Value] = {**left, "localOffice": "sofia"}
        if all(check.condition.evaluate(values) is True for check in field.checks):
            yield f"{form.id} lets her data go back to an office she left"
    for form_id, answer in (("change_local_office", {}), ("receive_case", {"caseReceived": False})):
        named = next((f for f in world.forms[form_id].fields if f.key == "leftOffice"), None)
        holds: dict[str, Value] = {**answer, "holderOfIomLocal": "sofia"}
        if named is None or not named.computed or named.computed.evaluate(holds) != "sofia":
            yield f"{form_id} does not name the office that is left"
    yield from _who_holds_after_leaving(world)


def _who_holds_after_leaving(world: World) -> Broken:
    """Whether the rules of parties take the role from the office, and never give it back."""
    rows = read_parties(world.bundle.text(f"{CONFIG}parties.toml"))
    sofia = PartyOffice("sofia", "IOM_MISSION", ("BG",), (), frozenset({"IomLocal"}))

    def bound(**answers: str) -> dict[str, str]:
        before = {"leftOffice": ["sofia"]} if "leftOffice" not in answers else {}
        moment = PartyFacts("return_case", "soc", {}, answers, answers, before)
        return bind_parties(rows, {"sofia": sofia}, moment)

    if bound(leftOffice="sofia") != {"IomLocal": NOBODY}:
        yield "an office that she left still holds the role"
    if bound(localOffice="sofia") or bound(countryOfReturn="BG"):
        yield "an office that she left gets the role back"


SAID = ("NOT_SAFE", "CALL_ME", "STOP", "SEE_ALL", "COMPLAIN", "SAFE")
"""What the person may say by two words."""


def _writes(world: World, name: str) -> set[str]:
    """Steps that give a routing name a value: a script, a mapping, or a form that asks it."""
    found = set[str]()
    for _, node in world.flows.context.nodes():
        form = world.forms.get(node.form)
        asks = form is not None and any(f.key == name and f.routing for f in form.fields)
        gives = any(target == name for target, _ in node.outputs)
        if asks or gives or node.result == name:
            found.add(node.id)
    return found


def no_go_while_paused_without_her_own_yes(world: World) -> Broken:
    """A pause ends by the person's own yes, said alone, or where a person decides after seven days;
    until then there is no go.
    """
    field = next(f for f in world.forms["final_check"].fields if f.key == "goDecision")
    clean: dict[str, Value] = {
        "openChecks": [],
        "openAlerts": Decimal(0),
        "consents": ["PARTICIPATE", "SHARE_LOCAL_OFFICE"],
        "goDecision": "GO",
    }
    for paused, taken in ((True, False), (False, True), (None, True)):
        values = {**clean, "paused": paused}
        if all(c.condition.evaluate(values) is True for c in field.checks) != taken:
            yield f"a go while paused is {paused}"
    yield from _who_lifts_a_pause(world)
    yield from _what_waits_of_referrals(world)


def _what_waits_of_referrals(world: World) -> Broken:
    """What a purpose rests on decides: a consent waits for the pause, a duty or danger never."""
    config = {name: world.bundle.text(CONFIG + name) for name in (PROCESS, REFERRALS)}
    paused = tomllib.loads(config[PROCESS]).get("paused", "")
    if _writes(world, paused) != _writes(world, "paused"):
        yield f"referrals wait for {paused}"
    for purpose in read_referrals(config[REFERRALS]).purposes:
        consents = [ground for ground in purpose.grounds if ground.startswith("SAMTYCKE")]
        if consents and not purpose.consents:
            yield f"{purpose.id} rests on a consent, and is sent in a pause"
        if NEVER_WAITS.intersection(purpose.grounds) and purpose.consents:
            yield f"{purpose.id} is a duty, and waits for a pause"


NEVER_WAITS = {"UPPGIFTSSKYLDIGHET_10_28", "BROTT_10_21_24", "NOD"}
"""Grounds that are a duty in law, a crime, or danger."""


def _who_lifts_a_pause(world: World) -> Broken:
    if _writes(world, "paused") != {"Set_Paused", "Set_PauseLifted"}:
        yield "another step lifts the pause"
    if world.into("Set_PauseLifted") != {"F_Gw_PauseSaid_Set_PauseLifted"}:
        yield "another way lifts the pause"
    for wish in ("KEEP", "CHANGE", "LEAVE", None):
        if world.allows("F_Gw_PauseSaid_Set_PauseLifted", pauseWish=wish, pauseLift=False):
            yield f"the pause ends with {wish}"
    for lane in ("Helsinki", "Partner", "Local"):
        for talk in ("NOT_ALONE", "NOT_REACHED", None):
            way = f"F_Gw_Spoke{lane}_End_PauseTalk"
            if world.allows(way, pauseTalk=talk, pauseLift=False):
                yield f"{way} is open and the person was not spoken with alone"


NEVER_BY_A_PAUSE = {
    *("Svc_CancelJourney", "Svc_UndoBookings", "End_Withdrawn", "Task_ChooseWay"),
    *("Svc_TellEnded", "Msg_Settled", "Msg_HealthClosed", "Msg_LocalClosed", "End_CaseClosed"),
}
"""Steps that end a journey, the programme, an alarm or a watch."""


def a_pause_never_ends_duty_watch_arrival_or_alarm(world: World) -> Broken:
    if world.node("Start_HerWords").interrupting:
        yield "what the person says stops what runs"
    if ended := world.reached("Start_HerWords") & NEVER_BY_A_PAUSE:
        yield f"what the person says leads to {sorted(ended)}"
    for view, node in world.flows.context.nodes():
        throws = node.kind in ("endEvent", "intermediateThrowEvent")
        sends = throws and node.event.kind == "message" and node.event.ref != "alarm"
        if view.process.id in ("her_words", "pause") and sends:
            yield f"{node.id} sends {node.event.ref}"
    for process in ("alarm", "alarm_take", "lost_contact"):
        if "paused" in world.bundle.text(f"workflows/{process}.bpmn"):
            yield f"{process} waits for a pause"
    yield from _a_watch_goes_on(world)


def _a_watch_goes_on(world: World) -> Broken:
    for flow, condition in world.flows.context.condition.items():
        reads = condition.reads if isinstance(condition, Expression) else frozenset()
        if "paused" in reads and flow.split("_")[2] in WATCHES:
            yield f"{flow} of the watch waits for a pause"
    out = world.flows.context.home["Gw_FlewPaused"][0].out
    leads = {"Gw_FlewPaused": {"Msg_FlewPaused", "Gw_ToWatch"}, "Msg_FlewPaused": {"Gw_ToWatch"}}
    for step, to in leads.items():
        if {flow.target for flow in out[step]} != to:
            yield f"who flew in a pause is not watched: {step}"
    if not world.allows("F_Gw_FlewPaused_Msg_FlewPaused", paused=True, gateYes="NO"):
        yield "who is flown against a pause raises no alarm"


WATCHES = {"LocalConfirms", "ArrivalReport", "SettledBy", "ArrivalAlarms", "Overdue", "Watch"}
"""Gateways of the watch over an arrival, without their first syllable."""


def each_of_the_six_leads_to_somebody(world: World) -> Broken:
    """One way for each, which meets a task or an alarm before it ends; and for a pause at every
    stage.
    """
    ways = {f.id: f.target for f in world.flows.context.home["Gw_Says"][0].out["Gw_Says"]}
    otherwise = world.node("Gw_Says").default
    for said in SAID:
        if world.allows("F_Gw_Complains_Call_Complaint", says=said) != (said == "COMPLAIN"):
            yield f"{said} is no complaint"
    for said in sorted({*SAID} - {"COMPLAIN"}):
        goes = [way for way in ways if way != otherwise and world.allows(way, says=said)]
        if len(goes) != (said != "SAFE"):
            yield f"{said} goes by {goes}"
        if not _meets_somebody(world, ways[(goes or [otherwise])[0]]):
            yield f"{said} meets nobody"
    for found, said in product(("ENDED", "NONE"), SAID):
        taken = world.allows("F_Gw_WordsFound_Gw_AfterEndSaid", wordsFound=found, says=said)
        if taken != (found == "ENDED" or said in ("NOT_SAFE", "CALL_ME")):
            yield f"{said} where the words find {found}"
    yield from _the_rule_names_who_speaks(world)
    yield from _who_speaks_has_a_task(world)


def _meets_somebody(world: World, step: str) -> bool:
    """Whether a token comes to a task or an alarm before the process ends."""
    met = {step, *world.reached(step, stop=lambda node: node.kind == "endEvent")}
    steps = [world.node(id_) for id_ in met]
    return any(node.kind == "userTask" or node.event.ref == "alarm" for node in steps)


TALKS = {
    "PARTNER": {"Task_PausePartner"},
    "HELSINKI": {"Task_PauseHelsinki"},
    "BOTH": {"Task_PauseHelsinki", "Task_PausePartner"},
    "LOCAL": {"Task_PauseLocal", "Task_PauseHelsinki"},
}
"""Word of the rule for who speaks with the person, and the tasks that it opens."""


NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
FLIGHTS: tuple[dict[str, Value], ...] = (
    {"ticketsBooked": None, "departureAt": None},
    *(
        {"ticketsBooked": True, "departureAt": NOON + timedelta(hours=hours)}
        for hours in (-30, -1, 1, 23, 25, 300)
    ),
)
"""No tickets; and a departure before and after the moment at which the person says stop."""


def _the_rule_names_who_speaks(world: World) -> Broken:
    for flight, place, told, alarm, local in product(
        FLIGHTS, PLACES, (True, False), (True, None), (True, False, None)
    ):
        values: dict[str, Value] = {
            "iomNotifiedOn": NOON.date() if told else None,
            "dangerAlarmOpen": alarm,
            "arrivalAlarmOpen": None,
            "localTakesPart": local,
            **dict.fromkeys(("departureOutcome", "arrived")),
            **flight,
            **place,
        }
        rules = world.flows.context.decisions
        decided = decide(rules, "pause_by_stage", values, now=NOON).value
        assert isinstance(decided, dict)
        if decided["who"] not in (TALKS if told else {"PARTNER"}):
            yield f"{decided['who']} speaks with the person: {values}"
        if decided["who"] == "LOCAL" and local is False:
            yield "an office speaks with the person that takes no part"
        if decided["holds"] is (alarm is True):
            yield f"a pause holds {decided['holds']} where an alarm is {alarm}"


def _who_speaks_has_a_task(world: World) -> Broken:
    view = world.flows.context.home["Gw_WhoTalksPause"][0]
    otherwise = world.node("Gw_WhoTalksPause").default
    for who, wanted in TALKS.items():
        goes = [
            flow
            for flow in view.out["Gw_WhoTalksPause"]
            if (flow.id == otherwise and who == "HELSINKI")
            or (flow.id != otherwise and world.allows(flow.id, pause={"who": who}))
        ]
        met = [
            {f.target, *world.reached(f.target, stop=lambda node: node.kind == "userTask")}
            for f in goes
        ]
        if len(met) != 1 or not wanted <= met[0]:
            yield f"{who} leads to {goes}"


def a_complaint_stops_no_alarm_and_no_support(world: World) -> Broken:
    for view, node in world.flows.context.nodes():
        if view.process.id != "complaint":
            continue
        if node.kind not in OF_A_COMPLAINT or node.event.kind != "none" or node.calls:
            yield f"{node.id} may reach what is no complaint"
        topic = declared().get(node.topic)
        if node.topic and (topic is None or not node.topic.startswith("complaints.")):
            yield f"{node.id} does {node.topic}"
        if topic is not None and (topic.letters or topic.channels or topic.papers):
            yield f"{node.id} sends something"


PROOFS: Mapping[int, Callable[[World], Broken]] = {
    1: no_letter_to_iom_before_consent,
    2: no_booking_before_a_signed_application,
    3: risk_is_decided_before_every_journey,
    4: no_journey_at_an_unacceptable_risk,
    5: a_child_never_travels_without_return,
    6: the_plan_is_hers,
    7: support_is_confirmed_first,
    8: money_above_the_ceiling_needs_the_approver,
    9: feedback_follows,
    10: follow_ups_are_planned_by_one_step,
    11: stop_stops,
    12: nothing_stays_booked,
    13: four_eyes,
    14: the_local_office_sees_no_name_before_the_journey,
    15: only_the_right_role_decides,
    16: every_way_ends,
    17: no_clock_ends_a_case,
    18: go_only_when_all_checks_are_clean,
    19: an_alarm_reaches_somebody_within_half_an_hour,
    20: no_alarm_ends_unless_a_person_has_looked,
    21: no_departure_without_a_go_stays_unseen,
    22: no_data_to_an_office_that_she_left,
    23: no_go_while_paused_without_her_own_yes,
    24: a_pause_never_ends_duty_watch_arrival_or_alarm,
    25: each_of_the_six_leads_to_somebody,
    26: a_complaint_stops_no_alarm_and_no_support,
}
