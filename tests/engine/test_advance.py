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
from tests.engine.drawing import (
    MONDAY,
    Walk,
    border,
    definition,
    diagram,
    document,
    each,
    extension,
    job,
    mapping,
    node,
    nodes,
    process,
    ref,
    small,
    straight,
    sub,
    timer,
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


def test_steps_tell_the_way_and_never_a_value() -> None:
    gates = node("exclusiveGateway", "g", default="g_b")
    drawn = small(gates + nodes("userTask", "a b"), "s>g g>a[yes] g>b a>e b>f", "e f")
    walk = Walk(drawn, Start({"yes": True}))
    assert walk.told("set") == [("s", ("yes",))]
    assert walk.told("chose") == [("g", ("yes", "g_a"))]
    assert walk.told("took") == [("s", ("s_g",)), ("g", ("g_a",))]
    assert [element for element, _ in walk.told("entered")] == ["s", "g", "a"]
    walk.do("a")
    assert walk.told("ended") == [("e", ("p",))]


def test_openings_of_an_element_are_counted_from_one() -> None:
    gates = node("exclusiveGateway", "m") + node("exclusiveGateway", "g", default="g_m")
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
def test_variables_that_the_release_does_not_declare_are_refused_by_name(
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


def test_a_passed_deadline_is_fired_before_a_person_completes() -> None:
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
    assert walk.told("fired") == [("t", ("2026-01-07T09:00:00+00:00",))]
    assert walk.told("cancelled") == [("a", (a.id,))]


def test_a_handler_answers_or_reports_an_error() -> None:
    drawn = small(
        job("j") + border("x", "j", ref("error", "E")) + nodes("userTask", "a b"),
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


def test_mapped_inputs_are_frozen_in_the_job_and_mapped_outputs_are_written() -> None:
    more = mapping(
        outputs={"out": "= list", "n": "= n + 1"}, inputs={"office": "north", "twice": "= n * 2"}
    )
    walk = Walk(small(job("j", more=more) + nodes("userTask", "a"), "s>j j>a a>e"), Start({"n": 4}))
    assert walk.one("j").inputs == {"office": "north", "twice": 8}
    walk.do("j", list=[1, 2], text="not mapped")
    assert walk.turn.variables == {"n": 5, "out": [1, 2]}


def test_a_message_needs_exactly_one_place_that_waits() -> None:
    both = border("x", "a", ref("message", "M")) + border("y", "b", ref("message", "M"))
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
    assert walk.told("caught") == [("y", ("M",))]


def test_a_case_can_start_by_a_message() -> None:
    starts = nodes("startEvent", "s") + node("startEvent", "m", ref("message", "M"))
    drawn = definition(
        diagram(starts + nodes("userTask", "a b") + nodes("endEvent", "e"), "s>a m>b a>e b>e")
    )
    assert drawn.starts == ("s", "m")
    assert drawn.messages == {"M": ("m",)}
    assert Walk(drawn).open() == ["a"]
    assert Walk(drawn, Start(element="m")).open() == ["b"]
    with pytest.raises(NotWaiting):
        Walk(drawn, Start(element="x"))


def test_a_message_nobody_waits_for_is_thrown_and_one_that_somebody_waits_for_is_caught() -> None:
    throws = node("intermediateThrowEvent", "t", ref("message", "M")) + node(
        "endEvent", "e", ref("message", "N")
    )
    walk = Walk(small(throws, "s>t t>e", ""))
    assert [(t.kind, t.name, t.element) for t in walk.turn.thrown] == [
        ("message", "M", "t"),
        ("message", "N", "e"),
    ]
    assert walk.turn.finished
    waits = node("intermediateCatchEvent", "c", ref("message", "N"))
    gates = nodes("parallelGateway", "f j")
    walk = Walk(
        small(gates + throws + waits + nodes("userTask", "a"), "s>f f>a a>e f>c c>j j>k", "k")
    )
    walk.do("a")
    assert walk.turn.finished
    assert walk.turn.thrown == ()


def test_the_error_end_inside_is_named_beside_the_end_that_it_led_to() -> None:
    inside = (
        nodes("startEvent", "is")
        + node("exclusiveGateway", "ig", default="ig_ie")
        + node("endEvent", "refused", ref("error", "E"))
        + nodes("endEvent", "ie")
    )
    work = (
        sub("box", inside, "is>ig ig>refused[yes] ig>ie")
        + border("x", "box", ref("error", "E"))
        + nodes("userTask", "tell a")
    )
    drawn = small(work, "s>box box>a a>e x>tell tell>f", "e f")
    walk = Walk(drawn, Start({"yes": True}))
    assert walk.open() == ["tell"]
    walk.do("tell")
    assert (walk.turn.ends, walk.turn.inner_end) == (("f",), "refused")
    walk = Walk(drawn, Start({"yes": False}))
    walk.do("a")
    assert (walk.turn.ends, walk.turn.inner_end) == (("e",), "")


def test_a_loop_back_through_the_sub_process_forgets_the_earlier_fault() -> None:
    inside = (
        nodes("startEvent", "is")
        + node("exclusiveGateway", "ig", default="ig_ie")
        + node("endEvent", "refused", ref("error", "E"))
        + nodes("endEvent", "ie")
    )
    work = (
        nodes("exclusiveGateway", "m")
        + sub("box", inside, "is>ig ig>refused[yes] ig>ie")
        + border("x", "box", ref("error", "E"))
        + nodes("userTask", "again")
    )
    walk = Walk(small(work, "s>m m>box box>e x>again again>m"), Start({"yes": True}))
    walk.do("again", yes=False)
    assert (walk.turn.ends, walk.turn.inner_end) == (("e",), "")


def test_an_escalation_may_let_the_work_go_on() -> None:
    inside = (
        nodes("startEvent", "is")
        + node("intermediateThrowEvent", "up", ref("escalation", "X"))
        + nodes("userTask", "a")
        + nodes("endEvent", "ie")
    )
    work = sub("box", inside, "is>up up>a a>ie")
    guard = border("x", "box", ref("escalation", "X"), interrupting=False) + nodes("userTask", "b")
    walk = Walk(small(work + guard, "s>box box>e x>b b>f", "e f"))
    assert walk.open("task") == ["a", "b"]
    walk = Walk(small(work, "s>box box>e"))
    assert [(t.kind, t.name) for t in walk.turn.thrown] == [("escalation", "X")]


def test_terminate_ends_its_own_scope_and_cancels_what_is_open_in_it() -> None:
    stop = node("endEvent", "stop", "<terminateEventDefinition/>")
    inside = (
        nodes("startEvent", "is")
        + nodes("parallelGateway", "f")
        + nodes("userTask", "a b")
        + stop
        + nodes("endEvent", "ie")
    )
    walk = Walk(
        small(
            sub("box", inside, "is>f f>a f>b a>stop b>ie") + nodes("userTask", "c"),
            "s>box box>c c>e",
        )
    )
    walk.do("a")
    assert walk.open() == ["c"]
    assert walk.told("cancelled")[0][0] == "b"


def test_links_are_flows_that_were_cut_for_the_picture() -> None:
    links = node("intermediateThrowEvent", "out", '<linkEventDefinition name="L"/>') + node(
        "intermediateCatchEvent", "in", '<linkEventDefinition name="L"/>'
    )
    walk = Walk(small(links + nodes("userTask", "a"), "s>out in>a a>e"))
    assert walk.open() == ["a"]
    assert walk.told("took") == [("s", ("s_out",)), ("in", ("in_a",))]


def test_called_processes_share_the_variables_and_a_manual_task_needs_no_form() -> None:
    call = node("callActivity", "c", extension('<zeebe:calledElement processId="q"/>'))
    outer = process(
        "p",
        nodes("startEvent", "s") + call + nodes("userTask", "a") + nodes("endEvent", "e"),
        "s>c c>a a>e",
    )
    inner = process(
        "q",
        nodes("startEvent", "qs") + nodes("manualTask", "m") + nodes("endEvent", "qe"),
        "qs>m m>qe",
    )
    walk = Walk(definition(document(outer, inner)), Start({"n": 1}))
    assert walk.open() == ["m"]
    assert walk.definition.elements["m"].process == "q"
    walk.do("m", n=2)
    assert walk.open() == ["a"]
    assert walk.turn.variables == {"n": 2}


def test_what_an_instance_writes_stays_in_it_and_only_the_result_comes_out() -> None:
    inside = (
        each("list", "x", "out", "n + x")
        + nodes("startEvent", "is")
        + nodes("userTask", "a")
        + nodes("endEvent", "ie")
    )
    box = sub("box", inside, "is>a a>ie")
    walk = Walk(small(box, "s>box box>e"), Start({"list": [10, 20, 30], "n": 0}))
    assert [(o.element, o.nth, o.item) for o in walk.turn.open] == [
        ("a", 1, 10),
        ("a", 2, 20),
        ("a", 3, 30),
    ]
    walk.do("a", 2, n=3)
    walk.do("a", 0, n=1)
    assert walk.turn.variables["n"] == 0
    walk.do("a", 0, n=2)
    assert walk.turn.variables == {"list": [10, 20, 30], "n": 0, "out": [11, 22, 33]}
    assert walk.turn.finished


def test_a_hundred_instances_run_side_by_side_and_a_hundred_and_one_do_not() -> None:
    drawn = small(node("userTask", "a", each("list", "x", "out", "x")), "s>a a>e")
    walk = Walk(drawn, Start({"list": list(range(100))}))
    assert len(walk.turn.open) == 100
    for _ in range(100):
        walk.do("a")
    assert walk.turn.variables["out"] == list(range(100))
    with pytest.raises((BadVariables, EngineStopped)):
        Walk(drawn, Start({"list": list(range(101))}))


def test_an_event_sub_process_runs_any_number_of_times_and_the_case_waits_for_all() -> None:
    inside = (
        node("startEvent", "m", ref("message", "M"), isInterrupting="false")
        + nodes("userTask", "b")
        + nodes("endEvent", "ie")
    )
    walk = Walk(
        small(
            nodes("userTask", "a") + sub("es", inside, "m>b b>ie", triggeredByEvent="true"),
            "s>a a>e",
        )
    )
    walk.act(Message("M", {"n": 1}))
    walk.act(Message("M"))
    assert walk.open() == ["a", "b", "b"]
    assert not walk.do("a").finished
    walk.do("b")
    assert walk.do("b").finished
    assert walk.turn.ends == ("e",)


def test_no_way_out_stops_the_case_and_names_the_gateway() -> None:
    drawn = small(nodes("exclusiveGateway", "g"), "s>g g>e[yes] g>f[n~>~3]", "e f")
    with pytest.raises(EngineStopped) as stopped:
        Walk(drawn)
    assert (stopped.value.kind, stopped.value.element) == ("no_way_out", "g")


def test_a_definition_knows_its_elements_and_differs_by_what_runs_alone() -> None:
    def drawn(name: str, condition: str) -> Definition:
        gates = node("exclusiveGateway", "g", default="g_e", name=name)
        return definition(
            diagram(
                nodes("startEvent", "s") + gates + nodes("endEvent", "e f"),
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
