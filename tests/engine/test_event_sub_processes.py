"""Event sub-processes of every kind in every scope: what begins them, and what they end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.engine.advance import message_starts
from service.engine.definition import Definition
from service.engine.feel.types import DATE
from service.engine.types import Due, Message, Move, Start, Thrown
from service.errors import EngineStopped, NotWaiting, TaskClosed
from tests.engine.walks import MONDAY, TYPES, Walk, definition, small
from tests.support.diagrams import (
    border,
    both,
    call,
    diagram,
    document,
    each,
    end,
    event,
    job,
    message,
    node,
    nodes,
    process,
    start,
    sub,
    throw,
    timer,
    xor,
)

MESSAGE = message("M")
DAY = timedelta(days=1)


def event_sub(
    begins: str, *, interrupting: bool = True, id_: str = "es", last: str = "", body: str = ""
) -> str:
    """An event sub-process with one task, `<id>u`, or with a body of its own."""
    begin = start(f"{id_}s", begins, isInterrupting=str(interrupting).lower())
    inside = begin + (body or node("userTask", f"{id_}u")) + end(f"{id_}e", last)
    return sub(id_, inside, f"{id_}s>{id_}u {id_}u>{id_}e", triggeredByEvent="true")


def framed(event_sub_: str, scope: str, b: str = "", last: str = "") -> Definition:
    """Tasks `a` and `b` at once with an event sub-process in their scope, and task `z` behind it.

    Args:
        scope: `top`: the process itself, without `z`; `frame`: an embedded sub-process; `call`: a
            called process; `item`: an instance of a multi-instance sub-process.
        b: what stands in the place of task `b`.
        last: the event of the end behind it.
    """
    work = (
        start("is")
        + both("g")
        + nodes("userTask", "a")
        + (b or node("userTask", "b"))
        + end("ie")
        + end("be", last)
        + event_sub_
    )
    flow = "is>g g>a g>b a>ie b>be"
    if scope == "top":
        return definition(diagram(work, flow), types=MORE)
    around = start("s") + node("userTask", "z") + end("e")
    if scope == "call":
        called = call("c", "q")
        return definition(
            document(process("p", around + called, "s>c c>z z>e"), process("q", work, flow)),
            types=MORE,
        )
    marker = each("list", "x", "out", "x") if scope == "item" else ""
    return definition(diagram(around + sub("c", marker + work, flow), "s>c c>z z>e"), types=MORE)


def one_task(event_sub_: str) -> str:
    """A sub-process `c` of task `a`, with an event sub-process."""
    return sub("c", start("is") + node("userTask", "a") + end("ie") + event_sub_, "is>a a>ie")


def versioned(event_sub_: str) -> Definition:
    """The same as a process, and task `z` behind it."""
    return small(one_task(event_sub_) + nodes("userTask", "z"), "s>c c>z z>e")


MORE = {**TYPES, "day": DATE}
SCOPES = ["top", "frame", "call", "item"]


def begun(event_sub_: str, scope: str) -> Walk:
    return Walk(framed(event_sub_, scope), Start({"list": [7]}))


@pytest.mark.parametrize("scope", SCOPES)
def test_a_message_interrupts_and_the_scope_ends_behind_it(scope: str) -> None:
    walk = begun(event_sub(MESSAGE), scope)
    walk.act(Message("M"))
    assert walk.open() == ["esu"]
    assert {element for element, _ in walk.steps_of("cancelled")} >= {"a", "b"}
    with pytest.raises(NotWaiting):
        walk.act(Message("M"))
    walk.do("esu")
    assert walk.turn.ends == (("ese",) if scope == "top" else ())
    assert walk.turn.finished == (scope == "top")
    assert walk.open() == ([] if scope == "top" else ["z"])


@pytest.mark.parametrize("scope", SCOPES)
def test_a_message_that_does_not_interrupt_may_come_again(scope: str) -> None:
    walk = begun(event_sub(MESSAGE, interrupting=False), scope)
    walk.act(Message("M"))
    walk.act(Message("M"))
    assert walk.open() == ["a", "b", "esu", "esu"]
    walk.do("a")
    walk.do("esu")
    walk.do("b")
    assert walk.open() == ["esu"]
    walk.do("esu")
    assert walk.open() == ([] if scope == "top" else ["z"])
    assert walk.turn.ends == (("ie", "be") if scope == "top" else ())


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("begins", [timer("Duration", "P1D"), timer("Date", "= day")])
def test_a_timer_interrupts_when_it_is_due(scope: str, begins: str) -> None:
    day = (MONDAY + DAY).date().isoformat()
    walk = Walk(framed(event_sub(begins), scope), Start({"list": [7], "day": day}))
    assert walk.open("timer") == ["ess"]
    assert walk.turn.next_due == walk.one("ess").due
    walk.do("ess")
    assert walk.open() == ["esu"]
    walk.do("esu")
    assert walk.open() == ([] if scope == "top" else ["z"])


@pytest.mark.parametrize("scope", SCOPES)
def test_a_cycle_begins_it_each_round_until_none_is_left(scope: str) -> None:
    walk = begun(event_sub(timer("Cycle", "R2/P1D"), interrupting=False), scope)
    assert [(o.nth, o.due) for o in walk.turn.open if o.kind == "timer"] == [(1, MONDAY + DAY)]
    walk.do("ess")
    assert [(o.nth, o.due) for o in walk.turn.open if o.kind == "timer"] == [(2, MONDAY + 2 * DAY)]
    walk.do("ess")
    assert walk.open() == ["a", "b", "esu", "esu"]


@pytest.mark.parametrize("scope", SCOPES)
def test_the_timer_goes_when_its_scope_ends(scope: str) -> None:
    walk = begun(event_sub(timer("Cycle", "R/P1D"), interrupting=False), scope)
    timer_id = walk.one("ess").id
    walk.do("a")
    walk.do("b")
    assert walk.open() == ([] if scope == "top" else ["z"])
    assert walk.turn.finished == (scope == "top")
    if scope != "top":
        with pytest.raises(TaskClosed):
            walk.act(Due(timer_id), MONDAY + DAY)


@pytest.mark.parametrize("scope", SCOPES)
def test_the_error_of_a_handler_is_caught_in_its_scope(scope: str) -> None:
    drawn = framed(event_sub(event("error", "E")), scope, b=job("b"))
    walk = Walk(drawn, Start({"list": [7]}))
    walk.fail("b", "E")
    assert walk.open() == ["esu"]
    assert ("ess", ("E",)) in walk.steps_of("caught")
    walk.do("esu")
    assert walk.open() == ([] if scope == "top" else ["z"])


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("kind", "code"), [("error", "E"), ("escalation", "X")])
def test_the_fault_of_an_end_event_is_caught_in_its_scope(scope: str, kind: str, code: str) -> None:
    drawn = framed(event_sub(event(kind, code)), scope, last=event(kind, code))
    walk = Walk(drawn, Start({"list": [7]}))
    walk.do("b")
    assert walk.open() == ["esu"]
    assert walk.turn.thrown == ()
    walk.do("esu")
    assert walk.open() == ([] if scope == "top" else ["z"])
    if scope == "top":
        assert (walk.turn.ends, walk.turn.inner_end) == (("ese",), "be")


@pytest.mark.parametrize("scope", SCOPES)
def test_an_escalation_beside_the_work_lets_it_go_on(scope: str) -> None:
    begins = event_sub(event("escalation", "X"), interrupting=False)
    walk = Walk(framed(begins, scope, last=event("escalation", "X")), Start({"list": [7]}))
    walk.do("b")
    assert walk.open() == ["a", "esu"]
    walk.do("a")
    walk.do("esu")
    assert walk.open() == ([] if scope == "top" else ["z"])


def test_an_exact_code_is_asked_before_any_code() -> None:
    any_code = event_sub(event("error", ""), id_="any")
    drawn = framed(any_code + event_sub(event("error", "E")), "top", b=job("b"))
    walk = Walk(drawn)
    walk.fail("b", "E")
    assert walk.open() == ["esu"]
    walk = Walk(drawn)
    walk.fail("b", "F")
    assert walk.open() == ["anyu"]


def test_the_scope_catches_before_the_border_of_its_owner() -> None:
    inside = start("is") + job("b") + end("ie")
    caught = border("t", "c", event("error", "E"))
    frame = sub("c", inside + event_sub(event("error", "")), "is>b b>ie")
    walk = Walk(small(frame + caught + nodes("userTask", "x"), "s>c c>e t>x x>e"))
    walk.fail("b", "E")
    assert walk.open() == ["esu"]


def test_the_border_of_the_step_catches_before_its_scope() -> None:
    caught = border("t", "b", event("error", ""))
    body = job("b") + caught + nodes("userTask", "x") + event_sub(event("error", "E"))
    walk = Walk(small(body, "s>b b>e t>x x>e"))
    walk.fail("b", "E")
    assert walk.open() == ["x"]


def test_a_fault_of_what_has_interrupted_goes_outwards() -> None:
    again = event_sub(event("error", "E"), last=event("error", "E"))
    frame = sub("c", start("is") + job("b") + end("ie") + again, "is>b b>ie")
    caught = border("t", "c", event("error", "E"))
    walk = Walk(small(frame + caught + nodes("userTask", "x"), "s>c c>e t>x x>e"))
    walk.fail("b", "E")
    walk.do("esu")
    assert walk.open() == ["x"]
    walk = Walk(small(job("b") + again, "s>b b>e"))
    walk.fail("b", "E")
    with pytest.raises(EngineStopped) as stopped:
        walk.do("esu")
    assert stopped.value.kind == "error_uncaught"


def test_a_fault_inside_is_caught_by_the_scope_around_it() -> None:
    inner = sub("c", start("is") + job("b") + end("ie"), "is>b b>ie")
    walk = Walk(
        small(inner + nodes("userTask", "a") + event_sub(event("error", "E")), "s>c c>a a>e")
    )
    walk.fail("b", "E")
    assert walk.open() == ["esu"]
    assert walk.do("esu").ends == ("ese",)


def test_an_escalation_in_the_way_interrupts_and_stays_behind() -> None:
    throws = throw("t", event("escalation", "X"))
    body = throws + nodes("userTask", "a b") + event_sub(event("escalation", "X"))
    walk = Walk(small(body, "s>a a>t t>b b>e"))
    walk.do("a")
    assert walk.open() == ["esu"]
    assert walk.do("esu").finished


def test_an_escalation_without_a_catcher_is_thrown_outwards() -> None:
    throws = throw("t", event("escalation", "X"))
    body = throws + nodes("userTask", "a") + event_sub(event("error", ""))
    assert Walk(small(body, "s>t t>a a>e")).turn.thrown == (Thrown("escalation", "X", "t"),)


def test_a_message_of_the_case_itself_interrupts_it() -> None:
    throws = throw("t", MESSAGE)
    walk = Walk(small(throws + nodes("userTask", "a b") + event_sub(MESSAGE), "s>a a>t t>b b>e"))
    walk.do("a")
    assert walk.open() == ["esu"]


def test_one_that_interrupts_ends_runs_of_the_others() -> None:
    body = event_sub(message("N"), interrupting=False, id_="o") + event_sub(
        timer("Cycle", "R/P1D"), interrupting=False, id_="k"
    )
    walk = begun(body + event_sub(MESSAGE), "frame")
    walk.act(Message("N"))
    walk.do("ks")
    assert walk.open() == ["a", "b", "ks", "ku", "ou"]
    walk.act(Message("M"))
    assert walk.open() == ["esu"]
    with pytest.raises(NotWaiting):
        walk.act(Message("N"))


def test_a_terminate_end_inside_ends_the_run_alone() -> None:
    ends = event_sub(MESSAGE, interrupting=False, last=event("terminate"))
    walk = begun(ends, "top")
    walk.act(Message("M"))
    walk.do("esu")
    assert walk.open() == ["a", "b"]
    walk = begun(event_sub(MESSAGE, last=event("terminate")), "frame")
    walk.act(Message("M"))
    walk.do("esu")
    assert walk.open() == ["z"]


def test_event_sub_processes_lie_inside_each_other() -> None:
    inner = event_sub(message("N"), id_="in")
    body = node("userTask", "esu") + inner
    walk = begun(event_sub(MESSAGE, interrupting=False, body=body), "top")
    with pytest.raises(NotWaiting):
        walk.act(Message("N"))
    walk.act(Message("M"))
    walk.act(Message("N"))
    assert walk.open() == ["a", "b", "inu"]
    walk.do("inu")
    assert walk.open() == ["a", "b"]


def test_a_date_of_an_event_sub_process_follows_its_variable() -> None:
    walk = Walk(framed(event_sub(timer("Date", "= day")), "top"))
    assert walk.one("ess").due is None
    walk.do("a", day="2026-01-09")
    assert str(walk.one("ess").due) == "2026-01-08 23:00:00+00:00"


def test_a_loop_arms_the_timer_anew_each_time() -> None:
    frame = sub(
        "c",
        start("is") + nodes("userTask", "a") + end("ie") + event_sub(timer("Duration", "P1D")),
        "is>a a>ie",
    )
    gate = xor("m") + xor("x", default="x_m")
    walk = Walk(small(gate + frame, "s>m m>c c>x x>m x>e[yes]"))
    walk.later(hours=5)
    walk.do("a", yes=False)
    assert [(o.nth, o.due) for o in walk.turn.open if o.kind == "timer"] == [(2, walk.now + DAY)]
    walk.do("ess")
    walk.do("esu", yes=True)
    assert walk.turn.finished


def test_what_a_message_brings_stays_in_its_instance() -> None:
    walk = begun(event_sub(MESSAGE, interrupting=False), "item")
    walk.act(Message("M", {"n": 5}))
    assert "n" not in walk.turn.variables
    walk = begun(event_sub(MESSAGE, interrupting=False), "frame")
    assert walk.act(Message("M", {"n": 5})).variables["n"] == 5


def test_messages_start_one_only_while_its_scope_lives() -> None:
    frame = one_task(event_sub(MESSAGE))
    top = event_sub(message("N"), interrupting=False, id_="o")
    walk = Walk(small(nodes("userTask", "b") + frame + top, "s>b b>c c>e"))
    assert message_starts(walk.definition, walk.state) == {"os"}
    walk.do("b")
    assert message_starts(walk.definition, walk.state) == {"os", "ess"}
    walk.act(Message("M"))
    assert message_starts(walk.definition, walk.state) == {"os"}
    walk.do("esu")
    assert walk.turn.finished
    assert message_starts(walk.definition, walk.state) == frozenset()


def test_a_case_that_moves_keeps_the_due_time() -> None:
    drawn = versioned(event_sub(timer("Duration", "P3D")))
    walk = Walk(drawn)
    walk.later(days=1)
    walk.definition = versioned(event_sub(timer("Duration", "P5D")))
    walk.act(Move())
    assert walk.one("ess").due == MONDAY + 3 * DAY
    walk.do("ess")
    assert walk.open() == ["esu"]


def test_a_timer_that_the_new_version_adds_begins_at_the_move() -> None:
    walk = Walk(versioned(""))
    walk.later(days=1)
    walk.definition = versioned(event_sub(timer("Duration", "P3D"), interrupting=False))
    walk.act(Move())
    assert walk.one("ess").due == MONDAY + 4 * DAY
    walk.do("ess")
    walk.definition = versioned(event_sub(timer("Duration", "P9D"), interrupting=False))
    walk.act(Move())
    assert walk.open() == ["a", "esu"], "one that has fired does not begin again"


def test_a_timer_that_the_new_version_does_not_draw_goes() -> None:
    walk = Walk(versioned(event_sub(timer("Duration", "P3D"))))
    walk.definition = versioned("")
    walk.act(Move())
    assert walk.open() == ["a"]
    walk.do("a")
    assert walk.open() == ["z"]


def test_a_case_that_was_interrupted_moves_without_new_timers() -> None:
    walk = Walk(versioned(event_sub(MESSAGE)))
    walk.act(Message("M"))
    walk.definition = versioned(event_sub(MESSAGE) + event_sub(timer("Duration", "P3D"), id_="k"))
    walk.act(Move())
    assert walk.open() == ["esu"]
