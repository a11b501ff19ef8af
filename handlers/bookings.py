"""Handlers of bookings: ask providers for tickets and an escort, and take everything back when a
journey or a whole case stops.
"""

from __future__ import annotations

from service.binding import Answer, Call, Letter, Paper, Request, Sample, Value, handler

BOOKED = (
    "iomNotifiedOn",
    "stopReason",
    "arrived",
    "ticketsBooked",
    "escortAssigned",
    "arrivalArranged",
    "cashPaid",
    "travelDocStatus",
)
"""What was booked, and how far the case has come."""
UNDONE = (
    "leftToUndo",
    "undone",
    "ticketsBooked",
    "escortAssigned",
    "arrivalArranged",
    "cashPaid",
    "travelDocStatus",
    "departureOutcome",
)
TOLD = (
    ("IomLocal", "stand_down"),
    ("IomHelsinki", "stand_down"),
    ("ReferringPartner", "news"),
)
CLEAN: dict[str, Value] = {
    "leftToUndo": 0,
    "undone": [],
    "ticketsBooked": False,
    "escortAssigned": False,
    "arrivalArranged": False,
    "cashPaid": False,
    "travelDocStatus": "MISSING",
    "departureOutcome": "NONE",
}
"""Nothing is booked."""
UNDOING = (
    Sample("nothing", "Inget var bokat", "Nothing was booked", CLEAN),
    Sample(
        "tickets",
        "Biljetter ska avbokas för hand",
        "Tickets are to be cancelled by hand",
        {**CLEAN, "leftToUndo": 1, "undone": ["TICKETS"]},
    ),
)
"""What was there to take back, for trying a draft."""
PROVIDERS = (("ticketsRequested", "travel"), ("escortRequested", "escort"))
"""Routing name of what was asked for, and the channel that it was asked through."""
NOT_ASKED: dict[str, Value] = {name: False for name, _ in PROVIDERS}


@handler(
    "bookings.request_tickets",
    answers=("ticketsRequested",),
    needs_consent="PARTICIPATE",
    classes=("C1",),
    papers=("ticket_request",),
    channels=(("travel", "request_tickets"),),
    samples=(
        Sample(
            "asked", "Biljetter är begärda", "Tickets are asked for", {"ticketsRequested": True}
        ),
        Sample(
            "by_hand", "Begärs för hand", "To be asked for by hand", {"ticketsRequested": False}
        ),
    ),
)
def request_tickets(call: Call) -> Answer:
    """Ask the travel agency for tickets; a person confirms or refuses what comes back.

    Writes: ``ticketsRequested``, false where a person has to ask by hand: the consent to take part
        is not live, or the identity is protected.
    Sends: the paper ``ticket_request`` through the channel ``travel``; it rests on the consent to
        take part, which is asked again when it leaves. Safe to repeat: paper and message are
        written with this answer, once.
    """
    if not call.may_send:
        return Answer(values={"ticketsRequested": False})
    papers = (Paper("ticket_request"),)
    request = Request("travel", "request_tickets", papers=("ticket_request",))
    return Answer(values={"ticketsRequested": True}, papers=papers, requests=(request,))


@handler(
    "bookings.request_escort",
    reads=("escortType",),
    answers=("escortRequested",),
    needs_consent="PARTICIPATE",
    classes=("C1",),
    papers=("escort_request",),
    channels=(("escort", "request_escort"),),
    samples=(
        Sample("asked", "Ledsagare är begärd", "An escort is asked for", {"escortRequested": True}),
        Sample("nobody", "Ingen begärs", "Nobody is asked", {"escortRequested": False}),
    ),
)
def request_escort(call: Call) -> Answer:
    """Ask for an escort, without the person's name; somebody confirms or refuses what comes back.

    Reads: ``escortType``; NONE asks for nobody.
    Writes: ``escortRequested``, false where nobody was asked: none is needed, the consent to take
        part is not live, or the identity is protected.
    Sends: the paper ``escort_request`` through the channel ``escort``, on the terms of tickets.
    """
    if not call.may_send or call.data["escortType"] in (None, "NONE"):
        return Answer(values={"escortRequested": False})
    papers = (Paper("escort_request"),)
    request = Request("escort", "request_escort", papers=("escort_request",))
    return Answer(values={"escortRequested": True}, papers=papers, requests=(request,))


