"""Handlers of alarms that call whoever is on duty at an office, besides a letter to the office."""

from __future__ import annotations

from service.binding import ON_CALL, Answer, Call, Letter, Request, Sample, handler

CALLED = ("IomHelsinki", "CaseApprover", "ReferringPartner")
"""Roles whose office an alarm may call."""


@handler(
    "alarms.ring",
    reads=("iomNotifiedOn",),
    answers=("onCallCalled", "officeMayKnow"),
    letters=tuple((role, "alarm") for role in CALLED),
    channels=((ON_CALL, "ring"),),
    samples=(
        Sample(
            "rung",
            "Jouren är uppringd",
            "Whoever is on duty is called",
            {"officeMayKnow": True, "onCallCalled": True},
        ),
        Sample(
            "letter",
            "Bara brevet: kontoret har ingen jour",
            "The letter alone: nobody is on duty",
            {"officeMayKnow": True, "onCallCalled": False},
        ),
        Sample(
            "may_not_know",
            "Kontoret får inte veta",
            "The office may not know",
            {"officeMayKnow": False, "onCallCalled": False},
        ),
    ),
)
def ring(call: Call) -> Answer:
    """Call one office: whoever is on duty there, and a letter with a subject of its own.

    Reads: ``iomNotifiedOn``; the headers of the step: ``to``, the role that is called, and
        ``before``, the role that is called instead until IOM was notified of the case.
    Writes: ``officeMayKnow``, whether the office has a live grant on the case: without one nothing
        is sent, and the alarm opens the case to nobody; ``onCallCalled``, whether it names a
        channel to whoever is on duty, which is called then. Where it is false the alarm goes to
        the next office at once.
    Sends: the letter ``alarm``, and ``ring`` through the office's channel. Neither names the case.
        Called again it sends both once more.
    """
    role = call.headers.get("to", CALLED[0])
    if call.data["iomNotifiedOn"] is None:
        role = call.headers.get("before", role)
    if role not in call.granted:
        return Answer(values={"officeMayKnow": False, "onCallCalled": False})
    called = role in call.on_call
    requests = (Request(ON_CALL, "ring", role=role),) if called else ()
    values = {"officeMayKnow": True, "onCallCalled": called}
    return Answer(values=values, letters=(Letter(role, "alarm"),), requests=requests)
