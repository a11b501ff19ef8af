"""The contract of `advance`: what each stimulus does, what is refused, and that the same facts give
the same bytes.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.spiff.patches import current
from service.engine.types import Answer, Complete, Due, Fail, Message, Move, Start
from service.errors import (
    BadVariables,
    CaseEnded,
    DueFirst,
    EngineStopped,
    NotDue,
    NotWaiting,
    SeveralWait,
    TaskClosed,
    WrongDefinition,
)
from tests.engine.walks import MONDAY, Walk, definition, small, straight
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    end,
    event,
    job,
    mapping,
    message,
    nodes,
    start,
    throw,
    timer,
    xor,
)


def test_a_case_runs_from_its_start_to_its_end() -> None:
    walk = Walk(straight("a b"))
    assert walk.open() == ["a"]
    walk.do("a")
    assert walk.open() == ["b"]
    walk.do("b")
    assert walk.turn.finished
    assert walk.turn.ends == ("e",)
    assert walk.turn.open == ()


def test_the_same_call_twice_gives_the_same_advance() -> None:
    drawn = straight("a b")
    first = advance(drawn, b"", Start({"yes": True}), now=MONDAY, seed="1")
    assert first == advance(drawn, b"", Start({"yes": True}), now=MONDAY, seed="1")


def test_steps_name_the_path_and_never_a_value() -> None:
    gates = xor("g", default="g_b")
    drawn = small(gates + nodes("userTask", "a b"), "s>g g>a[yes] g>b a>e b>f", "e f")
    walk = Walk(drawn, Start({"yes": True}))
    assert walk.steps_of("set") == [("s", ("yes",))]
    assert walk.steps_of("chose") == [("g", ("yes", "g_a"))]
    assert walk.steps_of("took") == [("s", ("s_g",)), ("g", ("g_a",))]
    assert [element for element, _ in walk.steps_of("entered")] == ["s", "g", "a"]
    walk.do("a")
    assert walk.steps_of("ended") == [("e", ("p",))]


def test_openings_of_an_element_are_counted_from_one() -> None:
    gates = xor("m") + xor("g", default="g_m")
    walk = Walk(small(gates + nodes("userTask", "a"), "s>m m>a a>g g>m g>e[yes]"))
    assert walk.one("a").nth == 1
    walk.do("a", yes=False)
    assert walk.one("a").nth == 2


@pytest.mark.parametrize(
    "values",
    [
        {"unknown": 1},
        {"yes": "yes"},
        {"n": "many"},
        {"list": 3},
        {"text": "x" * 300},
        {"list": [1] * 200},
    ],
)
def test_undeclared_variables_are_refused_by_name(
    values: dict[str, object],
) -> None:
    walk = Walk(straight("a b"))
    with pytest.raises(BadVariables) as refused:
        walk.do("a", **values)  # type: ignore[arg-type]  # what nobody may do is what is tried
    assert refused.value.facts["names"] == tuple(values)
    assert "x" * 300 not in str(refused.value)


def test_a_task_that_is_closed_cannot_be_completed_again() -> None:
    walk = Walk(straight("a b"))
    a = walk.one("a")
    walk.do("a")
    for stimulus in (Complete(a.id), Answer(a.id), Fail(a.id, "E"), Due(a.id), Complete("9.9")):
        with pytest.raises(TaskClosed):
            walk.act(stimulus)


def test_a_case_that_has_ended_does_not_move() -> None:
    walk = Walk(straight("a"))
    a = walk.one("a")
    walk.do("a")
    for stimulus in (Complete(a.id), Message("M"), Move()):
        with pytest.raises(CaseEnded):
            walk.act(stimulus)


def test_a_case_starts_once_and_moves_only_with_its_state() -> None:
    drawn = straight("a")
    walk = Walk(drawn)
    with pytest.raises(ValueError, match="has a state"):
        advance(drawn, walk.state, Start(), now=MONDAY, seed="2")
    with pytest.raises(ValueError, match="has a state"):
        advance(drawn, b"", Complete("1.1"), now=MONDAY, seed="2")
    with pytest.raises(ValueError, match="UTC"):
        advance(drawn, b"", Start(), now=MONDAY.replace(tzinfo=None), seed="1")
    with pytest.raises(ValueError, match="millisecond"):
        advance(drawn, b"", Start(), now=MONDAY + timedelta(microseconds=1), seed="1")


def test_a_state_of_another_definition_is_refused() -> None:
    walk = Walk(straight("a b"))
    with pytest.raises(WrongDefinition):
        advance(straight("a c"), walk.state, Complete(walk.one("a").id), now=MONDAY, seed="2")


def test_a_passed_deadline_fires_before_a_person_completes() -> None:
    late = border("t", "a", timer("Duration", "P2D"))
    walk = Walk(small(nodes("userTask", "a b") + late, "s>a a>e t>b b>f", "e f"))
    a = walk.one("a")
    with pytest.raises(NotDue):
        walk.act(Due(walk.one("t").id))
    walk.later(days=2)
    with pytest.raises(DueFirst) as refused:
        walk.act(Complete(a.id))
    assert refused.value.ids == (walk.one("t").id,)
    walk.act(Due(refused.value.ids[0]))
    assert walk.open() == ["b"]
    assert walk.steps_of("fired") == [("t", ("2026-01-07T09:00:00+00:00",))]
    assert walk.steps_of("cancelled") == [("a", (a.id,))]


def test_a_handler_answers_or_reports_an_error() -> None:
    drawn = small(
        job("j") + border("x", "j", event("error", "E")) + nodes("userTask", "a b"),
        "s>j j>a x>b a>e b>e",
    )
    walk = Walk(drawn)
    assert (walk.one("j").kind, walk.one("j").what) == ("job", "letters.send")
    walk.fail("j", "E")
    assert walk.open() == ["b"]
    walk = Walk(drawn)
    with pytest.raises(EngineStopped) as stopped:
        walk.fail("j", "F")
    assert stopped.value.kind == "error_uncaught"
    walk.do("j", n=3)
    assert walk.open() == ["a"]
    assert walk.turn.variables == {"n": 3}


def test_a_job_keeps_mapped_inputs_and_writes_mapped_outputs() -> None:
    more = mapping(
        outputs={"out": "= list", "n": "= n + 1"}, inputs={"office": "north", "twice": "= n * 2"}
    )
    walk = Walk(
        small(job("j", extra=more) + nodes("userTask", "a"), "s>j j>a a>e"), Start({"n": 4})
    )
    assert walk.one("j").inputs == {"office": "north", "twice": 8}
    walk.do("j", list=[1, 2], text="not mapped")
    assert walk.turn.variables == {"n": 5, "out": [1, 2]}


def test_a_message_needs_exactly_one_place_that_waits() -> None:
    both = border("x", "a", message("M")) + border("y", "b", message("M"))
    gates = nodes("parallelGateway", "f j")
    walk = Walk(
        small(
            gates + nodes("userTask", "a b c d") + both,
            "s>f f>a f>b a>j b>j j>e x>c c>k y>d d>l",
            "e k l",
        )
    )
    with pytest.raises(NotWaiting):
        walk.act(Message("N"))
    with pytest.raises(SeveralWait) as refused:
        walk.act(Message("M"))
    assert refused.value.facts["elements"] == ("x", "y")
    walk.act(Message("M", {"n": 1}, element="y"))
    assert walk.open("task") == ["a", "d"]
    assert walk.steps_of("caught") == [("y", ("M",))]


def test_a_case_can_start_by_a_message() -> None:
    starts = start() + start("m", message("M"))
    drawn = definition(diagram(starts + nodes("userTask", "a b") + end(), "s>a m>b a>e b>e"))
    assert drawn.starts == ("s", "m")
    assert drawn.messages == {"M": ("m",)}
    assert Walk(drawn).open() == ["a"]
    assert Walk(drawn, Start(element="m")).open() == ["b"]
    with pytest.raises(NotWaiting):
        Walk(drawn, Start(element="x"))


def test_a_message_is_caught_where_it_is_awaited_else_thrown() -> None:
    throws = throw("t", message("M")) + end("e", message("N"))
    walk = Walk(small(throws, "s>t t>e", ""))
    assert [(t.kind, t.name, t.element) for t in walk.turn.thrown] == [
        ("message", "M", "t"),
        ("message", "N", "e"),
    ]
    assert walk.turn.finished
    waits = catch("c", message("N"))
    gates = nodes("parallelGateway", "f j")
    walk = Walk(
        small(gates + throws + waits + nodes("userTask", "a"), "s>f f>a a>e f>c c>j j>k", "k")
    )
    walk.do("a")
    assert walk.turn.finished
    assert walk.turn.thrown == ()


def test_no_way_out_stops_the_case_and_names_the_gateway() -> None:
    drawn = small(xor("g"), "s>g g>e[yes] g>f[n > 3]", "e f")
    with pytest.raises(EngineStopped) as stopped:
        Walk(drawn)
    assert (stopped.value.kind, stopped.value.element) == ("no_way_out", "g")


def test_a_definition_knows_its_elements_and_digests_what_runs() -> None:
    def drawn(name: str, condition: str) -> Definition:
        gates = xor("g", default="g_e", name=name)
        return definition(
            diagram(
                start() + gates + nodes("endEvent", "e f"),
                f"s>g g>e g>f[{condition}]",
            )
        )

    one = drawn("Which way?", "yes")
    assert one.digest == drawn("Vilken väg?", "yes").digest
    assert one.digest != drawn("Which way?", "not(yes)").digest
    assert one.elements["g"].outgoing == ("g_e", "g_f")
    assert one.flows["g_e"].default
    assert one.flows["g_f"].condition == "yes"


def test_outside_a_turn_there_is_neither_time_nor_an_id() -> None:
    with pytest.raises(LookupError):
        current()
