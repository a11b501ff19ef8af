"""Bad and good for where the flows lead: what is reached, what is sound, what was promised."""

from __future__ import annotations

from tests.engine.lint.case import BLOCK, case, forked, parallel
from tests.support.diagrams import (
    border,
    both,
    call,
    catch,
    diagram,
    document,
    each,
    end,
    ext,
    line,
    message,
    process,
    props,
    start,
    sub,
    task,
    timer,
    xor,
)

_AWAITS = start("s1") + catch("c", message()) + end("e1")
_TERMINATE = "<bpmn:terminateEventDefinition/>"

GRAPH = [
    case(
        "D212",
        diagram(
            start()
            + both("g")
            + task()
            + task("b")
            + both("h")
            + end()
            + border("t", "a", timer("Duration", "P1D"))
            + end("e2", _TERMINATE),
            BLOCK + " t>e2",
        ),
        line(
            task() + border("t", "a", timer("Duration", "P1D")) + end("e2", _TERMINATE),
            "s>a a>e t>e2",
        ),
    ),
    case(
        "D234",
        parallel(catch("a", message()), catch("b", message()), BLOCK),
        parallel(catch("a", message()), catch("b", message("k")), BLOCK),
    ),
    case(
        "D234.same",
        line(
            task("b", "people")
            + sub("a", start("s1") + catch("c", message()) + end("e1"), "s1>c c>e1", head=each()),
            "s>b b>a a>e",
        ),
        line(
            task("b", "people")
            + sub(
                "a",
                start("s1") + catch("c", message()) + end("e1"),
                "s1>c c>e1",
                head=each(sequential=True),
            ),
            "s>b b>a a>e",
        ),
    ),
    case(
        "D234.same",
        document(
            process(
                "p",
                start() + both("g") + call("a", "q") + call("b", "q") + both("h") + end(),
                BLOCK,
            ),
            process("q", _AWAITS, "s1>c c>e1"),
        ),
        document(
            process("p", start() + call("a", "q") + call("b", "q") + end(), "s>a a>b b>e"),
            process("q", _AWAITS, "s1>c c>e1"),
        ),
    ),
    case("D801", line(task() + task("b") + end("e2"), "s>a a>e b>e2")),
    case(
        "D802",
        diagram(
            start() + task("a", "ask") + xor() + task("b") + task("c") + end(),
            's>a a>x x>b[answer = "NO"] x>e* b>c c>b',
        ),
    ),
    case(
        "D803",
        diagram(
            start() + task("a", "ask") + xor() + task("b") + task("c") + both("h") + end(),
            's>a a>x x>b[answer = "NO"] x>c* b>h c>h h>e',
        ),
    ),
    case(
        "D804",
        diagram(
            start() + both("g") + task() + task("b") + end() + end("e2"), "s>g g>a g>b a>e b>e2"
        ),
        parallel(task("a"), task("b"), BLOCK),
    ),
    case(
        "D805",
        diagram(
            start() + both("g") + task() + task("b") + xor("x") + task("c") + end(),
            "s>g g>a g>b a>x b>x x>c c>e",
        ),
        parallel(task("a"), task("b"), BLOCK),
    ),
    case(
        "D806",
        diagram(
            start()
            + both("g")
            + "".join(task(f"a{n}") + task(f"b{n}") for n in range(11))
            + both("h")
            + end(),
            "s>g " + " ".join(f"g>a{n} a{n}>b{n} b{n}>h" for n in range(11)) + " h>e",
        ),
    ),
    case(
        "D807",
        diagram(
            start() + task("a", "ask") + xor("y") + xor() + end(),
            's>a a>y y>x x>y[answer = "NO"] x>e*',
        ),
        diagram(start() + task("a", "ask") + xor() + end(), 's>a a>x x>a[answer = "NO"] x>e*'),
    ),
    case(
        "D810",
        diagram(
            start()
            + both("g")
            + task()
            + task("b")
            + both("h")
            + end()
            + border("t", "a", timer("Duration", "P1D"))
            + end("e2"),
            BLOCK + " t>e2",
        ),
        diagram(
            start()
            + both("g")
            + task()
            + task("b")
            + xor("y")
            + both("h")
            + end()
            + border("t", "a", timer("Duration", "P1D")),
            "s>g g>a g>b a>y t>y y>h b>h h>e",
        ),
    ),
]


