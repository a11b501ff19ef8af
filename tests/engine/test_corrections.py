"""An answer that is corrected sets its variables: what was passed stays passed, dates follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from service.engine.definition import Definition
from service.engine.feel.types import BOOLEAN, DATE, LIST, NUMBER
from service.engine.types import Correct, Json, Start, Stimulus
from service.errors import BadVariables, CaseEnded, DueFirst, NotWaiting
from tests.engine.fold import fold
from tests.engine.reruns import judged
from tests.engine.walks import Walk, definition
from tests.support.diagrams import (
    border,
    call,
    catch,
    diagram,
    document,
    each,
    end,
    ext,
    mapping,
    node,
    nodes,
    process,
    start,
    sub,
    timer,
    xor,
)

TYPES = {"yes": BOOLEAN, "n": NUMBER, "m": NUMBER, "day": DATE, "list": LIST, "out": LIST}
BY_DAY = ext('<zeebe:userTask/><zeebe:taskSchedule dueDate="= day"/>')


@dataclass(frozen=True)
class Recorded:
    """A turn as the fold reads it."""

    definition: tuple[str, str]
    stimulus: Stimulus
    now: datetime
    seed: str


def drawn(inside: str, flow: str, ends: str = "e") -> Definition:
    return definition(diagram(start() + inside + nodes("endEvent", ends), flow), types=TYPES)


def corrected(
    walk: Walk, element: str, **variables: Json
) -> list[tuple[str, tuple[str | int, ...]]]:
    """Correct an answer; which variables the steps say that it set."""
    walk.act(Correct(element, variables))
    return walk.steps_of("corrected")


def test_a_gateway_that_was_passed_stays_passed() -> None:
    walk = Walk(
        drawn(
            nodes("userTask", "a b c") + xor("x") + xor("y"),
            "s>a a>x x>b[yes] x>c* b>y y>e[yes] y>c*  c>e",
        )
    )
    walk.do("a", yes=True)
    assert corrected(walk, "a", yes=False) == [("a", ("yes",))]
    assert walk.open() == ["b"]
    walk.do("b")
    assert walk.open() == ["c"]


def test_a_timer_by_date_and_a_due_date_follow_what_is_corrected() -> None:
    waits = catch("w", timer("Date", "= day"))
    walk = Walk(
        drawn(
            nodes("userTask", "a")
            + node("userTask", "b", BY_DAY)
            + node("parallelGateway", "f")
            + node("parallelGateway", "j")
            + waits,
            "s>a a>f f>b f>w b>j w>j j>e",
        )
    )
    walk.do("a", day="2026-03-01")
    before = {walk.one("b").due, walk.one("w").due}
    corrected(walk, "a", day="2026-04-01")
    after = datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert before == {datetime(2026, 2, 28, 23, tzinfo=UTC)}
    assert {walk.one("b").due, walk.one("w").due, walk.turn.next_due} == {after}
    assert walk.steps_of("armed") == [("w", (after.isoformat(),))]


def test_a_duration_that_is_running_stays_as_it_began() -> None:
    late = border("late", "b", timer("Duration", '= if n = 3 then @"P3D" else @"P9D"'))
    walk = Walk(drawn(nodes("userTask", "a b c") + late, "s>a a>b b>e late>c c>e"))
    walk.do("a", n=3)
    due = walk.one("late").due
    corrected(walk, "a", n=9)
    assert walk.one("late").due == due


def test_a_correction_waits_for_a_timer_that_is_due() -> None:
    late = border("late", "b", timer("Duration", "P1D"))
    walk = Walk(drawn(nodes("userTask", "a b c") + late, "s>a a>b b>e late>c c>e"))
    walk.do("a", n=3)
    walk.later(days=2)
    with pytest.raises(DueFirst):
        walk.act(Correct("a", {"n": 4}))


def test_an_ended_case_is_not_corrected() -> None:
    walk = Walk(drawn(nodes("userTask", "a"), "s>a a>e"))
    walk.do("a", n=1)
    with pytest.raises(CaseEnded):
        walk.act(Correct("a", {"n": 2}))


def test_a_wrong_type_or_an_unknown_element_is_refused() -> None:
    walk = Walk(drawn(nodes("userTask", "a"), "s>a a>e"), Start({"n": 1}))
    with pytest.raises(BadVariables):
        walk.act(Correct("s", {"n": "one"}))
    with pytest.raises(NotWaiting):
        walk.act(Correct("nowhere", {"n": 2}))
    assert walk.turn.variables == {"n": 1}


def test_what_was_told_at_the_start_can_be_corrected() -> None:
    walk = Walk(drawn(nodes("userTask", "a"), "s>a a>e"), Start({"n": 1}))
    assert corrected(walk, "s", n=2) == [("s", ("n",))]
    assert walk.turn.variables == {"n": 2}


def test_an_output_that_reads_the_answer_is_worked_out_anew() -> None:
    double = ext("<zeebe:userTask/>" + mapping({"m": "= n * 2", "yes": "= true"}))
    walk = Walk(drawn(node("userTask", "a", double) + nodes("userTask", "b"), "s>a a>b b>e"))
    walk.do("a", n=2)
    assert corrected(walk, "a", n=5) == [("a", ("m",))]
    assert walk.turn.variables == {"m": 10, "yes": True}


def test_instances_of_a_repetition_keep_what_they_were_told() -> None:
    repeated = node("userTask", "a", each("list", "x", "out", "n"))
    walk = Walk(drawn(repeated + nodes("userTask", "b"), "s>a a>b b>e"), Start({"list": [1]}))
    walk.do("a", n=2)
    assert corrected(walk, "a", n=5) == []
    assert walk.turn.variables == {"list": [1], "out": [2]}


def with_call(settings: str) -> Definition:
    own = start() + call("c", "q", settings) + nodes("userTask", "u") + end()
    other = start("qs") + nodes("userTask", "a b") + end("qe")
    flow = "qs>a a>b b>qe"
    parts = process("p", own, "s>c c>u u>e"), process("q", other, flow)
    return definition(document(*parts), types=TYPES)


def test_a_call_with_own_variables_is_corrected_while_it_runs() -> None:
    walk = Walk(with_call(mapping({"m": "= n"})))
    walk.do("a", n=1)
    assert corrected(walk, "a", n=2) == [("a", ("n",))]
    walk.do("b")
    assert walk.turn.variables == {"m": 2}
    assert corrected(walk, "a", n=3) == []
    assert walk.turn.variables == {"m": 2}


def test_a_call_without_own_variables_is_corrected_after_its_end() -> None:
    walk = Walk(with_call(""))
    walk.do("a", n=1)
    walk.do("b")
    assert corrected(walk, "a", n=2) == [("a", ("n",))]
    assert walk.turn.variables == {"n": 2}


def test_a_part_that_is_over_is_corrected_in_the_case() -> None:
    inner = sub("sub", start("is") + nodes("userTask", "a") + end("ie"), "is>a a>ie")
    walk = Walk(drawn(inner + nodes("userTask", "b"), "s>sub sub>b b>e"))
    walk.do("a", n=1)
    assert corrected(walk, "a", n=2) == [("a", ("n",))]
    assert walk.turn.variables == {"n": 2}


def test_facts_with_a_correction_fold_to_the_same_bytes() -> None:
    walk = Walk(drawn(nodes("userTask", "a b"), "s>a a>b b>e"))
    walk.do("a", n=1)
    corrected(walk, "a", n=2)
    key = ("r", "p")
    recorded = [Recorded(key, *one) for one in walk.log]
    assert fold({key: walk.definition}, recorded) == walk.state


def test_a_draft_is_told_the_correction_too() -> None:
    walk = Walk(drawn(nodes("userTask", "a b c") + xor("x"), "s>a a>b b>x x>e[yes] x>c* c>e"))
    walk.do("a", yes=False)
    corrected(walk, "a", yes=True)
    walk.do("b")
    assert walk.turn.finished
    assert judged(walk, walk.definition).kind == "same"
    without = drawn(nodes("userTask", "b"), "s>b b>e")
    assert judged(walk, without).kind == "no longer asked"
