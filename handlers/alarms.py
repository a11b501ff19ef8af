"""Handlers of alarms: call the office that must answer now."""

from __future__ import annotations

from service.binding import Answer, Call, Letter, handler


@handler(
    "alarms.call",
    reads=("iomNotifiedOn",),
    letters=(
        ("IomHelsinki", "alarm"),
        ("CaseApprover", "alarm"),
        ("ReferringPartner", "alarm"),
    ),
)
def call_office(call: Call) -> Answer:
    """Call one office: a letter with a subject of its own, which says nothing of the case.

    Reads: ``iomNotifiedOn``; the headers of the step: ``to``, the role that is called, and
        ``before``, the role that is called instead until IOM was notified of the case.
    Writes: nothing; one letter. Called again it sends one more.
    """
    role = call.headers.get("to", "IomHelsinki")
    if call.data["iomNotifiedOn"] is None:
        role = call.headers.get("before", role)
    return Answer(letters=(Letter(role, "alarm"),))
