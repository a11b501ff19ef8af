"""Cases of the rules about gateways, flows and sizes."""

from __future__ import annotations

from tests.engine.lint.case import (
    BLOCK,
    CATCHES,
    IN,
    INNER,
    RACE,
    RACE_WAY,
    Case,
    case,
    forked,
    nested,
    parallel,
)
from tests.support.diagram_files import release
from tests.support.diagrams import (
    border,
    both,
    catch,
    diagram,
    document,
    end,
    line,
    message,
    node,
    process,
    start,
    sub,
    task,
    timer,
    xor,
)

WAYS = [
    case("D390", line(task() + end("e2"), "s>a a>e a>e2")),
    case(
        "D391",
        diagram(
            start()
            + task()
            + border("b", "a", timer("Duration", "P1D"), interrupting=False)
            + xor("y")
            + xor("z")
            + end(),
            "s>a a>y b>z z>y y>e",
        ),
        diagram(start() + task("a", "ask") + xor() + end(), 's>a a>x x>a[answer = "NO"] x>e*'),
    ),
    case(
        "D392",
        diagram(
            start() + task("a", "ask") + xor() + task("b") + end(),
            's>a a>x x>b[answer = "NO"] x>e*',
        ),
    ),
    case(
        "D401",
        forked('x>e[answer = "YES"] x>e2[answer = "NO"]'),
        forked('x>e[answer = "YES"] x>e2*'),
    ),
    case("D402", forked("x>e x>e2*"), forked('x>e[answer = "YES"] x>e2*')),
    case(
        "D403",
        forked('x>e[answer = "YES"] x>e2*[answer = "NO"]'),
        forked('x>e[answer = "YES"] x>e2*'),
    ),
    case(
        "D404",
        diagram(
            start() + task("a", "ask") + xor() + end() + end("e2") + end("e3"),
            's>a a>x x>e[answer = "YES"] x>e2[answer != "NO"] x>e3*',
        ),
        diagram(
            start() + task("a", "ask") + xor() + end() + end("e2") + end("e3"),
            's>a a>x x>e[answer = "YES"] x>e2[answer = "NO"] x>e3*',
        ),
    ),
    case(
        "D405",
        forked('x>e[answer = "YES"] x>e2*', form="maybe"),
        forked('x>e[answer = "YES"] x>e2*'),
    ),
    case(
        "D406",
        diagram(
            start() + task("a", "ask") + xor() + end() + end("e2") + end("e3"),
            's>a a>x x>e[answer = "YES"] x>e2[answer="YES"] x>e3*',
        ),
        diagram(
            start() + task("a", "ask") + xor() + end() + end("e2") + end("e3"),
            's>a a>x x>e[answer = "YES"] x>e2[answer = "NO"] x>e3*',
        ),
    ),
    case(
        "D406.never",
        diagram(
            start() + task("a", "ask") + xor() + end() + end("e2") + end("e3") + end("e4"),
            's>a a>x x>e[answer = "YES"] x>e2[answer = "NO"] x>e3[answer in ("YES", "NO")] x>e4*',
        ),
        diagram(
            start() + task("a", "count") + xor() + end() + end("e2") + end("e3"),
            "s>a a>x x>e[n > 3] x>e2[n > 2] x>e3*",
        ),
    ),
    case(
        "D410",
        parallel(task("a", "ask"), task("b"), 's>g g>a[free = "x"] g>b a>h b>h h>e'),
        parallel(task("a"), task("b"), BLOCK),
    ),
    case(
        "D430",
        diagram(start() + RACE + task("c") + catch("d", message()) + end() + end("e2"), RACE_WAY),
        diagram(
            start()
            + RACE
            + node("receiveTask", "c", name="C", messageRef="Msg_m")
            + catch("d", timer("Duration", "P1D"))
            + end()
            + end("e2"),
            RACE_WAY,
        ),
    ),
    case(
        "D431",
        diagram(
            start() + task("a", "ask") + xor() + RACE + CATCHES + end() + end("e2"),
            's>a a>x x>g[answer = "YES"] x>c* g>c g>d c>e d>e2',
        ),
    ),
    case(
        "D432",
        diagram(
            start() + RACE + catch("c", message()) + catch("d", message()) + end() + end("e2"),
            RACE_WAY,
        ),
    ),
    case("D433", diagram(start() + RACE + catch("c", message()) + end(), "s>g g>c c>e")),
    case(
        "D440",
        diagram(
            start()
            + node("eventBasedGateway", "g", eventGatewayType="Parallel", instantiate="false")
            + CATCHES
            + end()
            + end("e2"),
            RACE_WAY,
        ),
    ),
    case(
        "D440",
        diagram(
            start()
            + node("eventBasedGateway", "g", instantiate="true")
            + CATCHES
            + end()
            + end("e2"),
            RACE_WAY,
        ),
    ),
    case(
        "D450",
        diagram(
            start() + task("a", "ask") + xor() + task("b", "ask") + end(),
            's>a a>x x>b[answer = "NO"] b>x x>e*',
        ),
    ),
    case("D460", line(task("a", "ask"), 's>a a>e[answer = "YES"]')),
    case(
        "D460.race",
        diagram(start() + RACE + CATCHES + end() + end("e2"), 's>g g>c[free = "x"] g>d c>e d>e2'),
    ),
    case("D461", diagram(start() + both("g") + task() + end(), "s>g g>a g>a a>e")),
    case(
        "D462",
        line(sub("a", INNER, IN) + task("c"), "s>a a>c c>e").replace(
            b'targetRef="b"', b'targetRef="c"', 1
        ),
    ),
    case(
        "D462.border",
        line(task() + border("b", "gone", timer("Duration", "P1D")) + end("e2"), "s>a a>e b>e2"),
    ),
    case(
        "D462.way",
        diagram(start() + task("a", "ask") + xor() + end(), 's>a a>x x>e[answer = "YES"] x>s*'),
    ),
    case(
        "D700",
        line(
            "".join(task(f"a{n}") for n in range(251)),
            "s>a0 " + " ".join(f"a{n}>a{n + 1}" for n in range(250)) + " a250>e",
        ),
    ),
    Case(
        "D700.release",
        release(
            *(
                document(
                    process(
                        f"p{p}",
                        start(f"s{p}")
                        + "".join(task(f"a{p}_{n}") for n in range(240))
                        + end(f"e{p}"),
                        f"s{p}>a{p}_0 "
                        + " ".join(f"a{p}_{n}>a{p}_{n + 1}" for n in range(239))
                        + f" a{p}_239>e{p}",
                    )
                )
                for p in range(9)
            )
        ),
    ),
    case("D701", line(nested(6), "s>u1 u1>e"), line(nested(5), "s>u1 u1>e")),
    case(
        "D702",
        diagram(
            start()
            + task("b", "count")
            + xor()
            + "".join(task(f"a{n}") for n in range(31))
            + xor("y")
            + end(),
            "s>b b>x "
            + " ".join(f"x>a{n}{f'[n = {n}]' if n else '*'} a{n}>y" for n in range(31))
            + " y>e",
        ),
    ),
]
