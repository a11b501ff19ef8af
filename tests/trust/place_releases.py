"""Releases with a text at one place of a diagram, rule, form or table."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.sax.saxutils import escape

from service.release.bundle import Bundle
from tests.support import diagram_files, small
from tests.support import diagrams as d
from tests.support.directory import ROLE

Place = Callable[[str], Bundle]


def attribute(text: str) -> str:
    """A text inside the quotes of an attribute."""
    return escape(text, {'"': "&quot;", "\n": " "})


def flowing(text: str) -> Bundle:
    body = small.person("a", "ask") + d.xor("x") + small.person("b")
    return small.one(body, f"s>a a>x x>b[{text.replace(']', ')')}] x>e* b>e")


def around(inner: str, kind: str = "userTask", extra: str = "") -> Bundle:
    """One task for a person, with something in it."""
    task = d.node(
        kind,
        "a",
        d.ext(
            '<zeebe:userTask/><zeebe:formDefinition formId="ask"/>'
            f'<zeebe:assignmentDefinition candidateGroups="{ROLE}"/>{extra}'
        )
        + inner,
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
    condition = f"<bpmn:condition>={escape(text)}</bpmn:condition>"
    event = f"<bpmn:conditionalEventDefinition>{condition}</bpmn:conditionalEventDefinition>"
    return small.one(d.catch("w", event) + small.person("a"), "s>w w>a a>e")


def repeated(*, collection: str = "list", output: str = "", until: str = "") -> Bundle:
    into = "got" if output else ""
    return around(d.each(collection, "one", into, output, until=until))


def looped(text: str) -> Bundle:
    condition = f"<bpmn:loopCondition>={escape(text)}</bpmn:loopCondition>"
    return around(
        f"<bpmn:standardLoopCharacteristics>{condition}</bpmn:standardLoopCharacteristics>"
    )


def mapped(way: str) -> Place:
    return lambda text: around("", extra=d.mapping(**{f"{way}s": {"sent": f"={text}"}}))


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


def decided(decision: bool) -> Place:  # noqa: FBT001 - one of two places
    def release(text: str) -> Bundle:
        rule = d.rule("r", attribute(text)) if decision else d.rule("r", "pick", attribute(text))
        return small.one(small.person("a", "ask") + rule, "s>a a>r r>e")

    return release


def called(text: str) -> Bundle:
    return small.one(d.call("c", attribute(text)) + small.person("a"), "s>c c>a a>e")


def correlated(text: str) -> Bundle:
    subscription = d.ext(f'<zeebe:subscription correlationKey="={attribute(text)}"/>')
    message = f'<bpmn:message id="Msg_x" name="x">{subscription}</bpmn:message>'
    process = d.process("p", small.begin() + small.person("a") + d.end(), "s>a a>e")
    return small.bundle(d.document(process, references=d.REFERENCES + message))


def thrown(text: str) -> Bundle:
    event = d.throw("t", d.ext(d.mapping(inputs={"sent": f"={text}"})) + d.message())
    return small.one(event + small.person("a"), "s>t t>a a>e")


def ruled(old: bytes) -> Place:
    def release(text: str) -> Bundle:
        rule = diagram_files.RULE.replace(old, escape(text).encode("utf-8", "replace"), 1)
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


def hidden(text: str) -> Bundle:
    """A condition of form-js."""
    note = {**small.TEXTS[0], "conditional": {"hide": f"={text}"}}
    return around("").with_file("forms/ask.form", small.form("ask", small.CHOICE, note))


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
        d.node(
            "scriptTask",
            "a",
            f"<bpmn:script>{escape(text)}</bpmn:script>",
            scriptFormat="python",
        ),
        "s>a a>e",
    )


def zeebe_scripted(text: str) -> Bundle:
    return small.one(
        d.node(
            "scriptTask",
            "a",
            d.ext(f'<zeebe:script expression="={attribute(text)}" resultVariable="sent"/>'),
        ),
        "s>a a>e",
    )


def listening(text: str) -> Bundle:
    listener = f'<zeebe:executionListener eventType="start" type="{attribute(text)}"/>'
    extra = f"<zeebe:executionListeners>{listener}</zeebe:executionListeners>"
    return around("", extra=extra)


def spiff(tag: str) -> Place:
    return lambda text: around(
        "", extra=f"<spiffworkflow:{tag}>{escape(text)}</spiffworkflow:{tag}>"
    )


def propertied(name: str) -> Place:
    def around_property(text: str) -> Bundle:
        given = f'<zeebe:property name="{name}" value="{attribute(text)}"/>'
        return around("", extra=f"<zeebe:properties>{given}</zeebe:properties>")

    return around_property


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
