"""Cases of the rules about scopes and events."""

from __future__ import annotations

from tests.engine.lint.case import (
    IN,
    INNER,
    case,
    lanes,
)
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    end,
    event,
    job,
    line,
    message,
    rule,
    start,
    sub,
    task,
    throw,
    timer,
)

SHAPE = [
    case("D105", diagram(start() + task() + task("b"), "s>a a>b b>a")),
    case(
        "D106",
        diagram(start() + start("s2") + task() + end(), "s>a s2>a a>e"),
        diagram(start() + start("s2", message()) + task() + end(), "s>a s2>a a>e"),
    ),
    case("D108", line(task().replace(' name="A"', ""))),
    case(
        "D110",
        line(task(group="")),
        diagram(start() + task(group="") + end(), "s>a a>e", head=lanes()),
    ),
    case(
        "D111",
        diagram(start() + task() + end(), "s>a a>e", head=lanes("Nobody")),
        diagram(start() + task() + end(), "s>a a>e", head=lanes()),
    ),
    case("D111.group", line(task(group="Nobody"))),
    case(
        "D201",
        diagram(start(inner=timer("Duration", "P1D")) + task() + end(), "s>a a>e"),
        diagram(start(inner=message()) + task() + end(), "s>a a>e"),
    ),
    case(
        "D202",
        line(sub("a", start("s1", message()) + task("b") + end("e1"), IN)),
        line(sub("a", INNER, IN)),
    ),
    case(
        "D210",
        diagram(start() + task() + end("e", event("error", "E")), "s>a a>e"),
        diagram(
            start()
            + sub("a", start("s1") + task("b") + end("e1", event("error", "E")), IN)
            + border("q", "a", event("error", "E"))
            + end()
            + end("e2"),
            "s>a a>e q>e2",
        ),
    ),
    case(
        "D211",
        diagram(start() + task() + end("e", event("signal")), "s>a a>e"),
        diagram(start() + task() + end("e", message()), "s>a a>e"),
    ),
    case(
        "D211",
        line(task() + throw("t", event("signal")), "s>a a>t t>e"),
        line(task() + throw("t"), "s>a a>t t>e"),
    ),
    case(
        "D211",
        line(task() + throw("t", message() + event("signal")), "s>a a>t t>e"),
        line(task() + throw("t", message()), "s>a a>t t>e"),
    ),
    case("D213", diagram(start() + task() + end("e", event("escalation", "U")), "s>a a>e")),
    case(
        "D220",
        line(task() + catch("c", timer("Cycle", "R/P1D")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", "P1D")), "s>a a>c c>e"),
    ),
    case(
        "D221",
        line(task() + catch("c", event("conditional")), "s>a a>c c>e"),
        line(task() + catch("c", message()), "s>a a>c c>e"),
    ),
    case(
        "D222",
        diagram(
            start() + task() + throw("t", '<bpmn:linkEventDefinition name="L"/>') + end(), "s>a a>t"
        ),
        diagram(
            start()
            + task()
            + throw("t", '<bpmn:linkEventDefinition name="L"/>')
            + catch("c", '<bpmn:linkEventDefinition name="L"/>')
            + end(),
            "s>a a>t c>e",
        ),
    ),
    case(
        "D230",
        line(
            job("a", "letters.fail")
            + border("b", "a", event("error", "LOST"), interrupting=False)
            + end("e2"),
            "s>a a>e b>e2",
        ),
        line(
            job("a", "letters.fail") + border("b", "a", event("error", "LOST")) + end("e2"),
            "s>a a>e b>e2",
        ),
    ),
    case(
        "D231",
        line(task() + border("b", "a", timer("Cycle", "R/P1D")) + end("e2"), "s>a a>e b>e2"),
        line(
            task() + border("b", "a", timer("Cycle", "R/P1D"), interrupting=False) + end("e2"),
            "s>a a>e b>e2",
        ),
    ),
    case(
        "D232",
        diagram(
            start()
            + task("a", "ask")
            + rule()
            + border("b", "r", timer("Duration", "P1D"))
            + task("c", "reader")
            + end()
            + end("e2"),
            "s>a a>r r>c c>e b>e2",
        ),
    ),
    case("D233", line(task() + border("b", "a", timer("Duration", "P1D")))),
    case("D235", line(task() + border("b", "a", event("signal")) + end("e2"), "s>a a>e b>e2")),
    case("D235.none", line(task() + border("b", "a", "") + end("e2"), "s>a a>e b>e2")),
    case("D240", line(task() + catch("c", event("message", "gone")), "s>a a>c c>e")),
    case("D241", line(task() + catch("c", message("empty")), "s>a a>c c>e")),
    case(
        "D241.twice",
        diagram(start("s", message()) + start("s2", message()) + task() + end(), "s>a s2>a a>e"),
        diagram(start("s", message()) + start("s2", message("k")) + task() + end(), "s>a s2>a a>e"),
    ),
    case(
        "D242",
        diagram(
            start()
            + sub("a", start("s1") + task("b") + end("e1", event("error", "none")), IN)
            + border("q", "a", event("error"))
            + end()
            + end("e2"),
            "s>a a>e q>e2",
        ),
        diagram(
            start()
            + sub("a", start("s1") + task("b") + end("e1", event("error", "E")), IN)
            + border("q", "a", event("error"))
            + end()
            + end("e2"),
            "s>a a>e q>e2",
        ),
    ),
]
