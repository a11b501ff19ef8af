"""What is undone when a journey or a case stops."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.bookings import undo
from service.binding import HANDLERS, Call, Value

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
READS = HANDLERS["bookings.undo"].reads


def call(**data: Value) -> Call:
    return Call(
        key="c:1",
        topic="bookings.undo",
        element="Svc_UndoBookings",
        now=NOW,
        data={**dict.fromkeys(READS), **data},
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
