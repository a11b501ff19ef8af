"""Events in the linter: errors, escalations and messages that meet."""

from __future__ import annotations

import pytest

from tests.engine.lint.case import BLOCK, parallel
from tests.engine.lint.reports import keys, only
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
    ext,
    job,
    line,
    message,
    node,
    process,
    start,
    sub,
    task,
    throw,
    timer,
    xor,
)

FAILS = job("j", "letters.fail")
CAUGHT = border("q", "a", event("error", "LOST")) + end("e2")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (FAILS, []),
        (FAILS + border("w", "j", event("error", "LOST")) + end("e3"), ["D315"]),
        (FAILS + border("w", "j", event("error")) + end("e3"), ["D315"]),
        (FAILS + border("w", "j", timer("Duration", "P1D")) + end("e3"), []),
        (task("j"), ["D315"]),
    ],
)
def test_an_error_that_is_caught_inside_does_not_come_out(inside: str, expected: list[str]) -> None:
    """A timer on the border of the step catches no error."""
    ways = "s1>j j>e1" + (" w>e3" if "boundaryEvent" in inside else "")
    assert (
        keys(
            release(line(sub("a", start("s1") + inside + end("e1"), ways) + CAUGHT, "s>a a>e q>e2"))
        )
        == expected
    )
    called = process("p2", start("s1") + inside + end("e1"), ways)
    assert (
        keys(
            release(
                document(
                    process("p", start() + call("a", "p2") + CAUGHT + end(), "s>a a>e q>e2"), called
                )
            )
        )
        == expected
    )


def test_two_places_may_send_the_same_message_at_once() -> None:
    send = ext('<zeebe:taskDefinition type="letters.send"/>') + message()
    assert "D234" not in keys(release(parallel(throw("a", send), throw("b", send), BLOCK)))


def test_all_errors_of_a_sub_process_come_out_of_it() -> None:
    thrown = end("e3", event("error", "E"))
    inside = start("s1") + task("k", "ask") + xor() + thrown + FAILS + end("e1")
    frame = sub(
        "a",
        inside,
        's1>k k>x x>e3[answer = "NO"] x>j* j>e1',
    )
    borders = (
        border("q", "a", event("error", "LOST"))
        + border("r", "a", event("error", "E"))
        + end("e2")
        + end("e4")
    )
    assert keys(release(line(frame + borders, "s>a a>e q>e2 r>e4"))) == []


def test_a_thrown_escalation_needs_a_code_like_one_at_the_end() -> None:
    thrown = throw("t", event("escalation", "none"))
    nameless = line(task() + thrown, "s>a a>t t>e").replace(
        b'<bpmn:message id="Msg_m"', b'<bpmn:escalation id="Esc_none"/><bpmn:message id="Msg_m"'
    )
    assert "D242" in keys(release(nameless))


def test_two_event_gateways_at_once_wait_for_different_messages() -> None:
    def race(gate: str, one: str, other: str) -> str:
        return (
            node("eventBasedGateway", gate)
            + catch(one, message())
            + catch(other, timer("Duration", "P1D"))
            + xor(f"x{gate}")
        )

    ways = "s>g g>k g>l k>a k>b a>xk b>xk l>c l>d c>xl d>xl xk>h xl>h h>e"
    files = release(
        diagram(
            start() + both("g") + race("k", "a", "b") + race("l", "c", "d") + both("h") + end(),
            ways,
        )
    )
    assert "D234" in keys(files)


def test_a_thrown_escalation_caught_nowhere_is_reported() -> None:
    thrown = throw("t", event("escalation", "U"))
    assert (
        only(release(diagram(start() + task() + thrown + end(), "s>a a>t t>e")), "D213").element
        == "t"
    )
