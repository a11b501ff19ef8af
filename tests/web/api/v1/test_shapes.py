"""JSON in and out of the interface: which field is refused and why, and how values are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest

from service.errors import NotUnderstood
from service.web.api.v1.shapes import LabelledText, Text, decode, encode, labelled, read


@dataclass(frozen=True, slots=True)
class Body:
    """What somebody sends."""

    name: Text
    rev: int
    kind: Literal["", "a", "b"] = ""
    parts: tuple[Text, ...] | None = None
    days: int | None = None


GOOD: dict[str, Any] = {"name": "x", "rev": 1}
FAULTS: tuple[tuple[Any, str, str], ...] = (
    ([], "body", "kind"),
    ({**GOOD, "odd": 1}, "odd", "unknown"),
    ({**GOOD, "a` - at `$.b": 1}, "a` - at `$.b", "unknown"),
    ({"name": "x"}, "rev", "missing"),
    ({**GOOD, "rev": True}, "rev", "kind"),
    ({**GOOD, "rev": 1.0}, "rev", "kind"),
    ({**GOOD, "rev": "1"}, "rev", "kind"),
    ({**GOOD, "name": None}, "name", "kind"),
    ({**GOOD, "name": "x\0y"}, "name", "kind"),
    ({**GOOD, "kind": "c"}, "kind", "kind"),
    ({**GOOD, "kind": "c' - at `$.rev`"}, "kind", "kind"),
    ({**GOOD, "parts": "x"}, "parts", "kind"),
    ({**GOOD, "parts": ["x", 1]}, "parts.1", "kind"),
    ({**GOOD, "parts": ["x\0"]}, "parts.0", "kind"),
    ({**GOOD, "days": 1.5}, "days", "kind"),
)


@pytest.mark.parametrize(("given", "field", "why"), FAULTS)
def test_a_fault_names_its_field_and_its_reason(given: Any, field: str, why: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(given, Body)
    assert caught.value.facts == {"field": field, "why": why}


def test_what_fits_becomes_a_value() -> None:
    assert read(GOOD, Body) == Body("x", 1)
    assert read({**GOOD, "parts": ["a\nb"], "days": None}, Body) == Body("x", 1, "", ("a\nb",))


@pytest.mark.parametrize("body", [b"{", b'{"a": NaN}', b'"\\ud800"', b'"\xff"', b"[" * 100_000])
def test_what_is_no_json_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(NotUnderstood) as caught:
        decode(body)
    assert caught.value.facts == {"field": "body", "why": "kind"}


def test_an_empty_body_is_an_object_without_fields() -> None:
    assert decode(b"") == {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is written."""

    at: datetime
    day: date
    acts: frozenset[str]
    facts: tuple[LabelledText, ...]
    none: str | None = None


def test_times_sets_and_labelled_texts_are_written_alike() -> None:
    at = datetime(2026, 11, 24, 14, 2, 3, 5000, UTC)
    acts = frozenset({"revoke", "accept", "refuse"})
    written = encode(Answer(at, date(2026, 11, 24), acts, labelled([("Ålder", "30")]))).decode()
    assert written == f'{{"acts":["accept","refuse","revoke"],{TIMES},{FACTS},"none":null}}'


TIMES = '"at":"2026-11-24T14:02:03.005000Z","day":"2026-11-24"'
FACTS = '"facts":[{"label":"Ålder","text":"30"}]'
