"""A complaint: topics of steps that the worker does itself."""

from __future__ import annotations

from service.binding import Answer, Call, Sample, handler


class NotForHandlers(Exception):
    """A step was handed to a handler that no handler does."""


@handler(
    "complaints.find_office",
    answers=("approverMay", "aboveMay", "iomMay"),
    samples=(
        Sample(
            "all",
            "Inget av kontoren är jävigt",
            "None of the offices has a conflict",
            {"approverMay": True, "aboveMay": True, "iomMay": True},
        ),
        Sample(
            "approver_not",
            "Klagomålet gäller länsstyrelsen",
            "The complaint is about the county board",
            {"approverMay": False, "aboveMay": True, "iomMay": True},
        ),
        Sample(
            "iom_not",
            "Klagomålet gäller IOM",
            "The complaint is about IOM",
            {"approverMay": True, "aboveMay": True, "iomMay": False},
        ),
        Sample(
            "iom_alone",
            "Bara IOM är inte jävigt",
            "IOM alone has no conflict",
            {"approverMay": False, "aboveMay": False, "iomMay": True},
        ),
    ),
)
def find_office(call: Call) -> Answer:
    """Say which offices may handle a complaint: those that it is not about, and in which somebody
    else than whom it is about holds the role.

    The worker does this step itself: a handler does not see for whom a case does not exist.

    Writes: ``approverMay``, ``aboveMay``, ``iomMay``.
    Errors: an incident when none may; it says nothing of the complaint.
    Raises:
        NotForHandlers: always.
    """
    raise NotForHandlers(f"{call.topic} is done by the worker, and not by a handler")


@handler(
    "complaints.leave",
    answers=("leftCase",),
    samples=(
        Sample("done", "Gjort", "Done", {"leftCase": "DONE"}),
        Sample("unknown", "Hittades inte", "Not found", {"leftCase": "UNKNOWN"}),
        Sample("alone", "Ingen kan ta över", "Nobody can take over", {"leftCase": "ALONE"}),
    ),
)
def leave(call: Call) -> Answer:
    """Let who leaves the case that the complaint is about see it no more, as it was decided.

    The worker does this step itself, in one transaction with that case.

    Writes: ``leftCase``: DONE; UNKNOWN, there is no such open case, or no such person or office in
        it; ALONE, a task or a role there would have nobody.
    Raises:
        NotForHandlers: always.
    """
    raise NotForHandlers(f"{call.topic} is done by the worker, and not by a handler")
