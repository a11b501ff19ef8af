"""Follow-ups are counted from the arrival, and a missed one leaves no stale answer behind."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from handlers.follow_ups import mark_missed, missed, schedule, schedule_next
from service.binding import HANDLERS, Call, Value


def call(now: datetime, **data: Value) -> Call:
    deadline: Value = {"followUpWindow": "P7D"}
    given: dict[str, Value] = {
        "followUpNo": None,
        "followUpIntervalMonths": 1,
        "followUpPeriodMonths": 3,
        "fewerContacts": None,
        "deadline": deadline,
        **data,
    }
    return Call(key="c:1", topic="follow_ups.schedule_next", element="Svc", now=now, data=given)


@pytest.mark.parametrize(
    ("arrival", "number", "due"),
    [
        ("2026-01-31", None, "2026-02-28"),
        ("2026-01-31", 1, "2026-03-31"),
        ("2026-01-31", 2, "2026-04-30"),
        ("2028-01-31", 0, "2028-02-29"),
    ],
)
def test_months_count_from_the_arrival_and_do_not_drift(
    arrival: str, number: int | None, due: str
) -> None:
    answer = schedule_next(
        call(datetime(2026, 1, 31, 12, tzinfo=UTC), arrivalOn=arrival, followUpNo=number)
    )
    assert answer.values["followUpDueOn"] == due
    assert answer.values["followUpNo"] == (number or 0) + 1


@pytest.mark.parametrize(("number", "following"), [(None, 2), (1, 3), (2, 3)])
def test_fewer_contacts_leave_one_out_but_never_the_last(
    number: int | None, following: int
) -> None:
    now = datetime(2026, 1, 10, 12, tzinfo=UTC)
    answer = schedule(call(now, arrivalOn="2026-01-10", followUpNo=number, fewerContacts=True))
    assert answer.values["followUpNo"] == following
    assert (answer.values["fewerContacts"], answer.values["followUpRefused"]) == (False, False)


def test_the_window_keeps_office_hours_across_the_clock_change() -> None:
    answer = schedule_next(call(datetime(2026, 2, 27, 12, tzinfo=UTC), arrivalOn="2026-02-27"))
    assert answer.values["followUpOpensAt"] == "2026-03-20T08:00:00+01:00"
    answer = schedule_next(
        call(datetime(2026, 2, 27, 12, tzinfo=UTC), arrivalOn="2026-02-27", followUpNo=0)
    )
    assert answer.values["followUpClosesAt"] == "2026-04-03T17:00:00+02:00"


def test_a_window_that_is_over_closes_on_the_next_working_day() -> None:
    now = datetime(2026, 6, 18, 12, tzinfo=UTC)  # a Thursday; Friday is Midsummer's Eve
    given = call(now, arrivalOn="2026-01-10")
    answer = schedule_next(
        Call(
            **{
                **{f: getattr(given, f) for f in given.__slots__},
                "off": frozenset({date(2026, 6, 19)}),
            }
        )
    )
    assert answer.values["followUpOpensAt"] == now.isoformat()
    assert answer.values["followUpClosesAt"] == "2026-06-22T17:00:00+02:00"


def test_a_window_that_is_no_whole_number_of_days_is_a_fault() -> None:
    with pytest.raises(ValueError, match="whole days"):
        schedule_next(
            call(
                datetime(2026, 1, 1, tzinfo=UTC),
                arrivalOn="2026-01-01",
                deadline={"followUpWindow": "PT7H"},
            )
        )


def test_a_missed_follow_up_counts_and_clears_the_last_answers() -> None:
    answer = mark_missed(
        Call(
            key="k",
            topic="t",
            element="e",
            now=datetime(2026, 1, 1, tzinfo=UTC),
            data={"missedInARow": 1},
        )
    )
    assert answer.values["missedInARow"] == 2
    assert answer.values["dangerNow"] is None
    assert set(answer.values) == set(HANDLERS["follow_ups.mark_missed"].answers)
    asked = Call("k", "t", "e", datetime(2026, 1, 1, tzinfo=UTC), data={"missedInARow": 1})
    newer = missed(asked)
    assert set(newer.values) == set(HANDLERS["follow_ups.missed"].answers)
    assert newer.values["childWorry"] is False
