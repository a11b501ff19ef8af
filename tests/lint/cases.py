"""For each sentence of the linter a smallest bad release and a smallest good one."""

from __future__ import annotations

from dataclasses import dataclass

from service.engine.feel_types import Type
from service.engine.values import Files, FormFacts
from tests.lint.drawing import (
    FORMS,
    RULE,
    TYPES,
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
    ext,
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

GOOD = release(line(task()))


@dataclass(frozen=True)
class Case:
    """`bad` raises the sentence of that key and no other code; `good` does not."""

    key: str
    bad: Files
    good: Files = GOOD


def _lined(*bodies: str, way: str = "s>a a>e") -> list[Files]:
    return [release(line(body, way)) for body in bodies]


def _case(key: str, bad: bytes, good: bytes | None = None, **more: object) -> Case:
    return Case(key, release(bad, **more), GOOD if good is None else release(good, **more))


THREE = RULE.replace(b'"pick"', b'"three"').replace(b'"A","B"', b'"A","B","C","D"')
_INNER = start("s1") + task("b") + end("e1")
_IN = "s1>b b>e1"
_ESP_START = start("s2", message("k"), isInterrupting="false")


def _esp(begin: str = _ESP_START, finish: str = end("e2"), id_: str = "esp", body: str | None = None) -> str:
    inside = task("c") if body is None else body
    return sub(id_, begin + inside + finish, "s2>c c>e2", triggeredByEvent="true")


def _lane(name: str = "Utförare", holds: str = "a") -> str:
    return f'<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="{name}"><bpmn:flowNodeRef>{holds}</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'


def _xor(ways: str, body: str = "", form: str = "ask") -> bytes:
    return drawn(start() + task("a", form) + xor() + body + end() + end("e2"), f"s>a a>x {ways}")


def _declared(kind: str) -> bytes:
    return drawn(start() + task() + task("b", "reader") + end(), "s>a a>b b>e", head=ext(props(var__extra=kind)))


def _loop(count: int) -> str:
    """Sub-processes inside each other."""
    inner = start(f"s{count}") + task(f"t{count}") + end(f"e{count}")
    way = f"s{count}>t{count} t{count}>e{count}"
    for n in range(count - 1, 0, -1):
        inner, way = start(f"s{n}") + sub(f"u{n + 1}", inner, way) + end(f"e{n}"), f"s{n}>u{n + 1} u{n + 1}>e{n}"
    return sub("u1", inner, way)


def _parallel(one: str, other: str, way: str, extra: str = "") -> bytes:
    return drawn(start() + both("g") + one + other + both("h") + end() + extra, way)


_BLOCK = "s>g g>a g>b a>h b>h h>e"
_RACE = el("eventBasedGateway", id="g")
_CATCHES = catch("c", message("m")) + catch("d", timer("Duration", "P1D"))
_RACE_WAY = "s>g g>c g>d c>e d>e2"


FILES = [
    Case("X101", release(b" " * (1 << 20) + line(task()))),
    Case("X102", release(b"<bpmn:definitions>")),
    Case("X103", release(b'<!DOCTYPE d [<!ENTITY x "y">]>' + line(task()))),
    Case("X104", release(b"<?php x ?>" + line(task()))),
    Case("X105", release(b"<definitions/>")),
    _case("X106", line(task(camunda__formKey="f")), line(task(extra=props(missed="once")))),
    _case("X107", line(task(extra="<spiffworkflow:preScript>x</spiffworkflow:preScript>"))),
    _case("X108", line(task() + el("choreographyTask", id="c"))),
    _case("X109", line(task(extra="<other:thing/>")), line(task(extra=props(stage="1")))),
    _case("D101", line(task("End"), "s>End End>e")),
    Case("D102", release(line(task()), diagram(process(start("s2") + task("a") + end("e2"), "s2>a a>e2", id_="q")))),
    _case("D103", line(task("a" * 65), f"s>{'a' * 65} {'a' * 65}>e")),
    _case("D104", diagram(rest=el("process", start() + end(), id="p"))),
    _case(
        "D112",
        diagram(
            process(start() + task() + end(), "s>a a>e"),
            '<bpmn:collaboration id="co"><bpmn:participant id="pool" name="Other" processRef="q"/></bpmn:collaboration>'
            '<bpmn:process id="q" isExecutable="false"><bpmn:task id="z"/></bpmn:process>',
        ),
        diagram(process(start() + task() + end(), "s>a a>e"), '<bpmn:collaboration id="co"/>'),
    ),
    _case("D501", line(task() + el("textAnnotation", "<bpmn:text>x</bpmn:text>", id="n"))),
    _case("D510", line(task(inner='<bpmn:ioSpecification id="io"/>'))),
    _case("D510", line(task(extra='<zeebe:taskDefinition type="letters.send"/>'))),
    _case("D510", line(task(extra=props(dsys="working"))), line(task(extra=props(days="working")))),
]

SHAPE = [
    _case("D105", drawn(start() + task() + task("b"), "s>a a>b b>a")),
    _case("D106", drawn(start() + start("s2") + task() + end(), "s>a s2>a a>e"), drawn(start() + start("s2", message()) + task() + end(), "s>a s2>a a>e")),
    _case("D108", line(task().replace(' name="A"', ""))),
    _case("D110", line(task(group="")), drawn(start() + task(group="") + end(), "s>a a>e", head=_lane())),
    _case("D111", drawn(start() + task() + end(), "s>a a>e", head=_lane("Nobody")), drawn(start() + task() + end(), "s>a a>e", head=_lane())),
    _case("D111.group", line(task(group="Nobody"))),
    _case("D201", drawn(start(inner=timer("Duration", "P1D")) + task() + end(), "s>a a>e"), drawn(start(inner=message()) + task() + end(), "s>a a>e")),
    _case("D202", line(sub("a", start("s1", message()) + task("b") + end("e1"), _IN)), line(sub("a", _INNER, _IN))),
    _case("D203", line(task() + _esp(start("s2", message("k")))), line(task() + _esp())),
    _case("D204", line(sub("a", _INNER + _esp(), _IN)), line(task() + _esp())),
    _case("D205", line(task() + _esp(finish=end("e2", "<bpmn:terminateEventDefinition/>"))), line(task() + _esp())),
    _case("D206", line(task() + _esp(start("s2", timer("Duration", "P1D"), isInterrupting="false"))), line(task() + _esp())),
    _case(
        "D210",
        drawn(start() + task() + end("e", event("error", "Err_E")), "s>a a>e"),
        drawn(
            start()
            + sub("a", start("s1") + task("b") + end("e1", event("error", "Err_E")), _IN)
            + border("q", "a", event("error", "Err_E"))
            + end()
            + end("e2"),
            "s>a a>e q>e2",
        ),
    ),
    _case("D211", drawn(start() + task() + end("e", event("signal")), "s>a a>e"), drawn(start() + task() + end("e", message()), "s>a a>e")),
    _case("D211", line(task() + throw("t", event("signal")), "s>a a>t t>e"), line(task() + throw("t"), "s>a a>t t>e")),
    _case("D211", line(task() + throw("t", message() + event("signal")), "s>a a>t t>e"), line(task() + throw("t", message()), "s>a a>t t>e")),
    _case("D213", drawn(start() + task() + end("e", event("escalation", "Esc_U")), "s>a a>e")),
    _case("D220", line(task() + catch("c", timer("Cycle", "R/P1D")), "s>a a>c c>e"), line(task() + catch("c", timer("Duration", "P1D")), "s>a a>c c>e")),
    _case("D221", line(task() + catch("c", event("conditional")), "s>a a>c c>e"), line(task() + catch("c", message()), "s>a a>c c>e")),
    _case(
        "D222",
        drawn(start() + task() + throw("t", '<bpmn:linkEventDefinition name="L"/>') + end(), "s>a a>t"),
        drawn(
            start() + task() + throw("t", '<bpmn:linkEventDefinition name="L"/>') + catch("c", '<bpmn:linkEventDefinition name="L"/>') + end(), "s>a a>t c>e"
        ),
    ),
    _case(
        "D230",
        line(job("a", "letters.fail") + border("b", "a", event("error", "Err_LOST"), cancelActivity="false") + end("e2"), "s>a a>e b>e2"),
        line(job("a", "letters.fail") + border("b", "a", event("error", "Err_LOST")) + end("e2"), "s>a a>e b>e2"),
    ),
    _case(
        "D231",
        line(task() + border("b", "a", timer("Cycle", "R/P1D")) + end("e2"), "s>a a>e b>e2"),
        line(task() + border("b", "a", timer("Cycle", "R/P1D"), cancelActivity="false") + end("e2"), "s>a a>e b>e2"),
    ),
    _case(
        "D232",
        drawn(
            start() + task("a", "ask") + rule() + border("b", "r", timer("Duration", "P1D")) + task("c", "reader") + end() + end("e2"), "s>a a>r r>c c>e b>e2"
        ),
    ),
    _case("D233", line(task() + border("b", "a", timer("Duration", "P1D")))),
    _case("D235", line(task() + border("b", "a", event("signal")) + end("e2"), "s>a a>e b>e2")),
    _case("D240", line(task() + catch("c", event("message", "Msg_gone")), "s>a a>c c>e")),
    _case("D241", line(task() + catch("c", message("empty")), "s>a a>c c>e")),
    _case(
        "D241.twice",
        drawn(start("s", message()) + start("s2", message()) + task() + end(), "s>a s2>a a>e"),
        drawn(start("s", message()) + start("s2", message("k")) + task() + end(), "s>a s2>a a>e"),
    ),
    _case(
        "D242",
        drawn(
            start() + sub("a", start("s1") + task("b") + end("e1", event("error", "Err_none")), _IN) + border("q", "a", event("error")) + end() + end("e2"),
            "s>a a>e q>e2",
        ),
        drawn(
            start() + sub("a", start("s1") + task("b") + end("e1", event("error", "Err_E")), _IN) + border("q", "a", event("error")) + end() + end("e2"),
            "s>a a>e q>e2",
        ),
    ),
]

STEPS = [
    _case("D301", line(el("task", id="a", name="A"))),
    _case("D302", line(task(form=""))),
    _case("D310", line(job("a", "")), line(job("a"))),
    _case("D311", line(job("a", "letters.sned")), line(job("a"))),
    _case("D312", line(job("a", "=&quot;letters.send&quot;")), line(job("a"))),
    _case(
        "D313",
        line(job("a", "letters.strange")),
        line(job("a", "letters.strange", extra='<zeebe:ioMapping><zeebe:input source="=1" target="nobodyKnows"/></zeebe:ioMapping>')),
    ),
    _case(
        "D313.answer",
        line(job("a", extra='<zeebe:ioMapping><zeebe:output source="=gone" target="sent"/></zeebe:ioMapping>') + task("b", "reader"), "s>a a>b b>e"),
        line(job("a", extra='<zeebe:ioMapping><zeebe:output source="=1" target="sent"/></zeebe:ioMapping>') + task("b", "reader"), "s>a a>b b>e"),
    ),
    _case("D314", line(job("a", "letters.fail")), line(job("a"))),
    _case(
        "D315",
        line(job("a") + border("b", "a", event("error", "Err_E")) + end("e2"), "s>a a>e b>e2"),
        line(job("a", "letters.fail") + border("b", "a", event("error", "Err_LOST")) + end("e2"), "s>a a>e b>e2"),
    ),
    _case("D320", line(el("scriptTask", id="a", name="A"))),
    _case(
        "D330",
        line(task("b", "ask") + rule("a", decision="") + task("c", "reader"), "s>b b>a a>c c>e"),
        line(task("b", "ask") + rule("a") + task("c", "reader"), "s>b b>a a>c c>e"),
    ),
    _case("D330.unknown", line(task("b", "ask") + rule("a", "gone") + task("c", "reader"), "s>b b>a a>c c>e")),
    _case("D331", line(task("b", "ask") + rule("a", result="") + task("c", "reader"), "s>b b>a a>c c>e")),
    _case("D332", line(task("b", "ask") + rule("a", extra='<zeebe:taskDefinition type="letters.send"/>') + task("c", "reader"), "s>b b>a a>c c>e")),
    _case(
        "D333",
        line(task("b", "ask") + rule("a", result="sent") + task("c", "reader"), "s>b b>a a>c c>e"),
        line(task("b", "ask") + rule("a") + task("c", "reader"), "s>b b>a a>c c>e"),
    ),
    _case(
        "R207",
        drawn(
            start() + task("b", "ask") + rule("a", "three", "kind") + xor() + end() + end("f") + end("g"), 's>b b>a a>x x>e[kind = "A"] x>g[kind = "B"] x>f*'
        ),
        drawn(
            start() + task("b", "ask") + rule("a", "three", "kind") + xor() + end() + end("f") + end("g"),
            's>b b>a a>x x>e[kind in ("A", "C")] x>g[kind = "B"] x>f*',
        ),
        rules={"three.dmn": THREE},
    ),
    _case(
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
    Case("D350", release(line(call("a", "gone"))), release(diagram(process(start() + call("a", "q") + end(), "s>a a>e"), process(_INNER, _IN, id_="q")))),
    _case("D350.fixed", line(call("a", "=free"))),
    _case("D351", line(call("a", "p") + task("b"), "s>b b>a a>e")),
    _case(
        "D352",
        diagram(
            process(start() + call("a", "q").replace('processId="q"', 'processId="q" propagateAllChildVariables="true"') + end(), "s>a a>e"),
            process(_INNER, _IN, id_="q"),
        ),
    ),
    _case(
        "D352",
        diagram(
            process(start() + call("a", "q", '<zeebe:ioMapping><zeebe:input source="=1" target="sent"/></zeebe:ioMapping>') + end(), "s>a a>e"),
            process(_INNER, _IN, id_="q"),
        ),
        diagram(process(start() + call("a", "q") + end(), "s>a a>e"), process(_INNER, _IN, id_="q")),
    ),
    _case("D360", line(task(inner='<bpmn:standardLoopCharacteristics id="l"/>'))),
    _case("D370", line(task("b", "people") + task(inner=each("", "")), "s>b b>a a>e"), line(task("b", "people") + task(inner=each()), "s>b b>a a>e")),
    _case(
        "D371",
        line(task(inner="<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>")),
    ),
    _case(
        "D372",
        line(task("b", "people") + task(inner=each(more='outputCollection="all"')) + task("c", "reader"), "s>b b>a a>c c>e"),
        line(task("b", "people") + task(inner=each(more='outputCollection="all" outputElement="=person"')) + task("c", "reader"), "s>b b>a a>c c>e"),
    ),
    _case("D373", line(task("b", "people") + el("receiveTask", each(), id="a", name="A", messageRef="Msg_m"), "s>b b>a a>e")),
    _case("D374", line(task("b", "people") + task(inner=each(item="sent")), "s>b b>a a>e")),
    _case(
        "D375",
        line(
            task("b", "people")
            + sub(
                "a",
                start("s1") + sub("a2", start("s2") + task("a3", inner=each(item="three")) + end("e2"), "s2>a3 a3>e2", head=each(item="two")) + end("e1"),
                "s1>a2 a2>e1",
                head=each(item="one"),
            ),
            "s>b b>a a>e",
        ),
        line(task("b", "people") + sub("a", start("s1") + task("a2", inner=each(item="two")) + end("e1"), "s1>a2 a2>e1", head=each(item="one")), "s>b b>a a>e"),
    ),
    _case(
        "D376",
        line(task("b", "people") + task("a", "count", inner=each()) + xor() + end("e2"), "s>b b>a a>x x>e[n > 1] x>e2*"),
        line(
            task("b", "people") + task("a", "count", inner=each(more='outputCollection="all" outputElement="=n"')) + xor() + end("e2"),
            "s>b b>a a>x x>e[count(all) > 1] x>e2*",
        ),
    ),
    _case("D380", line(task(isForCompensation="true") + task("b"), "s>b b>e")),
]

WAYS = [
    _case("D390", line(task() + end("e2"), "s>a a>e a>e2")),
    _case(
        "D391",
        drawn(start() + task() + border("b", "a", timer("Duration", "P1D"), cancelActivity="false") + xor("y") + xor("z") + end(), "s>a a>y b>z z>y y>e"),
        drawn(start() + task("a", "ask") + xor() + end(), 's>a a>x x>a[answer = "NO"] x>e*'),
    ),
    _case("D392", drawn(start() + task("a", "ask") + xor() + task("b") + end(), 's>a a>x x>b[answer = "NO"] x>e*')),
    _case("D401", _xor('x>e[answer = "YES"] x>e2[answer = "NO"]'), _xor('x>e[answer = "YES"] x>e2*')),
    _case("D402", _xor("x>e x>e2*"), _xor('x>e[answer = "YES"] x>e2*')),
    _case("D403", _xor('x>e[answer = "YES"] x>e2*[answer = "NO"]'), _xor('x>e[answer = "YES"] x>e2*')),
    _case(
        "D404",
        drawn(start() + task("a", "ask") + xor() + end() + end("e2") + end("e3"), 's>a a>x x>e[answer = "YES"] x>e2[answer != "NO"] x>e3*'),
        drawn(start() + task("a", "ask") + xor() + end() + end("e2") + end("e3"), 's>a a>x x>e[answer = "YES"] x>e2[answer = "NO"] x>e3*'),
    ),
    _case("D405", _xor('x>e[answer = "YES"] x>e2*', form="maybe"), _xor('x>e[answer = "YES"] x>e2*')),
    _case(
        "D410",
        _parallel(task("a", "ask"), task("b"), "s>g g>a[1 = 1] g>b a>h b>h h>e").replace(b"=1 = 1", b'=free = "x"'),
        _parallel(task("a"), task("b"), _BLOCK),
    ),
    _case(
        "D430",
        drawn(start() + _RACE + task("c") + catch("d", message()) + end() + end("e2"), _RACE_WAY),
        drawn(start() + _RACE + el("receiveTask", id="c", name="C", messageRef="Msg_m") + catch("d", timer("Duration", "P1D")) + end() + end("e2"), _RACE_WAY),
    ),
    _case("D431", drawn(start() + task("a", "ask") + xor() + _RACE + _CATCHES + end() + end("e2"), 's>a a>x x>g[answer = "YES"] x>c* g>c g>d c>e d>e2')),
    _case("D432", drawn(start() + _RACE + catch("c", message()) + catch("d", message()) + end() + end("e2"), _RACE_WAY)),
    _case("D433", drawn(start() + _RACE + catch("c", message()) + end(), "s>g g>c c>e")),
    _case("D440", drawn(start() + el("eventBasedGateway", id="g", eventGatewayType="Parallel", instantiate="false") + _CATCHES + end() + end("e2"), _RACE_WAY)),
    _case("D440", drawn(start() + el("eventBasedGateway", id="g", instantiate="true") + _CATCHES + end() + end("e2"), _RACE_WAY)),
    _case("D450", drawn(start() + task("a", "ask") + xor() + task("b", "ask") + end(), 's>a a>x x>b[answer = "NO"] b>x x>e*')),
    _case("D460", line(task("a", "ask"), 's>a a>e[answer = "YES"]')),
    _case("D460.race", drawn(start() + _RACE + _CATCHES + end() + end("e2"), 's>g g>c[free = "x"] g>d c>e d>e2')),
    _case("D461", drawn(start() + both("g") + task() + end(), "s>g g>a g>a a>e")),
    _case("D462", line(sub("a", _INNER, _IN) + task("c"), "s>a a>c c>e").replace(b'targetRef="b"', b'targetRef="c"', 1)),
    _case("D462.border", line(task() + border("b", "gone", timer("Duration", "P1D")) + end("e2"), "s>a a>e b>e2")),
    _case("D462.way", drawn(start() + task("a", "ask") + xor() + end(), 's>a a>x x>e[answer = "YES"] x>s*')),
    _case("D700", line("".join(task(f"a{n}") for n in range(251)), "s>a0 " + " ".join(f"a{n}>a{n + 1}" for n in range(250)) + " a250>e")),
    Case(
        "D700.release",
        release(
            *(
                diagram(
                    process(
                        start(f"s{p}") + "".join(task(f"a{p}_{n}") for n in range(240)) + end(f"e{p}"),
                        f"s{p}>a{p}_0 " + " ".join(f"a{p}_{n}>a{p}_{n + 1}" for n in range(239)) + f" a{p}_239>e{p}",
                        id_=f"p{p}",
                    )
                )
                for p in range(9)
            )
        ),
    ),
    _case("D701", line(_loop(6), "s>u1 u1>e"), line(_loop(5), "s>u1 u1>e")),
    _case(
        "D702",
        drawn(
            start() + task("b", "count") + xor() + "".join(task(f"a{n}") for n in range(31)) + xor("y") + end(),
            "s>b b>x " + " ".join(f"x>a{n}{f'[n = {n}]' if n else '*'} a{n}>y" for n in range(31)) + " y>e",
        ),
    ),
]

_IO = '<zeebe:ioMapping><zeebe:output source="=1" target="{}"/></zeebe:ioMapping>'

BAD_CALENDARS = (
    b'{"zone": "Mars/Base", "week": [1], "off": []}',
    b'{"zone": 1, "week": [1], "off": []}',
    b'{"zone": "/etc/localtime", "week": [1], "off": []}',
    b"\xff",
    b"{",
    b"[" * 5000,
    b"[]",
    b'{"zone": "Europe/Stockholm"}',
    b'{"zone": "Europe/Stockholm", "week": [], "off": []}',
    b'{"zone": "Europe/Stockholm", "week": [8], "off": []}',
    b'{"zone": "Europe/Stockholm", "week": [true], "off": []}',
    b'{"zone": "Europe/Stockholm", "week": 5, "off": []}',
    b'{"zone": "Europe/Stockholm", "week": [5], "off": "2026-06-19"}',
    b'{"zone": "Europe/Stockholm", "week": [5], "off": ["2026-02-30"]}',
    b'{"zone": "Europe/Stockholm", "week": [5], "off": ["20260619"]}',
    b'{"zone": "Europe/Stockholm", "week": [5], "off": [20260619]}',
)

_MANY = FormFacts("many", {"many": Type("list", tuple(f"c{n}" for n in range(101)))}, frozenset({"many"}))

WORDS = [
    _case(
        "D601",
        line(job("a").replace('type="letters.send"', 'type="letters.send" retries="99"')),
        line(job("a").replace('type="letters.send"', 'type="letters.send" retries="3"')),
    ),
    _case("D602", line(job("a", extra=_IO.format("gone"))), line(job("a", extra=_IO.format("sent")) + task("b", "reader"), "s>a a>b b>e")),
    _case("D603", line(task(form="gone"))),
    _case("D604", line(task().replace('formId="plain"', 'formId="plain" formKey="x"'))),
    _case("D604", line(task(extra='<zeebe:userTaskForm id="old"/>'))),
    _case("D605", line(task().replace('candidateGroups="Doer"', 'candidateGroups="Doer" assignee="eva"'))),
    _case(
        "D606",
        line(task()).replace(
            b'name="m"/>', b'name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="=free"/></bpmn:extensionElements></bpmn:message>'
        ),
        line(task()).replace(
            b'name="m"/>', b'name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="= caseId"/></bpmn:extensionElements></bpmn:message>'
        ),
    ),
    _case(
        "D607",
        line(task().replace('formId="plain"', 'formId="plain" bindingType="latest"')),
        line(task().replace('formId="plain"', 'formId="plain" bindingType="deployment"')),
    ),
    _case("D608", line(task(extra="<zeebe:executionListeners/>"))),
    _case("D608", line(task(extra='<zeebe:executionListeners><zeebe:executionListener type="x"/></zeebe:executionListeners>'))),
    _case("D608", line(task().replace('formId="plain"', 'formId="plain" latest="true"'))),
    _case("D608", line(task(zeebe__listener="x")), line(task(zeebe__modelerTemplate="form.plain", zeebe__modelerTemplateVersion="1"))),
    _case("D609", line(task(extra='<zeebe:taskSchedule dueDate="soon"/>')), line(task(extra='<zeebe:taskSchedule dueDate="P3D"/>'))),
    _case("D610", line(task(extra=props(stage="4"))), line(task(extra=props(stage="3")))),
    _case("D610", line(task(extra=props(zone="Stockholm"))), line(task(extra=props(zone="Europe/Stockholm")))),
    _case("D610", line(task(extra='<zeebe:priorityDefinition priority="101"/>')), line(task(extra='<zeebe:priorityDefinition priority="100"/>'))),
    _case("D610", line(task(extra='<zeebe:priorityDefinition priority="=sent"/>'))),
    Case("D620", release(line(task()), calendars={"sweden.json": b'{"zone": "Mars/Base", "week": [1], "off": []}'})),
    *(Case("D620", release(line(task()), calendars={"sweden.json": content})) for content in BAD_CALENDARS),
    *(
        _case(
            "D610",
            line(task("a", extra=props(**{name: bad})) + task("b"), "s>a a>b b>e"),
            line(task("a", extra=props(**{name: good})) + task("b"), "s>a a>b b>e"),
        )
        for name, bad, good in (
            ("station", "home", "travel"),
            ("milestone", "Two words", "application_sent"),
            ("milestone", "m" * 41, "m" * 40),
            ("missed", "never", "all"),
            ("days", "week", "calendar"),
            ("not_same_person_as", "a", "b"),
            ("not_same_person_as", "b, s", "b,"),
            ("not_same_person_as", " , ", "b"),
            ("roles", "Doer, Nobody", "Doer, Boss"),
            ("roles", "", "Boss"),
            ("seen", "D302, D603", "D302, R203, D405"),
            ("name__en", "", "The step"),
            ("plain__en", "x" * 2001, "x" * 2000),
        )
    ),
    _case("D610", line(task(extra=props(name__e="The step"))), line(task(extra=props(name__sv="Steget")))),
    _case("D610", line(task(extra=props(name__english="The step"))), line(task(extra=props(name__swe="Steget")))),
    _case("D610", line(task(extra=props(promise__1="never a before s")))),
    _case("D901", line(task("b", "ask") + task(extra=props(allowed_when="=")), "s>b b>a a>e")),
    _case("D610", _declared("text"), _declared("string: A, B")),
    _case("D610", _declared("number: 1, 2"), _declared("list: A, B")),
    _case("D610", line(task(extra=props(var__extra="number")))),
    _case("D609", line(task(extra='<zeebe:taskSchedule followUpDate="soon"/>')), line(task(extra='<zeebe:taskSchedule followUpDate="P1M"/>'))),
    _case(
        "D905.gives",
        line(task(extra='<zeebe:taskSchedule dueDate="=1 + 1"/>')),
        line(task("b", "ask") + task(extra='<zeebe:taskSchedule dueDate="=answer"/>'), "s>b b>a a>e"),
    ),
    Case("D621", release(line(task(extra=props(days="working"))), calendars={}), release(line(task(extra=props(days="working"))))),
    _case("D703", line(task("b", "many") + task(inner=each("=many")), "s>b b>a a>e"), line(task(inner=each("=[1,2,3]"))), forms={**FORMS, "many": _MANY}),
    Case("D704", release(line(task()), types={**TYPES, **{f"v{n}": TYPES["sent"] for n in range(200)}})),
    _case("D901", _xor("x>e[answer = ] x>e2*")),
    _case("D902", _xor('x>e[anwser = "YES"] x>e2*')),
    _case("D903", _xor("x>e[cuont(answer) > 1] x>e2*")),
    _case("D904", _xor('x>e[matches(answer, "Y")] x>e2*')),
    _case("D905", _xor("x>e[answer > 3] x>e2*")),
    _case(
        "D905.gives",
        line(task() + catch("c", timer("Duration", "=1 + 1")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", '=duration("P1D")')), "s>a a>c c>e"),
    ),
    _case("D906", _xor('x>e[answer = "' + "Y" * 500 + '"] x>e2*')),
    _case("D907", _xor('x>e[answer + "x"] x>e2*'), _xor('x>e[answer = "YES"] x>e2*')),
    _case("D908", _xor('x>e[answer = "YSE"] x>e2*')),
    _case("D909", line(task() + catch("c", timer("Duration", "1 week")), "s>a a>c c>e"), line(task() + catch("c", timer("Duration", "P7D")), "s>a a>c c>e")),
    *(
        _case(
            "D909",
            line(task() + border("b", "a", timer("Cycle", text), cancelActivity="false") + end("e2"), "s>a a>e b>e2"),
            line(task() + border("b", "a", timer("Cycle", good), cancelActivity="false") + end("e2"), "s>a a>e b>e2"),
        )
        for text, good in (("0 0 * * *", "R/P1D"), ("R/P1D/2026-03-01", "R/2026-03-01/P1D"), ("Rx/P1D", "R3/P1D"), ("R/soon/P1D", "R/2026-03-01T09:00:00/P1M"))
    ),
    _case("D909", line(task() + catch("c", timer("Duration", "-P1D")), "s>a a>c c>e"), line(task() + catch("c", timer("Duration", "P1M2D")), "s>a a>c c>e")),
    _case("D909", line(task() + catch("c", timer("Duration", "-P1M")), "s>a a>c c>e"), line(task() + catch("c", timer("Duration", "P1Y")), "s>a a>c c>e")),
    _case(
        "D909.working",
        line(task(extra='<zeebe:taskSchedule dueDate="PT5H"/>' + props(days="working"))),
        line(task(extra='<zeebe:taskSchedule dueDate="P5D"/>' + props(days="working"))),
    ),
    _case("D910", line(task() + catch("c", timer("Duration", "PT1S")), "s>a a>c c>e"), line(task() + catch("c", timer("Duration", "PT1M")), "s>a a>c c>e")),
    _case("D910", line(task() + catch("c", timer("Duration", "P121M")), "s>a a>c c>e"), line(task() + catch("c", timer("Duration", "P120M")), "s>a a>c c>e")),
    _case("D910", line(task() + catch("c", timer("Duration", "P3654D")), "s>a a>c c>e"), line(task() + catch("c", timer("Duration", "P3653D")), "s>a a>c c>e")),
    _case(
        "D910", line(task() + catch("c", timer("Duration", "P10Y1D")), "s>a a>c c>e"), line(task() + catch("c", timer("Duration", "P9Y365D")), "s>a a>c c>e")
    ),
    _case(
        "D911",
        line(task() + border("b", "a", timer("Cycle", "R/PT5M"), cancelActivity="false") + end("e2"), "s>a a>e b>e2"),
        line(task() + border("b", "a", timer("Cycle", "R3/PT5M"), cancelActivity="false") + end("e2"), "s>a a>e b>e2"),
    ),
    _case("D912", line(task() + catch("c", timer("Date", "2020-01-01")), "s>a a>c c>e"), line(task() + catch("c", timer("Date", "2099-01-01")), "s>a a>c c>e")),
    _case(
        "D912",
        line(task(extra='<zeebe:taskSchedule dueDate="2020-01-01"/>')),
        line(task(extra='<zeebe:taskSchedule dueDate="2099-01-01"/>')),
    ),
    _case(
        "D912",
        line(task("a", "ask") + catch("c", timer("Date", '=if answer = "YES" then @"2099-01-01" else @"2020-01-01"')), "s>a a>c c>e"),
        line(task("a", "ask") + catch("c", timer("Date", '=if answer = "YES" then @"2099-01-01" else @"2099-01-01"')), "s>a a>c c>e"),
    ),
    _case("D913", drawn(start() + task("a", "count") + xor() + end() + end("e2"), "s>a a>x x>e[n in (9..1)] x>e2*")),
]

_AWAITS = start("s1") + catch("c", message()) + end("e1")
_TERMINATE = "<bpmn:terminateEventDefinition/>"

GRAPH = [
    _case(
        "D212",
        drawn(
            start() + both("g") + task() + task("b") + both("h") + end() + border("t", "a", timer("Duration", "P1D")) + end("e2", _TERMINATE), _BLOCK + " t>e2"
        ),
        line(task() + border("t", "a", timer("Duration", "P1D")) + end("e2", _TERMINATE), "s>a a>e t>e2"),
    ),
    _case("D234", _parallel(catch("a", message()), catch("b", message()), _BLOCK), _parallel(catch("a", message()), catch("b", message("k")), _BLOCK)),
    _case(
        "D234.same",
        line(task("b", "people") + sub("a", start("s1") + catch("c", message()) + end("e1"), "s1>c c>e1", head=each()), "s>b b>a a>e"),
        line(
            task("b", "people") + sub("a", start("s1") + catch("c", message()) + end("e1"), "s1>c c>e1", head=each().replace(">", ' isSequential="true">', 1)),
            "s>b b>a a>e",
        ),
    ),
    _case(
        "D234.same",
        diagram(process(start() + both("g") + call("a", "q") + call("b", "q") + both("h") + end(), _BLOCK), process(_AWAITS, "s1>c c>e1", id_="q")),
        diagram(process(start() + call("a", "q") + call("b", "q") + end(), "s>a a>b b>e"), process(_AWAITS, "s1>c c>e1", id_="q")),
    ),
    _case("D801", line(task() + task("b") + end("e2"), "s>a a>e b>e2")),
    _case("D802", drawn(start() + task("a", "ask") + xor() + task("b") + task("c") + end(), 's>a a>x x>b[answer = "NO"] x>e* b>c c>b')),
    _case("D803", drawn(start() + task("a", "ask") + xor() + task("b") + task("c") + both("h") + end(), 's>a a>x x>b[answer = "NO"] x>c* b>h c>h h>e')),
    _case("D804", drawn(start() + both("g") + task() + task("b") + end() + end("e2"), "s>g g>a g>b a>e b>e2"), _parallel(task("a"), task("b"), _BLOCK)),
    _case(
        "D805",
        drawn(start() + both("g") + task() + task("b") + xor("x") + task("c") + end(), "s>g g>a g>b a>x b>x x>c c>e"),
        _parallel(task("a"), task("b"), _BLOCK),
    ),
    _case(
        "D806",
        drawn(
            start() + both("g") + "".join(task(f"a{n}") + task(f"b{n}") for n in range(11)) + both("h") + end(),
            "s>g " + " ".join(f"g>a{n} a{n}>b{n} b{n}>h" for n in range(11)) + " h>e",
        ),
    ),
    _case(
        "D807",
        drawn(start() + task("a", "ask") + xor("y") + xor() + end(), 's>a a>y y>x x>y[answer = "NO"] x>e*'),
        drawn(start() + task("a", "ask") + xor() + end(), 's>a a>x x>a[answer = "NO"] x>e*'),
    ),
    _case(
        "D810",
        drawn(start() + both("g") + task() + task("b") + both("h") + end() + border("t", "a", timer("Duration", "P1D")) + end("e2"), _BLOCK + " t>e2"),
        drawn(
            start() + both("g") + task() + task("b") + xor("y") + both("h") + end() + border("t", "a", timer("Duration", "P1D")),
            "s>g g>a g>b a>y t>y y>h b>h h>e",
        ),
    ),
]


def _promised(text: str) -> bytes:
    body = start() + task("a") + task("b", "names", group="Boss") + end()
    return drawn(body, "s>a a>b b>e", head=ext(props(promise__1=text)))


def _beside() -> bytes:
    """An event sub-process whose gateway asks for what nothing beside it writes."""
    body = start("s2", message("k"), isInterrupting="false") + xor() + task("c") + end("e3") + end("e2")
    esp = sub("esp", _defaulted(body, "f2_x_e3"), 's2>x x>c[answer = "YES"] x>e3 c>e2', triggeredByEvent="true")
    return drawn(start() + task("a", "count") + esp + task("z", "reader") + end(), "s>a a>z z>e")


def _inside(beside: str) -> bytes:
    """A frame beside a step, with a gateway in it that asks for what the step may write."""
    frame = sub("u", _defaulted(start("s3") + xor() + task("c") + end("e3") + end("e4"), "f2_x_e3"), 's3>x x>c[answer = "YES"] x>e3 c>e4')
    return drawn(
        start() + task("y", "ask") + both("g") + task("a", beside) + frame + both("h") + task("z", "reader") + end(), "s>y y>g g>a g>u a>h u>h h>z z>e"
    )


def _defaulted(body: str, flow: str) -> str:
    return body.replace('id="x"', f'id="x" default="{flow}"')


FLOW = [
    _case("D820", _beside()),
    _case("D823", _inside("ask"), _inside("plain")),
    _case("D809", _promised("never a before b"), _promised("never b before a")),
    _case("D809.open", _promised("a always followed by b within 3 days"), _promised("a always followed by b")),
    _case("D809.unread", _promised("a is nice"), _promised("only Doer does a")),
    _case("D809.element", _promised("never b before gone"), _promised("never b before a")),
    _case("D809.role", _promised("only Nobody does a"), _promised("only Doer does a")),
    _case("D809.field", _promised("field gone never reaches Doer before b"), _promised("field givenNames never reaches Doer before b")),
    _case("D820", drawn(start() + xor() + task("a", "ask") + end(), 's>x x>e[answer = "YES"] x>a* a>e'), _xor('x>e[answer = "YES"] x>e2*')),
    _case(
        "D821",
        drawn(
            start() + task("b", "ask") + border("t", "b", timer("Duration", "P1D")) + xor("y") + xor() + end() + end("e2"),
            's>b b>y t>y y>x x>e[answer = "YES"] x>e2*',
        ),
        _xor('x>e[answer = "YES"] x>e2*'),
    ),
    _case(
        "D822",
        _parallel(task("a", "ask"), task("b", "ask") + task("c", "reader"), "s>g g>a g>b a>h b>h h>c c>e"),
        _parallel(task("a", "ask"), task("b", "count") + task("c", "reader"), "s>g g>a g>b a>h b>h h>c c>e"),
    ),
    _case(
        "D823",
        drawn(
            start() + task("z", "ask") + both("g") + task("a") + xor() + task("b", "ask") + xor("y") + both("h") + end(),
            's>z z>g g>a g>b a>x x>y[answer = "YES"] x>c* c>y y>h b>h h>e',
        ).replace(b'<bpmn:userTask id="z"', task("c").encode() + b'<bpmn:userTask id="z"'),
        _xor('x>e[answer = "YES"] x>e2*'),
    ),
    _case("D824", line(task("a", "ask")), line(task("a", "ask") + task("b", "reader"), "s>a a>b b>e"), rules={}),
]

CASES: list[Case] = [*FILES, *SHAPE, *STEPS, *WAYS, *WORDS, *GRAPH, *FLOW]
__all__ = ["CASES", "FORMS", "RULE", "Case"]
