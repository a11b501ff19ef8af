"""The traps of SpiffWorkflow 3.2.0 in flow, scopes, events and lists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.engine.advance import play
from service.engine.definition import Definition
from service.engine.spiff.api import SpiffTask
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.patches import turn
from service.engine.types import Complete, Message, Move, Start
from service.errors import EngineStopped
from tests.engine.spiff.traps import LOOP, alone, dump, refused
from tests.engine.walks import MONDAY, Walk, definition, small, straight
from tests.support.diagrams import (
    border,
    both,
    diagram,
    each,
    end,
    event,
    job,
    message,
    node,
    nodes,
    start,
    sub,
    throw,
    timer,
    xor,
)

pytestmark = pytest.mark.slow  # the stock library runs alone in a process of its own

OR_BLOCK = nodes("inclusiveGateway", "o") + node("inclusiveGateway", "f", default="f_o")


def test_trap_1_depth() -> None:
    assert alone()["depth"] == [True, []], (
        "the library closes the case at turn 250, without an end event"
    )
    drawn = small(LOOP + nodes("userTask", "a"), "s>m m>a a>g g>m g>e[yes]")
    walk = Walk(drawn)
    for _ in range(400):
        walk.do("a", yes=False)
    assert walk.do("a", yes=True).ends == ("e",)


def test_trap_1_depth_of_a_case_that_stays_in_memory() -> None:
    with turn(MONDAY, "1"):
        case = CaseExecution(small(LOOP + nodes("userTask", "a"), "s>m m>a a>g g>m g>e[yes]"))
        opened = play(case, Start())
        for number in range(401):
            opened = play(case, Complete(opened[0].id, {"yes": number == 400}))
    deepest = next(task for task in case.tasks.values() if task.task_spec.name == "End")
    assert sum(1 for _ in ancestors(deepest)) > 1_000, "where the library's walk would end"
    assert (case.completed, case.ends) == (True, ["e"])


def ancestors(task: SpiffTask) -> Iterator[SpiffTask]:
    while task.parent is not None:
        task = task.parent
        yield task


def test_trap_3_reserved() -> None:
    assert alone()["reserved"] == [[], True], "both tasks of the process are swallowed"
    assert "D101" in refused(nodes("manualTask", "End"), "s>End End>e")
    with pytest.raises(KeyError):
        straight("End")


def test_trap_4_loop_join() -> None:
    assert alone()["loop_join"] == ["a", "w"], "the library joins although a is open"
    walk = Walk(
        small(
            LOOP + nodes("parallelGateway", "f j") + nodes("userTask", "a b w"),
            "s>m m>f f>a f>b a>j b>j j>w w>g g>m g>e[yes]",
        )
    )
    for name in ("a", "b", "w", "b"):
        walk.do(name)
    assert walk.open("task") == ["a"]


def test_trap_5_loop_drop() -> None:
    assert alone()["loop_drop"] == [["c", "d", "y"], ["c", "d"]], (
        "the second token through g takes away what the first one opened"
    )
    gates = nodes("parallelGateway", "f g") + xor("m")
    walk = Walk(
        small(gates + nodes("userTask", "x y c d"), "s>f f>x f>y x>m y>m m>g g>c g>d c>e d>e")
    )
    walk.do("x")
    walk.do("y")
    assert walk.open() == ["c", "c", "d", "d"]


def test_trap_6_or_join() -> None:
    assert alone()["or_join"] == ["b", "d"], "d opens, and the sub-process can still reach the join"
    inside = start("is") + nodes("userTask", "b") + end("ie")
    gates = OR_BLOCK + xor("x", default="x_k") + xor("y", default="y_o")
    walk = Walk(
        small(
            gates + nodes("userTask", "a d") + sub("box", inside, "is>b b>ie"),
            "s>f f>a[n > 0] f>box[yes] f>o box>x x>y[yes] x>k y>o y>k[n > 5] a>o o>d d>e",
            "e k",
        ),
        Start({"yes": True, "n": 1}),
    )
    walk.do("a")
    assert walk.open() == ["b", "o"]
    walk.do("b")
    assert walk.open() == ["d"]


def test_trap_50_or_join_second_way() -> None:
    assert alone()["or_join_second_way"] == ["c", "d"], "only m's first way in is followed"
    gates = OR_BLOCK + xor("m") + xor("z", default="z_k") + xor("y", default="y_k")
    walk = Walk(
        small(
            gates + nodes("userTask", "a b c d"),
            "s>f f>a[yes] f>b[n > 5] f>c[n > 0] f>o b>m c>z z>y[yes] z>k y>m[yes] y>k m>o a>o o>d"
            " d>e",
            "e k",
        ),
        Start({"yes": True, "n": 1}),
    )
    walk.do("a")
    assert walk.open() == ["c", "o"]
    walk.do("c")
    assert walk.open() == ["d"]


def test_trap_7_layout() -> None:
    assert alone()["layout"] == [["a"], ["b"]], "what is drawn higher is asked first"

    def drawn(first: int, second: int) -> bytes:
        shapes = "".join(
            f'<Shape bpmnElement="{name}" y="{y}"/>' for name, y in (("a", first), ("b", second))
        )
        plain = diagram(
            start() + xor("g", default="g_b") + nodes("userTask", "a b") + end(),
            "s>g g>a[yes] g>b a>e b>e",
        )
        return plain.replace(
            b"</bpmn:definitions>",
            f'<Diagram xmlns="http://www.omg.org/spec/BPMN/20100524/DI">{shapes}</Diagram></bpmn:definitions>'.encode(),
        )

    assert definition(drawn(10, 90)).digest == definition(drawn(90, 10)).digest


def test_trap_8_scoped_error() -> None:
    assert alone()["scoped_error"] == ["p", "q"], "the error of one sub-process is caught at both"
    borders = border("x", "a", event("error", "E")) + border("y", "b", event("error", "E"))
    walk = Walk(
        small(
            both("f") + job("a") + job("b") + borders + nodes("userTask", "p q"),
            "s>f f>a f>b a>e b>e x>p p>e y>q q>e",
        )
    )
    walk.fail("a", "E")
    assert walk.open() == ["b", "p"]


def test_trap_9_event_sub() -> None:
    assert alone()["event_sub"] == [["a", "b"], "WorkflowException", ["a"]], (
        "it interrupts nothing, and a nested one never starts"
    )

    def begun(*, nested: bool = False, **attributes: str) -> Walk:
        inside = sub(
            "es",
            start("m", message("M"), **attributes) + nodes("userTask", "b") + end("ie"),
            "m>b b>ie",
            triggeredByEvent="true",
        )
        work = nodes("userTask", "a") + inside
        if nested:
            work = sub("box", start("is") + work + end("oe"), "is>a a>oe")
        walk = Walk(small(work, "s>box box>e" if nested else "s>a a>e"))
        walk.act(Message("M"))
        return walk

    assert begun().open() == ["b"]
    assert begun(nested=True).open() == ["b"]
    assert begun(isInterrupting="false").open() == ["a", "b"]


def test_trap_10_event_sub_timer() -> None:
    assert alone()["event_sub_timer"] == [False, ["b"]], "the timer keeps the case open, and fires"
    begin = start("m", timer("Duration", "P1D"), isInterrupting="false")
    inside = sub(
        "es", begin + nodes("userTask", "b") + end("ie"), "m>b b>ie", triggeredByEvent="true"
    )
    drawn = small(nodes("userTask", "a") + inside, "s>a a>e")
    walk = Walk(drawn)
    assert walk.open() == ["a", "m"]
    walk.do("a")
    assert walk.turn.finished
    walk = Walk(drawn)
    walk.do("m")
    assert walk.open() == ["a", "b"]


def test_trap_11_spec_unchanged() -> None:
    assert alone()["spec_unchanged"] == [True, 1], (
        "a later case of the same spec begins with the event sub-process running"
    )
    inside = start("m", message("M"), isInterrupting="false") + nodes("userTask", "b") + end("ie")
    drawn = small(
        nodes("userTask", "a") + sub("es", inside, "m>b b>ie", triggeredByEvent="true"), "s>a a>e"
    )
    before = dump(drawn)
    for _ in range(100):
        walk = Walk(drawn)
        walk.act(Message("M"))
        walk.do("b")
        walk.do("a")
        assert walk.turn.finished
    assert dump(drawn) == before


def test_trap_12_again() -> None:
    assert alone()["again"] == ["taken", "WorkflowException"]
    walk = Walk(
        small(
            nodes("userTask", "a r") + border("m", "a", message("M"), interrupting=False),
            "s>a a>e m>r r>f",
            "e f",
        )
    )
    walk.act(Message("M"))
    walk.act(Message("M"))
    assert walk.open("task") == ["a", "r", "r"]


def test_trap_13_mi_migrated() -> None:
    assert alone()["mi_migrated"] == {"default": [2, False], "FUTURE": [2, False]}, (
        "all instances are done, and the activity never ends"
    )

    def drawn(names: str, flow: str) -> Definition:
        marked = node("userTask", "a", each("list", "x", "out", "x"))
        return small(marked + nodes("userTask", names), flow)

    walk = Walk(drawn("", "s>a a>e"), Start({"list": [1, 2]}))
    walk.do("a")
    walk.definition = drawn("b", "s>a a>b b>e")
    walk.act(Move())
    walk.do("a")
    assert walk.open() == ["b"]


@pytest.mark.parametrize("sequential", [True, False])
def test_trap_14_mi_data(sequential: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert alone()["mi_without_output"] == "WorkflowDataException", "the second item cannot begin"
    assert alone()["mi_empty_item"] == [1, False], "an empty item stalls the rest"
    drawn = small(
        node("userTask", "a", each("list", "x", "out", "x + n", sequential=sequential)), "s>a a>e"
    )
    walk = Walk(drawn, Start({"list": [3, 1, 2], "n": 0}))
    while not walk.turn.finished:
        walk.do("a", len(walk.open()) - 1, n=10)
    assert walk.turn.variables == {"list": [3, 1, 2], "n": 0, "out": [13, 11, 12]}
    with pytest.raises(EngineStopped) as stopped:
        Walk(drawn, Start({"list": [1, None]}))
    assert stopped.value.kind == "list"


def test_trap_49_terminated() -> None:
    assert alone()["terminated"] == ["ran"], "a script that the end event has cancelled"
    stop_ = end("stop", event("terminate"))
    walk = Walk(
        small(
            both("f") + stop_ + throw("t") + nodes("userTask", "a"),
            "s>f f>stop f>t t>a a>e",
        )
    )
    assert (walk.turn.finished, walk.turn.ends) == (True, ("stop",))
    assert walk.steps_of("cancelled") == [("t", (walk.steps_of("cancelled")[0][1][0],))]
    assert [element for element, _ in walk.steps_of("left")] == ["s", "f", "stop"]


def test_trap_51_mi_cardinality() -> None:
    assert alone()["mi_cardinality"] == "NameError"
    loop = node("multiInstanceLoopCharacteristics", inner=node("loopCardinality", inner="2"))
    assert "D371" in refused(node("manualTask", "a", loop), "s>a a>e")


def test_trap_52_mi_order() -> None:
    assert alone()["mi_order"] == [3, 2, 1], "results stand as the instances ended"
    walk = Walk(
        small(node("userTask", "a", each("list", "x", "out", "x")), "s>a a>e"),
        Start({"list": [1, 2, 3]}),
    )
    while not walk.turn.finished:
        walk.do("a", len(walk.open()) - 1)
    assert walk.turn.variables["out"] == [1, 2, 3]


def test_trap_53_removed_owner() -> None:
    assert alone()["removed_owner"] == "TaskNotFoundException", "its own steps removed its activity"
    inside = (
        each("list", "x") + start("is") + nodes("userTask", "b") + end("bad", event("error", "E"))
    )
    walk = Walk(
        small(
            sub("box", inside, "is>b b>bad")
            + border("x", "box", event("error", "E"))
            + nodes("userTask", "c"),
            "s>box box>e x>c c>e",
        ),
        Start({"list": [1, 2]}),
    )
    walk.do("b")
    assert walk.open() == ["c"]
