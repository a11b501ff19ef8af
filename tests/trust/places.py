"""Every place of a release where a text is read as more than a text, each as a release with that
text in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from service.actions.releases.bundle import Bundle
from tests.support import diagrams as d
from tests.support import small
from tests.support.desk import ROLE

Place = Callable[[str], Bundle]


def attribute(text: str) -> str:
    """A text inside the quotes of an attribute."""
    return escape(text, {'"': "&quot;", "\n": " "})


def flowing(text: str) -> Bundle:
    body = small.person("a", "ask") + d.xor("x") + small.person("b")
    return small.one(body, f"s>a a>x x>b[{text.replace(']', ')')}] x>e* b>e")


def around(inner: str, kind: str = "userTask", extra: str = "") -> Bundle:
    """One task for a person, with something in it."""
    task = d.el(
        kind,
        d.ext(
            f'<zeebe:userTask/><zeebe:formDefinition formId="ask"/><zeebe:assignmentDefinition candidateGroups="{ROLE}"/>{extra}'
        )
        + inner,
        id="a",
        name="A",
    )
    return small.one(task, "s>a a>e")


def timed(way: str) -> Place:
    return lambda text: small.one(
        d.catch("w", d.timer(way, text)) + small.person("a"), "s>w w>a a>e"
    )


def bordered(text: str) -> Bundle:
    return small.one(
        small.person("a") + d.border("b", "a", d.timer("Duration", text)) + d.end("late"),
        "s>a a>e b>late",
    )


def conditional(text: str) -> Bundle:
    event = f"<bpmn:conditionalEventDefinition><bpmn:condition>={escape(text)}</bpmn:condition></bpmn:conditionalEventDefinition>"
    return small.one(d.catch("w", event) + small.person("a"), "s>w w>a a>e")


def repeated(*, collection: str = "list", output: str = "", until: str = "") -> Bundle:
    more = f'outputCollection="got" outputElement="={attribute(output)}"' if output else ""
    inner = (
        f"<bpmn:completionCondition>={escape(until)}</bpmn:completionCondition>" if until else ""
    )
    return around(d.each(f"={attribute(collection)}", "one", more, inner))


def looped(text: str) -> Bundle:
    return around(
        f"<bpmn:standardLoopCharacteristics><bpmn:loopCondition>={escape(text)}</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
    )


def mapped(way: str) -> Place:
    return lambda text: around(
        "",
        extra=f'<zeebe:ioMapping><zeebe:{way} source="={attribute(text)}" target="sent"/></zeebe:ioMapping>',
    )


def scheduled(name: str) -> Place:
    return lambda text: around("", extra=f'<zeebe:taskSchedule {name}="={attribute(text)}"/>')


def grouped(text: str) -> Bundle:
    return small.one(d.task("a", "ask", group=attribute(text)), "s>a a>e")


def formed(text: str) -> Bundle:
    return small.one(d.task("a", attribute(text), group=ROLE), "s>a a>e")


def topical(text: str) -> Bundle:
    return small.one(d.job("j", attribute(text)) + small.person("a"), "s>j j>a a>e")


def headed(text: str) -> Bundle:
    header = (
        f'<zeebe:taskHeaders><zeebe:header key="k" value="{attribute(text)}"/></zeebe:taskHeaders>'
    )
    return small.one(d.job("j", extra=header) + small.person("a"), "s>j j>a a>e")


def decided(decision: bool) -> Place:
    def release(text: str) -> Bundle:
        rule = d.rule("r", attribute(text)) if decision else d.rule("r", "pick", attribute(text))
        return small.one(small.person("a", "ask") + rule, "s>a a>r r>e")

    return release


def called(text: str) -> Bundle:
    return small.one(d.call("c", attribute(text)) + small.person("a"), "s>c c>a a>e")


def correlated(text: str) -> Bundle:
    message = f'<bpmn:message id="Msg_x" name="x">{d.ext(f"""<zeebe:subscription correlationKey="={attribute(text)}"/>""")}</bpmn:message>'
    process = d.process(small.begin() + small.person("a") + d.end(), "s>a a>e")
    return small.bundle(d.diagram(process, references=d.REFERENCES + message))


def thrown(text: str) -> Bundle:
    event = d.throw(
        "t",
        d.ext(
            f'<zeebe:ioMapping><zeebe:input source="={attribute(text)}" target="sent"/></zeebe:ioMapping>'
        )
        + d.message(),
    )
    return small.one(event + small.person("a"), "s>t t>a a>e")


def ruled(old: bytes) -> Place:
    def release(text: str) -> Bundle:
        rule = d.RULE.replace(old, escape(text).encode("utf-8", "replace"), 1)
        return small.one(small.person("a", "ask") + d.rule("r"), "s>a a>r r>e").with_file(
            "workflows/pick.dmn", rule
        )

    return release


def asked(name: str) -> Place:
    """A FEEL property of a form's field."""

    def release(text: str) -> Bundle:
        note = {**small.TEXTS[0], "properties": {"class": "C2", name: text}}
        return around("").with_file("forms/ask.form", small.form("ask", small.CHOICE, note))

    return release


def said(text: str) -> Bundle:
    """A paragraph of a form."""
    return around("").with_file(
        "forms/ask.form",
        small.form("ask", small.CHOICE, {"type": "text", "text": text, "id": "Field_text"}),
    )


def computed(text: str) -> Bundle:
    field: dict[str, object] = {
        "type": "expression",
        "key": "worked",
        "expression": f"={text}",
        "properties": {"class": "C0", "as": "number"},
        "id": "Field_worked",
    }
    return around("").with_file("forms/ask.form", small.form("ask", small.CHOICE, field))


