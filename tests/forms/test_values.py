"""Dates, moments, numbers and money are read as people write them, where they are certain."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.forms.values import (
    DisplayContext,
    Unreadable,
    clean,
    from_json,
    money,
    read_date,
    read_moment,
    read_number,
    to_json,
    to_text,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
PLACE = DisplayContext(STOCKHOLM, {"EUR": Decimal(1), "SEK": Decimal("0.1")})


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04",
        "2026-3-4",
        "20260304",
        "4/3 2026",
        "4/3-2026",
        "4.3.2026",
        "04.03.2026",
        "4 mars 2026",
        "4 mar 2026",
        "2026/03/04",
        " 2026-03-04 ",
        "4/3 - 2026",
    ],
)
def test_a_date_is_read_in_every_language_where_it_is_certain(text: str) -> None:
    assert read_date(text, "sv") == read_date(text, "en") == date(2026, 3, 4)


def test_a_date_with_slashes_needs_certainty() -> None:
    assert (
        read_date("24/11/2026", "en")
        == read_date("11/24/2026", "en")
        == read_date("24/11/2026", "sv")
        == date(2026, 11, 24)
    )
    assert read_date("4/3/2026", "sv") == date(2026, 3, 4)
    assert read_date("3/3/2026", "en") == date(2026, 3, 3)
    with pytest.raises(Unreadable, match=r"form\.date_unsure"):
        read_date("4/3/2026", "en")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2026-02-30", "no_such_day"),
        ("31/12 1899", "no_such_day"),
        ("4/3", "not_a_date"),
        ("i går", "not_a_date"),
        ("4 foo 2026", "no_such_day"),
        ("", "not_a_date"),
    ],
)
def test_what_is_no_date_is_said(text: str, key: str) -> None:
    with pytest.raises(Unreadable, match=f"form.{key}"):
        read_date(text, "sv")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04 14:30",
        "2026-03-04T14:30",
        "4/3 2026 14.30",
        "4 mars 2026 kl 14:30",
        "2026-03-04 15:30 +02:00",
        "2026-03-04T13:30:00Z",
        "2026-03-04, 14:30",
    ],
)
def test_a_moment_is_read_in_the_office_zone_or_its_own(text: str) -> None:
    assert read_moment(text, "sv", STOCKHOLM) == datetime(2026, 3, 4, 14, 30, tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2026-03-04", "not_a_moment"),
        ("2026-03-04 24:00", "not_a_moment"),
        ("2026-03-04 9:60", "not_a_moment"),
        ("2026-03-29 02:30", "clocks_jump"),
        ("2026-03-04 09:00 +99:00", "not_a_moment"),
    ],
)
def test_a_moment_that_does_not_exist_is_said(text: str, key: str) -> None:
    with pytest.raises(Unreadable, match=f"form.{key}"):
        read_moment(text, "sv", STOCKHOLM)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234.5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("0,5", "0.5"),
    ],
)
def test_a_number_may_have_comma_or_point(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "tre", "1,2,3", "1e5", "0x10", "--1", "1.2.3", "NaN", "1" * 13]
)
def test_what_is_no_number_is_said(text: str) -> None:
    with pytest.raises(Unreadable, match=r"form\.not_a_number"):
        read_number(text)


def test_text_is_trimmed_and_freed_of_control_characters() -> None:
    assert clean(" e\u0301\x00\u200b \r\n b ", one_line=True) == "é b"
    assert clean(" a\r\n\r\nb\x07 ", one_line=False) == "a\n\nb"


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("number", Decimal("3.0"), 3),
        ("number", Decimal("0.50"), "0.5"),
        ("yesno", True, True),
        ("date", date(2026, 3, 4), "2026-03-04"),
        ("datetime", datetime(2026, 3, 4, 14, 30, tzinfo=STOCKHOLM), "2026-03-04T13:30:00+00:00"),
        (
            "money",
            money(Decimal("10.50"), "SEK", PLACE.rates),
            {"amount": "10.50", "currency": "SEK"},
        ),
        ("choices", ["A", "B"], ["A", "B"]),
        ("text", None, None),
    ],
)
def test_a_value_is_kept_as_json_and_comes_back(kind: str, value: object, kept: Any) -> None:
    assert to_json(kind, value) == kept
    assert from_json(kind, kept, PLACE) == value


def test_a_list_of_the_engine_holds_what_a_condition_can_compare() -> None:
    kept: Any = [1, "0.5", {"@": "0.5"}, {"@": "2026-03-04"}, {"@": "P1D"}, {"a": {"@": "2.5"}}]
    assert from_json("", kept, PLACE) == [
        Decimal(1),
        "0.5",
        Decimal("0.5"),
        date(2026, 3, 4),
        "P1D",
        {"a": Decimal("2.5")},
    ]


def test_a_kept_value_of_another_kind_is_no_value() -> None:
    assert [
        from_json(kind, "x", PLACE) for kind in ("number", "date", "datetime", "money", "yesno")
    ] == [None] * 5
    assert from_json("money", {"amount": "x", "currency": "SEK"}, PLACE) is None


def test_an_amount_in_a_currency_without_a_rate_has_no_worth() -> None:
    assert money(Decimal(5), "EUR", {"SEK": Decimal(1)})["base"] is None


def test_a_kept_answer_is_shown_as_it_would_be_typed() -> None:
    assert to_text("datetime", "2026-03-04T13:30:00+00:00", "sv", STOCKHOLM) == "2026-03-04 14:30"
    assert to_text("number", "0.5", "sv", STOCKHOLM) == "0,5"
    assert to_text("number", "0.5", "en", STOCKHOLM) == "0.5"
    assert to_text("yesno", value=False, lang="sv", zone=STOCKHOLM) == "false"


@given(st.text(max_size=30))
def test_no_text_makes_a_reader_fall(text: str) -> None:
    for read in (
        lambda t: read_date(t, "en"),
        lambda t: read_moment(t, "sv", STOCKHOLM),
        read_number,
    ):
        with suppress(Unreadable):
            read(text)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_date_comes_back_from_every_way_to_write_it(day: date) -> None:
    for text in (
        day.isoformat(),
        f"{day.day}/{day.month} {day.year}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%Y%m%d}",
    ):
        assert read_date(text, "sv") == day
