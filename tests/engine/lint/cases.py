"""For each sentence of the linter a smallest bad release and a smallest good one."""

from __future__ import annotations

from tests.engine.lint.case import (
    BLOCK,
    CATCHES,
    IN,
    INNER,
    RACE,
    RACE_WAY,
    THREE,
    Case,
    case,
    event_sub,
    forked,
    lanes,
    nested,
    parallel,
)
from tests.engine.lint.cases_expressions import WORDS
from tests.engine.lint.cases_soundness import FLOW, GRAPH
from tests.engine.lint.drawing import (
    FORMS,
    RULE,
    border,
    both,
    call,
    catch,
    diagram,
    drawn,
    each,
    el,
    end,
    event,
    job,
    line,
    message,
    process,
    props,
    release,
    rule,
    start,
    sub,
    task,
    throw,
    timer,
    xor,
)

FILES = [
    Case("X101", release(b" " * (1 << 20) + line(task()))),
    Case("X102", release(b"<bpmn:definitions>")),
    Case("X103", release(b'<!DOCTYPE d [<!ENTITY x "y">]>' + line(task()))),
    Case("X104", release(b"<?php x ?>" + line(task()))),
    Case("X105", release(b"<definitions/>")),
    case("X106", line(task(camunda__formKey="f")), line(task(extra=props(missed="once")))),
    case("X107", line(task(extra="<spiffworkflow:preScript>x</spiffworkflow:preScript>"))),
    case("X108", line(task() + el("choreographyTask", id="c"))),
    case("X109", line(task(extra="<other:thing/>")), line(task(extra=props(stage="1")))),
    case("D101", line(task("End"), "s>End End>e")),
    Case(
        "D102",
        release(
            line(task()),
            diagram(process(start("s2") + task("a") + end("e2"), "s2>a a>e2", id_="q")),
        ),
    ),
    case("D103", line(task("a" * 65), f"s>{'a' * 65} {'a' * 65}>e")),
    case("D104", diagram(rest=el("process", start() + end(), id="p"))),
    case(
        "D112",
        diagram(
            process(start() + task() + end(), "s>a a>e"),
            '<bpmn:collaboration id="co"><bpmn:participant id="pool" name="Other" processRef="q"/></bpmn:collaboration>'
            '<bpmn:process id="q" isExecutable="false"><bpmn:task id="z"/></bpmn:process>',
        ),
        diagram(process(start() + task() + end(), "s>a a>e"), '<bpmn:collaboration id="co"/>'),
    ),
    case("D501", line(task() + el("textAnnotation", "<bpmn:text>x</bpmn:text>", id="n"))),
    case("D510", line(task(inner='<bpmn:ioSpecification id="io"/>'))),
    case("D510", line(task(extra='<zeebe:taskDefinition type="letters.send"/>'))),
    case("D510", line(task(extra=props(dsys="working"))), line(task(extra=props(days="working")))),
]

