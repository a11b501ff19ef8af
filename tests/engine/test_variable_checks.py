"""Values that no form lets through are refused at the border too, before anything has happened."""

from __future__ import annotations

from typing import Any

import pytest

from service.engine import limits
from service.engine.feel.types import ANY, DATE, LIST, MOMENT, NUMBER, STRING, Type
from service.engine.types import Json, Start
from service.engine.variable_checks import fits
from service.errors import BadVariables, EngineStopped
from tests.engine.walks import TYPES, Walk, definition
from tests.support.diagrams import catch, diagram, end, ext, job, node, nodes, start, timer


def nested(depth: int, inner: Json = 1) -> Json:
    """Lists inside each other."""
    return inner if depth == 0 else [nested(depth - 1, inner)]


REFUSED: list[tuple[Json, Type]] = [
    ("0001-01-01", DATE),
    ("9999-12-31", DATE),
    ("0001-01-01T00:00:00", MOMENT),
    ("9999-12-31T23:59:59Z", MOMENT),
    (1 << 64, NUMBER),
    (-(1 << 63) - 1, NUMBER),
    ([1 << 64], LIST),
    ({"a": 1 << 64}, Type("context")),
    ("a\ud83d", STRING),
    (["a\ud83d"], LIST),
    ({"\ud83d": 1}, Type("context")),
    ([{"\ud83d": 1}], LIST),
    (nested(600), LIST),
    ({"a": nested(600)}, Type("context")),
    (nested(limits.DEPTH + 1), LIST),
    ([{"@": "soon"}], LIST),
    ([{"@": "0.5", "b": 1}], LIST),
    ([{"@": 1}], LIST),
    ([{"@": "0001-01-01"}], LIST),
    ({"@": "0.5"}, Type("context")),
    ({"x" * 300: 1}, Type("context")),
]
TAKEN: list[tuple[Json, Type]] = [
    ("1900-01-01", DATE),
    ("9999-12-30", DATE),
    ("2026-03-01T23:59:59-14:00", MOMENT),
    ((1 << 63) - 1, NUMBER),
    ("18446744073709551616", NUMBER),
    ("å\U0001f600", STRING),
    (nested(limits.DEPTH), LIST),
    ([{"@": "0.5"}, {"@": "2026-03-01"}], LIST),
    ({"@": "P1D"}, ANY),
    ([{"n": "0.5"}], Type("list", fields={"n": NUMBER})),
]


@pytest.mark.parametrize(("value", "kind"), REFUSED)
def test_a_value_that_no_state_can_keep_does_not_fit(value: Any, kind: Type) -> None:
    assert not fits(value, kind)


@pytest.mark.parametrize(("value", "kind"), TAKEN)
def test_a_value_that_a_state_can_keep_fits(value: Any, kind: Type) -> None:
    assert fits(value, kind)


@pytest.mark.parametrize(("value", "kind"), REFUSED)
def test_the_answer_of_a_handler_is_refused_and_nothing_stops(value: Any, kind: Type) -> None:
    drawn = definition(
        diagram(
            start() + job("j") + nodes("userTask", "a") + end(),
            "s>j j>a a>e",
        ),
        types={**TYPES, "given": kind},
    )
    walk = Walk(drawn)
    with pytest.raises(BadVariables) as refused:
        walk.do("j", given=value)
    assert refused.value.facts["names"] == ("given",)
    assert walk.open() == ["j"]


DUE = node("userTask", "b", ext('<zeebe:taskSchedule dueDate="= {}"/>'))
CATCH = catch("b", timer("Date", "= {}"))


@pytest.mark.parametrize("shape", [DUE, CATCH])
@pytest.mark.parametrize("when", ["date(1, 1, 1)", 'date and time("0001-01-01T00:00:00")'])
def test_a_reckoned_day_beyond_the_calendar_stops_by_name(shape: str, when: str) -> None:
    drawn = diagram(
        start() + nodes("userTask", "a") + shape.format(when.replace('"', "&quot;")) + end(),
        "s>a a>b b>e",
    )
    walk = Walk(definition(drawn, types=TYPES), Start())
    with pytest.raises(EngineStopped) as stopped:
        walk.do("a")
    assert (stopped.value.kind, stopped.value.element) == ("expression", "b")
