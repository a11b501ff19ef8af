"""What is typed for an automatic step has the types of its answers, or is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from service.binding import Sample
from service.engine import Type
from service.errors import InvalidAnswers
from service.workshop.trial.job_answers import looks_personal, sample_values, typed_values

ZONE = ZoneInfo("Europe/Stockholm")


def test_typed_values_have_their_types() -> None:
    types = {
        "yes": Type("boolean"),
        "count": Type("number"),
        "day": Type("date"),
        "at": Type("date and time"),
        "word": Type("string", ("A", "B")),
        "left": Type("string"),
    }
    typed = {
        "yes": ["true"],
        "count": ["3"],
        "day": ["2026-03-02"],
        "at": ["2026-03-02T10:00+01:00"],
        "word": ["A"],
        "left": [""],
    }
    assert typed_values(types, typed, ZONE) == {
        "yes": True,
        "count": 3,
        "day": "2026-03-02",
        "at": "2026-03-02T10:00:00+01:00",
        "word": "A",
    }
    bad = {"yes": ["maybe"], "count": ["x"], "day": ["2/3"], "at": ["noon"], "word": ["C"]}
    with pytest.raises(InvalidAnswers) as refused:
        typed_values(types, bad, ZONE)
    assert {fault.path for fault in refused.value.faults} == set(bad)


def test_a_moment_without_a_zone_is_in_that_of_the_trial() -> None:
    typed = typed_values({"at": Type("date and time")}, {"at": ["2026-03-02 10:00"]}, ZONE)
    assert typed == {"at": "2026-03-02T10:00:00+01:00"}


def test_a_sample_has_dates_of_the_trials_own_clock() -> None:
    types = {"day": Type("date"), "at": Type("date and time"), "word": Type("string")}
    values = {"day": "@today+P1M", "at": "@now+P1D", "word": None, "gone": 3}
    sample = Sample("one", "En", "One", values)
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert sample_values(types, sample, now, ZONE) == {
        "day": "2026-04-02",
        "at": "2026-03-03T10:00:00+01:00",
        "word": None,
    }


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("19900101-1234", True),
        ("ring 199001011234 nu", True),
        ("+46 70 174 06 05 12", False),
        ("0000000001", False),
        ("12 biljetter", False),
    ],
)
def test_an_invented_phone_number_is_no_person(text: str, looks: bool) -> None:  # noqa: FBT001 - a column of the table
    assert looks_personal(text) is looks
