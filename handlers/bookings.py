"""Handlers of bookings: undo them when a journey or a whole case stops."""

from __future__ import annotations

from service.binding import Answer, Call, Letter, Value, handler


@handler(
    "bookings.undo",
    reads=(
        "iomNotifiedOn",
        "stopReason",
        "arrived",
        "ticketsBooked",
        "escortAssigned",
        "arrivalArranged",
        "cashPaid",
        "travelDocStatus",
    ),
    answers=(
        "leftToUndo",
        "undone",
        "ticketsBooked",
        "escortAssigned",
        "arrivalArranged",
        "cashPaid",
        "travelDocStatus",
        "departureOutcome",
    ),
    letters=(
        ("IomLocal", "stand_down"),
        ("IomHelsinki", "stand_down"),
        ("ReferringPartner", "news"),
    ),
)
def undo(call: Call) -> Answer:
    """Take back what was booked, wherever the case stood, and count what a person must undo by
    hand.

    Reads: what was booked, whether IOM was ever notified, whether she has arrived; a value that was
    never set counts as false.
    Writes: every booking back to not booked; ``undone``, the codes of what is taken back;
        ``leftToUndo``, how many need a hand; ``departureOutcome`` NONE, so that the next journey
        starts clean.
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
    if notified and (reception or arrived):
        letters.insert(0, Letter("IomLocal", "stand_down"))
    return Answer(values=values, letters=tuple(letters))


_BY_HAND = (("ticketsBooked", "TICKETS"), ("escortAssigned", "ESCORT"), ("cashPaid", "CASH"))
"""Routing name to the code of what a person must take back by hand, in the order of the form."""
