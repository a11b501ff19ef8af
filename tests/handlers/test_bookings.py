"""What is undone when a journey or a case stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handlers.bookings import cancel, request_escort, request_tickets, undo
from service.binding import HANDLERS, Call, Paper, Party, Request, Value

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
READS = HANDLERS["bookings.undo"].reads
LOCAL = {"IomLocal": Party("IomLocal", "iom-sofia", "bg")}


def call(**data: Value) -> Call:
    return Call(
        key="c:1",
        topic="bookings.undo",
        element="Svc_UndoBookings",
        now=NOW,
        data={**dict.fromkeys(READS), **data},
        parties=LOCAL,
    )


def test_before_iom_was_notified_nothing_is_undone() -> None:
    answer = undo(call(ticketsBooked=True))
    assert answer.values["leftToUndo"] == 0
    assert [letter.role for letter in answer.letters] == ["ReferringPartner"]


@pytest.mark.parametrize(
    ("booked", "left", "undone"),
    [
        ({"ticketsBooked": True}, 1, ["TICKETS"]),
        ({"escortAssigned": True, "cashPaid": True}, 2, ["ESCORT", "CASH"]),
        ({"arrivalArranged": True}, 0, ["ARRIVAL"]),
        ({"travelDocStatus": "ISSUED"}, 1, ["DOCUMENT"]),
        ({"travelDocStatus": "VALID"}, 0, []),
    ],
)
def test_each_booking_is_undone_and_work_by_hand_is_counted(
    booked: dict[str, Value], left: int, undone: list[str]
) -> None:
    answer = undo(call(iomNotifiedOn="2026-02-01", **booked))
    assert (answer.values["leftToUndo"], answer.values["undone"]) == (left, undone)


def test_called_again_with_its_own_answers_it_finds_nothing() -> None:
    first = undo(
        call(
            iomNotifiedOn="2026-02-01",
            ticketsBooked=True,
            escortAssigned=True,
            arrivalArranged=True,
            cashPaid=True,
            travelDocStatus="ISSUED",
        )
    )
    assert first.values["leftToUndo"] == 4
    again = undo(
        call(iomNotifiedOn="2026-02-01", **{k: v for k, v in first.values.items() if k in READS})
    )
    assert (again.values["leftToUndo"], again.values["undone"]) == (0, [])


def test_after_arrival_only_the_support_is_cancelled() -> None:
    answer = undo(
        call(
            iomNotifiedOn="2026-02-01",
            arrived=True,
            ticketsBooked=True,
            cashPaid=True,
            arrivalArranged=True,
        )
    )
    assert (answer.values["leftToUndo"], answer.values["undone"]) == (0, [])
    assert [(letter.role, letter.template) for letter in answer.letters] == [
        ("IomLocal", "stand_down"),
        ("IomHelsinki", "stand_down"),
        ("ReferringPartner", "news"),
    ]


def test_an_office_that_the_person_has_left_is_not_asked_to_stand_down() -> None:
    left = replace(call(iomNotifiedOn="2026-02-01", arrivalArranged=True), parties={})
    assert [one.role for one in undo(left).letters] == ["IomHelsinki", "ReferringPartner"]


def asked(topic: str, **data: Value) -> Call:
    declared = HANDLERS[topic]
    values = {**dict.fromkeys(declared.reads), **data}
    consents = frozenset({"PARTICIPATE"})
    return Call("c:1", topic, "Svc", NOW, values, LOCAL, consents)


@pytest.mark.parametrize(
    ("given", "stands_down"),
    [
        ({"arrived": True, "helpAtHome": True}, False),
        ({"arrived": True, "helpAtHome": False}, True),
        ({"arrived": True}, True),
        ({"arrivalArranged": True, "helpAtHome": True}, True),
    ],
)
def test_a_local_office_that_helps_where_the_person_is_does_not_stand_down(
    given: dict[str, Value], *, stands_down: bool
) -> None:
    answer = cancel(asked("bookings.cancel", iomNotifiedOn="2026-02-01", **given))
    assert ("IomLocal" in {letter.role for letter in answer.letters}) is stands_down


def test_tickets_are_asked_for_with_a_paper() -> None:
    answer = request_tickets(asked("bookings.request_tickets"))
    assert answer.values == {"ticketsRequested": True}
    assert answer.papers == (Paper("ticket_request"),)
    assert answer.requests == (Request("travel", "request_tickets", ("ticket_request",)),)


@pytest.mark.parametrize("kind", ["MEDICAL", "SOCIAL", "OPERATIONAL"])
def test_an_escort_is_asked_for_where_one_is_needed(kind: str) -> None:
    answer = request_escort(asked("bookings.request_escort", escortType=kind))
    assert answer.values == {"escortRequested": True}
    assert answer.requests[0].channel == "escort"


@pytest.mark.parametrize("kind", ["NONE", None])
def test_no_escort_is_asked_for_where_none_is_needed(kind: str | None) -> None:
    answer = request_escort(asked("bookings.request_escort", escortType=kind))
    assert (answer.values, answer.requests) == ({"escortRequested": False}, ())


@pytest.mark.parametrize("change", [{"consents": frozenset()}, {"protected": True}])
def test_nobody_is_asked_where_nothing_may_leave(change: dict[str, object]) -> None:
    for topic, ask in (
        ("bookings.request_tickets", request_tickets),
        ("bookings.request_escort", request_escort),
    ):
        call = replace(asked(topic, **dict.fromkeys(HANDLERS[topic].reads, "SOCIAL")), **change)  # type: ignore[arg-type] # facts of a test
        answer = ask(call)
        assert not answer.papers
        assert not answer.requests
        assert set(answer.values.values()) == {False}


def test_a_journey_that_is_cancelled_tells_those_who_were_asked() -> None:
    booked: dict[str, Value] = {"iomNotifiedOn": "2026-02-01", "ticketsBooked": True}
    answer = cancel(asked("bookings.cancel", ticketsRequested=True, **booked))
    assert answer.requests == (Request("travel", "cancel_booking", cancels=True),)
    assert answer.values["ticketsRequested"] is False
    undone = undo(call(**booked))
    assert answer.letters == undone.letters
    assert {**answer.values, **undone.values} == answer.values
    reads = HANDLERS["bookings.cancel"].reads
    own = {name: value for name, value in answer.values.items() if name in reads}
    again = cancel(asked("bookings.cancel", **own))
    assert again.requests == ()


def test_what_goes_out_rests_on_the_consent_to_take_part() -> None:
    for topic in ("bookings.request_tickets", "bookings.request_escort"):
        assert HANDLERS[topic].needs_consent == "PARTICIPATE"
        assert HANDLERS[topic].classes == ("C1",)
