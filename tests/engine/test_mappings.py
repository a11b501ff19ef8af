"""Input and output mappings run where Camunda 8 runs them, in the scope that they have there."""

from __future__ import annotations

import pytest

from service.engine.definition import Definition
from service.engine.feel.types import BOOLEAN, LIST, NUMBER, STRING
from service.engine.types import Json, Message, Start
from service.errors import BadVariables, EngineStopped, NotWaiting
from tests.engine.walks import Walk, definition
from tests.support.diagrams import (
    border,
    diagram,
    document,
    each,
    end,
    event,
    ext,
    job,
    mapping,
    message,
    node,
    nodes,
    process,
    start,
    sub,
    timer,
    xor,
)

TYPES = {
    "yes": BOOLEAN,
    "n": NUMBER,
    "m": NUMBER,
    "k": NUMBER,
    "list": LIST,
    "out": LIST,
    "text": STRING,
}
DOUBLE = ext(mapping({"m": "= n * 2"}))
RULE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"
namespace="n"><decision id="pick" name="pick"><decisionTable id="t" hitPolicy="FIRST">
<input id="i"><inputExpression id="x" typeRef="number"><text>n</text></inputExpression></input>
<output id="o" name="k" typeRef="number"/>
<rule id="r1"><inputEntry id="a1"><text>&gt; 5</text></inputEntry>
<outputEntry id="b1"><text>1</text></outputEntry></rule>
<rule id="r2"><inputEntry id="a2"><text>-</text></inputEntry>
<outputEntry id="b2"><text>2</text></outputEntry></rule></decisionTable></decision></definitions>"""


def drawn(inside: str, flow: str, ends: str = "e", head: str = "") -> Definition:
    begin = start("s", head)
    return definition(
        diagram(begin + inside + nodes("endEvent", ends), flow),
        types=TYPES,
        rules={"pick.dmn": RULE},
    )


def variables(walk: Walk) -> dict[str, Json]:
    return dict(walk.turn.variables)


def called(call: str, inside: str, flow: str, starts: str = "") -> Definition:
    """Start, call `c`, task `u`, end; the called process is `q`."""
    own = start("s") + call + nodes("userTask", "u") + end("e")
    other = start("qs") + starts + inside + end("qe")
    return definition(
        document(process("p", own, "s>c c>u u>e"), process("q", other, flow)), types=TYPES
    )


def call(more: str = "", **attributes: str) -> str:
    calls = '<zeebe:calledElement processId="q"/>'
    return node("callActivity", "c", ext(calls + more), **attributes)


# ---- outputs of events


def test_a_start_maps_what_the_case_begins_with() -> None:
    walk = Walk(drawn(nodes("userTask", "u"), "s>u u>e", head=DOUBLE), Start({"n": 4}))
    assert variables(walk) == {"m": 8}


def test_a_start_without_answers_sets_what_it_maps() -> None:
    begins = ext(mapping({"n": "= 1", "m": "= n + 1"}))
    walk = Walk(drawn(nodes("userTask", "u"), "s>u u>e", head=begins))
    assert variables(walk) == {"n": 1, "m": 2}
    assert walk.steps_of("set") == [("s", ("m", "n"))]


@pytest.mark.parametrize("kind", ["receiveTask", "intermediateCatchEvent"])
def test_a_message_is_read_by_the_mapping_that_catches_it(kind: str) -> None:
    waits = (
        node(kind, "c", DOUBLE, messageRef="Msg_M")
        if kind == "receiveTask"
        else node(kind, "c", DOUBLE + message("M"))
    )
    walk = Walk(drawn(waits + nodes("userTask", "u"), "s>c c>u u>e"))
    walk.act(Message("M", {"n": 4, "text": "a"}))
    assert variables(walk) == {"m": 8}
    assert walk.open() == ["u"]


def test_a_message_without_a_mapping_writes_its_variables() -> None:
    waits = node("receiveTask", "c", messageRef="Msg_M")
    walk = Walk(drawn(waits + nodes("userTask", "u"), "s>c c>u u>e"))
    walk.act(Message("M", {"n": 4}))
    assert variables(walk) == {"n": 4}


def test_a_message_that_a_mapping_reads_is_checked_first() -> None:
    waits = node("receiveTask", "c", DOUBLE, messageRef="Msg_M")
    walk = Walk(drawn(waits + nodes("userTask", "u"), "s>c c>u u>e"))
    with pytest.raises(BadVariables):
        walk.act(Message("M", {"n": "a"}))


def test_a_timer_that_fires_runs_its_mapping() -> None:
    waits = node("intermediateCatchEvent", "c", DOUBLE + timer("Duration", "P1D"))
    walk = Walk(drawn(waits + nodes("userTask", "u"), "s>c c>u u>e"), Start({"n": 3}))
    walk.do("c")
    assert variables(walk) == {"n": 3, "m": 6}


@pytest.mark.parametrize("taken", ["a", "b"])
def test_an_event_behind_a_gateway_runs_its_own_mapping(taken: str) -> None:
    race = (
        node("eventBasedGateway", "g")
        + node("receiveTask", "a", DOUBLE, messageRef="Msg_M")
        + node("intermediateCatchEvent", "b", ext(mapping({"k": "= 9"})) + message("N"))
        + nodes("userTask", "u")
    )
    walk = Walk(drawn(race, "s>g g>a g>b a>u b>u u>e"))
    walk.do(taken, n=2)
    assert variables(walk) == ({"m": 4} if taken == "a" else {"k": 9})


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_border_event_maps_what_its_message_brings(*, interrupting: bool) -> None:
    on_border = border("b", "a", DOUBLE + message("M"), interrupting=interrupting)
    walk = Walk(drawn(nodes("userTask", "a z") + on_border, "s>a a>e b>z z>k", "e k"))
    walk.act(Message("M", {"n": 4}))
    assert variables(walk) == {"m": 8}
    if not interrupting:
        walk.act(Message("M", {"n": 5}))
        assert variables(walk) == {"m": 10}


def test_a_border_event_that_catches_an_error_runs_its_mapping() -> None:
    on_border = border("b", "j", ext(mapping({"m": "= 7"})) + event("error", "E"))
    walk = Walk(drawn(job("j") + on_border + nodes("userTask", "z"), "s>j j>e b>z z>e"))
    walk.fail("j", "E")
    assert variables(walk) == {"m": 7}


def test_a_message_thrown_inside_the_case_runs_the_mapping() -> None:
    inside = (
        node("parallelGateway", "f")
        + node("receiveTask", "c", ext(mapping({"m": "= 3"})), messageRef="Msg_M")
        + node("intermediateThrowEvent", "t", ext(mapping({"n": "= 1"})) + message("M"))
        + nodes("userTask", "u z")
    )
    walk = Walk(drawn(inside, "s>f f>c f>u u>t t>z c>e z>k", "e k"))
    walk.do("u")
    assert variables(walk) == {"m": 3, "n": 1}


def test_the_start_of_an_event_sub_process_maps_its_message() -> None:
    inside = (
        start("es", DOUBLE + message("M"), isInterrupting="false")
        + nodes("userTask", "eu")
        + end("ee")
    )
    late = sub("x", inside, "es>eu eu>ee", triggeredByEvent="true")
    walk = Walk(drawn(nodes("userTask", "u") + late, "s>u u>e"))
    walk.act(Message("M", {"n": 4}))
    assert (variables(walk), sorted(walk.open())) == ({"m": 8}, ["eu", "u"])


def test_a_plain_end_and_a_milestone_run_their_mappings() -> None:
    milestone = node("intermediateThrowEvent", "t", ext(mapping({"n": "= 1"})))
    begin = start("s") + milestone + end("e", DOUBLE)
    walk = Walk(definition(diagram(begin, "s>t t>e"), types=TYPES))
    assert (variables(walk), walk.turn.finished) == ({"n": 1, "m": 2}, True)


# ---- rules


def test_a_rule_s_result_is_seen_by_its_mapping_and_kept() -> None:
    decides = '<zeebe:calledDecision decisionId="pick" resultVariable="k"/>'
    rule = node("businessRuleTask", "r", ext(decides + mapping({"m": "= k + 10"})))
    walk = Walk(drawn(rule + nodes("userTask", "u"), "s>r r>u u>e"), Start({"n": 9}))
    assert variables(walk) == {"n": 9, "m": 11}


def test_a_rule_reads_the_inputs_that_are_mapped_for_it() -> None:
    decides = '<zeebe:calledDecision decisionId="pick" resultVariable="k"/>'
    rule = node("businessRuleTask", "r", ext(decides + mapping({}, {"n": "= m + 1"})))
    walk = Walk(drawn(rule + nodes("userTask", "u"), "s>r r>u u>e"), Start({"n": 0, "m": 8}))
    assert variables(walk) == {"n": 0, "m": 8, "k": 1}


# ---- sub-processes


def frame(more: str = "", head: str = "") -> str:
    inside = start("is") + nodes("userTask", "a") + end("ie")
    return sub("x", head + (ext(more) if more else "") + inside, "is>a a>ie")


def test_a_sub_process_maps_when_it_ends() -> None:
    walk = Walk(drawn(frame(mapping({"m": "= n * 2"})) + nodes("userTask", "u"), "s>x x>u u>e"))
    assert variables(walk) == {}
    walk.do("a", n=4)
    assert variables(walk) == {"n": 4, "m": 8}


def test_inputs_of_a_sub_process_live_and_end_with_it() -> None:
    mapped = mapping({"m": "= n * 10"}, {"n": "= n + 1"})
    walk = Walk(
        drawn(frame(mapped) + nodes("userTask", "u"), "s>x x>u u>e"), Start({"n": 1, "k": 0})
    )
    walk.do("a", k=5)
    assert variables(walk) == {"n": 1, "m": 20, "k": 5}


def test_what_is_written_over_an_input_stays_in_the_sub_process() -> None:
    mapped = mapping({"m": "= n"}, {"n": "= 0"})
    walk = Walk(drawn(frame(mapped) + nodes("userTask", "u"), "s>x x>u u>e"), Start({"n": 1}))
    walk.do("a", n=7)
    assert variables(walk) == {"n": 1, "m": 7}


def test_each_instance_of_a_sub_process_maps_for_itself() -> None:
    mapped = frame(mapping({"m": "= n + x"}, {"k": "= x * 100"}), each("list", "x", "out", "m + k"))
    walk = Walk(drawn(mapped + nodes("userTask", "u"), "s>x x>u u>e"), Start({"list": [1, 2]}))
    walk.do("a", 1, n=20)
    walk.do("a", 0, n=10)
    assert variables(walk) == {"list": [1, 2], "out": [111, 222]}


def test_a_handler_is_given_what_its_scope_holds() -> None:
    inside = start("is") + job("j") + end("ie")
    head = ext(mapping({}, {"n": "= 5"}))
    walk = Walk(drawn(sub("x", head + inside, "is>j j>ie"), "s>x x>e"), Start({"n": 1, "m": 2}))
    assert (walk.one("j").inputs, walk.one("j").local) == ({}, {"n": 5})


# ---- calls


def test_outputs_of_a_call_choose_what_comes_back() -> None:
    mapped = called(call(mapping({"m": "= n * 2"})), nodes("userTask", "qt"), "qs>qt qt>qe")
    walk = Walk(mapped, Start({"n": 1, "k": 0}))
    walk.do("qt", n=4, k=9)
    assert variables(walk) == {"n": 1, "k": 0, "m": 8}


def test_a_call_without_outputs_shares_the_variables() -> None:
    walk = Walk(called(call(), nodes("userTask", "qt"), "qs>qt qt>qe"), Start({"n": 1}))
    walk.do("qt", n=4)
    assert variables(walk) == {"n": 4}


def test_inputs_of_a_call_are_read_inside_it() -> None:
    chosen = xor("g") + nodes("userTask", "yes no")
    flow = "qs>g g>yes[n > 5] g>no* yes>qe no>qe"
    walk = Walk(called(call(mapping({}, {"n": "= n + 5"})), chosen, flow), Start({"n": 1}))
    assert walk.open() == ["yes"]
    walk.do("yes", m=3)
    assert variables(walk) == {"n": 1, "m": 3}


def test_an_instance_of_a_call_maps_for_itself() -> None:
    repeated = call(mapping({"m": "= n + x"}))
    repeated = repeated.replace(
        "</bpmn:callActivity>", each("list", "x", "out", "m") + "</bpmn:callActivity>"
    )
    walk = Walk(called(repeated, nodes("userTask", "qt"), "qs>qt qt>qe"), Start({"list": [1, 2]}))
    walk.do("qt", 1, n=20)
    walk.do("qt", 0, n=10)
    assert variables(walk) == {"list": [1, 2], "out": [11, 22]}


def test_a_call_begins_at_the_plain_start_alone() -> None:
    starts = start("qm", message("M"))
    inside = nodes("userTask", "qt qv")
    walk = Walk(called(call(), inside, "qs>qt qm>qv qt>qe qv>qe", starts))
    assert walk.open() == ["qt"]
    assert "qm" not in {step.element for step in walk.turn.steps}
    walk.do("qt")
    assert walk.open() == ["u"]


def named(id_: str, process_: str, more: str = "") -> str:
    calls = f'<zeebe:calledElement processId="{process_}"/>'
    return node("callActivity", id_, ext(calls + more))


def test_a_call_inside_a_call_maps_for_itself() -> None:
    mapped = definition(
        document(
            process("p", start() + named("c", "q", mapping({"m": "= m + 1"})) + end(), "s>c c>e"),
            process(
                "q",
                start("qs")
                + named("d", "r", mapping({"m": "= n * 2"}, {"n": "= n + 1"}))
                + end("qe"),
                "qs>d d>qe",
            ),
            process("r", start("rs") + nodes("userTask", "rt") + end("re"), "rs>rt rt>re"),
        ),
        types=TYPES,
    )
    walk = Walk(mapped, Start({"n": 1}))
    walk.do("rt", k=3)
    assert (variables(walk), walk.turn.finished) == ({"n": 1, "m": 5}, True)


def test_an_error_leaves_a_call_without_what_it_keeps() -> None:
    own = (
        start()
        + named("c", "q", mapping({"m": "= n"}))
        + border("b", "c", event("error", "E"))
        + nodes("userTask", "u")
        + end()
    )
    other = start("qs") + nodes("userTask", "qt") + end("qe", event("error", "E"))
    both_ = document(process("p", own, "s>c c>e b>u u>e"), process("q", other, "qs>qt qt>qe"))
    walk = Walk(definition(both_, types=TYPES), Start({"n": 1}))
    walk.do("qt", n=9)
    assert (variables(walk), walk.open()) == ({"n": 1}, ["u"])


def test_a_loop_over_a_sub_process_begins_with_new_inputs() -> None:
    frame_ = frame(mapping({"n": "= n"}, {"n": "= n + 1"}))
    walk = Walk(drawn(xor("j") + frame_ + xor("g"), "s>j j>x x>g g>e[n > 2] g>j*"), Start({"n": 0}))
    for _ in range(3):
        walk.do("a")
    assert (variables(walk), walk.turn.finished) == ({"n": 3}, True)


def test_one_process_called_twice_at_once_keeps_two_inputs() -> None:
    own = (
        start()
        + node("parallelGateway", "f")
        + named("c1", "q", mapping({"m": "= m"}, {"n": "= 1"}))
        + named("c2", "q", mapping({"k": "= m"}, {"n": "= 2"}))
        + node("parallelGateway", "j")
        + end()
    )
    sets = node("intermediateThrowEvent", "qm", ext(mapping({"m": "= n * 10"})))
    other = start("qs") + node("receiveTask", "qt", messageRef="Msg_M") + sets + end("qe")
    files = document(
        process("p", own, "s>f f>c1 f>c2 c1>j c2>j j>e"), process("q", other, "qs>qt qt>qm qm>qe")
    )
    walk = Walk(definition(files, types=TYPES))
    first, second = (work.id for work in walk.turn.open if work.kind == "message")
    walk.act(Message("M", id=second))
    assert variables(walk) == {"k": 20}
    with pytest.raises(NotWaiting):
        walk.act(Message("M", id=second))
    walk.act(Message("M", id=first))
    assert (variables(walk), walk.turn.finished) == ({"k": 20, "m": 10}, True)


# ---- messages inside instances


def waiting(head: str, catch: str, flow: str = "ms>mc mc>mb mb>me") -> str:
    inside = start("ms") + catch + nodes("userTask", "mb") + end("me")
    return sub("x", head + inside, flow)


CATCH = node("intermediateCatchEvent", "mc", message("M"))
RECEIVE = node("receiveTask", "mc", messageRef="Msg_M")
ON_BORDER = nodes("userTask", "mc") + border("mm", "mc", message("M"))
RACE = (
    node("eventBasedGateway", "mg")
    + CATCH
    + node("intermediateCatchEvent", "mw", timer("Duration", "P1D"))
)


@pytest.mark.parametrize(
    ("catch", "flow"),
    [
        (CATCH, "ms>mc mc>mb mb>me"),
        (RECEIVE, "ms>mc mc>mb mb>me"),
        (ON_BORDER, "ms>mc mc>me mm>mb mb>me"),
        (RACE, "ms>mg mg>mc mg>mw mc>mb mw>mb mb>me"),
    ],
    ids=["catch", "receive", "border", "gateway"],
)
def test_a_message_reaches_the_instance_that_its_id_names(catch: str, flow: str) -> None:
    head = each("list", "x", "out", "n")
    walk = Walk(drawn(waiting(head, catch, flow), "s>x x>e"), Start({"list": [5, 6]}))
    wanted = next(o for o in walk.turn.open if o.kind == "message" and o.item == 6)
    walk.act(Message("M", {"n": 60}, id=wanted.id))
    assert [o.item for o in walk.turn.open if o.element == "mb"] == [6]
    other = next(o for o in walk.turn.open if o.kind == "message")
    assert other.item == 5
    walk.act(Message("M", {"n": 50}))
    walk.do("mb", 0)
    walk.do("mb", 0)
    assert variables(walk)["out"] == [50, 60]


def test_a_message_in_an_instance_replaces_its_older_value() -> None:
    inside = start("ms") + nodes("userTask", "a b b1 b2") + CATCH + xor("g") + end("me")
    flow = "ms>a a>mc mc>b b>g g>b1[n = 2] g>b2* b1>me b2>me"
    repeated = sub("x", each("list", "x", "out", "n", sequential=True) + inside, flow)
    walk = Walk(drawn(repeated, "s>x x>e"), Start({"list": [7], "n": 0}))
    walk.do("a", n=1)
    walk.act(Message("M", {"n": 2}))
    walk.do("b")
    assert (walk.open(), variables(walk)["n"]) == (["b1"], 0)


# ---- values that no variable may hold


def test_a_mapping_of_another_type_stops_the_case() -> None:
    waits = node("receiveTask", "c", ext(mapping({"yes": "= n"})), messageRef="Msg_M")
    walk = Walk(drawn(waits, "s>c c>e"))
    with pytest.raises(EngineStopped) as stopped:
        walk.act(Message("M", {"n": 1}))
    assert (stopped.value.kind, stopped.value.element) == ("expression", "c")