def _promised(text: str) -> bytes:
    body = start() + task("a") + task("b", "names", group="Boss") + end()
    return diagram(body, "s>a a>b b>e", head=ext(props(promise__1=text)))


def _beside() -> bytes:
    """An event sub-process whose gateway asks for what nothing beside it writes."""
    body = (
        start("s2", message("k"), isInterrupting="false")
        + xor()
        + task("c")
        + end("e3")
        + end("e2")
    )
    esp = sub(
        "esp",
        body,
        's2>x x>c[answer = "YES"] x>e3* c>e2',
        triggeredByEvent="true",
    )
    return diagram(start() + task("a", "count") + esp + task("z", "reader") + end(), "s>a a>z z>e")


def _inside(named_fields: str) -> bytes:
    """A frame beside a step, with a gateway in it that asks for what the step may write."""
    frame = sub(
        "u",
        start("s3") + xor() + task("c") + end("e3") + end("e4"),
        's3>x x>c[answer = "YES"] x>e3* c>e4',
    )
    return diagram(
        start()
        + task("y", "ask")
        + both("g")
        + task("a", named_fields)
        + frame
        + both("h")
        + task("z", "reader")
        + end(),
        "s>y y>g g>a g>u a>h u>h h>z z>e",
    )


FLOW = [
    case("D820", _beside()),
    case("D823", _inside("ask"), _inside("plain")),
    case("D809", _promised("only Boss does a"), _promised("only Doer does a")),
    case("D809.before", _promised("never a before b"), _promised("never b before a")),
    case("D809.after", _promised("b always followed by a"), _promised("a always followed by b")),
    case(
        "D809.open",
        _promised("a always followed by b within 3 days"),
        _promised("a always followed by b"),
    ),
    case("D809.unread", _promised("a is nice"), _promised("only Doer does a")),
    case("D809.element", _promised("never b before gone"), _promised("never b before a")),
    case("D809.role", _promised("only Nobody does a"), _promised("only Doer does a")),
    case(
        "D809.field",
        _promised("field gone never reaches Doer before b"),
        _promised("field givenNames never reaches Doer before b"),
    ),
    case(
        "D820",
        diagram(start() + xor() + task("a", "ask") + end(), 's>x x>e[answer = "YES"] x>a* a>e'),
        forked('x>e[answer = "YES"] x>e2*'),
    ),
    case(
        "D821",
        diagram(
            start()
            + task("b", "ask")
            + border("t", "b", timer("Duration", "P1D"))
            + xor("y")
            + xor()
            + end()
            + end("e2"),
            's>b b>y t>y y>x x>e[answer = "YES"] x>e2*',
        ),
        forked('x>e[answer = "YES"] x>e2*'),
    ),
    case(
        "D822",
        parallel(
            task("a", "ask"), task("b", "ask") + task("c", "reader"), "s>g g>a g>b a>h b>h h>c c>e"
        ),
        parallel(
            task("a", "ask"),
            task("b", "count") + task("c", "reader"),
            "s>g g>a g>b a>h b>h h>c c>e",
        ),
    ),
    case(
        "D823",
        diagram(
            start()
            + task("z", "ask")
            + both("g")
            + task("a")
            + xor()
            + task("b", "ask")
            + xor("y")
            + both("h")
            + end(),
            's>z z>g g>a g>b a>x x>y[answer = "YES"] x>c* c>y y>h b>h h>e',
        ).replace(b'<bpmn:userTask id="z"', task("c").encode() + b'<bpmn:userTask id="z"'),
        forked('x>e[answer = "YES"] x>e2*'),
    ),
    case(
        "D824",
        line(task("a", "ask")),
        line(task("a", "ask") + task("b", "reader"), "s>a a>b b>e"),
        rules={},
    ),
]
