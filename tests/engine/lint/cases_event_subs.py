"""Cases of the rules about event sub-processes."""

from __future__ import annotations

from tests.engine.lint.case import ESP_START, IN, INNER, case, event_sub
from tests.support.diagrams import (
    border,
    diagram,
    end,
    event,
    job,
    line,
    message,
    start,
    sub,
    task,
    throw,
    timer,
)

_FAILS = job("j", "letters.fail")
_LOST = event("error", "LOST")
_WAY = "s>j j>e"
_SIGNAL = event("signal")


def _begins(inner: str, *, interrupts: bool = True, finish: str = end("e2")) -> str:
    """An event sub-process that such an event starts."""
    return event_sub(start("s2", inner, isInterrupting=str(interrupts).lower()), finish)


def _other(inner: str) -> str:
    """A second one."""
    body = start("s4", inner) + task("d") + end("e4")
    return sub("esp2", body, "s4>d d>e4", triggeredByEvent="true")


def _two_starts() -> str:
    body = ESP_START + start("s4", message("m"), isInterrupting="false") + task("c") + end("e2")
    return sub("esp", body, "s2>c s4>c c>e2", triggeredByEvent="true")


def _throws(thrown: str, begins: str) -> bytes:
    """An event sub-process that throws something before its task."""
    inside = start("s2", begins, isInterrupting="false") + throw("t", thrown) + task("c")
    esp = sub("esp", inside + end("e2"), "s2>t t>c c>e2", triggeredByEvent="true")
    return line(task() + throw("o", event("escalation", "U")) + esp, "s>a a>o o>e")


def _in_a_circle(second: str) -> bytes:
    """Two event sub-processes that send each other a message."""
    one = sub(
        "esp",
        start("s2", message("k"), isInterrupting="false") + end("e2", message("m")),
        "s2>e2",
        triggeredByEvent="true",
    )
    two = sub(
        "esp2",
        start("s4", message("m"), isInterrupting="false") + second,
        "s4>d d>e4" if "userTask" in second else "s4>e4",
        triggeredByEvent="true",
    )
    return line(task() + one + two)


EVENT_SUBS = [
    case(
        "D202.event",
        line(task() + _two_starts()),
        line(task() + event_sub(start("s2", message("k")))),
    ),
    case(
        "D206",
        line(task() + _begins(_SIGNAL)),
        line(task() + _begins(timer("Duration", "P1D"))),
    ),
    case(
        "D206.none",
        line(task() + event_sub(start("s2"))),
        line(task() + _begins(timer("Cycle", "R3/P1D"), interrupts=False)),
    ),
    case(
        "D207",
        line(_FAILS + _begins(_LOST) + _other(_LOST), _WAY),
        line(_FAILS + _begins(_LOST) + _other(event("error")), _WAY),
    ),
    case(
        "D207.any",
        line(_FAILS + _begins(event("error")) + _other(event("error")), _WAY),
        line(sub("a", INNER + event_sub(), IN)),
    ),
    case("D230.start", line(_FAILS + _begins(_LOST, interrupts=False), _WAY)),
    case("D231.start", line(task() + _begins(timer("Cycle", "R3/P1D")))),
    case("D315", line(task() + _begins(_LOST))),
    case(
        "D807.events",
        _throws(event("escalation", "U"), event("escalation", "U")),
        _throws("", event("escalation", "U")),
    ),
    case(
        "D807.events",
        _in_a_circle(end("e4", message("k"))),
        _in_a_circle(task("d") + end("e4", message("k"))),
    ),
    case(
        "D807.events",
        diagram(
            start()
            + task()
            + border("q", "a", message("k"), interrupting=False)
            + end("e2", message("k"))
            + end(),
            "s>a a>e q>e2",
        ),
        diagram(
            start() + task() + border("q", "a", message("k")) + end("e2", message("k")) + end(),
            "s>a a>e q>e2",
        ),
    ),
]
