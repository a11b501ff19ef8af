"""Event sub-processes in the linter: what they catch, write and start."""

from __future__ import annotations

import pytest

from tests.engine.lint.reports import keys
from tests.support.diagram_files import release
from tests.support.diagrams import (
    border,
    both,
    call,
    catch,
    diagram,
    document,
    end,
    event,
    job,
    line,
    message,
    process,
    start,
    sub,
    task,
    throw,
    timer,
    xor,
)

LOST = event("error", "LOST")
FAILS = job("j", "letters.fail")


def begins(inner: str, *, interrupts: bool = True, body: str = "", way: str = "") -> str:
    """An event sub-process with a task, or with what is given."""
    begin = start("s2", inner, isInterrupting=str(interrupts).lower())
    inside = begin + (body or task("c") + end("e2"))
    return sub("esp", inside, way or "s2>c c>e2", triggeredByEvent="true")


def test_an_error_that_the_scope_catches_leaves_no_process() -> None:
    throws = task() + throw("t") + xor() + end("e3", event("error", "E"))
    ways = "s>a a>t t>x x>e3[1 = 1] x>e*"
    assert "D210" in keys(release(line(throws, ways)))
    assert "D210" not in keys(release(line(throws + begins(event("error", "E")), ways)))
    assert "D314" in keys(release(line(FAILS, "s>j j>e")))
    assert keys(release(line(FAILS + begins(LOST), "s>j j>e"))) == []


def test_a_called_process_catches_its_errors_itself() -> None:
    called = process("q", start("s1") + FAILS + end("e1") + begins(LOST), "s1>j j>e1")
    outer = process("p", start() + call("a", "q") + end(), "s>a a>e")
    assert keys(release(document(outer, called))) == []


def test_what_has_interrupted_throws_outwards() -> None:
    again = begins(LOST, body=job("c", "letters.fail") + end("e2"))
    assert keys(release(line(FAILS + again, "s>j j>e"))) == ["D314"]
    frame = sub("a", start("s1") + FAILS + end("e1") + again, "s1>j j>e1")
    caught = border("q", "a", LOST) + end("e3")
    assert keys(release(line(frame + caught, "s>a a>e q>e3"))) == []


def test_a_border_that_the_scope_leaves_nothing_is_named() -> None:
    frame = sub("a", start("s1") + FAILS + end("e1") + begins(LOST), "s1>j j>e1")
    caught = border("q", "a", LOST) + end("e3")
    assert keys(release(line(frame + caught, "s>a a>e q>e3"))) == ["D315"]


def test_what_an_interruption_leaves_out_may_be_empty_behind() -> None:
    asks = xor() + end("e3")
    ways = 's>u u>x x>e3[answer = "YES"] x>e*'
    inside = start("s1") + task("a", "ask") + end("e1")
    plain = sub("u", inside, "s1>a a>e1")
    assert keys(release(line(plain + asks, ways))) == []
    left = sub("u", inside + begins(timer("Duration", "P1D")), "s1>a a>e1")
    assert keys(release(line(left + asks, ways))) == ["D821"]
    beside = sub("u", inside + begins(timer("Duration", "P1D"), interrupts=False), "s1>a a>e1")
    assert keys(release(line(beside + asks, ways))) == []


@pytest.mark.parametrize(
    ("order", "found"), [("s>a a>j j>e", []), ("s>j j>a a>e", ["D821"]), ("s>j j>e", ["D820"])]
)
def test_one_for_an_error_knows_what_its_thrower_knew(order: str, found: list[str]) -> None:
    asks = xor() + end("e2") + end("e3")
    handles = begins(LOST, body=asks, way='s2>x x>e2[answer = "YES"] x>e3*')
    work = FAILS + (task("a", "ask") if "a" in order else "")
    assert keys(release(line(work + handles, order))) == found


def test_errors_of_two_steps_are_known_as_far_as_both_are() -> None:
    asks = xor() + end("e2") + end("e3")
    handles = begins(LOST, body=asks, way='s2>x x>e2[answer = "YES"] x>e3*')
    work = FAILS + task("a", "ask") + job("k", "letters.fail")
    assert keys(release(line(work + handles, "s>j j>a a>k k>e"))) == ["D821"]
    inside = sub("u", start("s4") + job("k", "letters.fail") + end("e4"), "s4>k k>e4")
    assert keys(release(line(task("a", "ask") + inside + handles, "s>a a>u u>e"))) == []


def test_one_that_interrupts_writes_while_nothing_else_does() -> None:
    writes = task("c", "ask") + end("e2")
    work = task("a", "ask") + task("z", "reader")
    assert keys(release(line(work + begins(message("k"), body=writes), "s>a a>z z>e"))) == []
    beside = begins(message("k"), interrupts=False, body=writes)
    assert "D822" in keys(release(line(work + beside, "s>a a>z z>e")))


def test_its_message_is_awaited_at_the_same_time_as_others() -> None:
    waits = catch("a", message("k"))
    assert keys(release(line(waits + begins(message("k"))))) == ["D234"]
    assert keys(release(line(waits + begins(message("m"))))) == []


@pytest.mark.parametrize(
    ("behind", "found"),
    [
        ("", ["D807"]),
        (task("c"), []),
        (catch("c", timer("Duration", "P1D")), []),
        (sub("c", start("s5") + end("e5"), "s5>e5"), ["D807"]),
    ],
)
def test_a_loop_of_events_waits_somewhere(behind: str, found: list[str]) -> None:
    body = behind + end("e2", message("k"))
    way = "s2>c c>e2" if behind else "s2>e2"
    files = release(line(task() + begins(message("k"), interrupts=False, body=body, way=way)))
    assert [key for key in keys(files) if key.startswith("D807")] == [f"{f}.events" for f in found]


def test_a_loop_of_events_goes_through_a_called_process() -> None:
    called = process("q", start("s5") + end("e5", message("k")), "s5>e5")
    esp = begins(message("k"), interrupts=False, body=call("c", "q") + end("e2"))
    outer = process("p", start() + task() + esp + end(), "s>a a>e")
    assert "D807.events" in keys(release(document(outer, called)))


def test_two_branches_that_wake_each_other_are_a_loop() -> None:
    def branches(second: str) -> bytes:
        body = (
            start()
            + both("g")
            + xor("x1")
            + catch("a", message("k"))
            + throw("t1", message("m"))
            + xor("x2")
            + catch("b", message("m"))
            + throw("t2", second)
            + end()
        )
        return diagram(body, "s>g g>x1 x1>a a>t1 t1>x1 g>x2 x2>b b>t2 t2>x2 t2>e")

    assert "D807.events" in keys(release(branches(message("k"))))
    assert "D807.events" not in keys(release(branches("")))


def test_an_event_in_the_way_that_is_not_met_again_is_no_loop() -> None:
    body = catch("a", message("k")) + throw("t", message("k"))
    assert "D807.events" not in keys(release(line(body, "s>a a>t t>e")))
