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


ROLES = {
    "helsinki": "IomHelsinki",
    "local": "IomLocal",
    "partner": "ReferringPartner",
    "approver": "CaseApprover",
}
"""Column of the rule that says who is called, and the role whose office it is."""
LETTER_EVERY, OFTEN, SELDOM = 2, 12, 12
"""Rounds from one letter to the same office to the next: a round is half an hour, so that an office
gets at most one letter an hour; after the first `OFTEN` rounds one every `SELDOM`, so that letters
about one alarm do not drown the next. Who is on duty is called every round."""
CALLS_ALL = tuple((role, "alarm_take") for role in ROLES.values())


@handler(
    "alarms.who_knows",
    answers=("alarmKnows",),
    channels=((ON_CALL, "ring_take"),),
    samples=(
        Sample("all", "Alla kontor", "All offices", {"alarmKnows": [*ROLES]}),
        Sample(
            "sweden", "I Sverige", "In Sweden", {"alarmKnows": ["helsinki", "partner", "approver"]}
        ),
        Sample("partner", "Bara parten", "The partner alone", {"alarmKnows": ["partner"]}),
    ),
)
def who_knows(call: Call) -> Answer:
    """Say which offices know the case: those that have a live grant on it.

    An alarm asks no other, and opens the case to nobody. It declares the channel to whoever is on
    duty, since only such handlers are handed the grants.

    Writes: ``alarmKnows``, out of helsinki, local, partner and approver.
    """
    return Answer(values={"alarmKnows": [c for c, role in ROLES.items() if role in call.granted]})


@handler(
    "alarms.ring_offices",
    reads=("alarmCalls", "alarmRound"),
    answers=("alarmRound",),
    letters=CALLS_ALL,
    channels=((ON_CALL, "ring_take"),),
    samples=(
        Sample("first", "Första gången", "The first time", {"alarmRound": 1}),
        Sample("again", "En gång till", "Once more", {"alarmRound": 2}),
    ),
)
def ring_offices(call: Call) -> Answer:
    """Call the offices that may take an alarm: whoever is on duty there, and a letter an hour.

    Reads: ``alarmCalls``, the rule's word for each office, NOW, LATER or NEVER; ``alarmRound``, how
        often they were called in this alarm.
    Writes: ``alarmRound``, one more. In the first round those of NOW are called, from the second on
        those of LATER too.
    Sends: the letter ``alarm_take``, at most one an hour and office, with its number in this alarm;
        and ``ring_take`` through the channel to whoever is on duty. Neither names the case. An
        office without a live grant on the case gets nothing.
    """
    calls, done = call.data["alarmCalls"], call.data["alarmRound"]
    named = calls if isinstance(calls, dict) else {}
    rounds = done if isinstance(done, int) and not isinstance(done, bool) else 0
    letters, requests = [], []
    for column, role in ROLES.items():
        word = named.get(column)
        since = rounds - (0 if word == "NOW" else 1)
        if word not in ("NOW", "LATER") or since < 0 or role not in call.granted:
            continue
        if number := _letter_due(since):
            letters.append(Letter(role, "alarm_take", number=number))
        if role in call.on_call:
            requests.append(Request(ON_CALL, "ring_take", role=role))
    return Answer(
        values={"alarmRound": rounds + 1}, letters=tuple(letters), requests=tuple(requests)
    )


def _letter_due(since: int) -> int:
    """Number of the letter that an office gets in its round, the first being 0; 0 for none."""
    if since < OFTEN:
        return since // LETTER_EVERY + 1 if since % LETTER_EVERY == 0 else 0
    return OFTEN // LETTER_EVERY + since // SELDOM if since % SELDOM == 0 else 0


@handler(
    "alarms.ring_second",
    reads=("alarmSecond",),
    letters=tuple((role, "alarm_second") for role in ROLES.values()),
    channels=((ON_CALL, "ring_second"),),
)
def ring_second(call: Call) -> Answer:
    """Call the office that looks whether an alarm is over: its duty, and a letter.

    Reads: ``alarmSecond``, the role of that office.
    Writes: nothing. An office without a live grant on the case gets nothing.
    """
    role = str(call.data["alarmSecond"])
    if role not in call.granted:
        return Answer()
    called = (Request(ON_CALL, "ring_second", role=role),) if role in call.on_call else ()
    return Answer(letters=(Letter(role, "alarm_second"),), requests=called)


@handler(
    "alarms.last_call",
    letters=(("IomHelsinki", "no_go_yet"), ("ReferringPartner", "no_go_yet")),
    channels=((ON_CALL, "ring_no_go"),),
)
def last_call(call: Call) -> Answer:
    """Call IOM Helsinki and the referring partner: a journey begins soon that has no go.

    Writes: nothing. An office without a live grant on the case gets nothing.
    """
    roles = [role for role in ("IomHelsinki", "ReferringPartner") if role in call.granted]
    return Answer(
        letters=tuple(Letter(role, "no_go_yet") for role in roles),
        requests=tuple(
            Request(ON_CALL, "ring_no_go", role=role) for role in roles if role in call.on_call
        ),
    )


@handler(
    "alarms.pause_said",
    letters=(("IomHelsinki", "pause_said"), ("ReferringPartner", "pause_said")),
    channels=((ON_CALL, "ring_pause"),),
)
def pause_said(call: Call) -> Answer:
    """Call IOM Helsinki and the referring partner: a talk with the person within half an hour.

    Writes: nothing. An office without a live grant on the case gets nothing but its task.
    """
    roles = [role for role in ("IomHelsinki", "ReferringPartner") if role in call.granted]
    return Answer(
        letters=tuple(Letter(role, "pause_said") for role in roles),
        requests=tuple(
            Request(ON_CALL, "ring_pause", role=role) for role in roles if role in call.on_call
        ),
    )


@handler(
    "alarms.added",
    reads=("iomNotifiedOn",),
    letters=(("IomHelsinki", "urgent_news"), ("ReferringPartner", "urgent_news")),
)
def added(call: Call) -> Answer:
    """Tell the office that has the case that something was added to an open alarm.

    Reads: ``iomNotifiedOn``: until then the referring partner has the case.
    Writes: nothing.
    """
    role = "ReferringPartner" if call.data["iomNotifiedOn"] is None else "IomHelsinki"
    return Answer(letters=(Letter(role, "urgent_news"),))


@handler(
    "alarms.ended",
    letters=tuple((role, "alarm_ended") for role in ROLES.values()),
    channels=((ON_CALL, "ring_ended"),),
)
def ended(call: Call) -> Answer:
    """Tell the offices that have a live grant on the case that its alarm is over, and no other.

    Writes: nothing.
    """
    roles = [role for role in ROLES.values() if role in call.granted]
    return Answer(
        letters=tuple(Letter(role, "alarm_ended") for role in roles),
        requests=tuple(
            Request(ON_CALL, "ring_ended", role=role) for role in roles if role in call.on_call
        ),
    )
