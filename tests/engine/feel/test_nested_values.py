"""Values that a list, a context or an untyped variable holds come back as what they were."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.engine.feel import Months, bare, plain, typed
from service.engine.feel.types import ANY, LIST, NUMBER, STRING, Type
from service.engine.feel.values import MONTHS_MOST, NUMBERS
from tests.engine.feel.meanings import D

STOCKHOLM = ZoneInfo("Europe/Stockholm")

NUMERALS = st.builds(
    lambda sign, digits, exponent: NUMBERS.create_decimal(
        Decimal((sign, tuple(map(int, str(digits))), exponent))
    ),
    st.sampled_from((0, 1)),
    st.integers(0, 10**34 - 1),
    st.one_of(st.integers(-40, 40), st.integers(-6000, 6000)),
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.sampled_from(("0.5", "2026-03-01", "P1D", "@", "@@", "P1M", "2026-03-01T09:00:00Z")),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    TEXTS,
    NUMERALS,
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.just(UTC))
    .filter(lambda at: 1 < at.year < 9999)
    .map(lambda at: at.astimezone(STOCKHOLM)),
    st.timedeltas(timedelta(days=-999_999_999), timedelta(days=999_999_999)),
    st.integers(-MONTHS_MOST, MONTHS_MOST).map(Months),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


def kinds(value: Any) -> Any:
    """The value with its Python types, since True equals 1 and a month equals an int."""
    if isinstance(value, list):
        return [kinds(part) for part in value]
    if isinstance(value, dict):
        return {key: kinds(part) for key, part in value.items()}
    return type(value), value


@settings(max_examples=50)
@given(VALUES)
def test_every_value_comes_back_from_the_state(value: Any) -> None:
    kept = msgpack.unpackb(msgpack.packb(plain(value)), strict_map_key=False)
    assert kept == json.loads(json.dumps(kept))
    assert kinds(typed(kept, ANY, STOCKHOLM)) == kinds(value)


@settings(max_examples=30)
@given(st.lists(VALUES, max_size=3))
def test_a_declared_list_and_its_parts_come_back(values: list[Any]) -> None:
    rows = Type("list", fields={"n": NUMBER, "free": ANY})
    assert kinds(typed(plain(values, LIST), LIST, STOCKHOLM)) == kinds(values)
    inside = [{"free": value, "n": D("0.5")} for value in values]
    assert kinds(typed(plain(inside, rows), rows, STOCKHOLM)) == kinds(inside)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ([D(1), "x", None, True], [1, "x", None, True]),
        ([D("0.5"), "0.5"], [{"@": "0.5"}, "0.5"]),
        ([date(2026, 3, 1)], [{"@": "2026-03-01"}]),
        ({"a": D(1), "b": "P1D"}, {"a": 1, "b": "P1D"}),
        ({"@": "x", "@@": D(2)}, {"@@": "x", "@@@": 2}),
        (D(2**60), {"@": str(2**60)}),
    ],
)
def test_whole_numbers_and_texts_are_kept_as_they_are(value: Any, kept: Any) -> None:
    assert plain(value) == kept


def test_a_type_that_says_what_a_text_is_keeps_it_bare() -> None:
    assert plain(D("0.5"), NUMBER) == "0.5"
    assert plain({"n": D("0.5")}, Type("context", fields={"n": NUMBER})) == {"n": "0.5"}
    assert plain(date(2026, 3, 1), STRING) == "2026-03-01"
    assert typed({"@": "0.5"}, NUMBER) == D("0.5")
    assert typed({"@": "0.5"}, STRING) is None


@pytest.mark.parametrize("kept", [{"@": "soon"}, {"@": 1}, {"@": "0.5", "b": 1}, {"@": None}])
def test_a_map_that_is_no_literal_is_nothing(kept: object) -> None:
    assert typed(kept, ANY) is None
    assert typed([kept], LIST) == [None]


def test_people_and_handlers_read_the_bare_text() -> None:
    value = {"@": [D("0.5"), {"@x": date(2026, 3, 1)}], "n": D(3)}
    assert bare(plain(value)) == {"@": ["0.5", {"@x": "2026-03-01"}], "n": 3}


def test_a_moment_of_an_old_offset_is_kept_in_utc() -> None:
    old = datetime(1800, 1, 1, tzinfo=STOCKHOLM)
    assert typed(plain([old]), LIST, STOCKHOLM) == [old]
    assert typed(plain([datetime(2026, 3, 1, tzinfo=UTC)]), LIST)[0].hour == 0
