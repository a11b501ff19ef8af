"""Cases of the rules about activities."""

from __future__ import annotations

from tests.engine.lint.case import (
    IN,
    INNER,
    THREE,
    Case,
    case,
)
from tests.support.diagram_files import release
from tests.support.diagrams import (
    border,
    call,
    diagram,
    document,
    each,
    end,
    event,
    ext,
    job,
    line,
    mapping,
    node,
    process,
    rule,
    start,
    sub,
    task,
    xor,
)


def script(id_: str, expression: str = "= 1 + 1", result: str = "sent") -> str:
    """A step that calculates."""
    given = f'<zeebe:script expression="{expression}" resultVariable="{result}"/>'
    return node("scriptTask", id_, ext(given), name=id_.upper())


STEPS = [
    case("D301", line(node("task", "a", name="A"))),
    case("D302", line(task(form=""))),
    case("D310", line(job("a", "")), line(job("a"))),
    case("D311", line(job("a", "letters.sned")), line(job("a"))),
    case("D312", line(job("a", "=&quot;letters.send&quot;")), line(job("a"))),
    case(
        "D313",
        line(job("a", "letters.strange")),
        line(
            job(
                "a",
                "letters.strange",
                extra=mapping(inputs={"nobodyKnows": "=1"}),
            )
        ),
    ),
    case(
        "D313.answer",
        line(
            job(
                "a",
                extra=mapping(outputs={"sent": "=gone"}),
            )
            + task("b", "reader"),
            "s>a a>b b>e",
        ),
        line(
            job(
                "a",
                extra=mapping(outputs={"sent": "=1"}),
            )
            + task("b", "reader"),
            "s>a a>b b>e",
        ),
    ),
    case("D314", line(job("a", "letters.fail")), line(job("a"))),
    case(
        "D315",
        line(job("a") + border("b", "a", event("error", "E")) + end("e2"), "s>a a>e b>e2"),
        line(
            job("a", "letters.fail") + border("b", "a", event("error", "LOST")) + end("e2"),
            "s>a a>e b>e2",
        ),
    ),
    case(
        "D320",
        line(node("scriptTask", "a", name="A")),
        line(script("a") + task("b", "reader"), "s>a a>b b>e"),
    ),
    case(
        "D333.script",
        line(script("a", "= &quot;x&quot;", "sent") + task("b", "reader"), "s>a a>b b>e"),
        line(script("a", "= 2", "sent") + task("b", "reader"), "s>a a>b b>e"),
    ),
    case("D331", line(script("a", result="") + task("b"), "s>a a>b b>e")),
    case(
        "D330",
        line(task("b", "ask") + rule("a", decision="") + task("c", "reader"), "s>b b>a a>c c>e"),
        line(task("b", "ask") + rule("a") + task("c", "reader"), "s>b b>a a>c c>e"),
    ),
    case(
        "D330.unknown",
        line(task("b", "ask") + rule("a", "gone") + task("c", "reader"), "s>b b>a a>c c>e"),
    ),
    case(
        "D331",
        line(task("b", "ask") + rule("a", result="") + task("c", "reader"), "s>b b>a a>c c>e"),
    ),
    case(
        "D332",
        line(
            task("b", "ask")
            + rule("a", extra='<zeebe:taskDefinition type="letters.send"/>')
            + task("c", "reader"),
            "s>b b>a a>c c>e",
        ),
    ),
    case(
        "D333",
        line(task("b", "ask") + rule("a", result="sent") + task("c", "reader"), "s>b b>a a>c c>e"),
        line(task("b", "ask") + rule("a") + task("c", "reader"), "s>b b>a a>c c>e"),
    ),
    case(
        "R207",
        diagram(
            start()
            + task("b", "ask")
            + rule("a", "three", "kind")
            + xor()
            + end()
            + end("f")
            + end("g"),
            's>b b>a a>x x>e[kind = "A"] x>g[kind = "B"] x>f*',
        ),
        diagram(
            start()
            + task("b", "ask")
            + rule("a", "three", "kind")
            + xor()
            + end()
            + end("f")
            + end("g"),
            's>b b>a a>x x>e[kind in ("A", "C")] x>g[kind = "B"] x>f*',
        ),
        rules={"three.dmn": THREE},
    ),
    case(
        "D343",
        line(
            node(
                "transaction",
                "a",
                start("s1")
                + task("b")
                + end("e1")
                + node("sequenceFlow", "q1", sourceRef="s1", targetRef="b")
                + node("sequenceFlow", "q2", sourceRef="b", targetRef="e1"),
                name="A",
            )
        ),
    ),
    Case(
        "D350",
        release(line(call("a", "gone"))),
        release(
            document(
                process("p", start() + call("a", "q") + end(), "s>a a>e"), process("q", INNER, IN)
            )
        ),
    ),
    case("D350.fixed", line(call("a", "=free"))),
    case("D351", line(call("a", "p") + task("b"), "s>b b>a a>e")),
    case(
        "D352",
        document(
            process(
                "p",
                start()
                + call("a", "q").replace(
                    'processId="q"', 'processId="q" propagateAllChildVariables="true"'
                )
                + end(),
                "s>a a>e",
            ),
            process("q", INNER, IN),
        ),
    ),
    case(
        "D352",
        document(
            process(
                "p",
                start()
                + call(
                    "a",
                    "q",
                    mapping(inputs={"sent": "=1"}),
                )
                + end(),
                "s>a a>e",
            ),
            process("q", INNER, IN),
        ),
        document(
            process("p", start() + call("a", "q") + end(), "s>a a>e"), process("q", INNER, IN)
        ),
    ),
    case("D360", line(task(inner='<bpmn:standardLoopCharacteristics id="l"/>'))),
    case(
        "D370",
        line(task("b", "people") + task(inner=each("", "")), "s>b b>a a>e"),
        line(task("b", "people") + task(inner=each()), "s>b b>a a>e"),
    ),
    case(
        "D371",
        line(
            task(
                inner="<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
            )
        ),
    ),
    case(
        "D372",
        line(
            task("b", "people") + task(inner=each(into="all")) + task("c", "reader"),
            "s>b b>a a>c c>e",
        ),
        line(
            task("b", "people")
            + task(inner=each(into="all", output="person"))
            + task("c", "reader"),
            "s>b b>a a>c c>e",
        ),
    ),
    case(
        "D373",
        line(
            task("b", "people") + node("receiveTask", "a", each(), name="A", messageRef="Msg_m"),
            "s>b b>a a>e",
        ),
    ),
    case("D374", line(task("b", "people") + task(inner=each(item="sent")), "s>b b>a a>e")),
    case(
        "D375",
        line(
            task("b", "people")
            + sub(
                "a",
                start("s1")
                + sub(
                    "a2",
                    start("s2") + task("a3", inner=each(item="three")) + end("e2"),
                    "s2>a3 a3>e2",
                    head=each(item="two"),
                )
                + end("e1"),
                "s1>a2 a2>e1",
                head=each(item="one"),
            ),
            "s>b b>a a>e",
        ),
        line(
            task("b", "people")
            + sub(
                "a",
                start("s1") + task("a2", inner=each(item="two")) + end("e1"),
                "s1>a2 a2>e1",
                head=each(item="one"),
            ),
            "s>b b>a a>e",
        ),
    ),
    case(
        "D376",
        line(
            task("b", "people") + task("a", "count", inner=each()) + xor() + end("e2"),
            "s>b b>a a>x x>e[n > 1] x>e2*",
        ),
        line(
            task("b", "people")
            + task("a", "count", inner=each(into="all", output="n"))
            + xor()
            + end("e2"),
            "s>b b>a a>x x>e[count(all) > 1] x>e2*",
        ),
    ),
    case("D380", line(task(isForCompensation="true") + task("b"), "s>b b>e")),
]