SHAPE = [
    case("D105", drawn(start() + task() + task("b"), "s>a a>b b>a")),
    case(
        "D106",
        drawn(start() + start("s2") + task() + end(), "s>a s2>a a>e"),
        drawn(start() + start("s2", message()) + task() + end(), "s>a s2>a a>e"),
    ),
    case("D108", line(task().replace(' name="A"', ""))),
    case(
        "D110",
        line(task(group="")),
        drawn(start() + task(group="") + end(), "s>a a>e", head=lanes()),
    ),
    case(
        "D111",
        drawn(start() + task() + end(), "s>a a>e", head=lanes("Nobody")),
        drawn(start() + task() + end(), "s>a a>e", head=lanes()),
    ),
    case("D111.group", line(task(group="Nobody"))),
    case(
        "D201",
        drawn(start(inner=timer("Duration", "P1D")) + task() + end(), "s>a a>e"),
        drawn(start(inner=message()) + task() + end(), "s>a a>e"),
    ),
    case(
        "D202",
        line(sub("a", start("s1", message()) + task("b") + end("e1"), IN)),
        line(sub("a", INNER, IN)),
    ),
    case("D203", line(task() + event_sub(start("s2", message("k")))), line(task() + event_sub())),
    case("D204", line(sub("a", INNER + event_sub(), IN)), line(task() + event_sub())),
    case(
        "D205",
        line(task() + event_sub(finish=end("e2", "<bpmn:terminateEventDefinition/>"))),
        line(task() + event_sub()),
    ),
    case(
        "D206",
        line(task() + event_sub(start("s2", timer("Duration", "P1D"), isInterrupting="false"))),
        line(task() + event_sub()),
    ),
    case(
        "D210",
        drawn(start() + task() + end("e", event("error", "Err_E")), "s>a a>e"),
        drawn(
            start()
            + sub("a", start("s1") + task("b") + end("e1", event("error", "Err_E")), IN)
            + border("q", "a", event("error", "Err_E"))
            + end()
            + end("e2"),
            "s>a a>e q>e2",
        ),
    ),
    case(
        "D211",
        drawn(start() + task() + end("e", event("signal")), "s>a a>e"),
        drawn(start() + task() + end("e", message()), "s>a a>e"),
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
    case("D213", drawn(start() + task() + end("e", event("escalation", "Esc_U")), "s>a a>e")),
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
        drawn(
            start() + task() + throw("t", '<bpmn:linkEventDefinition name="L"/>') + end(), "s>a a>t"
        ),
        drawn(
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
            + border("b", "a", event("error", "Err_LOST"), cancelActivity="false")
            + end("e2"),
            "s>a a>e b>e2",
        ),
        line(
            job("a", "letters.fail") + border("b", "a", event("error", "Err_LOST")) + end("e2"),
            "s>a a>e b>e2",
        ),
    ),
    case(
        "D231",
        line(task() + border("b", "a", timer("Cycle", "R/P1D")) + end("e2"), "s>a a>e b>e2"),
        line(
            task() + border("b", "a", timer("Cycle", "R/P1D"), cancelActivity="false") + end("e2"),
            "s>a a>e b>e2",
        ),
    ),
    case(
        "D232",
        drawn(
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
    case("D240", line(task() + catch("c", event("message", "Msg_gone")), "s>a a>c c>e")),
    case("D241", line(task() + catch("c", message("empty")), "s>a a>c c>e")),
    case(
        "D241.twice",
        drawn(start("s", message()) + start("s2", message()) + task() + end(), "s>a s2>a a>e"),
        drawn(start("s", message()) + start("s2", message("k")) + task() + end(), "s>a s2>a a>e"),
    ),
    case(
        "D242",
        drawn(
            start()
            + sub("a", start("s1") + task("b") + end("e1", event("error", "Err_none")), IN)
            + border("q", "a", event("error"))
            + end()
            + end("e2"),
            "s>a a>e q>e2",
        ),
        drawn(
            start()
            + sub("a", start("s1") + task("b") + end("e1", event("error", "Err_E")), IN)
            + border("q", "a", event("error"))
            + end()
            + end("e2"),
            "s>a a>e q>e2",
        ),
    ),
]

STEPS = [
    case("D301", line(el("task", id="a", name="A"))),
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
                extra='<zeebe:ioMapping><zeebe:input source="=1" target="nobodyKnows"/></zeebe:ioMapping>',
            )
        ),
    ),
    case(
        "D313.answer",
        line(
            job(
                "a",
                extra='<zeebe:ioMapping><zeebe:output source="=gone" target="sent"/></zeebe:ioMapping>',
            )
            + task("b", "reader"),
            "s>a a>b b>e",
        ),
        line(
            job(
                "a",
                extra='<zeebe:ioMapping><zeebe:output source="=1" target="sent"/></zeebe:ioMapping>',
            )
            + task("b", "reader"),
            "s>a a>b b>e",
        ),
    ),
    case("D314", line(job("a", "letters.fail")), line(job("a"))),
    case(
        "D315",
        line(job("a") + border("b", "a", event("error", "Err_E")) + end("e2"), "s>a a>e b>e2"),
        line(
            job("a", "letters.fail") + border("b", "a", event("error", "Err_LOST")) + end("e2"),
            "s>a a>e b>e2",
        ),
    ),
    case("D320", line(el("scriptTask", id="a", name="A"))),
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
        drawn(
            start()
            + task("b", "ask")
            + rule("a", "three", "kind")
            + xor()
            + end()
            + end("f")
            + end("g"),
            's>b b>a a>x x>e[kind = "A"] x>g[kind = "B"] x>f*',
        ),
        drawn(
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
            el(
                "transaction",
                start("s1")
                + task("b")
                + end("e1")
                + el("sequenceFlow", id="q1", sourceRef="s1", targetRef="b")
                + el("sequenceFlow", id="q2", sourceRef="b", targetRef="e1"),
                id="a",
                name="A",
            )
        ),
    ),
    Case(
        "D350",
        release(line(call("a", "gone"))),
        release(
            diagram(
                process(start() + call("a", "q") + end(), "s>a a>e"), process(INNER, IN, id_="q")
            )
        ),
    ),
    case("D350.fixed", line(call("a", "=free"))),
    case("D351", line(call("a", "p") + task("b"), "s>b b>a a>e")),
    case(
        "D352",
        diagram(
            process(
                start()
                + call("a", "q").replace(
                    'processId="q"', 'processId="q" propagateAllChildVariables="true"'
                )
                + end(),
                "s>a a>e",
            ),
            process(INNER, IN, id_="q"),
        ),
    ),
    case(
        "D352",
        diagram(
            process(
                start()
                + call(
                    "a",
                    "q",
                    '<zeebe:ioMapping><zeebe:input source="=1" target="sent"/></zeebe:ioMapping>',
                )
                + end(),
                "s>a a>e",
            ),
            process(INNER, IN, id_="q"),
        ),
        diagram(process(start() + call("a", "q") + end(), "s>a a>e"), process(INNER, IN, id_="q")),
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
            task("b", "people")
            + task(inner=each(more='outputCollection="all"'))
            + task("c", "reader"),
            "s>b b>a a>c c>e",
        ),
        line(
            task("b", "people")
            + task(inner=each(more='outputCollection="all" outputElement="=person"'))
            + task("c", "reader"),
            "s>b b>a a>c c>e",
        ),
    ),
    case(
        "D373",
        line(
            task("b", "people") + el("receiveTask", each(), id="a", name="A", messageRef="Msg_m"),
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
            + task("a", "count", inner=each(more='outputCollection="all" outputElement="=n"'))
            + xor()
            + end("e2"),
            "s>b b>a a>x x>e[count(all) > 1] x>e2*",
        ),
    ),
    case("D380", line(task(isForCompensation="true") + task("b"), "s>b b>e")),
]