@handler(
    "bookings.cancel",
    reads=(*BOOKED, "helpAtHome", *(name for name, _ in PROVIDERS)),
    answers=(*UNDONE, *(name for name, _ in PROVIDERS)),
    letters=TOLD,
    channels=tuple((channel, "cancel_booking") for _, channel in PROVIDERS),
    samples=tuple(Sample(one.id, one.sv, one.en, {**one.values, **NOT_ASKED}) for one in UNDOING),
)
def cancel(call: Call) -> Answer:
    """Take back what was booked, and tell the providers that were asked.

    Reads: as ``bookings.undo``, and what was asked of which provider; ``helpAtHome``: the person
        has arrived and gets help there, which the local office arranges by a task, so that it does
        not stand down.
    Writes: as ``bookings.undo``; nothing is asked for any more.
    Sends: to each provider that was asked, the codes of what is taken back and nothing of the case,
        so that it rests on no consent; what had not left yet stays.
    Neutral by design: called twice in a row it tells nobody.
    """
    undone = undo(call)
    asked = [(name, channel) for name, channel in PROVIDERS if call.data[name] is True]
    values = {**undone.values, **{name: False for name, _ in PROVIDERS}}
    requests = tuple(Request(channel, "cancel_booking", cancels=True) for _, channel in asked)
    helps = call.data["arrived"] is True and call.data["helpAtHome"] is True
    letters = tuple(one for one in undone.letters if not helps or one.role != "IomLocal")
    return Answer(values=values, letters=letters, requests=requests)


@handler("bookings.undo", reads=BOOKED, answers=UNDONE, letters=TOLD, samples=UNDOING)
def undo(call: Call) -> Answer:
    """Take back what was booked, wherever the case stood, and count what a person must undo by
    hand.

    Reads: what was booked, whether IOM was ever notified, whether she has arrived; a value that was
    never set counts as false.
    Writes: every booking back to not booked; ``undone``, the codes of what is taken back;
        ``leftToUndo``, how many need a hand; ``departureOutcome`` NONE, so that the next journey
        starts clean.
    Tells the local office to stand down, unless the person has left it and no other takes part.
    Neutral by design: called twice in a row it finds nothing and answers ``leftToUndo`` 0.
    Source: programme practice; takes the place of compensation.
    """
    data = call.data
    notified, arrived = data["iomNotifiedOn"] is not None, data["arrived"] is True
    open_by_hand = [code for name, code in _BY_HAND if data[name] is True]
    by_hand = open_by_hand if notified and not arrived else []
    if notified and not arrived and data["travelDocStatus"] == "ISSUED":
        by_hand.append("DOCUMENT")
    reception = notified and data["arrivalArranged"] is True
    undone: list[Value] = [*by_hand, *(["ARRIVAL"] if reception and not arrived else [])]
    values: dict[str, Value] = {
        "leftToUndo": len(by_hand),
        "undone": undone,
        "ticketsBooked": False,
        "escortAssigned": False,
        "arrivalArranged": False,
        "cashPaid": False,
        "departureOutcome": "NONE",
        "travelDocStatus": "MISSING" if "DOCUMENT" in by_hand else data["travelDocStatus"],
    }
    letters = [Letter("ReferringPartner", "news")]
    if notified:
        letters.insert(0, Letter("IomHelsinki", "stand_down"))
    if notified and (reception or arrived) and "IomLocal" in call.parties:
        letters.insert(0, Letter("IomLocal", "stand_down"))
    return Answer(values=values, letters=tuple(letters))


_BY_HAND = (("ticketsBooked", "TICKETS"), ("escortAssigned", "ESCORT"), ("cashPaid", "CASH"))
"""Routing name to the code of what a person must take back by hand, in the order of the form."""
