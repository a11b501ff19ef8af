"""Handlers of the follow-ups after arrival: schedule the next one, note a missed one."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from service.binding import Answer, Call, Sample, Value, handler

OPENS, CLOSES = time(8), time(17)
"""Office hours at which a window opens and closes, in the calendar's zone."""
OF_MISSED = (
    *("missedInARow", "followUpReached", "safeToTalk", "dangerNow", "exploitationSign"),
    *("healthCrisis", "basicNeeds", "lowScore", "wish", "planProgress"),
)
"""What a missed follow-up answers: one more missed, and every answer of the last one cleared."""

CLEARED: dict[str, Value] = dict.fromkeys(
    ("followUpRefused", "wrongPerson", "fewerContacts"), False
)
"""What the last contact said, which decides nothing about the next one."""
SCHEDULED = (
    Sample(
        "first",
        "Den första kontakten, om en månad",
        "The first contact, in a month",
        {
            "followUpNo": 1,
            "followUpDueOn": "@today+P1M",
            "followUpOpensAt": "@now+P23D",
            "followUpClosesAt": "@now+P37D",
        },
    ),
    Sample(
        "last",
        "Den tredje kontakten, om en månad",
        "The third contact, in a month",
        {
            "followUpNo": 3,
            "followUpDueOn": "@today+P1M",
            "followUpOpensAt": "@now+P23D",
            "followUpClosesAt": "@now+P37D",
        },
    ),
)
"""Contacts that were planned, for trying a draft."""


@handler(
    "follow_ups.schedule_next",
    reads=("arrivalOn", "followUpNo", "followUpIntervalMonths", "deadline"),
    answers=("followUpNo", "followUpDueOn", "followUpOpensAt", "followUpClosesAt"),
    samples=SCHEDULED,
)
def schedule_next(call: Call) -> Answer:
    """Set number, day and window of the next follow-up.

    Reads: ``arrivalOn``; ``followUpNo`` of the last one (unset: 0); ``followUpIntervalMonths``;
        ``deadline.followUpWindow``, whole days.
    Writes: number + 1; the day, counted in calendar months *from the arrival* so that month-ends do
        not drift; the window around it. A window that is already over opens at once and closes at
        the end of the next working day.
    Errors: none; an ``arrivalOn`` that is no date is a fault of the diagram and becomes an
    incident.
    Source: leaflet 2016, step 3, "Uppföljning": the first three months at home.
    """
    return Answer(values=_planned(call, _next_number(call)))


@handler(
    "follow_ups.schedule",
    reads=(
        "arrivalOn",
        "followUpNo",
        "followUpIntervalMonths",
        "followUpPeriodMonths",
        "fewerContacts",
        "deadline",
    ),
    answers=(
        "followUpNo",
        "followUpDueOn",
        "followUpOpensAt",
        "followUpClosesAt",
        "followUpRefused",
        "wrongPerson",
        "fewerContacts",
    ),
    samples=tuple(Sample(one.id, one.sv, one.en, {**one.values, **CLEARED}) for one in SCHEDULED),
)
def schedule(call: Call) -> Answer:
    """Set number, day and window of the next follow-up, and leave one out where that was chosen.

    Reads: as ``follow_ups.schedule_next``; ``fewerContacts``: the next contact is left out, unless
        it would be the last one.
    Writes: as ``follow_ups.schedule_next``; what the last contact said of a refusal or of a wrong
        person is cleared.
    """
    number = _next_number(call)
    if call.data["fewerContacts"] is True:
        interval = int(str(call.data["followUpIntervalMonths"]))
        last = int(str(call.data["followUpPeriodMonths"] or 0)) // interval
        number = max(number, min(number + 1, last))
    return Answer(values={**_planned(call, number), **CLEARED})


def _next_number(call: Call) -> int:
    return int(str(call.data["followUpNo"] or 0)) + 1


def _planned(call: Call, number: int) -> dict[str, Value]:
    """Number, day and window of a follow-up."""
    zone = ZoneInfo(call.zone)
    due = date.fromisoformat(str(call.data["arrivalOn"])) + relativedelta(
        months=number * int(str(call.data["followUpIntervalMonths"]))
    )
    window = timedelta(days=_window_days(call.data["deadline"]))
    opens, closes = (
        datetime.combine(due - window, OPENS, zone),
        datetime.combine(due + window, CLOSES, zone),
    )
    if closes <= call.now:
        opens, closes = call.now, datetime.combine(_next_working_day(call), CLOSES, zone)
    return {
        "followUpNo": number,
        "followUpDueOn": due.isoformat(),
        "followUpOpensAt": opens.isoformat(),
        "followUpClosesAt": closes.isoformat(),
    }


NOT_REACHED: dict[str, Value] = {
    **dict.fromkeys(
        ("safeToTalk", "dangerNow", "healthCrisis", "basicNeeds", "wish", "planProgress")
    ),
    "exploitationSign": "NONE",
    "lowScore": False,
    "followUpReached": False,
}
"""The answers of a contact that nobody answered."""
MISSED = (
    Sample("first", "Missad en gång", "Missed once", {**NOT_REACHED, "missedInARow": 1}),
    Sample("second", "Missad två gånger", "Missed twice", {**NOT_REACHED, "missedInARow": 2}),
)
"""Contacts that were missed, for trying a draft."""


@handler(
    "follow_ups.mark_missed",
    reads=("missedInARow",),
    answers=OF_MISSED,
    samples=MISSED,
)
def mark_missed(call: Call) -> Answer:
    """Note a missed follow-up, and clear the answers of the last one so that they decide nothing
    now.

    Reads: ``missedInARow`` (unset: 0).
    Writes: one more missed; every other answer of a follow-up to unset, ``followUpReached`` false.
    """
    return Answer(values=_missed(call))


@handler(
    "follow_ups.missed",
    reads=("missedInARow",),
    answers=(*OF_MISSED, "childWorry"),
    samples=tuple(
        Sample(one.id, one.sv, one.en, {**one.values, "childWorry": False}) for one in MISSED
    ),
)
def missed(call: Call) -> Answer:
    """Note a missed follow-up, and clear the answers of the last one, the worry about a child too.

    Reads, writes: as ``follow_ups.mark_missed``; ``childWorry`` false.
    """
    return Answer(values={**_missed(call), "childWorry": False})


def _missed(call: Call) -> dict[str, Value]:
    return {**NOT_REACHED, "missedInARow": int(str(call.data["missedInARow"] or 0)) + 1}


def _window_days(deadline: Value) -> int:
    text = deadline.get("followUpWindow") if isinstance(deadline, dict) else None
    found = re.fullmatch(r"P(\d+)D", str(text))
    if found is None:
        raise ValueError("deadline.followUpWindow must be whole days such as P7D")
    return int(found[1])


def _next_working_day(call: Call) -> date:
    day = call.today() + timedelta(days=1)
    while day.weekday() >= 5 or day in call.off:  # noqa: PLR2004 - Saturday is 5
        day += timedelta(days=1)
    return day