WAYS = [
    case("D390", line(task() + end("e2"), "s>a a>e a>e2")),
    case(
        "D391",
        drawn(
            start()
            + task()
            + border("b", "a", timer("Duration", "P1D"), cancelActivity="false")
            + xor("y")
            + xor("z")
            + end(),
            "s>a a>y b>z z>y y>e",
        ),
        drawn(start() + task("a", "ask") + xor() + end(), 's>a a>x x>a[answer = "NO"] x>e*'),
    ),
    case(
        "D392",
        drawn(
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
        drawn(
            start() + task("a", "ask") + xor() + end() + end("e2") + end("e3"),
            's>a a>x x>e[answer = "YES"] x>e2[answer != "NO"] x>e3*',
        ),
        drawn(
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
        "D410",
        parallel(task("a", "ask"), task("b"), "s>g g>a[1 = 1] g>b a>h b>h h>e").replace(
            b"=1 = 1", b'=free = "x"'
        ),
        parallel(task("a"), task("b"), BLOCK),
    ),
    case(
        "D430",
        drawn(start() + RACE + task("c") + catch("d", message()) + end() + end("e2"), RACE_WAY),
        drawn(
            start()
            + RACE
            + el("receiveTask", id="c", name="C", messageRef="Msg_m")
            + catch("d", timer("Duration", "P1D"))
            + end()
            + end("e2"),
            RACE_WAY,
        ),
    ),
    case(
        "D431",
        drawn(
            start() + task("a", "ask") + xor() + RACE + CATCHES + end() + end("e2"),
            's>a a>x x>g[answer = "YES"] x>c* g>c g>d c>e d>e2',
        ),
    ),
    case(
        "D432",
        drawn(
            start() + RACE + catch("c", message()) + catch("d", message()) + end() + end("e2"),
            RACE_WAY,
        ),
    ),
    case("D433", drawn(start() + RACE + catch("c", message()) + end(), "s>g g>c c>e")),
    case(
        "D440",
        drawn(
            start()
            + el("eventBasedGateway", id="g", eventGatewayType="Parallel", instantiate="false")
            + CATCHES
            + end()
            + end("e2"),
            RACE_WAY,
        ),
    ),
    case(
        "D440",
        drawn(
            start()
            + el("eventBasedGateway", id="g", instantiate="true")
            + CATCHES
            + end()
            + end("e2"),
            RACE_WAY,
        ),
    ),
    case(
        "D450",
        drawn(
            start() + task("a", "ask") + xor() + task("b", "ask") + end(),
            's>a a>x x>b[answer = "NO"] b>x x>e*',
        ),
    ),
    case("D460", line(task("a", "ask"), 's>a a>e[answer = "YES"]')),
    case(
        "D460.race",
        drawn(start() + RACE + CATCHES + end() + end("e2"), 's>g g>c[free = "x"] g>d c>e d>e2'),
    ),
    case("D461", drawn(start() + both("g") + task() + end(), "s>g g>a g>a a>e")),
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
        drawn(start() + task("a", "ask") + xor() + end(), 's>a a>x x>e[answer = "YES"] x>s*'),
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
                diagram(
                    process(
                        start(f"s{p}")
                        + "".join(task(f"a{p}_{n}") for n in range(240))
                        + end(f"e{p}"),
                        f"s{p}>a{p}_0 "
                        + " ".join(f"a{p}_{n}>a{p}_{n + 1}" for n in range(239))
                        + f" a{p}_239>e{p}",
                        id_=f"p{p}",
                    )
                )
                for p in range(9)
            )
        ),
    ),
    case("D701", line(nested(6), "s>u1 u1>e"), line(nested(5), "s>u1 u1>e")),
    case(
        "D702",
        drawn(
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


CASES: list[Case] = [*FILES, *SHAPE, *STEPS, *WAYS, *WORDS, *GRAPH, *FLOW]
__all__ = ["CASES", "FORMS", "RULE", "Case"]