def labelled(text: str) -> Bundle:
    task = json.loads(small.FORMS["ask"])
    task["components"][0]["label"] = text
    return around("").with_file("forms/ask.form", json.dumps(task).encode())


def scripted(text: str) -> Bundle:
    return small.one(
        d.el(
            "scriptTask",
            f"<bpmn:script>{escape(text)}</bpmn:script>",
            id="a",
            scriptFormat="python",
        ),
        "s>a a>e",
    )


def zeebe_scripted(text: str) -> Bundle:
    return small.one(
        d.el(
            "scriptTask",
            d.ext(f'<zeebe:script expression="={attribute(text)}" resultVariable="sent"/>'),
            id="a",
        ),
        "s>a a>e",
    )


def listening(text: str) -> Bundle:
    return around(
        "",
        extra=f'<zeebe:executionListeners><zeebe:executionListener eventType="start" type="{attribute(text)}"/></zeebe:executionListeners>',
    )


def spiff(tag: str) -> Place:
    return lambda text: around(
        "", extra=f"<spiffworkflow:{tag}>{escape(text)}</spiffworkflow:{tag}>"
    )


def propertied(name: str) -> Place:
    return lambda text: around(
        "",
        extra=f'<zeebe:properties><zeebe:property name="{name}" value="{attribute(text)}"/></zeebe:properties>',
    )


def typed(text: str) -> Bundle:
    return around("").with_file(
        "workflows/config/types.toml",
        f'[answer]\ntype = {json.dumps(text)}\nclass = "C0"\n'.encode(),
    )


def calendared(text: str) -> Bundle:
    return around("").with_file(
        "workflows/calendars/sweden.json",
        json.dumps({"zone": text, "week": [1], "off": [text]}).encode(),
    )


PLACES: Mapping[str, Place] = {
    "flow condition": flowing,
    "timer date": timed("Date"),
    "timer duration": timed("Duration"),
    "timer cycle": timed("Cycle"),
    "border timer": bordered,
    "conditional event": conditional,
    "collection": lambda text: repeated(collection=text),
    "output element": lambda text: repeated(output=text),
    "completion condition": lambda text: repeated(until=text),
    "standard loop": looped,
    "input mapping": mapped("input"),
    "output mapping": mapped("output"),
    "due date": scheduled("dueDate"),
    "follow-up date": scheduled("followUpDate"),
    "candidate groups": grouped,
    "form id": formed,
    "topic": topical,
    "topic header": headed,
    "decision id": decided(decision=True),
    "result variable": decided(decision=False),
    "called process": called,
    "correlation key": correlated,
    "message payload": thrown,
    "rule input expression": ruled(b"answer"),
    "rule input cell": ruled(b'"YES"'),
    "rule output cell": ruled(b'"A"</text></outputEntry>'.partition(b"<")[0]),
    "form condition": asked("shown_when"),
    "form check": asked("check"),
    "form proposal": asked("proposed"),
    "form computation": computed,
    "form paragraph": said,
    "form label": labelled,
    "script task": scripted,
    "zeebe script": zeebe_scripted,
    "listener": listening,
    "pre-script": spiff("preScript"),
    "post-script": spiff("postScript"),
    "message condition": propertied("allowed_when"),
    "property": propertied("station"),
    "routing type": typed,
    "calendar": calendared,
}

ESCAPES = [
    line
    for line in (Path(__file__).parent / "payloads.txt").read_text(encoding="utf-8").splitlines()
    if line
]
BOMBS = [
    "(" * 30 + "1" + ")" * 30,
    "(" * 5_000 + "1" + ")" * 5_000,
    "[" * 5_000 + "]" * 5_000,
    "not(" * 400 + "true" + ")" * 400,
    "-" * 3_000 + "1",
    "1" + "+1" * 5_000,
    "2 ** 999999999",
    "9" * 400 + " ** " + "9" * 400,
    "10 ** 10 ** 10 ** 10",
    "for i in 1..1000000000 return i",
    "for i in 1..1000, j in 1..1000, k in 1..1000 return i * j * k",
    "some i in 1..1000000000 satisfies i < 0",
    "every i in 1..1000000000 satisfies i > 0",
    "count(for i in 1..100000 return for j in 1..100000 return j)",
    'string join(for i in 1..100000 return "aaaaaaaaaa", "")',
    'replace("aaaaaaaaaaaaaaaaaaaaaaaa", "(a+)+$", "b")',
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")',
    'date("9999-12-31") + duration("P999999999Y")',
    'duration("P999999999999999D")',
    'date and time("2026-01-01T00:00:00@Europe/Stockholm") - duration("P99999Y")',
    'date("-999999999-01-01")',
    "{a: a}",
    "{a: {b: {c: {d: {e: {f: {g: {h: 1}}}}}}}}.a.b.c.d.e.f.g.h",
    "{a: b, b: a}.a",
    "sort([3,2,1], function(x, y) x < y)",
    "function(x) x(x)",
    "(function(x) x(x))(function(x) x(x))",
    "concatenate(" + ",".join(["[1,2,3]"] * 200) + ")",
    "flatten(" + "[" * 200 + "1" + "]" * 200 + ")",
    "if true then " * 300 + "1" + " else 2" * 300,
    "answer[" * 200 + "1" + "]" * 200,
    "a" * 100_000,
    '"' + "x" * 100_000 + '"',
    "\x00",
    "answer\x00__class__",
    "\ud7ff\ue000\u202e\u2028",
    "1e999999999",
    "0.1" + "1" * 10_000,
    "R/PT0S",
    "R999999999/PT0S",
    "PT0S",
    "P99999999999Y",
]
PAYLOADS = [*ESCAPES, *BOMBS]
